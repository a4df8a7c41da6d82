package dashboard

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

func buildHeadline(t *testing.T, measure string, area stats.Area) headline {
	t.Helper()
	in := testOverview(area)
	m := in.measures.ByID(measure)[0]
	h, err := headlineOf(m, area, in.series, in.reference)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHeadlineOfAForcesOwnReturn(t *testing.T) {
	h := buildHeadline(t, "stalking_charges", bedfordshire)
	if h.Source != "the force’s monthly return" || h.Instead != "" || !h.Demonstration {
		t.Errorf("source %q, instead %q, demonstration %v", h.Source, h.Instead, h.Demonstration)
	}
	if h.Latest.Value != "17" || h.LatestWhen != "1 to 27 Sep 2024" || h.LastYear != "10" || h.LastYearWhen != "1 to 27 Sep 2023" {
		t.Errorf("latest %q of %q, last year %q of %q", h.Latest.Value, h.LatestWhen, h.LastYear, h.LastYearWhen)
	}
	want := &comparison{Days: "From 1 January to 27 September 2024", This: "153", DaysBefore: "The same days of 2023", Before: "90", Change: "70.0% more than a year before",
		Tested:    "That is more than chance explains.",
		ThisWay:   "/figure?area=E23000026&measure=stalking_charges&period=2024-01-01%2F2024-09-27&source=force_return",
		BeforeWay: "/figure?area=E23000026&measure=stalking_charges&period=2023-01-01%2F2023-09-27&source=force_return",
		Chance:    &verdict{"improvement", "Improvement", "Stalking charges from 1 January to 27 September 2024 are 153, against 90 in the same days of 2023: more than chance explains."}}
	if diff := cmp.Diff(want, h.YearToDate); diff != "" {
		t.Errorf("YearToDate (-want +got):\n%s", diff)
	}
	if f, ok := h.fact(); !ok || f.Address != want.ThisWay {
		t.Errorf("its sentence leads to %q, where the other count and the test do not stand", f.Address)
	}
	if h.Plot == nil || h.Plot.First != "Jan 2023" || h.Plot.Last != "Aug 2024" || !h.Plot.Demonstration {
		t.Errorf("Plot = %+v", h.Plot)
	}
	if !strings.Contains(h.Undrawn, "1 to 27 Sep 2024 is not a whole month") {
		t.Errorf("Undrawn = %q", h.Undrawn)
	}
	if h.AllForces != nil {
		t.Errorf("all forces' charges from a source that has none: %+v", h.AllForces)
	}
}

// A source that counts on two bases gives two series: a page picks one, says
// which, and compares it with the same one of all forces.
func TestHeadlineOnOneBasis(t *testing.T) {
	in := testOverview(cheshire)
	var figures []stats.Figure
	for i, f := range []struct {
		area, basis string
		above       float64
	}{
		{cheshire.Code, "outcomes, closed in the quarter", 10}, {cheshire.Code, "outcomes, recorded in the quarter", 20},
		{stats.EnglandAndWales, "outcomes, recorded in the quarter", 40},
	} {
		r := rate(f.area, "published_force_figures", stats.Quarter(2023, 1+i%2), f.above, 100)
		r.Basis = f.basis
		figures = append(figures, r)
	}
	in.series = analysis.Group(figures, in.measures, testAreas())
	h, err := headlineOf(in.measures.ByID("charge_rate")[0], cheshire, in.series, in.reference)
	if err != nil {
		t.Fatal(err)
	}
	// The newer series is that of the second quarter.
	if h.Source != "published_force_figures (recorded in the quarter)" || h.Latest.Value != "20.0%" {
		t.Errorf("from %q: %q", h.Source, h.Latest.Value)
	}
	if h.AllForces == nil || h.AllForces.Own != "no figure" || h.AllForces.Source != "published_force_figures (recorded in the quarter)" {
		t.Errorf("all forces: %+v", h.AllForces)
	}
	if found, missing := evidenceOf(figures, testAreas(), cheshire, in.reference).bearing("E2"); len(found) != 1 || found[0].Latest.Text != "20.0%" || len(missing) != 0 {
		t.Errorf("evidence %+v, missing %q", found, missing)
	}
}

// The table holds everything that the chart draws, and what it does not.
func TestHeadlineTable(t *testing.T) {
	rows := map[string]tableRow{}
	for _, row := range buildHeadline(t, "stalking_charges", bedfordshire).Table.Rows {
		rows[row.Period] = row
	}
	if len(rows) != 20 { // 16 months, three parts of September, and September 2023 made of two
		t.Errorf("%d rows, want 20", len(rows))
	}
	september := rows["Sep 2023"]
	if september.Plain != "11" || !september.Parts || september.From.Rows[0] != "force_return.csv, rows 10 and 20" {
		t.Errorf("Sep 2023 = %q from %q, made of parts: %v", september.Plain, september.From.Rows, september.Parts)
	}
	if rows["1 to 27 Sep 2024"].LastYear != "10" || rows["Jan 2023"].LastYear != "–" {
		t.Errorf("last year: %q and %q", rows["1 to 27 Sep 2024"].LastYear, rows["Jan 2023"].LastYear)
	}
	if !rows["May 2024"].Demonstration {
		t.Error("a made-up figure without its label")
	}
}

func TestHeadlineOfAnotherSource(t *testing.T) {
	h := buildHeadline(t, "stalking_recorded", cheshire)
	want := "There is none in the force’s monthly return."
	if h.Instead != want {
		t.Errorf("Instead = %q, want %q", h.Instead, want)
	}
	if h.AllForces != nil || h.NoGroup == "" {
		t.Errorf("a count beside the total of all forces: %+v, %q", h.AllForces, h.NoGroup)
	}
	var shownMissing bool
	for _, row := range h.Table.Rows {
		shownMissing = shownMissing || row.Period == "2017/18 Q3" && row.Plain == "not available"
	}
	if !shownMissing {
		t.Error("the missing quarter is not in the table with its meaning")
	}
}

func TestHeadlineOfEnglandAndWales(t *testing.T) {
	h := buildHeadline(t, "stalking_recorded", allOfThem)
	if h.Source != "Home Office recorded crime" || h.Instead != "" || h.AllForces != nil {
		t.Errorf("source %q, instead %q, all forces %v", h.Source, h.Instead, h.AllForces)
	}
	want := []note{{
		Short: "sum of 42 of 43 forces",
		Full:  "sum of 42 of 43 forces, no figure from Greater Manchester, and a great many others of that length",
	}}
	if diff := cmp.Diff(want, h.Latest.Notes); diff != "" {
		t.Errorf("Notes (-want +got):\n%s", diff)
	}
}

func TestHeadlineOfNothing(t *testing.T) {
	h := buildHeadline(t, "spo_granted", cheshire)
	if h.Empty != "No figure is loaded for Cheshire." || h.Plot != nil || len(h.Table.Rows) != 0 {
		t.Errorf("headline of nothing = %+v", h)
	}
}

func TestHeadlineOfARate(t *testing.T) {
	h := buildHeadline(t, "charge_rate", bedfordshire)
	if h.Latest.Value != "5.4%" || h.Latest.Worked != "100 × 53 ÷ 981 = 5.4" || h.Latest.Range != "4.2 to 7.0" {
		t.Errorf("latest = %+v", h.Latest)
	}
	if h.YearToDate != nil {
		t.Errorf("a financial year has no year to date: %+v", h.YearToDate)
	}
}

func TestPlotShowsItsLastPeriodsAndItsBreaks(t *testing.T) {
	h := buildHeadline(t, "stalking_recorded", bedfordshire)
	want := []breakNote{{Date: "Mar 2024", Effect: "The rules changed.", Source: "notes"}}
	if diff := cmp.Diff(want, h.Plot.Breaks); diff != "" {
		t.Errorf("Breaks (-want +got):\n%s", diff)
	}
	var long []stats.Figure
	for m := range 40 {
		long = append(long, count("stalking_recorded", cheshire.Code, "force_return", stats.Month(2020, time.January+time.Month(m)), 5, m))
	}
	s := stats.Series{Measure: testMeasures().ByID("stalking_recorded")[0], Area: cheshire, Source: "force_return", Figures: long}
	var small headline
	if err := small.draw(s, testReference(), 0); err != nil {
		t.Fatal(err)
	}
	if small.Plot.First != "May 2021" || small.Plot.Last != "Apr 2023" || len(small.Table.Rows) != 40 {
		t.Errorf("drawn from %s to %s with %d rows beside it, want the last 24 of 40", small.Plot.First, small.Plot.Last, len(small.Table.Rows))
	}
}
