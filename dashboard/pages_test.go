package dashboard

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

func TestBuildOverview(t *testing.T) {
	page, err := buildOverview(withPopulation(bedfordshire))
	if err != nil {
		t.Fatal(err)
	}
	if !page.Demonstration || page.Nothing || !page.IsForce {
		t.Errorf("demonstration %v, nothing %v, force %v", page.Demonstration, page.Nothing, page.IsForce)
	}
	// From 2017/18 Q4 on, of which the rate by population of all forces is.
	if want := "1 January 2018 to 27 September 2024"; page.Standing.Covered != want {
		t.Errorf("Covered = %q, want %q", page.Standing.Covered, want)
	}
	if len(page.Standing.Late) != 2 || page.Standing.Late[1].Address != "/data/runs/20241002T060000-ccccdddd" {
		t.Errorf("Late = %+v", page.Standing.Late)
	}
	if len(page.Standing.Sources) != 3 || page.Standing.Sources[0] != (sourceNote{Title: "the force’s monthly return", Retrieved: "13 September 2024", Last: "27 September 2024", Late: true}) {
		t.Errorf("Sources = %+v", page.Standing.Sources)
	}
	if len(page.Undrawn) != 1 {
		t.Errorf("the same sentence more than once: %q", page.Undrawn)
	}
	csv, err := url.Parse(page.CSV)
	if err != nil || len(csv.Query()["measure"]) != 5 || len(csv.Query()["area"]) != 2 {
		t.Errorf("CSV = %q", page.CSV)
	}
}

func TestFiguresThatEndLongAgo(t *testing.T) {
	last := stats.Day(2024, time.September, 27)
	for now, want := range map[time.Time]string{
		stats.Day(2024, time.October, 14): "", stats.Day(2025, time.January, 27): "", stats.Day(2025, time.February, 26): "",
		stats.Day(2025, time.February, 27): "The newest figure ends 5 months ago.",
		stats.Day(2026, time.November, 27): "The newest figure ends 26 months ago.",
		stats.Day(2026, time.November, 26): "The newest figure ends 25 months ago.",
	} {
		if got := longAgo(last, now); got != want {
			t.Errorf("on %s: %q, want %q", now.Format(time.DateOnly), got, want)
		}
	}
	in := testOverview(bedfordshire)
	in.fresh.now = stats.Day(2026, time.November, 27)
	if page, err := buildOverview(in); err != nil || page.Standing.Ended != "The newest figure ends 26 months ago." {
		t.Errorf("the page says %q, %v", page.Standing.Ended, err)
	}
}

func TestBuildOverviewOfNothing(t *testing.T) {
	page, err := buildOverview(overviewInput{area: bedfordshire, reference: reference{measures: stats.NewMeasures(nil), now: testNow}})
	if err != nil {
		t.Fatal(err)
	}
	if !page.Nothing || page.CSV != "" || page.Demonstration || page.Title != "Bedfordshire: no figures are loaded yet" {
		t.Errorf("page of nothing = %+v", page.frame)
	}
}

func TestBuildMeasures(t *testing.T) {
	page := buildMeasures(bedfordshire, testSeries(), testReference())
	if page.Title != "Bedfordshire has figures for 3 of 5 measures" || !page.Demonstration {
		t.Errorf("%q, demonstration %v", page.Title, page.Demonstration)
	}
	if page.Measures[4].Latest != nil || page.Measures[0].Latest.Value != "100" {
		t.Errorf("newest figures: %+v, %+v", page.Measures[4].Latest, page.Measures[0].Latest)
	}
}

func TestBuildMeasure(t *testing.T) {
	page, err := buildMeasure("stalking_recorded", bedfordshire, testSeries(), testReference())
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Blocks) != 2 || page.Blocks[0].Source != "the force’s monthly return" || page.Blocks[1].Kind != "quarter" {
		t.Fatalf("%d blocks, want the force's months and the Home Office's quarters", len(page.Blocks))
	}
	if !page.Blocks[0].Demonstration || page.Blocks[1].Demonstration {
		t.Error("only the force's return is made up")
	}
	if page.Blocks[1].Title != "Recorded stalking offences in 2017/18 Q4 (January to March 2018) are 19" {
		t.Errorf("title = %q", page.Blocks[1].Title)
	}
	if len(page.AllForces) != 1 || page.AllForces[0].Own != "19" {
		t.Errorf("AllForces = %+v", page.AllForces)
	}
}

func TestBuildMeasureOfARate(t *testing.T) {
	page, err := buildMeasure("charge_rate", bedfordshire, testSeries(), testReference())
	if err != nil {
		t.Fatal(err)
	}
	d := page.Definitions[0]
	if d.Target != "" {
		t.Errorf("a target of %q, which nobody has set", d.Target)
	}
	if with := definitionOf(stats.Measure{ID: "m", Name: "M", Target: stats.Number(12.5)}, testMeasures()); with.Target != "12.5" {
		t.Errorf("a target of 12.5 is shown as %q", with.Target)
	}
	if d.Formula != "100 × stalking charges ÷ stalking outcomes assigned" || d.Interval != "Wilson score interval, 95%" {
		t.Errorf("definition = %+v", d)
	}
	table := page.Blocks[0].Table
	if table.Numerator != "Stalking charges" || table.Rows[0].Numerator != "53" || table.Rows[0].Denominator != "981" {
		t.Errorf("table = %+v", table)
	}
	if page.Blocks[0].Worked != "100 × 53 ÷ 981 = 5.4" {
		t.Errorf("Worked = %q", page.Blocks[0].Worked)
	}
}

// A series with months and years is drawn once for each, and never mixed.
func TestBuildMeasureSplitsKinds(t *testing.T) {
	s := stats.Series{Measure: testMeasures().ByID("stalking_charges")[0], Area: bedfordshire, Source: "force_return",
		Figures: append(monthly("stalking_charges", 10, 17),
			count("stalking_charges", bedfordshire.Code, "force_return", stats.FinancialYear(2022), 120, 40))}
	blocks, err := blocksOf(s, testReference())
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 2 || blocks[0].Kind != "month" || blocks[1].Kind != "financial year" {
		t.Fatalf("blocks = %+v", blocks)
	}
	if len(blocks[0].Table.Rows) != 20 || len(blocks[1].Table.Rows) != 1 {
		t.Errorf("%d and %d rows, want 20 and 1", len(blocks[0].Table.Rows), len(blocks[1].Table.Rows))
	}
	s.Figures = []stats.Figure{count("stalking_charges", bedfordshire.Code, "force_return",
		stats.Period{Start: stats.Day(2024, time.May, 3), End: stats.Day(2024, time.May, 9)}, 2, 1)}
	if blocks, err = blocksOf(s, testReference()); err != nil || len(blocks) != 1 || blocks[0].Plot != nil || len(blocks[0].Table.Rows) != 1 {
		t.Errorf("a few odd days: %+v, %v", blocks, err)
	}
}

// Years that roll are drawn without a gap at those that end with March and
// December, and are never made of one another.
func TestBuildMeasureOfYearsThatRoll(t *testing.T) {
	s := stats.Series{Measure: stats.Measure{ID: "days", Name: "Median days", Unit: "days", AddsUp: stats.OverNothing}, Area: bedfordshire, Source: "force_return"}
	for i := range 14 {
		start := stats.Day(2022, time.Month(12+i), 1)
		s.Figures = append(s.Figures, count("days", bedfordshire.Code, "force_return", stats.Period{Start: start, End: start.AddDate(0, 12, -1)}, float64(20+i), i+2))
	}
	blocks, err := blocksOf(s, testReference())
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, block := range blocks {
		rows[block.Kind] = len(block.Table.Rows)
	}
	if len(blocks) != 3 || rows[blocks[2].Kind] != 14 || strings.Count(string(blocks[2].Plot.Option), `{"value":`) != 14 {
		t.Errorf("%d blocks with %v rows, %s", len(blocks), rows, blocks[2].Plot.Option)
	}
}
