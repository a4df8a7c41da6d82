package chart

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// percentages is a funnel of rates over denominators, in percent.
func percentages(points ...FunnelPoint) FunnelPlot {
	return FunnelPlot{ID: "f", Measure: stats.Measure{Name: "Charge rate", Unit: "percent", Per: 100, Interval: stats.Wilson}, Period: stats.FinancialYear(2021), Size: Full, Points: points,
		Curves: []Curve{{Average, "Average", []CurvePoint{{50, 6}, {5000, 6}}, true}}}
}

// TestFunnelScale: a rate of a handful of cases does not press all others flat,
// but none is left out either, and the named area and those outside the limits
// always stand where they are.
func TestFunnelScale(t *testing.T) {
	many := []FunnelPoint{{Name: "a", Denominator: 1000, Rate: 5}, {Name: "b", Denominator: 2000, Rate: 11.6}, {Name: "c", Denominator: 3000, Rate: 7}}
	with := func(p FunnelPoint) FunnelPlot { return percentages(append(many, p)...) }
	for name, tt := range map[string]struct {
		plot   FunnelPlot
		top    float64
		beyond []string
	}{
		"all alike":              {percentages(many...), 15, nil},
		"one of nine":            {with(FunnelPoint{Name: "small", Denominator: 9, Rate: 33.3}), 15, []string{"small"}},
		"one of nine, and named": {with(FunnelPoint{Name: "small", Denominator: 9, Rate: 33.3, Home: true}), 40, nil},
		"one of nine, outside":   {with(FunnelPoint{Name: "small", Denominator: 9, Rate: 33.3, Outside: true}), 40, nil},
		"one not so small":       {with(FunnelPoint{Name: "fair", Denominator: 300, Rate: 33.3}), 40, nil},
		"no more than all":       {with(FunnelPoint{Name: "all", Denominator: 2500, Rate: 98}), 100, nil},
		"below the average":      {percentages(FunnelPoint{Name: "a", Denominator: 100, Rate: 0}, FunnelPoint{Name: "b", Denominator: 90, Rate: 1}), 8, nil},
		"nothing at all":         {FunnelPlot{Points: []FunnelPoint{{Denominator: 5}, {Denominator: 9}}}, 1, nil},
		"no point":               {FunnelPlot{}, 1, nil},
	} {
		var beyond []string
		for _, p := range tt.plot.Beyond() {
			beyond = append(beyond, p.Name)
		}
		if diff := cmp.Diff(tt.beyond, beyond); tt.plot.top() != tt.top || diff != "" {
			t.Errorf("%s: the scale ends at %v, want %v (-want +got):\n%s", name, tt.plot.top(), tt.top, diff)
		}
	}
	ratio := with(FunnelPoint{Name: "ratio", Denominator: 2500, Rate: 130})
	ratio.Measure.Interval = stats.Byar
	if ratio.top() != 150 {
		t.Errorf("a ratio that passes 100 has a scale to %v", ratio.top())
	}
}

func TestRoundUp(t *testing.T) {
	for n, want := range map[float64]float64{1: 1, 3.9: 4, 4.1: 6, 13.3: 15, 99: 100, 101: 150, 0.013: 0.015, 161: 200} {
		if got := roundUp(n); math.Abs(got-want) > 1e-12 {
			t.Errorf("roundUp(%v) = %v, want %v", n, got, want)
		}
	}
}

// TestHostileFunnel: a force's name stays text, on the chart and in its label.
func TestHostileFunnel(t *testing.T) {
	const hostile = "</script>__f__alert(1)__f__"
	p := percentages(FunnelPoint{hostile, 1000, 5, true, false}, FunnelPoint{hostile, 2000, 9, false, true}, FunnelPoint{hostile, 9, 99, false, false}, FunnelPoint{hostile, 3000, 1, false, true})
	p.Denominator, p.Measure.Unit = hostile, hostile
	option, err := Funnel(p)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(string(option), "<>") {
		t.Error("the option holds a tag")
	}
	var decoded struct {
		Series []struct {
			ID   string
			Data []struct {
				Name   string
				Symbol string
				Value  []float64
			}
		}
	}
	if err := json.Unmarshal(option, &decoded); err != nil {
		t.Fatal(err)
	}
	places := map[string][][]float64{}
	for _, s := range decoded.Series {
		for _, d := range s.Data {
			if d.Name == hostile {
				places[s.ID] = append(places[s.ID], d.Value)
			}
		}
	}
	want := map[string][][]float64{"f-1": {{2000, 9}, {3000, 1}}, "f-2": {{9, p.top(), 99}}, "f-3": {{1000, 5}}}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
