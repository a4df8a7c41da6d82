package dashboard

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
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
	if len(page.Late) != 2 || page.Late[1].Address != "/data/runs/20241002T060000-ccccdddd" {
		t.Errorf("Late = %+v", page.Late)
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

// configured is the configuration of testSources, and of one that never ran.
func configured() []Source {
	return []Source{
		{Name: "series_breaks", Title: "series breaks", From: "builtin:series_breaks.csv"},
		{Name: "force_return", Title: "the force’s monthly return", From: "/srv/inbox/*.csv", Schedule: "0 6 * * *", Limit: stats.FreshLimit{Fetched: 40 * 24 * time.Hour},
			Next: func(now time.Time) time.Time { return now.Add(24 * time.Hour) }},
		{Name: "home_office_recorded_crime", Title: "Home Office recorded crime"},
		{Name: "orders", Title: "orders", Schedule: "0 6 * * *", Next: func(now time.Time) time.Time { return now.Add(time.Hour) }},
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

func TestBuildData(t *testing.T) {
	page := buildData(together(configured(), testSources(), nil), []stats.Run{testSources()[1].LastRun}, titlesOf(configured()), testNow)
	if want := "2 sources need attention: Home Office recorded crime (refused) and orders (never loaded)"; page.Title != want {
		t.Errorf("Title = %q, want %q", page.Title, want)
	}
	var names []string
	for _, row := range page.Sources {
		names = append(names, row.Name)
	}
	if want := []string{"home_office_recorded_crime", "orders", "series_breaks", "force_return"}; !slices.Equal(names, want) {
		t.Errorf("order = %q, want %q", names, want)
	}
	bad, never, resting, good := page.Sources[0], page.Sources[1], page.Sources[2], page.Sources[3]
	if good.Last.Read != "1,300" || good.Last.Exclusions[0] != "100: other offences" || !good.Last.Good || len(good.Served) != 1 ||
		good.Age != "less than a day old; limit 40 days" || good.Next != "15 October 2024, 10:30 BST" || good.Last.Took != "under 1 s" {
		t.Errorf("force_return = %+v, last %+v", good, good.Last)
	}
	if bad.Last.Good || bad.LastSuccess != "" || bad.Concern != "refused" || bad.Age != "never loaded" {
		t.Errorf("home_office_recorded_crime = %+v", bad)
	}
	if never.Last != nil || never.Concern != "never loaded" || resting.Concern != "" || resting.Next != "only when asked" {
		t.Errorf("orders = %+v, series_breaks = %+v", never, resting)
	}
}

// TestAge is of the newest file that serves, however often it was found unchanged.
func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		want       string
		age, limit time.Duration // age -1: nothing is served
		loaded     bool
	}{
		{"never loaded", -1, 40 * day, false},
		{"nothing is served", -1, 40 * day, true},
		{"less than a day old, no limit set", day - 1, 0, true},
		{"12 days old, no limit set", 12 * day, 0, true},
		{"1 day old; limit 40 days", day, 40 * day, true},
		{"40 days old; limit 40 days", 40 * day, 40 * day, true},
		{"late by less than a day: 40 days old; limit 40 days", 40*day + 1, 40 * day, true},
		{"late by 3 days: 43 days old; limit 40 days", 43*day + time.Hour, 40 * day, true},
	} {
		known := knownSource{Source: Source{Limit: stats.FreshLimit{Fetched: tt.limit}}}
		if tt.loaded {
			known.LastSuccess = testNow // unchanged, a moment ago
		}
		if tt.age >= 0 {
			known.Served = []stats.Release{{RetrievedAt: testNow.Add(-tt.age)}}
		}
		if got := known.age(testNow); got != tt.want {
			t.Errorf("age %v, limit %v: %q, want %q", tt.age, tt.limit, got, tt.want)
		}
	}
}

// TestAgeOfFigures is of a source whose figures have a limit of their own.
func TestAgeOfFigures(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		want   string
		covers time.Time
		limit  stats.FreshLimit
	}{
		{"less than a day old. Figures end on 27 September 2024; limit 60 days", stats.Day(2024, time.September, 27), stats.FreshLimit{Covers: 60 * day}},
		{"late by 3 days: less than a day old; limit 40 days. Figures end on 11 August 2024; limit 60 days", stats.Day(2024, time.August, 11), stats.FreshLimit{Fetched: 40 * day, Covers: 60 * day}},
		{"less than a day old. It has no figure; limit 60 days", time.Time{}, stats.FreshLimit{Covers: 60 * day}},
	} {
		known := knownSource{Source: Source{Limit: tt.limit}, covers: tt.covers,
			Freshness: stats.Freshness{LastSuccess: testNow, Served: []stats.Release{{RetrievedAt: testNow}}}}
		if got := known.age(testNow); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestDataTitle(t *testing.T) {
	const day = 24 * time.Hour
	source := func(name string, outcome stats.Outcome, age time.Duration) knownSource {
		return knownSource{Source: Source{Name: name, Limit: stats.FreshLimit{Fetched: 24 * time.Hour}}, configured: true,
			Freshness: stats.Freshness{Source: name, LastRun: stats.Run{ID: name, Outcome: outcome, Kind: stats.LoadRun}, Tells: true, LastSuccess: testNow,
				Served: []stats.Release{{ID: "old", RetrievedAt: testNow.Add(-age - day)}, {ID: "newest", RetrievedAt: testNow.Add(-age)}}}}
	}
	for want, sources := range map[string][]knownSource{
		"No source has been loaded yet":                                                  nil,
		"The one source that has been loaded needs nobody’s attention":                   {source("a", stats.Published, 0)},
		"None of the 2 sources needs attention":                                          {source("a", stats.Published, 0), source("b", stats.Unchanged, day)},
		"1 source needs attention: a (late by 3 days)":                                   {source("a", stats.Published, 4*day)},
		"1 source needs attention: a (late by 1 day)":                                    {source("a", stats.Unchanged, 3*day-time.Second)},
		"1 source needs attention: a (late by less than a day)":                          {source("a", stats.Published, day+time.Second)},
		"2 sources need attention: a (held) and b (failed)":                              {source("a", stats.Held, 0), source("b", stats.Failed, 9*day)},
		"5 sources need attention: a (held), b (held), c (interrupted) and 2 others":     {source("a", stats.Held, 0), source("b", stats.Held, 0), source("c", stats.Interrupted, 0), source("d", stats.Failed, 0), source("e", stats.Failed, 0)},
		"4 sources need attention: a (held), b (refused), c (late by 1 day) and 1 other": {source("a", stats.Held, 0), source("b", stats.RejectedRun, 0), source("c", stats.Published, 2*day), source("d", stats.Published, 2*day)},
	} {
		if got := dataTitle(sources, nil, testNow); got != want {
			t.Errorf("title = %q, want %q", got, want)
		}
	}
	check := source("a", stats.RejectedRun, 0)
	check.LastRun.Kind, check.Tells = stats.CheckRun, false
	if got := dataTitle([]knownSource{check}, nil, testNow); strings.Contains(got, "attention:") {
		t.Errorf("a dry run that found faults makes the title %q", got)
	}
}

func TestWordsOfARun(t *testing.T) {
	for want, run := range map[string]stats.Run{
		"":                                 {},
		"no figure differs":                {Checks: []stats.Check{{Outcome: stats.CheckPassed}}},
		"1 figure new":                     {New: 1},
		"1 figure changed, 1,200 gone":     {Changed: 1, Gone: 1200},
		"2 figures new, 1 changed, 3 gone": {New: 2, Changed: 1, Gone: 3},
	} {
		if got := changesOf(run); got != want {
			t.Errorf("changesOf = %q, want %q", got, want)
		}
	}
	checks := func(outcomes ...stats.CheckOutcome) (all []stats.Check) {
		for _, outcome := range outcomes {
			all = append(all, stats.Check{Outcome: outcome})
		}
		return all
	}
	for want, made := range map[string][]stats.Check{
		"":                                      nil,
		"1 of 1 check passed":                   checks(stats.CheckPassed),
		"1 of 2 checks passed":                  checks(stats.CheckPassed, stats.CheckFailed),
		"1 of 2 checks passed, 1 not looked at": checks(stats.CheckPassed, stats.CheckSkipped),
		"1 of 3 checks passed, 2 accepted":      checks(stats.CheckAccepted, stats.CheckPassed, stats.CheckAccepted),
	} {
		if got := checksPassed(made); got != want {
			t.Errorf("checksPassed = %q, want %q", got, want)
		}
	}
	for want, d := range map[string]time.Duration{
		"under 1 s": 999 * time.Millisecond, "59 s": 59*time.Second + time.Millisecond, "2 min 5 s": 125 * time.Second, "3 h 4 min": 3*time.Hour + 4*time.Minute + 5*time.Second,
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
	if got := outcomeOf(stats.Run{Kind: stats.Withdrawal, Outcome: stats.Published}); got != "withdrawn" {
		t.Errorf("a withdrawal ended as %q", got)
	}
}

func TestBuildRun(t *testing.T) {
	run := testSources()[1].LastRun
	rejections := []stats.Rejection{{
		Origin: stats.Origin{File: "table.ods", Sheet: "2017-18", Row: 1009},
		Fault:  stats.Fault{Column: "Force Name", Value: "Narnia", Reason: "no such force"},
	}}
	page := buildRun(runInput{run: run, rejections: rejections})
	if page.Title != "home_office_recorded_crime, run of 14 October 2024: rejected, with 1 row refused" {
		t.Errorf("Title = %q", page.Title)
	}
	if page.Ended != "" || page.Published != "" || page.Rejections[0].Row != "1,009" || page.By != "" {
		t.Errorf("ended %q, published %q, row %q, by %q", page.Ended, page.Published, page.Rejections[0].Row, page.By)
	}
}

// What can be asked for hangs on how the run ended, and on what it serves.
func TestActionsOfARun(t *testing.T) {
	source := Source{Name: "force_return"}
	serving := query.PastRelease{Release: stats.Release{ID: "r"}, Serves: []string{"all"}}
	run := func(kind stats.RunKind, outcome stats.Outcome) stats.Run {
		return stats.Run{ID: "r", Source: "force_return", Kind: kind, Outcome: outcome, SHA256: "ab", StartedAt: testNow}
	}
	tests := map[string]struct {
		in   runInput
		want string
	}{
		"dry run":             {runInput{run: run(stats.CheckRun, stats.Checked)}, "Publish these figures"},
		"refused dry run":     {runInput{run: run(stats.CheckRun, stats.RejectedRun)}, ""},
		"held":                {runInput{run: run(stats.LoadRun, stats.Held)}, "Publish all the same; Read this file again"},
		"held and superseded": {runInput{run: run(stats.LoadRun, stats.Held), later: stats.Run{ID: "s"}}, "Publish all the same; Read this file again"},
		"served":              {runInput{run: run(stats.LoadRun, stats.Published), release: serving}, "Read this file again; Withdraw this release"},
		"no longer served":    {runInput{run: run(stats.LoadRun, stats.Published)}, "Read this file again"},
		"rejected":            {runInput{run: run(stats.LoadRun, stats.RejectedRun)}, "Read this file again"},
		"running":             {runInput{run: run(stats.LoadRun, stats.Running)}, ""},
		"no file":             {runInput{run: stats.Run{ID: "r", Kind: stats.LoadRun, Outcome: stats.Failed}}, ""},
		"withdrawal":          {runInput{run: run(stats.Withdrawal, stats.Published)}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, allowed := range []bool{true, false} {
				test.in.source, test.in.actions = source, allowed
				var texts []string
				for _, a := range test.in.actionLinks() {
					texts = append(texts, a.Text)
				}
				if got := strings.Join(texts, "; "); allowed && got != test.want || !allowed && got != "" {
					t.Errorf("allowed %v: %q, want %q", allowed, got, test.want)
				}
			}
		})
	}
	in := runInput{run: run(stats.LoadRun, stats.Published), source: Source{Name: "force_return", RecordLevel: true}, release: serving, actions: true}
	if got := in.actionLinks(); len(got) != 1 || got[0].Text != "Withdraw this release" {
		t.Errorf("a run of records offers %+v: its file was not kept", got)
	}
}

// Of very many faults only the first are kept, fewer are on the page, and the
// page says so.
func TestRefusedRows(t *testing.T) {
	for want, n := range map[string]struct {
		rejected uint64
		kept     int
	}{
		"The first 200 of 12,345 rows that were refused, and why: 10,000 are kept, and are in the CSV": {12345, 10000},
		"The first 200 of 201 rows that were refused, and why: the CSV has all":                        {201, 201},
		"Every row that was refused, and why":                                                          {200, 200},
	} {
		run := testSources()[1].LastRun
		run.Rejected = n.rejected
		page := buildRun(runInput{run: run, rejections: make([]stats.Rejection, n.kept)})
		if page.Refused != want || len(page.Rejections) != 200 {
			t.Errorf("Refused = %q with %d rows, want %q", page.Refused, len(page.Rejections), want)
		}
	}
}

// Where a file lies on the server stands on no page.
func TestNoFoldersOnPages(t *testing.T) {
	run := stats.Run{ID: "20241002T060000-ccccdddd", Source: "force_return", Outcome: stats.Failed, StartedAt: testNow,
		From: "/some/folder/file.csv", File: "file.csv", Problem: "/some/folder/file.csv is not there: check the name and the folder"}
	const says = "file.csv is not there: check the name and the folder"
	source := stats.Freshness{Source: run.Source, LastRun: run}
	if got := buildRun(runInput{run: run}); got.From != "file.csv" || got.Problem != says {
		t.Errorf("run: from %q, %q", got.From, got.Problem)
	}
	if got := buildData(together(nil, []stats.Freshness{source}, nil), []stats.Run{run}, nil, testNow); got.Sources[0].Last.Problem != says || got.Runs.Rows[0].Problem != says {
		t.Errorf("data: %q, %q", got.Sources[0].Last.Problem, got.Runs.Rows[0].Problem)
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
}
