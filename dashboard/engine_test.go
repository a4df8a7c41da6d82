package dashboard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// A database with tables and nothing in them is a state like any other: every
// page says what is not there, and none fails.
func TestPagesOfAnEmptyDatabase(t *testing.T) {
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	s := newSite(t, &log)
	site := s.protect(s.routes(Options{Reader: query.New(db)}))
	tests := []struct {
		address string
		status  int
		says    string
	}{
		{"/", 200, "No figure is loaded for E23000026. Sources load by themselves"},
		{"/measures", 200, "E23000026 has figures for 0 of 0 measures"},
		{"/compare", 200, "None is loaded. Sources load by themselves"},
		{"/changes", 200, "Choose the day of the last board."},
		{"/changes?since=2024-01-15", 200, "No figure is loaded. Sources load by themselves"},
		{"/measures", 200, "No measure is loaded, and no figure. Sources load by themselves"},
		{"/measures/stalking_charges", 404, "There is no measure called “stalking_charges”."},
		{"/orders", 200, "No figure is loaded for E23000026 that counts Stalking Protection Orders. Choose another area. Sources load by themselves"},
		{"/orders?period=2021", 400, "There is no period “2021” on this page."},
		{"/orders?area=E23000006", 404, "There is no area with the code “E23000006”."},
		{"/recommendations", 200, "The recommendations have not been entered yet"},
		{"/recommendations/7", 200, "The ask Its wording has not been entered."},
		{"/recommendations/30", 404, "There is no recommendation “30”"},
		{"/recommendations/forces", 200, "No force’s word on the recommendations is loaded or entered"},
		{"/recommendations/plan", 200, "There is nothing to put into the plan yet."},
		{"/recommendations/plan?figures=1", 400, "figures is “yes”, or is left out"},
		{"/recommendations/7?entry=none", 404, "There is no entry “none” of this force."},
		{"/recommendations/7/enter", 403, "Nothing can be entered on these pages"},
		{"/data", 200, "No source has been loaded yet"},
		{"/data/runs/none", 404, "There is no run “none”."},
		{"/data/revisions", 200, "No figure has been revised yet"},
		{"/data/revisions?since=2020-01-01", 200, "No figure was revised since 1 January 2020"},
		{"/data/revisions?source=none", 400, "There is no source \"none\": the data page lists them."},
		{"/reports", 200, "Every figure as a CSV file"},
		{"/reports?show=yes", 200, "No figure fits what you chose"},
		{"/reports?show=yes&audience=published", 403, "These pages have no figures for the published audience."},
		{"/reports?from=2024-02-30", 400, "from: 2024-02-30 is no day."},
		{"/reports?as_at=2149-01-01", 400, "is still to come: leave it out for the figures as they are now."},
		{"/reports?show=yes&as_at=2024-01-01", 400, "as_at: nothing was published by 2024-01-01."},
		{"/reports?foo=1", 400, "This page has no parameter “foo”."},
		{"/about", 200, "No source has run yet."},
		{"/forces/E23000006", 404, "There is no area with the code “E23000006”."},
		{"/forces/Cheshire", 404, "There is no area with the code “Cheshire”."},
	}
	for _, test := range tests {
		t.Run(test.address, func(t *testing.T) {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, test.address, nil)
			r.Host = "localhost"
			site.ServeHTTP(w, r)
			if w.Code != test.status {
				t.Errorf("status = %d, want %d\n%s", w.Code, test.status, log.String())
			}
			root := parse(t, w.Body.Bytes())
			if got := text(pagetest.Elements(root, "main", "")[0]); !strings.Contains(got, test.says) {
				t.Errorf("page = %q, want %q", got, test.says)
			}
			checkOutline(t, root)
			checkInert(t, root)
		})
	}
}
