package dashboard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestStanding is of the line under a title: every source of what is shown, with the
// last day that its own figures cover, and none that is only waited for.
func TestStanding(t *testing.T) {
	const day = 24 * time.Hour
	figure := func(source string, start, end time.Time, value stats.Value) stats.Figure {
		return stats.Figure{Key: stats.Key{Source: source, Period: stats.Period{Start: start, End: end}}, Value: value}
	}
	list := []stats.Series{
		{Measure: stats.Measure{DenominatorSource: "people"}, Figures: []stats.Figure{
			figure("late", stats.Day(2024, time.April, 1), stats.Day(2024, time.June, 30), stats.Number(3)),
			figure("late", stats.Day(2024, time.July, 1), stats.Day(2024, time.September, 30), stats.Value{}),
		}},
		{Figures: []stats.Figure{figure("other", stats.Day(2021, time.April, 1), stats.Day(2022, time.March, 31), stats.Number(1))}},
	}
	served := func(source string, at time.Time) query.SourceState {
		return query.SourceState{Source: source, LastSuccess: at, ServedSince: at, Newest: at}
	}
	f := freshness{
		states: []query.SourceState{served("late", testNow.Add(-41*day)), served("people", testNow.Add(-day)), served("asks", testNow), served("unused", testNow)},
		limits: freshLimits{"late": {Fetched: 40 * day}, "awaited": {Fetched: 40 * day}},
		titles: sourceTitles{"late": "the return", "other": "the table", "people": "the population", "asks": "the register", "awaited": "the orders"}, now: testNow,
	}
	got := f.standing(contents{series: list, others: []string{"asks", "other", "never loaded"}, awaited: []string{"awaited"}})
	want := standing{
		Covered: "1 April 2021 to 30 September 2024", Last: "2024-09-30",
		Sources: []sourceNote{
			{Title: "the register", Retrieved: "14 October 2024"},
			{Title: "the return", Retrieved: "3 September 2024", Last: "30 September 2024", Late: true},
			{Title: "the table", Last: "31 March 2022"},
			{Title: "the population", Retrieved: "13 October 2024"},
		},
		Late: []lateNote{
			{Source: "The orders", After: " has never been loaded.", Address: "/data#source-awaited", Name: "awaited"},
			{Before: "No figure since June 2024: ", Source: "the return", After: " is 1 day late.", Address: "/data#source-late", Name: "late"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(standing{}, freshness{}.standing(contents{})); diff != "" {
		t.Error("a page that shows nothing:", diff)
	}
}

// TestStandingOnPages: every page that shows figures says which days they cover and how
// old their sources are; where that cannot be read it says so, and of what days they are.
func TestStandingOnPages(t *testing.T) {
	db := loadedLate(t)
	s := newSite(t, io.Discard)
	s.now = func() time.Time { return november }
	s.titles = sourceTitles{"force_return": "the force’s monthly return"}
	site := s.protect(s.routes(Options{Reader: query.New(db)}))
	const (
		days     = "The figures on this page cover 1 June 2026 to 30 June 2026, as served on 24 November 2026, 09:00 GMT."
		returned = "the force’s monthly return, to 30 June 2026, read on 1 September 2026"
		said     = "progress, read on 1 September 2026 (not up to date)"
	)
	for address, want := range map[string]string{
		"/":                       days + " Sources: " + returned + ".",
		"/measures":               days + " Sources: " + returned + ".",
		"/measures/arrests":       days + " Sources: " + returned + ".",
		"/recommendations":        days + " Sources: " + returned + "; " + said + ".",
		"/recommendations/8":      "As served on 24 November 2026, 09:00 GMT. Sources: " + said + ".",
		"/about":                  "",
		"/reports":                "",
		"/recommendations/forces": "As served on 24 November 2026, 09:00 GMT. Sources: " + said + ".",
	} {
		if got := lineUnderTitle(t, site, address); got != want {
			t.Errorf("%s says\n%s\nwant\n%s", address, got, want)
		}
	}
	if err := db.Exec(t.Context(), "DROP VIEW telling_runs"); err != nil {
		t.Fatal(err)
	}
	s = newSite(t, io.Discard)
	s.now = func() time.Time { return november }
	site = s.protect(s.routes(Options{Reader: query.New(db)}))
	if got, want := lineUnderTitle(t, site, "/measures/arrests"), days+" Sources: force_return, to 30 June 2026."; got != want {
		t.Errorf("without its runs the page says\n%s\nwant\n%s", got, want)
	}
}

// The days under the title hold those of all forces that stand beside the force's own, which
// may be of years before its first figure.
func TestStandingHoldsWhatStandsBeside(t *testing.T) {
	in := testOverview(bedfordshire)
	page, err := buildOverview(in)
	if err != nil || page.Headlines[2].AllForces == nil || page.Standing.Covered != "1 April 2021 to 27 September 2024" {
		t.Errorf("the page covers %q with a rate of 2021/22, %v", page.Standing.Covered, err)
	}
	in.series = slices.DeleteFunc(in.series, func(s stats.Series) bool { return s.Measure.ID == "charge_rate" && s.Area.Code == bedfordshire.Code })
	page, err = buildOverview(in)
	if err != nil || page.Headlines[2].AllForces == nil || page.Standing.Covered != "1 April 2021 to 27 September 2024" {
		t.Errorf("without the force's own rate it covers %q, %v", page.Standing.Covered, err)
	}
}

// lineUnderTitle is the words of it on a page; empty where the page has none.
func lineUnderTitle(t *testing.T, site http.Handler, address string) string {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, address, nil)
	r.Host = "localhost"
	site.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("%s: status %d", address, w.Code)
	}
	lines := pagetest.Elements(parse(t, w.Body.Bytes()), "p", "covers")
	if len(lines) == 0 {
		return ""
	}
	return text(lines[0])
}
