package dashboard

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stalkstats/dashboard/draw"
	"stalkstats/dashboard/pagetest"
)

// TestFailedChart: a chart that cannot be drawn says so and opens its table, and the
// log says why, once, with the request. The rest of the page stands, and the script
// still has the option.
func TestFailedChart(t *testing.T) {
	var log bytes.Buffer
	s := newSite(t, &log)
	s.renderer = draw.New(draw.NewLibrary([]byte("throw new Error('no chart today')")), draw.Usual())
	page, err := buildOverview(testOverview(bedfordshire))
	if err != nil {
		t.Fatal(err)
	}
	setFrame(t, s, "overview", &page, bedfordshire)
	w := httptest.NewRecorder()
	s.identify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.renderDrawn(w, r, http.StatusOK, "overview", page); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	root := parse(t, w.Body.Bytes())
	charts := pagetest.Elements(root, "div", "chart")
	if len(charts) == 0 || len(pagetest.Elements(root, "svg", "")) > 0 {
		t.Fatalf("%d charts, %d drawings", len(charts), len(pagetest.Elements(root, "svg", "")))
	}
	for _, chart := range charts {
		if says := pagetest.Elements(chart, "p", "chart__failed"); len(says) != 1 || !strings.Contains(text(says[0]), "could not be drawn") {
			t.Errorf("%s does not say that it failed", pagetest.Attribute(chart, "class"))
		}
		if len(pagetest.Elements(chart, "script", "")) != 1 {
			t.Error("a chart without its option")
		}
	}
	if open := openTables(root); open != len(charts) {
		t.Errorf("%d tables are open beside %d charts", open, len(charts))
	}
	id := w.Header().Get("X-Request-Id")
	if got := strings.Count(log.String(), "request="+id); got != len(charts) || strings.Count(log.String(), "no chart today") != got {
		t.Errorf("%d lines of the log for %d charts: %s", got, len(charts), log.String())
	}
}

func openTables(root *html.Node) (open int) {
	for _, details := range pagetest.Elements(root, "details", "") {
		for _, a := range details.Attr {
			if a.Key == "open" && len(pagetest.Elements(details, "table", "figures")) == 1 {
				open++
			}
		}
	}
	return open
}

// TestNobodyWaitsForAChart: a chart that nobody waits for any more is no fault.
func TestNobodyWaitsForAChart(t *testing.T) {
	var log bytes.Buffer
	s := newSite(t, &log)
	page, err := buildOverview(testOverview(bedfordshire))
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	s.renderer = draw.New(draw.NewLibrary([]byte("throw new Error('no chart today')")), draw.Usual())
	s.draw(httptest.NewRequest(http.MethodGet, "/", nil).WithContext(gone), page.plots())
	if log.Len() > 0 {
		t.Errorf("logged: %s", log.String())
	}
}
