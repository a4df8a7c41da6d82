package dashboard

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestLateNotes(t *testing.T) {
	const day = 24 * time.Hour
	june := stats.Day(2024, time.June, 30)
	state := func(outcome stats.Outcome, success time.Duration) query.SourceState {
		return query.SourceState{Source: "s", LastLoad: stats.Run{ID: "r/1", Outcome: outcome, StartedAt: testNow.Add(-day)}, LastSuccess: testNow.Add(-day), ServedSince: testNow.Add(-success), Newest: testNow.Add(-success)}
	}
	withdrawn := query.SourceState{Source: "s", LastLoad: stats.Run{ID: "r/1", Outcome: stats.Published}, LastSuccess: testNow.Add(-day)}
	never := query.SourceState{Source: "s", LastLoad: stats.Run{ID: "r/1", Outcome: stats.Interrupted, StartedAt: testNow.Add(-day)}}
	for name, tt := range map[string]struct {
		states []query.SourceState
		within time.Duration
		newest time.Time
		want   []string
	}{
		"in time":               {[]query.SourceState{state(stats.Published, 40*day)}, 40 * day, june, nil},
		"never late":            {[]query.SourceState{state(stats.Published, 4000*day)}, 0, june, nil},
		"by a moment":           {[]query.SourceState{state(stats.Unchanged, 40*day+1)}, 40 * day, june, []string{"No figure since June 2024: the table is less than a day late."}},
		"by a day":              {[]query.SourceState{state(stats.Published, 41*day)}, 40 * day, june, []string{"No figure since June 2024: the table is 1 day late."}},
		"in the middle of one":  {[]query.SourceState{state(stats.Published, 61*day)}, 40 * day, june.AddDate(0, 0, -1), []string{"No figure since 29 June 2024: the table is 21 days late."}},
		"without figures":       {[]query.SourceState{state(stats.Published, 61*day)}, 40 * day, time.Time{}, []string{"The table is 21 days late."}},
		"all withdrawn":         {[]query.SourceState{withdrawn}, 40 * day, time.Time{}, []string{"The table serves nothing now."}},
		"never ran":             {nil, 40 * day, time.Time{}, []string{"The table has never been loaded."}},
		"never ran, never late": {nil, 0, time.Time{}, nil},
		"never went well":       {[]query.SourceState{never}, 40 * day, time.Time{}, []string{"The table has never been loaded, and its last run was interrupted on 13 October 2024."}},
		"held":                  {[]query.SourceState{state(stats.Held, 2*day)}, 40 * day, june, []string{"The last run of the table was held on 13 October 2024: figures are those served since 12 October 2024."}},
		"failed":                {[]query.SourceState{state(stats.Failed, 2*day)}, 0, june, []string{"The last run of the table failed on 13 October 2024: figures are those served since 12 October 2024."}},
		"another's is not told": {[]query.SourceState{{Source: "other", LastLoad: stats.Run{Outcome: stats.Failed}}}, 0, june, nil},
		"refused and late at once": {[]query.SourceState{state(stats.RejectedRun, 61*day)}, 40 * day, june, []string{
			"No figure since June 2024: the table is 21 days late, and its last run was refused on 13 October 2024; figures are those served since 14 August 2024."}},
	} {
		t.Run(name, func(t *testing.T) {
			f := freshness{states: tt.states, limits: freshLimits{"s": {Fetched: tt.within}}, titles: sourceTitles{"s": "the table"}, now: testNow}
			var got []string
			for _, n := range f.notes([]string{"s", "s"}, map[string]time.Time{"s": tt.newest}) {
				got = append(got, n.Before+n.Source+n.After)
				if n.Address != "/data#source-s" && n.Address != "/data/runs/r%2F1" {
					t.Errorf("it leads to %s", n.Address)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// loadedLate is a database with a return whose one file, read on 1 September
// 2026 and found unchanged every day since, ends in June.
func loadedLate(t *testing.T) *clickhouse.DB {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	loaded := "2026-09-01 08:00:00"
	for _, statement := range []string{
		"INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('a','areas','all','E23000026','Bedfordshire','territorial_force',2)",
		"INSERT INTO measures (release_id, source, slice, measure, measure_name, unit, headline, force_source, recommendations, source_row) VALUES ('m','measures','all','arrests','Stalking arrests','arrests',1,'force_return',['7'],2)",
		"INSERT INTO recommendation_progress (release_id, source, slice, area_code, recommendation, as_at, status) VALUES ('p','progress','all','E23000026','7','2026-01-01','in progress')",
		"INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, source_row) VALUES ('r1','force_return','all','arrests','E23000026','2026-06-01','2026-06-30',5,2),('o1','other','all','others','E23000026','2026-06-01','2026-06-30',5,2)",
		"INSERT INTO releases SELECT t.1, t.2, '', '', 'x.csv', '', toDateTime('" + loaded + "'), toDateTime('" + loaded + "') FROM (SELECT arrayJoin([('a','areas'),('m','measures'),('p','progress'),('r1','force_return'),('o1','other')]) AS t)",
		"INSERT INTO published (source, slice, release_id, published_at) SELECT source, 'all', release_id, created_at FROM releases",
		"INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at) SELECT release_id, created_at, source, 'published', created_at, created_at FROM releases",
		"INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at) SELECT concat('u-', toString(day)), toDateTime('" + loaded + "') + INTERVAL day DAY AS at, 'force_return', 'unchanged', at, at FROM (SELECT arrayJoin(range(1, 84)) AS day)",
		"INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, problem) SELECT concat('f-', source), toDateTime('2026-11-23 08:00:00'), source, 'failed', toDateTime('2026-11-23 08:00:00'), toDateTime('2026-11-23 08:00:00'), '<b>' FROM releases WHERE source IN ('other', 'progress')",
	} {
		if err := db.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	return db
}

// TestLateOnPages: each page that shows figures, or hands them out, says what of
// its own sources is not up to date, and nothing of others. A return that was found unchanged every
// day is late all the same.
func TestLateOnPages(t *testing.T) {
	db := loadedLate(t)
	s := newSite(t, io.Discard)
	s.now = func() time.Time { return november }
	s.titles = sourceTitles{"force_return": "the force’s monthly return"}
	s.limits = freshLimits{"force_return": {Fetched: 63 * 24 * time.Hour}, "other": {Fetched: time.Hour}, "areas": {Fetched: 100 * 24 * time.Hour}}
	site := s.protect(s.routes(Options{Reader: query.New(db)}))
	late := "No figure since June 2026: the force’s monthly return is 21 days late."
	returned := "The force’s monthly return is 21 days late."
	failed := "The last run of progress failed on 23 November 2026: figures are those served since 1 September 2026."
	for address, want := range map[string][]string{
		"/": nil, "/measures": {late}, // the overview says it in what to know
		"/measures/arrests": {late},
		"/recommendations":  {late, failed}, "/recommendations/7": {late, failed}, "/recommendations/8": {failed},
		"/reports?source=force_return": {returned, failed}, "/reports?source=progress": {failed},
		"/reports": {returned, "other is 84 days late, and its last run failed on 23 November 2026; figures are those served since 1 September 2026.", failed},
		"/about":   nil,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, address, nil)
		r.Host = "localhost"
		site.ServeHTTP(w, r)
		root := parse(t, w.Body.Bytes())
		var got []string
		for _, p := range pagetest.Elements(root, "p", "warning") {
			got = append(got, text(p))
		}
		if diff := cmp.Diff(want, got); w.Code != http.StatusOK || diff != "" {
			t.Errorf("%s: status %d (-want +got):\n%s", address, w.Code, diff)
		}
		checkInert(t, root)
	}
}

// TestLateByWhatTheFiguresCover: a file that was read a moment ago does not make
// figures new that end long before. The pages, the sources' page and the
// metrics say so; a source without the limit is not late.
func TestLateByWhatTheFiguresCover(t *testing.T) {
	db := loadedLate(t)
	if err := db.Exec(t.Context(), "ALTER TABLE releases UPDATE retrieved_at = toDateTime('2026-11-24 09:00:00') WHERE 1 SETTINGS mutations_sync = 1"); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, io.Discard)
	s.now = func() time.Time { return november }
	s.sources = []Source{
		{Name: "force_return", Title: "the force’s monthly return", Limit: stats.FreshLimit{Fetched: 40 * 24 * time.Hour, Covers: 125 * 24 * time.Hour}},
		{Name: "other", Limit: stats.FreshLimit{Fetched: 40 * 24 * time.Hour}},
	}
	s.titles, s.limits = titlesOf(s.sources), limitsOf(s.sources)
	site := s.protect(s.routes(Options{Reader: query.New(db)}))
	const late = "No figure since June 2026: the force’s monthly return is 21 days late."
	for address, want := range map[string]string{
		"/": late, "/measures": late, "/measures/arrests": late, "/changes?since=2026-11-01": late,
		"/data":                      "Figures end on 30 June 2026; limit 125 days: late by 21 days. The file is less than a day old; limit 40 days",
		"/data/sources/force_return": "late by 21 days",
		"/metrics":                   `stalkstats_source_late{source="force_return"} 1`,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, address, nil)
		r.Host = "localhost"
		site.ServeHTTP(w, r)
		says := w.Body.String()
		if address != "/metrics" {
			says = text(parse(t, w.Body.Bytes()))
		}
		if w.Code != http.StatusOK || !strings.Contains(says, want) || strings.Contains(says, "other is late") {
			t.Errorf("%s: status %d, it lacks %q:\n%s", address, w.Code, want, says)
		}
		if address == "/metrics" && (!strings.Contains(says, `stalkstats_source_late{source="other"} 0`) ||
			!strings.Contains(says, `stalkstats_source_figures_age_seconds{source="force_return"} 1.26`) || strings.Contains(says, `figures_age_seconds{source="other"}`)) {
			t.Errorf("metrics:\n%s", says)
		}
	}
}

// TestAged: where no limit says how old figures may be, those that end more than a year ago
// are told; a limit, or a sentence that says since when there is none, speaks instead.
func TestAged(t *testing.T) {
	last := stats.Day(2024, time.September, 27)
	const says = "No figure since 27 September 2024, 26 months ago: ask for newer ones of the return before you judge."
	november := stats.Day(2026, time.November, 28)
	for name, tt := range map[string]struct {
		now    time.Time
		limit  stats.FreshLimit
		newest time.Time
		want   []string
	}{
		"no limit":            {november, stats.FreshLimit{}, last, []string{says}},
		"of the file alone":   {november, stats.FreshLimit{Fetched: 1e6 * time.Hour}, last, []string{says}},
		"the file is late":    {november, stats.FreshLimit{Fetched: time.Hour}, last, nil},
		"of the figures":      {november, stats.FreshLimit{Covers: 1e6 * time.Hour}, last, nil},
		"a whole month":       {november, stats.FreshLimit{}, stats.Day(2018, time.March, 31), []string{"No figure since March 2018, 103 months ago: ask for newer ones of the return before you judge."}},
		"a year ago":          {stats.Day(2025, time.September, 27).Add(23 * time.Hour), stats.FreshLimit{}, last, nil},
		"a day and a year":    {stats.Day(2025, time.September, 28), stats.FreshLimit{}, last, []string{"No figure since 27 September 2024, 12 months ago: ask for newer ones of the return before you judge."}},
		"of this year's days": {stats.Day(2024, time.October, 14), stats.FreshLimit{}, last, nil},
	} {
		read := tt.now.Add(-24 * time.Hour)
		f := freshness{states: []query.SourceState{{Source: "s", LastSuccess: read, ServedSince: read, Newest: read}},
			limits: freshLimits{"s": tt.limit}, titles: sourceTitles{"s": "the return"}, now: tt.now}
		var got []string
		for _, n := range f.aged(map[string]time.Time{"s": tt.newest}) {
			if got = append(got, n.Before+n.Source+n.After); n.Address != "/data#source-s" {
				t.Errorf("%s: it leads to %s", name, n.Address)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAgedOnPages: what to know, and what is not up to date since the last board, tell of
// figures of long ago, and only where no limit of the source would.
func TestAgedOnPages(t *testing.T) {
	db := loadedLate(t)
	s := newSite(t, io.Discard)
	s.titles = sourceTitles{"force_return": "the force’s monthly return"}
	site := s.protect(s.routes(Options{Reader: query.New(db)}))
	said := func(address string, now time.Time, limits freshLimits) string {
		s.now, s.limits = func() time.Time { return now }, limits
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, address, nil)
		r.Host = "localhost"
		site.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d: %s", address, w.Code, w.Body)
		}
		root := parse(t, w.Body.Bytes())
		if strings.HasPrefix(address, "/changes") {
			return section(t, root, "sources")
		}
		return section(t, root, "know")
	}
	const aged = "No figure since June 2026, 13 months ago: ask for newer ones of the force’s monthly return before you judge."
	later := stats.Day(2027, time.August, 1)
	for _, address := range []string{"/", "/changes?since=2026-11-01"} {
		if got := said(address, later, nil); strings.Count(got, aged) != 1 {
			t.Errorf("%s: %q", address, got)
		}
		for name, got := range map[string]string{
			"lately": said(address, november, nil),
			"limit":  said(address, later, freshLimits{"force_return": {Covers: 1e6 * time.Hour}}),
		} {
			if strings.Contains(got, "before you judge") {
				t.Errorf("%s, %s: %q", address, name, got)
			}
		}
	}
}
