package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// TestSpread: names stay where they are while they have room, and else move apart no
// further than they must, in their order and within the scale.
func TestSpread(t *testing.T) {
	for name, tt := range map[string]struct{ heights, want []float64 }{
		"none":            {nil, []float64{}},
		"far apart":       {[]float64{80, 20, 50}, []float64{80, 20, 50}},
		"two close":       {[]float64{50, 52}, []float64{47.25, 54.75}},
		"three alike":     {[]float64{50, 50, 50}, []float64{42.5, 50, 57.5}},
		"two, and one":    {[]float64{90, 10, 11}, []float64{90, 6.75, 14.25}},
		"at the bottom":   {[]float64{0, 0.5}, []float64{3.75, 11.25}},
		"at the top":      {[]float64{100, 99}, []float64{96.25, 88.75}},
		"pushed together": {[]float64{50, 56, 62}, []float64{48.5, 56, 63.5}},
	} {
		if diff := cmp.Diff(tt.want, spread(tt.heights, 100)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		heights := make([]float64, 1+random.IntN(6))
		for i := range heights {
			heights[i] = 37 * random.Float64()
		}
		apart := spread(heights, 37)
		sorted := slices.Sorted(slices.Values(apart))
		for i := range sorted {
			if i > 0 && sorted[i]-sorted[i-1] < textShare*37-0.01 {
				t.Fatalf("%v: %v stand on each other", heights, apart)
			}
		}
		if sorted[0] < textShare*37/2-0.01 || sorted[len(sorted)-1] > 37-textShare*37/2+0.01 {
			t.Fatalf("%v: %v go beyond the scale", heights, apart)
		}
		for i := range heights {
			for j := range heights {
				if heights[i] < heights[j] && apart[i] >= apart[j] {
					t.Fatalf("%v: %v are in another order", heights, apart)
				}
			}
		}
	}
}

// TestRuleNames: names of rules stand in rows, none on another or beyond the edge of the
// narrowest chart; more rows take more room above the plot.
func TestRuleNames(t *testing.T) {
	p := Plot{Size: Full, Periods: months(2023, time.January, time.December)}
	low := p.above()
	for _, month := range []time.Month{2, 3, 4, 12} {
		p.Steps = append(p.Steps, Step{Date: stats.Day(2023, month, 1), Name: "note 1"})
	}
	p.Breaks = []stats.Break{{Date: stats.Day(2023, time.March, 1)}, {Date: stats.Day(2023, time.November, 1)}}
	rules := p.rules()
	type span struct{ from, to float64 }
	rows := map[int][]span{}
	for _, r := range rules {
		if r.row == noRow {
			t.Fatalf("%+v has no row", r)
		}
		x := axisRoom + (float64(Narrow.Width)-axisRoom-p.margin())*float64(r.place)/12
		at := span{x, x + textWidth(r.name)}
		if r.left {
			at = span{x - textWidth(r.name), x}
		}
		if at.to > float64(Narrow.Width) || at.from < 0 {
			t.Errorf("%+v stands at %v", r, at)
		}
		for _, other := range rows[r.row] {
			if at.from < other.to && other.from < at.to {
				t.Errorf("%+v stands on another: %v and %v", r, at, other)
			}
		}
		rows[r.row] = append(rows[r.row], at)
	}
	if len(rules) != 6 || len(rows) < 2 || p.above() < low+ruleRow {
		t.Errorf("%d rules in %d rows, with a room of %v above, %v without", len(rules), len(rows), p.above(), low)
	}
	for range 40 {
		p.Steps = append(p.Steps, Step{Date: stats.Day(2023, time.June, 1), Name: "note 9"})
	}
	if p.above() > low+mostRows*ruleRow {
		t.Errorf("a room of %v above", p.above())
	}
}

// TestOutsideNames: the name of an area outside the limits covers nothing at any width;
// where there is no room for it, there is none.
func TestOutsideNames(t *testing.T) {
	alone := percentages(FunnelPoint{Name: "Cheshire", Denominator: 3000, Rate: 11, Outside: true}, FunnelPoint{Name: "Kent", Denominator: 1000, Rate: 6})
	if names := alone.outsideNames(); len(names) != 1 || names[0].Name != "Cheshire" {
		t.Errorf("%+v", names)
	}
	beside := percentages(FunnelPoint{Name: "Cheshire", Denominator: 2000, Rate: 8, Outside: true}, FunnelPoint{Name: "Kent", Denominator: 2100, Rate: 8}, FunnelPoint{Name: "Essex", Denominator: 5000, Rate: 6})
	if names := beside.outsideNames(); len(names) != 1 || names[0].Label.Position == "right" {
		t.Errorf("%+v", names)
	}
	crowd := percentages(FunnelPoint{Name: "Metropolitan Police", Denominator: 2500, Rate: 8, Outside: true})
	for size := 0.0; size <= 5000; size += 125 {
		for rate := 2.0; rate <= 10; rate++ {
			crowd.Points = append(crowd.Points, FunnelPoint{Name: "x", Denominator: size, Rate: rate})
		}
	}
	if names := crowd.outsideNames(); len(names) > 0 {
		t.Errorf("a name covers figures: %+v", names)
	}
}

// TestCurveNames: the average and all limits have their names, apart; what has left the
// scale has none.
func TestCurveNames(t *testing.T) {
	p := percentages(FunnelPoint{Name: "a", Denominator: 1000, Rate: 8})
	p.Curves = nil
	for i, end := range []float64{5, 5.2, 4.8, 20, 4.7} {
		kind := []LevelKind{Average, Limit, Limit, OuterLimit, OuterLimit}[i]
		p.Curves = append(p.Curves, Curve{kind, string(kind), []CurvePoint{{10, 1}, {1000, end}}, true})
	}
	var names []string
	var heights []float64
	for _, w := range p.curveNames() {
		names, heights = append(names, w.Name), append(heights, w.Coordinate[1].(float64))
	}
	if diff := cmp.Diff([]string{"average", "limit", "limit", "outer limit"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	slices.Sort(heights)
	for i := 1; i < len(heights); i++ {
		if math.Abs(heights[i]-heights[i-1]) < textShare*p.top()-0.01 {
			t.Errorf("names at %v of a scale to %v", heights, p.top())
		}
	}
}

// TestHomeName: the name of the home area stays on the chart where it is narrowest, on
// whichever side its mark is; of one that is too long for that the beginning is shown.
func TestHomeName(t *testing.T) {
	long := "West Yorkshire (City of Wakefield, Kirklees, Leeds and Bradford) Constabulary"
	for _, name := range []string{"Bedfordshire", "Devon and Cornwall", long} {
		for _, denominator := range []float64{1, 2500, 5000, 5600, 7000, 9999} {
			p := percentages(FunnelPoint{Name: name, Denominator: denominator, Rate: 5, Home: true}, FunnelPoint{Name: "other", Denominator: 10000, Rate: 4})
			word := p.homeNames()[0]
			x, _ := p.ground(Narrow).at(p.Points[0])
			from, to := x, x+textWidth(word.Name)
			if word.Label.Align == "right" {
				from, to = x-textWidth(word.Name), x
			}
			if from < 0 || to > float64(Narrow.Width) {
				t.Errorf("%q at %g takes %g to %g of %d", word.Name, denominator, from, to, Narrow.Width)
			}
			if beginning, cut := strings.CutSuffix(word.Name, "…"); cut != (name == long) || !strings.HasPrefix(name, beginning) || len(beginning) < 10 {
				t.Errorf("%q is shown as %q", name, word.Name)
			}
		}
	}
}
