package dashboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// ask sends one request through the whole site. There is no reader behind it:
// a page that needs figures panics, and that is a test of its own.
func ask(s *site, method, address string) *httptest.ResponseRecorder {
	return askAs(s, "127.0.0.1:8080", method, address)
}

func askAs(s *site, host, method, address string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, address, nil)
	r.Host = host
	s.protect(s.routes(Options{Reader: noReader{}})).ServeHTTP(w, r)
	return w
}

// noReader cannot even say what state it is in.
type noReader struct{ Reader }

func (noReader) RecordAct(context.Context, stats.Act) error { return nil }

func (noReader) Stamp(context.Context) (string, error) { return "", errNotLoaded }

// A page from elsewhere, whose name is pointed at this computer, reads nothing.
func TestOnlyOwnHosts(t *testing.T) {
	s := newSite(t, io.Discard)
	for host, want := range map[string]int{
		"localhost": 200, "LocalHost:8080": 200, "127.0.0.1": 200, "127.0.0.1:8080": 200, "127.8.9.10:1": 200, "[::1]": 200, "[::1]:8080": 200,
		"example.org": 421, "example.org:8080": 421, "localhost.example.org": 421, "127.0.0.1.example.org:8080": 421,
		"192.168.0.7:8080": 421, "0.0.0.0": 421, "[2001:db8::1]:8080": 421, "": 421, "@localhost": 421,
	} {
		for _, address := range []string{"/healthz", s.assets.address(styleFile)} {
			if w := askAs(s, host, http.MethodGet, address); w.Code != want || want == 421 && !strings.Contains(w.Body.String(), "only for this computer") {
				t.Errorf("%s of host %q = %d %q, want %d", address, host, w.Code, w.Body, want)
			}
		}
	}
	if w := askAs(s, "example.org", http.MethodGet, "/"); w.Code != 421 || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("/ = %d with the headers %v", w.Code, w.Header())
	}
}

func TestErrorsAreSentences(t *testing.T) {
	tests := []struct {
		method, address string
		status          int
		sentence        string
	}{
		{http.MethodGet, "/nowhere", 404, "There is no page at this address."},
		{http.MethodGet, "/static/0000000000000000/style.css", 404, "There is no such file."},
		{http.MethodGet, "/?area=E23000026", 400, "This page has no parameter “area”."},
		{http.MethodGet, "/measures?area=a&area=b", 400, "The address gives “area” more than once."},
		{http.MethodGet, "/data?%zz", 400, "The part of the address after the question mark cannot be read."},
		{http.MethodPost, "/", 405, "Nothing can be sent to this address: it can only be read."},
		{http.MethodDelete, "/nowhere", 405, "Nothing can be sent to this address: it can only be read."},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.address, func(t *testing.T) {
			w := ask(newSite(t, io.Discard), test.method, test.address)
			if w.Code != test.status {
				t.Errorf("status = %d, want %d", w.Code, test.status)
			}
			if got := text(pagetest.Elements(parse(t, w.Body.Bytes()), "main", "")[0]); !strings.Contains(got, test.sentence) {
				t.Errorf("page = %q, want %q", got, test.sentence)
			}
		})
	}
}

// areasOnly reads areas, or fails to.
type areasOnly struct{ err error }

func (a areasOnly) Areas(context.Context, time.Time) (*stats.Areas, error) { return testAreas(), a.err }

// The masthead of an error page names the force, or nobody: never a code.
func TestMastheadOfAnErrorPage(t *testing.T) {
	for want, areas := range map[string]areasReader{"Bedfordshire stalkstats": areasOnly{}, "stalkstats": areasOnly{err: errNotLoaded}} {
		s := newSite(t, io.Discard)
		s.areas = areas
		root := parse(t, ask(s, http.MethodGet, "/nowhere").Body.Bytes())
		if got := text(pagetest.Elements(root, "p", "masthead__name")[0]); got != want {
			t.Errorf("masthead = %q, want %q", got, want)
		}
	}
	root := parse(t, ask(newSite(t, io.Discard), http.MethodGet, "/nowhere").Body.Bytes())
	if got := text(pagetest.Elements(root, "p", "masthead__name")[0]); got != "stalkstats" {
		t.Errorf("masthead without areas = %q", got)
	}
}

func TestFaultsAreLoggedAndNotShown(t *testing.T) {
	var log bytes.Buffer
	w := ask(newSite(t, &log), http.MethodGet, "/about")
	page := w.Body.String()
	if w.Code != http.StatusInternalServerError {
		t.Fatalf("status = %d, want 500", w.Code)
	}
	id := w.Header().Get("X-Request-Id")
	if id == "" || !strings.Contains(page, id) || strings.Count(log.String(), id) != 2 {
		t.Errorf("request %q must be on the page, and in the log with the fault and the request:\n%s", id, log.String())
	}
	if strings.Contains(page, "nil pointer") || !strings.Contains(log.String(), "nil pointer") {
		t.Errorf("the fault belongs into the log alone")
	}
}

func TestNotReady(t *testing.T) {
	s := newSite(t, io.Discard)
	s.ready = func(context.Context) error { return errNotLoaded }
	if w := ask(s, http.MethodGet, "/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), errNotLoaded.Error()) {
		t.Errorf("/readyz = %d %q", w.Code, w.Body)
	}
	if w := ask(s, http.MethodGet, "/about"); w.Code != 503 || !strings.Contains(w.Body.String(), "Try again in a minute") {
		t.Errorf("/about = %d", w.Code)
	}
	if w := ask(s, http.MethodGet, "/healthz"); w.Code != 200 {
		t.Errorf("/healthz = %d", w.Code)
	}
	s.ready = func(context.Context) error { return nil }
	if w := ask(s, http.MethodGet, "/readyz"); w.Code != 200 || w.Body.String() != "ready\n" {
		t.Errorf("/readyz = %d %q", w.Code, w.Body)
	}
}

func TestNobodyThereToBeTold(t *testing.T) {
	var log bytes.Buffer
	s := newSite(t, &log)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	s.writeError(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx), context.Canceled)
	if log.Len() > 0 || w.Body.Len() > 0 {
		t.Errorf("logged %q, answered %q", log.String(), w.Body)
	}
}

func TestWrappedProblem(t *testing.T) {
	s := newSite(t, io.Discard)
	err := errors.Join(errors.New("outer"), notFound("There is no measure called “%s”.", "x"))
	if p, told := s.explain(t.Context(), err); p.status != 404 || !told || p.sentence != "There is no measure called “x”." {
		t.Errorf("explain = %+v, %v", p, told)
	}
}

func TestHeaders(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "same-origin",
		"Cache-Control":           "private, no-cache",
	}
	for _, address := range []string{"/nowhere", "/healthz", "/about"} {
		got := map[string]string{}
		w := ask(newSite(t, io.Discard), http.MethodGet, address)
		for name := range want {
			got[name] = w.Header().Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

func TestStatic(t *testing.T) {
	s := newSite(t, io.Discard)
	w := ask(s, http.MethodGet, s.assets.address(scriptFile))
	if w.Code != 200 || w.Body.String() != "charts" || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("script = %d %q %q", w.Code, w.Body, w.Header().Get("Content-Type"))
	}
	if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control = %q", got)
	}
	if w := ask(s, http.MethodHead, s.assets.address(styleFile)); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD = %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestMissingAssetSaysWhatToRun(t *testing.T) {
	_, err := loadAssets(fstest.MapFS{"static/charts.js": {}})
	if err == nil || !strings.Contains(err.Error(), "run make assets") {
		t.Errorf("error = %v", err)
	}
}

// The script and the style sheet ask for nothing from elsewhere.
func TestOwnFilesStandAlone(t *testing.T) {
	for _, name := range []string{"static/charts.js", "static/style.scss"} {
		content, err := fs.ReadFile(staticFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, outside := range []string{"http://", "https://", "innerHTML", "eval("} {
			if bytes.Contains(content, []byte(outside)) {
				t.Errorf("%s holds %q", name, outside)
			}
		}
	}
}

func TestSections(t *testing.T) {
	tests := []struct{ path, area, current, measures string }{
		{"/", bedfordshire.Code, "Overview", "/measures"},
		{"/forces/E23000006", cheshire.Code, "Overview", "/measures?area=E23000006"},
		{"/measures/stalking_charges", cheshire.Code, "Measures", "/measures?area=E23000006"},
		{"/data/runs/x", bedfordshire.Code, "Data", "/measures"},
		{"/nowhere", bedfordshire.Code, "", "/measures"},
		{"/forces/K04000001", allOfThem.Code, "Overview", "/measures?area=K04000001"},
	}
	for _, test := range tests {
		var current, measures, recommendations string
		for _, l := range (&site{home: bedfordshire.Code}).sections(test.path, test.area) {
			if l.Current {
				current += l.Text
			}
			switch l.Text {
			case "Measures":
				measures = l.Address
			case "Recommendations":
				recommendations = l.Address
			}
		}
		if strings.Contains(recommendations, stats.EnglandAndWales) {
			t.Errorf("%s: recommendations of all forces together at %q", test.path, recommendations)
		}
		if current != test.current || measures != test.measures {
			t.Errorf("%s: current %q, measures at %q, want %q and %q", test.path, current, measures, test.current, test.measures)
		}
	}
}

func TestFindArea(t *testing.T) {
	s := newSite(t, io.Discard)
	tests := []struct {
		code   string
		name   string
		status int
	}{
		{"", "Bedfordshire", 0}, {"E23000006", "Cheshire", 0}, {"K04000001", "England and Wales", 0}, {"BTP", "British Transport Police", 0},
		{"E23000099", "", 404}, {"Bedfordshire", "", 404}, {"E2300002", "", 404}, {"e23000026", "", 404},
	}
	for _, test := range tests {
		area, err := s.findArea(testAreas(), test.code)
		var p problem
		errors.As(err, &p)
		if area.Name != test.name || p.status != test.status {
			t.Errorf("findArea(%q) = %q, %v", test.code, area.Name, err)
		}
	}
	if _, err := s.findArea(testAreas(), strings.Repeat("é", 5000)); err == nil || len(err.Error()) > 200 {
		t.Errorf("an error of %d bytes for a long code", len(err.Error()))
	}
	if area := s.homeArea(nil); area.Name != bedfordshire.Code {
		t.Errorf("home before the areas are loaded = %q", area.Name)
	}
}
