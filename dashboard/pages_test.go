package dashboard

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

func TestBuildOverview(t *testing.T) {
	page, err := buildOverview(testOverview(bedfordshire))
	if err != nil {
		t.Fatal(err)
	}
	if !page.Demonstration || page.Nothing || !page.IsForce {
		t.Errorf("demonstration %v, nothing %v, force %v", page.Demonstration, page.Nothing, page.IsForce)
	}
	if want := "1 April 2021 to 27 September 2024"; page.Covered != want {
		t.Errorf("Covered = %q, want %q", page.Covered, want)
	}
	if len(page.Faults) != 1 || !strings.Contains(page.Faults[0].What, "was refused: table.ods, sheet 2017-18, row 9") {
		t.Errorf("Faults = %+v", page.Faults)
	}
	if len(page.Sources) != 2 || page.Sources[0] != (sourceNote{"the force’s monthly return", "14 October 2024"}) {
		t.Errorf("Sources = %+v", page.Sources)
	}
	if len(page.Undrawn) != 1 {
		t.Errorf("the same sentence more than once: %q", page.Undrawn)
	}
	csv, err := url.Parse(page.CSV)
	if err != nil || len(csv.Query()["measure"]) != 4 || len(csv.Query()["area"]) != 2 {
		t.Errorf("CSV = %q", page.CSV)
	}
}

func TestBuildOverviewOfNothing(t *testing.T) {
	page, err := buildOverview(overviewInput{area: bedfordshire, reference: reference{measures: stats.NewMeasures(nil)}, now: testNow})
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

func TestBuildData(t *testing.T) {
	page := buildData(testSources(), []stats.Run{testSources()[1].LastRun}, testReference().titles)
	if page.Title != "The last run did not succeed of Home Office recorded crime" {
		t.Errorf("Title = %q", page.Title)
	}
	first, second, third := page.Sources[0], page.Sources[1], page.Sources[2]
	if first.Last.Read != "1,300" || first.Last.Exclusions[0] != "100: other offences" || !first.Last.Good || first.Slices != "1 slice" {
		t.Errorf("force_return = %+v", first)
	}
	if second.Last.Good || second.LastSuccess != "" || third.Last != nil {
		t.Errorf("%+v, %+v", second, third)
	}
	if got := dataTitle(nil, nil); got != "No source has been loaded yet" {
		t.Errorf("title of nothing = %q", got)
	}
	if got := dataTitle(testSources()[:1], nil); got != "The last run of 1 source succeeded" {
		t.Errorf("title of one = %q", got)
	}
}

func TestBuildRun(t *testing.T) {
	run := testSources()[1].LastRun
	rejections := []stats.Rejection{{
		Origin: stats.Origin{File: "table.ods", Sheet: "2017-18", Row: 1009},
		Fault:  stats.Fault{Column: "Force Name", Value: "Narnia", Reason: "no such force"},
	}}
	page := buildRun(run, stats.Release{}, rejections, nil)
	if page.Title != "home_office_recorded_crime, run of 14 October 2024: rejected, with 1 row refused" {
		t.Errorf("Title = %q", page.Title)
	}
	if page.Ended != "" || page.Published != "" || page.Rejections[0].Row != "1,009" {
		t.Errorf("ended %q, published %q, row %q", page.Ended, page.Published, page.Rejections[0].Row)
	}
}

// Of very many faults only the first are kept, and the page says so.
func TestRefusedRows(t *testing.T) {
	run := testSources()[1].LastRun
	run.Rejected = 12345
	page := buildRun(run, stats.Release{}, make([]stats.Rejection, 10000), nil)
	if want := "The first 10,000 of 12,345 rows that were refused, and why: more are not kept"; page.Refused != want {
		t.Errorf("Refused = %q, want %q", page.Refused, want)
	}
	if !strings.HasSuffix(page.Title, "with 12,345 rows refused") {
		t.Errorf("Title = %q", page.Title)
	}
	run.Rejected = 1
	if got, want := buildRun(run, stats.Release{}, make([]stats.Rejection, 1), nil).Refused, "Every row that was refused, and why"; got != want {
		t.Errorf("Refused = %q, want %q", got, want)
	}
}

// Where a file lies on the server stands on no page.
func TestNoFoldersOnPages(t *testing.T) {
	run := stats.Run{ID: "20241002T060000-ccccdddd", Source: "force_return", Outcome: stats.Failed, StartedAt: testNow,
		From: "/some/folder/file.csv", File: "file.csv", Problem: "/some/folder/file.csv is not there: check the name and the folder"}
	const says = "file.csv is not there: check the name and the folder"
	source := stats.Freshness{Source: run.Source, LastRun: run}
	if got := buildRun(run, stats.Release{}, nil, nil); got.From != "file.csv" || got.Problem != says {
		t.Errorf("run: from %q, %q", got.From, got.Problem)
	}
	if got := buildData([]stats.Freshness{source}, []stats.Run{run}, nil); got.Sources[0].Last.Problem != says || got.Runs[0].Problem != says {
		t.Errorf("data: %q, %q", got.Sources[0].Last.Problem, got.Runs[0].Problem)
	}
	if got := faultsOf([]stats.Freshness{source}, nil); got[0].What != "failed: "+says+"." {
		t.Errorf("overview: %q", got[0].What)
	}
	for from, want := range map[string]string{"builtin:areas.csv": "builtin:areas.csv", "file.csv": "file.csv", "/file.csv": "file.csv", "": ""} {
		if got := withoutFolders(stats.Run{From: from, Problem: "a/b, row 2."}); got.From != want || got.Problem != "a/b, row 2." {
			t.Errorf("from %q: %q, %q", from, got.From, got.Problem)
		}
	}
	run.Problem = "/some/folder cannot be read"
	if got := withoutFolders(run).Problem; got != "folder cannot be read" {
		t.Errorf("a folder's own problem = %q", got)
	}
	if got := sentence("was refused", "table.ods, row 9."); got != "was refused: table.ods, row 9." {
		t.Errorf("sentence = %q", got)
	}
}

func TestBuildReports(t *testing.T) {
	chosen := url.Values{"measure": {"charge_rate"}, "area": {cheshire.Code}, "from": {"2024-01-01"}, "period": {"quarter"}}
	page := buildReports(testAreas(), testMeasures(), testSources(), chosen, testReference().titles)
	selected := func(list []option) []string {
		var values []string
		for _, o := range list {
			if o.Selected {
				values = append(values, o.Value)
			}
		}
		return values
	}
	for what, got := range map[string][]string{"charge_rate": selected(page.Measures), cheshire.Code: selected(page.Areas), "quarter": selected(page.Periods)} {
		if len(got) != 1 || got[0] != what {
			t.Errorf("selected %q, want only %q", got, what)
		}
	}
	if len(page.Sources) != 2 {
		t.Errorf("sources = %+v, want those that hold figures", page.Sources)
	}
}
