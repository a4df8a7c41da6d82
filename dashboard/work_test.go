package dashboard

import (
	"net/url"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// What a data owner's pages show in these tests, with the area's name wherever
// text can come from outside.

func testRevision(in overviewInput, change stats.Change) stats.Revision {
	return stats.Revision{
		Key:    stats.Key{Measure: "stalking_recorded", Area: in.area.Code, Source: "force_return", Basis: in.area.Name, Period: stats.Month(2024, time.March), Breakdown: "relationship", BreakdownValue: in.area.Name},
		Change: change, Former: stats.Number(1100), Now: stats.Number(1200, stats.Provisional),
		FormerOrigin: stats.Origin{File: in.area.Name, Row: 3}, Origin: stats.Origin{File: in.area.Name, Sheet: in.area.Name, Row: 4},
	}
}

// testRun is a held run of whatever a run can hold.
func testRun(in overviewInput) runInput {
	run := in.sources[1].LastRun
	run.Source, run.Outcome, run.Kind, run.Of, run.AskedBy, run.Why = "force_return", stats.Held, stats.LoadRun, in.area.Name, in.area.Name, in.area.Name
	run.EndedAt, run.SHA256, run.File, run.From = testNow, "ab", in.area.Name, in.area.Name
	run.Checks = []stats.Check{{Name: "jumps", Outcome: stats.CheckFailed, Says: in.area.Name}, {Name: in.area.Name, Outcome: stats.CheckPassed}}
	run.Log = []stats.LogLine{{At: testNow, Says: in.area.Name}}
	run.New, run.Changed, run.Gone = 1, 500, 1
	return runInput{
		run: run, later: stats.Run{ID: in.area.Name, StartedAt: testNow}, areas: testAreas(), measures: in.measures, titles: in.titles,
		release: query.PastRelease{Release: in.sources[0].Served[0], Serves: []string{"all"}},
		changes: []stats.Revision{testRevision(in, stats.NewFigure), testRevision(in, stats.ChangedFigure), testRevision(in, stats.GoneFigure)},
		rejections: []stats.Rejection{{
			Origin: stats.Origin{File: "table.ods", Row: 9}, Fault: stats.Fault{Column: "Force Name", Value: in.area.Name, Reason: "no such force"}}},
		source: Source{Name: "force_return"}, actions: true,
	}
}

func testCheck(in overviewInput) runInput {
	check := testRun(in)
	check.run.Kind, check.run.Outcome, check.later = stats.CheckRun, stats.Checked, stats.Run{}
	return check
}

func testSource(in overviewInput) sourceInput {
	held := in.sources[0]
	held.LastRun = testRun(in).run
	return sourceInput{
		known: knownSource{configured: true, Freshness: held, Source: Source{Name: "force_return", Layout: "force_return", From: in.area.Name, Schedule: in.area.Name,
			Columns: []Column{{in.area.Name, in.area.Name, in.area.Name}}, Template: []byte("area\r\n"), Limit: stats.FreshLimit{Fetched: time.Hour}}},
		releases: []query.PastRelease{
			{Release: in.sources[0].Served[0], Brought: []string{"2022", "2023"}, Serves: []string{in.area.Name}},
			{Release: in.sources[0].Served[0], Brought: []string{"2022"}, Withdrawn: query.Withdrawn{Run: "w", At: testNow, Who: in.area.Name, Why: in.area.Name}},
		},
		runs: []stats.Run{held.LastRun}, asked: []query.Asked{testAsked(in)}, titles: in.titles, slices: sliceNamer{testAreas(), in.measures}, actions: true, largest: 1 << 20, now: testNow,
	}
}

func testAsked(in overviewInput) query.Asked {
	return query.Asked{
		Request: stats.Request{ID: "q", AskedAt: testNow.Add(-time.Minute), Kind: stats.RunRequest, Source: "force_return", Upload: "u", File: in.area.Name, Who: in.area.Name, Why: in.area.Name},
		Answer:  stats.Answer{Problem: in.area.Name, Runs: []string{in.area.Name, "b"}},
	}
}

func testConfirm(in overviewInput) *confirmPage {
	page := newConfirmPage(action{
		Finding: "Publish " + in.area.Name, Says: []string{in.area.Name}, Lists: []string{in.area.Name}, Warning: in.area.Name, Button: "Publish",
		NeedsWhy: true, Grave: true, Back: link{Text: in.area.Name, Address: "/data"},
	}, "/data/runs/x/accept")
	page.read(url.Values{"who": {in.area.Name + "\x00"}, "why": {in.area.Name + "\x00"}})
	return page
}

func testPermalink(in overviewInput) stats.Permalink {
	return stats.Permalink{ID: in.area.Name, MadeAt: testNow, Who: in.area.Name, Why: in.area.Name, Filters: in.area.Name, InWords: []string{in.area.Name, in.area.Name},
		Audience: Published, AsAt: testNow, Publication: in.area.Name, Rows: 1, Bytes: 2, SHA256: "ab", Version: in.area.Name, Releases: []stats.Release{in.sources[0].Served[0]}}
}

func withdrawnPermalink(in overviewInput) stats.Permalink {
	p := testPermalink(in)
	p.Withdrawn = stats.TakenBack{At: testNow, Who: in.area.Name, Why: in.area.Name}
	return p
}
