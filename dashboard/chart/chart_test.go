package chart

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

func months(year int, from, to time.Month) []stats.Period {
	var periods []stats.Period
	for m := from; m <= to; m++ {
		periods = append(periods, stats.Month(year, m))
	}
	return periods
}

func series(measure stats.Measure, note string, values map[stats.Period]stats.Value) stats.Series {
	s := stats.Series{Measure: measure, Area: stats.Area{Code: "E23000026", Name: "Bedfordshire"}, Source: "force_return"}
	for p, v := range values {
		s.Figures = append(s.Figures, stats.Figure{Key: stats.Key{Period: p}, Value: v, Note: note})
	}
	return s
}

func plots() map[string]Plot {
	recorded := stats.Measure{ID: "stalking_recorded", Name: "Recorded stalking offences", Unit: "offences"}
	rate := stats.Measure{ID: "charge_rate", Name: "Charge rate", Unit: "percent", Numerator: "stalking_charges"}
	axis := months(2023, time.March, time.September)
	broken := series(recorded, stats.Demonstration, map[stats.Period]stats.Value{
		axis[0]: stats.Number(30), axis[1]: stats.Number(0), axis[2]: stats.Number(1234),
		axis[3]: stats.Number(28), axis[4]: stats.Missing(stats.NotAvailable), axis[6]: stats.Number(31),
	})
	breaks := []stats.Break{
		{Date: stats.Day(2023, time.June, 1), Effect: "The extra recording ended."},
		{Date: stats.Day(2014, time.April, 1), Effect: "Before the chart."},
		{Date: stats.Day(2024, time.April, 1), Effect: "After the chart."},
	}
	years := []stats.Period{stats.FinancialYear(2019), stats.FinancialYear(2020), stats.FinancialYear(2021)}
	yearly := series(rate, "", map[stats.Period]stats.Value{years[0]: stats.Number(5.7), years[2]: stats.Number(6.123456)})
	judged := func(size Size) Plot {
		return Plot{ID: "chart-e", Series: broken, Periods: axis, Size: size, Steps: []Step{{Date: axis[5].Start, Name: "note 1"}},
			Levels: []Level{{Average, "Average", 0, 2, 20, false}, {Average, "Average", 3, 6, 30, true}, {Limit, "Upper limit", 3, 6, 40.5, true}, {Target, "Target", 0, 6, 35, true}},
			Marks:  []Mark{{0, 30, Up, Improvement, "outside limits"}, {1, 0, Down, Concern, "outside limits"}, {6, 31, Diamond, Change, "trend"}}}
	}
	return map[string]Plot{
		"full_judged":     judged(Full),
		"small_judged":    judged(Small),
		"full_with_break": {ID: "chart-a", Series: broken, Periods: axis, Breaks: breaks, Size: Full},
		"full_by_year":    {ID: "chart-b", Series: yearly, Periods: years, Size: Full},
		"small":           {ID: "chart-c", Series: broken, Periods: axis, Breaks: breaks, Size: Small},
		"empty":           {ID: "chart-d", Series: series(recorded, "", nil), Size: Full},
	}
}

func TestGolden(t *testing.T) {
	for name, p := range plots() {
		for form, draw := range map[string]func(Plot) ([]byte, error){"line": Line, "bar": Bar} {
			t.Run(form+"_"+name, func(t *testing.T) {
				option, err := draw(p)
				if err != nil {
					t.Fatal(err)
				}
				compareGolden(t, filepath.Join("testdata", form+"_"+name+".json"), option)
			})
		}
	}
}

func TestFunnelGolden(t *testing.T) {
	p := FunnelPlot{
		ID: "chart-f", Measure: stats.Measure{Name: "Charge rate", Unit: "percent", Numerator: "stalking_charges"}, Denominator: "outcomes assigned",
		Period: stats.FinancialYear(2021), Size: Full, Demonstration: true,
		Points: []FunnelPoint{{"Bedfordshire", 985, 5.4, true, false}, {"Cheshire", 2000, 9, false, true}, {"Kent", 4000, 6, false, false}},
		Curves: []Curve{{Average, "Average", []CurvePoint{{500, 6}, {5000, 6}}, true}, {Limit, "95% limit", []CurvePoint{{500, 4}, {5000, 5.5}}, false}},
	}
	option, err := Funnel(p)
	if err != nil {
		t.Fatal(err)
	}
	compareGolden(t, filepath.Join("testdata", "funnel.json"), option)
}

func compareGolden(t *testing.T, file string, option []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, option, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Text from a file may hold anything. In the option it stays text: nothing in
// it can end the script element, and nothing is left unquoted as go-echarts'
// own renderer leaves __f__…__f__.
func TestHostileTextStaysData(t *testing.T) {
	for _, hostile := range []string{
		`</script><script>alert(1)</script>`, `__f__alert(1)__f__`, `javascript:alert(1)`, `<!--<script>`, "\u2028';alert(1)//",
	} {
		p := plots()["full_with_break"]
		p.Series.Measure.Name, p.Series.Measure.Unit, p.Series.Area.Name = hostile, hostile, hostile
		option, err := Line(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, forbidden := range []string{"<", ">", "\u2028"} {
			if strings.Contains(string(option), forbidden) {
				t.Errorf("%q: the option holds %q", hostile, forbidden)
			}
		}
		var decoded struct {
			Series []struct{ Name string }
		}
		if err := json.Unmarshal(option, &decoded); err != nil {
			t.Fatalf("%q: the option is no JSON: %v", hostile, err)
		}
		if decoded.Series[0].Name != hostile {
			t.Errorf("name = %q, want %q", decoded.Series[0].Name, hostile)
		}
	}
}

// At an accepted step the limits start anew, and so does the line; a note is a rule
// that the line goes on across.
func TestLineStopsAtStep(t *testing.T) {
	p := plots()["full_judged"]
	note := Step{Date: p.Periods[1].Start, Name: "note 1"}
	p.Steps = []Step{note, {Date: p.Periods[3].Start, Name: "Jun 2023: step", Cuts: true}, {Date: p.Periods[0].Start, Name: "Mar 2023: step", Cuts: true}}
	thirty, none, many, fewer, newest := 30.0, 0.0, 1234.0, 28.0, 31.0
	want := [][]*float64{{&thirty, &none, &many, nil, nil, nil, nil}, {nil, nil, nil, &fewer, nil, nil, &newest}}
	if diff := cmp.Diff(want, p.segments()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if p.Steps = []Step{note}; len(p.segments()) != 1 {
		t.Errorf("a note cuts the line into %d", len(p.segments()))
	}
}

func TestDrawn(t *testing.T) {
	drawn := plots()["full_with_break"].Drawn()
	if len(drawn) != 1 || drawn[0].Effect != "The extra recording ended." {
		t.Errorf("Drawn = %v, want the one break inside the chart", drawn)
	}
}
