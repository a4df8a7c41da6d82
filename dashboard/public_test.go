package dashboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"stalkstats/dashboard/pagetest"
)

// publicPatterns is everything that everybody may have. A page that is added stands
// on the force's own site alone, until it is registered as public and named here.
var publicPatterns = []string{
	"/",
	"GET /about",
	"GET /api/v1",
	"GET /api/v1/areas",
	"GET /api/v1/breaks",
	"GET /api/v1/measures",
	"GET /api/v1/observations",
	"GET /api/v1/openapi.json",
	"GET /api/v1/recommendations",
	"GET /api/v1/sources",
	"GET /charts/compare.svg",
	"GET /charts/{file}",
	"GET /compare",
	"GET /figure",
	"GET /figure.csv",
	"GET /figure.csv-metadata.json",
	"GET /forces",
	"GET /forces/{area}",
	"GET /healthz",
	"GET /measures",
	"GET /measures/{measure}",
	"GET /orders",
	"GET /paper.css",
	"GET /permalink/{id}",
	"GET /permalink/{id}/about",
	"GET /permalink/{id}/metadata.json",
	"GET /readyz",
	"GET /recommendations",
	"GET /recommendations/forces",
	"GET /recommendations/{ref}",
	"GET /reports",
	"GET /reports/observations.csv",
	"GET /reports/observations.csv-metadata.json",
	"GET /reports/observations.xlsx",
	"GET /reports/observations.zip",
	"GET /reports/recommendations.csv",
	"GET /reports/recommendations.csv-metadata.json",
	"GET /static/{hash}/{file}",
	"GET /{$}",
}

func publicSite(t *testing.T, log io.Writer) *site {
	t.Helper()
	s := newSite(t, log)
	s.audience = Published
	s.public = Public{SafeAddress: "https://www.example.org/weather", Contacts: []Contact{
		{Label: "Demonstration helpline", Telephone: "020 7946 0000", Address: "https://www.example.org/help", Note: "every day"}, {Label: "Another", Address: "https://example.org"}}}
	return s
}

var wildcard = regexp.MustCompile(`\{[a-z]+\}`)

// TestRoutesForEverybody: what is not registered as public is not there, whatever is
// sent, and what is public is what was meant to be.
func TestRoutesForEverybody(t *testing.T) {
	s := publicSite(t, io.Discard)
	s.routes(Options{Reader: noReader{}})
	var public []string
	internal := 0
	for _, one := range s.all {
		if one.public {
			public = append(public, one.pattern)
			continue
		}
		internal++
		method, path, _ := strings.Cut(wildcard.ReplaceAllString(one.pattern, "x"), " ")
		_, answers := s.pages.Handler(httptest.NewRequest(method, path, nil))
		if slices.ContainsFunc(s.all, func(r route) bool { return !r.public && r.pattern == answers }) {
			t.Errorf("%s is answered by %s", one.pattern, answers)
		}
		if answers != everythingElse && answers != "GET /recommendations/{ref}" {
			t.Errorf("%s is answered by %s", one.pattern, answers)
		}
		if w := askAs(s, "stalking.example.org", method, path); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed && answers == everythingElse {
			t.Errorf("%s = %d", one.pattern, w.Code)
		}
	}
	slices.Sort(public)
	if diff := cmp.Diff(publicPatterns, public); diff != "" {
		t.Errorf("what everybody may have (-want +got):\n%s", diff)
	}
	if internal < 40 {
		t.Errorf("only %d routes are the force's own", internal)
	}
}

// TestPublicFrame: the way out, and the numbers that are facts with those that are
// configured, stand on every page for everybody, an error page too, and on no other.
func TestPublicFrame(t *testing.T) {
	w := askAs(publicSite(t, io.Discard), "stalking.example.org", http.MethodGet, "/data")
	root := parse(t, w.Body.Bytes())
	if w.Code != http.StatusNotFound || len(w.Result().Cookies()) > 0 {
		t.Errorf("/data = %d with cookies %v", w.Code, w.Result().Cookies())
	}
	links := map[string]string{}
	for _, a := range pagetest.Elements(root, "a", "") {
		links[text(a)] = hrefOf(html.Token{Attr: a.Attr})
	}
	for name, want := range map[string]string{"Exit this page": "https://www.example.org/weather", "999": "tel:999", "101": "tel:101",
		"020 7946 0000": "tel:02079460000", "example.org": "https://example.org", "Help if you are being stalked": "#help"} {
		if links[name] != want {
			t.Errorf("%s leads to %q, want %q", name, links[name], want)
		}
	}
	if strings.Contains(w.Body.String(), "/data") || !strings.Contains(w.Body.String(), "exit.js") {
		t.Errorf("the page leads to the data, or has no script to leave by:\n%s", w.Body)
	}
	if own := ask(newSite(t, io.Discard), http.MethodGet, "/nowhere").Body.String(); strings.Contains(own, "Exit this page") || strings.Contains(own, "exit.js") || strings.Contains(own, "999") {
		t.Errorf("a page of the force is one for everybody:\n%s", own)
	}
}

// TestNobodyIsRecorded: what the log tells of a site for everybody is faults of the
// program, and never that, what or by whom something was read.
func TestNobodyIsRecorded(t *testing.T) {
	var log bytes.Buffer
	s := publicSite(t, &log)
	for _, address := range []string{"/healthz", "/readyz", "/nowhere", "/?area=x", "/data", "/api/v1/nothing", s.assets.address(styleFile)} {
		askAs(s, "stalking.example.org", http.MethodGet, address)
	}
	askAs(s, "stalking.example.org", http.MethodPost, "/data/runs/x/accept")
	if log.Len() > 0 {
		t.Errorf("the log has:\n%s", &log)
	}
	s.ready = func(context.Context) error { return errors.New("db.force.internal is down") }
	if w := askAs(s, "stalking.example.org", http.MethodGet, "/readyz"); w.Code != 503 || w.Body.String() != "not ready\n" {
		t.Errorf("/readyz = %d %q", w.Code, w.Body)
	}
}

// brokenOff is a reader whose connection has ended.
type brokenOff struct{ http.ResponseWriter }

func (brokenOff) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(203, 0, 113, 9), Port: 4711}, Err: errors.New("broken pipe")}
}

// TestAddressOfAReader: the error of a connection tells an address, and does not go
// beyond the connection.
func TestAddressOfAReader(t *testing.T) {
	var told error
	watched(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, told = w.Write([]byte("x")) })).
		ServeHTTP(brokenOff{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/", nil))
	if told == nil || strings.Contains(told.Error(), "203.0.113.9") {
		t.Errorf("error %v", told)
	}
}
