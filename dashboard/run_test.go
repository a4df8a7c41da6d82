package dashboard

import (
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

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
	if page.Standing.Ended != "" || page.Published != "" || page.Rejections[0].Row != "1,009" || page.By != "" {
		t.Errorf("ended %q, published %q, row %q, by %q", page.Standing.Ended, page.Published, page.Rejections[0].Row, page.By)
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
		"held and accepted":   {runInput{run: run(stats.LoadRun, stats.Held), later: stats.Run{ID: "s", Of: run(stats.LoadRun, stats.Held).ID, Outcome: stats.Published}}, "Read this file again"},
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
	if got := buildRun(runInput{run: run}); got.From != "the folder “folder”" || got.Problem != says {
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

// TestChecksAreNamedInWords: a page calls a check by words, and not by its name
// in the configuration.
func TestChecksAreNamedInWords(t *testing.T) {
	var page runPage
	page.addFindings(stats.Run{Outcome: stats.Held, Checks: []stats.Check{{Name: "all_forces", Outcome: stats.CheckFailed, Says: "Kent is missing"}}})
	if len(page.ChecksMade) != 1 || page.ChecksMade[0].Name != "all forces" || len(page.FailedChecks) != 1 || !strings.HasPrefix(page.FailedChecks[0], "All forces: ") {
		t.Errorf("checks %v, failed %q", page.ChecksMade, page.FailedChecks)
	}
	var a action
	a.warnOfChecks(stats.Run{Checks: []stats.Check{{Name: "all_forces", Outcome: stats.CheckFailed, Says: "Kent is missing"}}}, "held")
	if len(a.Lists) != 1 || !strings.HasPrefix(a.Lists[0], "All forces: ") {
		t.Errorf("warning %q", a.Lists)
	}
}
