package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

func TestAccepts(t *testing.T) {
	for header, want := range map[string]bool{
		"*/*": true, "application/json": true, "application/*;q=0.1": true, "text/html, */*;q=0.8": true, "application/json;charset=utf-8": true, "nonsense, */*": true,
		"text/csv": false, "application/json;q=0": false, "*/*, application/json;q=0": false, "application/json, */*;q=0": true, "": false, "application/xml": false,
	} {
		if got := accepts([]string{header}, "application/json"); got != want {
			t.Errorf("accepts(%q) = %v", header, got)
		}
	}
	if !accepts(nil, "application/json") || !accepts([]string{"text/csv", "application/json"}, "application/json") ||
		!accepts([]string{"application/vnd.oai.openapi+json"}, "application/vnd.oai.openapi+json;version=3.1") {
		t.Error("no header, several headers or another kind of content are not accepted")
	}
}

// TestAPIRoutes: what is described has a route, and what has a route under /api is
// described.
func TestAPIRoutes(t *testing.T) {
	for _, audience := range []string{Internal, Published} {
		s := newSite(t, io.Discard)
		s.audience = audience
		o := Options{Audience: audience}
		s.routes(o)
		var routes, described []string
		for _, route := range s.all {
			if strings.HasPrefix(route.pattern, "GET /api/") {
				routes = append(routes, route.pattern)
			}
		}
		for path, item := range s.document(s.operations(o))["paths"].(object) {
			for method := range item.(object) {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
			if _, pattern := s.pages.Handler(httptest.NewRequest(http.MethodGet, path, nil)); pattern != "GET "+path {
				t.Errorf("%s is described, and %q answers", path, pattern)
			}
		}
		slices.Sort(routes)
		slices.Sort(described)
		if len(routes) < 8 || !slices.Equal(routes, described) {
			t.Errorf("routes %v, described %v", routes, described)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") && strings.Contains(string(text), `"GET /api`) {
			t.Errorf("%s has a route under /api that is no operation", name)
		}
	}
}

// TestAPIWords: everything that is described says what it means.
func TestAPIWords(t *testing.T) {
	s := newSite(t, io.Discard)
	var look func(path string, v any)
	described := 0
	look = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name, p := range properties {
					p := p.(map[string]any)
					words, _ := p["description"].(string)
					if described++; words == "" && p["type"] != "array" {
						t.Errorf("%s: %s does not say what it means", path, name)
					}
				}
			}
			for name, child := range v {
				look(path+"/"+name, child)
			}
		case []any:
			for _, child := range v {
				if p, ok := child.(map[string]any); ok && p["in"] == "query" && p["description"] == "" {
					t.Errorf("%s: the parameter %v does not say what it means", path, p["name"])
				}
				look(path, child)
			}
		}
	}
	text, err := json.Marshal(s.document(s.operations(Options{})))
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	look("", document)
	if described < 80 {
		t.Errorf("only %d members are described", described)
	}
}

// TestAPIErrorsAreProblems: whatever goes wrong under /api is answered in JSON, by
// handlers, by the routes and by what stands before them.
func TestAPIErrorsAreProblems(t *testing.T) {
	long := "/api/v1/observations?area=" + strings.Repeat("x", longestQuery)
	for _, test := range []struct {
		method, host, address, accept string
		status                        int
		says                          string
	}{
		{"GET", "", "/api", "", 404, "/api/v1 says"}, {"GET", "", "/api/", "", 404, "/api/v1 says"}, {"GET", "", "/api/v2/observations", "", 404, "/api/v1 says"},
		{"GET", "", "/api/v1/observations/1", "", 404, ""}, {"HEAD", "", "/api/nothing", "", 404, ""},
		{"POST", "", "/api/v1/observations", "", 405, "only be read"}, {"OPTIONS", "", "/api/v1", "", 405, ""}, {"DELETE", "", "/api/v1/none", "", 405, ""},
		{"GET", "", "/api/v1/areas", "text/csv", 406, "/reports/observations.csv"},
		{"GET", "", "/api/v1/areas?area=E23000026", "", 400, `no parameter "area" here.`}, {"GET", "", "/api/v1/observations?are=x", "", 400, "there are measure, area"},
		{"GET", "", "/api/v1/observations?%zz", "", 400, "cannot be read"}, {"GET", "", "/api/v1/observations?from=a&from=b", "", 400, "from is given 2 times"},
		{"GET", "", "/api/v1/observations?limit=0", "", 400, "1 to 100000"}, {"GET", "", "/api/v1/observations?limit=-1", "", 400, "1 to 100000"},
		{"GET", "", "/api/v1/observations?limit=100001", "", 400, ""}, {"GET", "", "/api/v1/observations?limit=99999999999999999999", "", 400, ""},
		{"GET", "", "/api/v1/observations?limit=1e3", "", 400, ""}, {"GET", "", "/api/v1/observations?after=%00%ff", "", 400, "not the end of a page"},
		{"GET", "", "/api/v1/observations?after=" + strings.Repeat("A", 9000), "", 400, "not the end of a page"},
		{"GET", "", long, "", 414, "longer than"}, {"GET", "example.org", "/api/v1", "", 421, "only for this computer"},
		{"GET", "", "/api/v1/areas", "", 500, "the fault is ours"}, // there is no reader behind it, and it panics
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(test.method, test.address, nil)
		r.Host = "127.0.0.1:8080"
		if test.host != "" {
			r.Host = test.host
		}
		if test.accept != "" {
			r.Header.Set("Accept", test.accept)
		}
		s := newSite(t, io.Discard)
		s.protect(s.routes(Options{})).ServeHTTP(w, r)
		name := test.method + " " + r.URL.Path
		var p problemDetails
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != test.status || p.Status != test.status || p.Title != http.StatusText(test.status) ||
			p.Type != "about:blank" || p.Request != w.Header().Get("X-Request-Id") || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s = %d, %s %s", name, w.Code, w.Header(), w.Body)
		}
		if !strings.Contains(p.Detail, test.says) || !strings.HasSuffix(p.Detail, ".") || len(p.Detail) > 250 {
			t.Errorf("%s says %q, want %q", name, p.Detail, test.says)
		}
		if w.Code == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s allows %q", name, w.Header().Get("Allow"))
		}
	}
	s := newSite(t, io.Discard)
	s.ready = func(context.Context) error { return errNotLoaded }
	if w := ask(s, http.MethodGet, "/api/v1/areas"); w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("not ready: %d %s %s", w.Code, w.Header(), w.Body)
	}
}

// breaksOff is figures that end with an error.
type breaksOff struct{ downloadReader }

func (breaksOff) Areas(context.Context, time.Time) (*stats.Areas, error) { return testAreas(), nil }
func (breaksOff) Measures(context.Context, time.Time) (*stats.Measures, error) {
	return testMeasures(), nil
}
func (breaksOff) Moment(context.Context) (query.Moment, error) {
	return query.Moment{Stamp: 1, AsAt: testNow}, nil
}
func (breaksOff) Standing(_ context.Context, at time.Time) (time.Time, error)      { return at, nil }
func (breaksOff) Served(context.Context, time.Time) ([]query.ServedRelease, error) { return nil, nil }
func (breaksOff) Figures(context.Context, query.Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		for _, f := range testFigures() {
			if !yield(f, nil) {
				return
			}
		}
		yield(stats.Figure{}, errors.New("the database has gone"))
	}
}

// A page that cannot be read to its end is an error, and no part of it is sent.
func TestPageThatBreaksOff(t *testing.T) {
	s := newSite(t, io.Discard)
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/observations", nil)
	s.serve(func(w http.ResponseWriter, r *http.Request) error {
		return s.apiObservations(Readers{Internal: breaksOff{}})(w, r, url.Values{})
	}).ServeHTTP(w, r)
	if w.Code != 500 || w.Header().Get("ETag") != "" || strings.Contains(w.Body.String(), "stalking") || strings.Contains(w.Body.String(), "database") {
		t.Errorf("answer = %d %v %s", w.Code, w.Header(), w.Body)
	}
}

func testCursor() cursor {
	return cursor{filters: 1, state: 1 << 63, asAt: testNow, last: stats.Key{Measure: "charge_rate", Area: "E23000026", Source: "force_return", Basis: "outcomes",
		Period: stats.Month(2024, time.March), Breakdown: "offence", BreakdownValue: "8Q é\x00\xff"}}
}

func TestCursor(t *testing.T) {
	for _, c := range []cursor{testCursor(), {asAt: time.UnixMicro(1).UTC(), last: stats.Key{Period: stats.Month(1970, time.January)}}} {
		if got, err := parseCursor(c.text()); err != nil || got != c {
			t.Errorf("%+v became %+v, error %v", c, got, err)
		}
	}
	whole := testCursor().text()
	for _, bad := range []string{"", "AQ", whole + "A", whole + "=", whole[:len(whole)-1], whole[:20], "B" + whole[1:], whole + "\n"} {
		if c, err := parseCursor(bad); err == nil {
			t.Errorf("%q is %+v", bad, c)
		}
	}
}

// FuzzCursor: whatever stands in an address is refused, or is a cursor that is
// written just so.
func FuzzCursor(f *testing.F) {
	f.Add(testCursor().text())
	f.Add("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCursor(text)
		if err == nil && c.text() != text {
			t.Errorf("%q is %+v, which is written %q", text, c, c.text())
		}
	})
}
