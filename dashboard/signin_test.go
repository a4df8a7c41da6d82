package dashboard

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

const (
	testBase     = "https://stalkstats.example.org"
	testPassword = "three words together"
)

// signInSite is a site on which a user of each role can sign in, whose name is that
// of the role.
func signInSite(t *testing.T, log io.Writer) *site {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.yaml")
	var all []signin.User
	hash := signin.HashPassword(testPassword)
	for _, role := range signin.Roles() {
		all = append(all, signin.User{Name: role.String(), Role: role.String(), Areas: []string{signin.EveryArea}, Password: hash})
	}
	if err := signin.WriteUsers(path, all); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, log)
	base, err := url.Parse(testBase)
	if err != nil {
		t.Fatal(err)
	}
	s.signIn, err = signin.New(signin.Options{BaseURL: base, Idle: time.Hour, Longest: time.Hour, Users: path, Now: time.Now, Log: s.log})
	if err != nil {
		t.Fatal(err)
	}
	s.actions = true
	return s
}

// visitor is a browser on a site.
type visitor struct {
	t      *testing.T
	site   http.Handler
	cookie *http.Cookie
}

func visit(t *testing.T, s *site, o Options) *visitor {
	t.Helper()
	return &visitor{t: t, site: s.protect(s.routes(o))}
}

func (v *visitor) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Host = "stalkstats.example.org"
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return v.do(r)
}

func (v *visitor) do(r *http.Request) *httptest.ResponseRecorder {
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	w := httptest.NewRecorder()
	v.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookie = c; c.MaxAge < 0 {
			v.cookie = nil
		}
	}
	return w
}

func (v *visitor) signIn(name string) {
	v.t.Helper()
	if w := v.send(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {testPassword}, "to": {"/data"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/data" || v.cookie == nil {
		v.t.Fatalf("%s signs in: %d %s", name, w.Code, w.Body)
	}
}

// TestWhoMayHaveWhat asks for every route as everybody who can be: nobody, and each
// role. The list is written out a second time here: a page that is added is for those
// whom its author names here too.
func TestWhoMayHaveWhat(t *testing.T) {
	s := signInSite(t, io.Discard)
	v := visit(t, s, Options{Reader: noReader{}})
	cookies := map[signin.Role]*http.Cookie{signin.NoRole: nil}
	for _, role := range signin.Roles() {
		v.cookie = nil
		v.signIn(role.String())
		cookies[role] = v.cookie
	}
	asked := 0
	for _, one := range s.all {
		want, known := routeNeeds[one.pattern]
		if !known || one.open != (want == signin.NoRole) || !one.open && one.needs != want {
			t.Errorf("%q is for %q (open: %v): write down in routeNeeds for whom it is meant to be", one.pattern, one.needs, one.open)
			continue
		}
		method, path, ok := strings.Cut(wildcard.ReplaceAllString(one.pattern, "x"), " ")
		if !ok {
			method, path = http.MethodGet, "/nothing-here"
		}
		path = strings.TrimSuffix(path, "{$}")
		for role, cookie := range cookies {
			if one.pattern == "POST /sign-out" {
				continue // it would end the session of the others
			}
			asked++
			v.cookie = cookie
			w := v.send(method, path, nil)
			forbidden := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "This takes "+want.Words())
			toSignIn := w.Code == http.StatusUnauthorized || w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/sign-in") && method == http.MethodGet
			switch {
			case one.open && (forbidden || w.Code == http.StatusUnauthorized && path != "/sign-in"):
				t.Errorf("%s as %q is refused: %d", one.pattern, role, w.Code)
			case !one.open && role == signin.NoRole && !toSignIn:
				t.Errorf("%s as nobody = %d, want to be asked to sign in", one.pattern, w.Code)
			case !one.open && role != signin.NoRole && role < want && !forbidden:
				t.Errorf("%s as %s = %d, want 403", one.pattern, role, w.Code)
			case !one.open && role >= want && role != signin.NoRole && (forbidden || toSignIn):
				t.Errorf("%s as %s = %d, refused", one.pattern, role, w.Code)
			}
		}
	}
	if asked < 5*len(routeNeeds)-10 || len(s.all) != len(routeNeeds) {
		t.Errorf("%d requests; %d routes, of which %d are written down", asked, len(s.all), len(routeNeeds))
	}
}

// TestNobodyIsLetIn: without a session nothing is shown, whatever is sent.
func TestNobodyIsLetIn(t *testing.T) {
	s := signInSite(t, io.Discard)
	v := visit(t, s, Options{Reader: noReader{}})
	for _, cookie := range []*http.Cookie{nil, {Name: "__Host-stalkstats", Value: "a session of another program"}, {Name: "__Host-stalkstats", Value: ""}, {Name: "stalkstats", Value: "x"}} {
		v.cookie = cookie
		w := v.send(http.MethodGet, "/measures/x?area=y", nil)
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusSeeOther || to.Path != "/sign-in" || to.Query().Get("to") != "/measures/x?area=y" || w.Body.Len() > 200 {
			t.Errorf("with %v: %d %s", cookie, w.Code, w.Header().Get("Location"))
		}
		v.cookie = cookie
		w = v.send(http.MethodGet, to.String(), nil)
		if says := strings.Contains(w.Body.String(), "Your sign-in has ended, or was made at another place"); w.Code != http.StatusOK || says != (cookie != nil && cookie.Name == "__Host-stalkstats") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("with %v: %d, says that it ended: %v", cookie, w.Code, says)
		}
	}
	v.cookie = nil
	for _, header := range []http.Header{{"Accept": {"text/csv"}}, {"Accept": {"*/*"}}, {"Accept": {"text/html"}, "Sec-Fetch-Mode": {"cors"}}} {
		for _, path := range []string{"/api/v1/observations", "/reports/observations.csv"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Host, r.Header = "stalkstats.example.org", header.Clone()
			if w := v.do(r); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" || !strings.Contains(w.Body.String(), "You have not signed in") {
				t.Errorf("%s with %v = %d", path, header, w.Code)
			}
		}
	}
	if w := v.send(http.MethodPost, "/data/sources/x/run", url.Values{"who": {"me"}}); w.Code != http.StatusUnauthorized {
		t.Errorf("a form of nobody = %d", w.Code)
	}
}

func TestWrongPasswords(t *testing.T) {
	var log bytes.Buffer
	s := signInSite(t, &log)
	v := visit(t, s, Options{Reader: noReader{}})
	try := func(name, password string) (int, string) {
		w := v.send(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {password}, "to": {"/"}})
		if v.cookie != nil {
			t.Errorf("%s has a session", name)
		}
		return w.Code, text(pagetest.Elements(parse(t, w.Body.Bytes()), "main", "")[0])
	}
	first, wrong := try("viewer", "not the password")
	second, nobody := try("nobody", "not the password")
	if first != http.StatusUnauthorized || second != first || strings.Count(wrong, "The name or the password is not right.") != 2 || wrong != nobody {
		t.Errorf("%d %s\n%d %s", first, wrong, second, nobody)
	}
	if status, says := try("", ""); status != http.StatusBadRequest || !strings.Contains(says, "Give your name.") || !strings.Contains(says, "Give your password.") {
		t.Errorf("%d %s", status, says)
	}
	for range 4 {
		try("viewer", "not the password")
	}
	if status, says := try("viewer", testPassword); status != http.StatusTooManyRequests || !strings.Contains(says, "There were too many attempts to sign in: try again in 5 minutes.") {
		t.Errorf("the sixth attempt: %d %s", status, says)
	}
	if strings.Contains(log.String(), "not the password") || strings.Contains(log.String(), testPassword) {
		t.Error("a password stands in the log")
	}
	v.signIn("analyst")
}

func TestSignOut(t *testing.T) {
	s := signInSite(t, io.Discard)
	v := visit(t, s, Options{Reader: noReader{}})
	v.signIn("viewer")
	cookie := v.cookie
	r := httptest.NewRequest(http.MethodPost, "/sign-out", nil)
	r.Host = "stalkstats.example.org"
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := v.do(r); w.Code != http.StatusForbidden || v.cookie == nil {
		t.Errorf("another site signs out: %d", w.Code)
	}
	if w := v.send(http.MethodPost, "/sign-out", nil); w.Code != http.StatusSeeOther || v.cookie != nil || w.Header().Get("Clear-Site-Data") == "" {
		t.Errorf("signed out: %d %v", w.Code, w.Header())
	}
	v.cookie = cookie
	if w := v.send(http.MethodGet, "/account", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the former cookie opens %d", w.Code)
	}
}

// TestKeptPagesAreOfARole: what was made for one role is not sent to another, and what
// is sent to several names none of them.
func TestKeptPagesAreOfARole(t *testing.T) {
	s := signInSite(t, io.Discard)
	o := Options{Reader: placesReader{}}
	v := visit(t, s, o)
	made := map[string]string{}
	for _, name := range []string{"viewer", "analyst", "data_owner", "admin"} {
		v.cookie = nil
		v.signIn(name)
		w := v.send(http.MethodGet, "/pack", nil)
		if made[name] = w.Body.String(); w.Code != http.StatusOK || !strings.Contains(made[name], "Your account") || strings.Contains(made[name], name) || strings.Contains(made[name], "No sign-in") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if reports := strings.Contains(made[name], `href="/reports"`); reports != (name != "viewer") {
			t.Errorf("%s is led to the reports: %v", name, reports)
		}
	}
	for _, name := range []string{"viewer", "admin"} {
		if _, ok := s.keeping.pages.Get(pageKey{"/pack", false, must(signin.ParseRole(name)), ""}); !ok {
			t.Errorf("the page of %s is not kept", name)
		}
	}
	if made["viewer"] == made["analyst"] {
		t.Error("an analyst is sent the page of a viewer")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestHeaders: what a browser is told on every page.
func TestHeadersOverTLS(t *testing.T) {
	v := visit(t, signInSite(t, io.Discard), Options{Reader: noReader{}})
	w := v.send(http.MethodGet, "/sign-in", nil)
	for name, want := range map[string]string{"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": contentSecurityPolicy, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w := ask(newSite(t, io.Discard), http.MethodGet, "/nowhere"); !strings.Contains(w.Body.String(), "No sign-in: only this computer can see these pages") || w.Header().Get("Strict-Transport-Security") != "" {
		t.Errorf("without sign-in: %s %v", w.Body, w.Header())
	}
}

// TestHosts: with sign-in a site has one name; a load balancer may ask how it is.
func TestHosts(t *testing.T) {
	s := signInSite(t, io.Discard)
	for host, want := range map[string]int{"stalkstats.example.org": 200, "STALKSTATS.example.org": 200, "localhost": 421, "127.0.0.1:8080": 421, "stalkstats.example.org:8443": 421, "example.org": 421, "": 421} {
		if w := askAs(s, host, http.MethodGet, "/sign-in"); w.Code != want {
			t.Errorf("of host %q: %d, want %d", host, w.Code, want)
		}
		if w := askAs(s, host, http.MethodGet, "/healthz"); w.Code != 200 {
			t.Errorf("/healthz of host %q: %d", host, w.Code)
		}
	}
}

// TestProxies: what comes past the programs that speak TLS is not answered, and only
// they are believed.
func TestProxies(t *testing.T) {
	s := signInSite(t, io.Discard)
	s.proxies = []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32"), netip.MustParsePrefix("10.9.0.0/16")}
	v := visit(t, s, Options{Reader: noReader{}})
	for _, test := range []struct {
		from, proto string
		want        int
	}{{"10.1.2.3:5", "https", 200}, {"10.9.8.7:5", "https", 200}, {"[::ffff:10.1.2.3]:5", "https", 200}, {"10.1.2.3:5", "http", 403}, {"10.1.2.3:5", "", 403}, {"10.1.2.4:5", "https", 403}, {"127.0.0.1:5", "https", 403}, {"[2001:db8::1]:5", "https", 403}} {
		r := httptest.NewRequest(http.MethodGet, "/sign-in", nil)
		r.Host, r.RemoteAddr = "stalkstats.example.org", test.from
		if test.proto != "" {
			r.Header.Set("X-Forwarded-Proto", test.proto)
		}
		if w := v.do(r); w.Code != test.want {
			t.Errorf("from %s with %q: %d, want %d", test.from, test.proto, w.Code, test.want)
		}
	}
	for _, test := range []struct{ from, forwarded, want string }{
		{"10.1.2.3:5", "203.0.113.9", "203.0.113.9"}, {"10.1.2.3:5", "198.51.100.1, 203.0.113.9", "203.0.113.9"}, {"10.1.2.3:5", "203.0.113.9, 10.9.1.1", "203.0.113.9"},
		{"10.1.2.3:5", "", "10.1.2.3"}, {"10.1.2.3:5", "nonsense", "10.1.2.3"}, {"192.0.2.1:5", "203.0.113.9", "192.0.2.1"}, {"10.1.2.3:5", "::ffff:203.0.113.9", "203.0.113.9"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.from
		r.Header.Set("X-Forwarded-For", test.forwarded)
		if got := s.clientAddress(r).String(); got != test.want {
			t.Errorf("from %s for %q: %s, want %s", test.from, test.forwarded, got, test.want)
		}
	}
}

// TestRoutesNeedARole: a page that names no role is for nobody.
func TestRoutesNeedARole(t *testing.T) {
	s := signInSite(t, io.Discard)
	err := s.guarded(route{pattern: "GET /forgotten"}, func(http.ResponseWriter, *http.Request) error { return nil })(httptest.NewRecorder(), withPerson(httptest.NewRequest(http.MethodGet, "/forgotten", nil), signin.Person{ID: "x", Role: signin.Admin}))
	if p, ok := err.(problem); !ok || p.status != http.StatusForbidden {
		t.Errorf("an admin gets %v", err)
	}
}

// TestNameIsNotTyped: who has signed in is recorded as themselves, whatever is sent.
func TestNameIsNotTyped(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("who=somebody+else&why=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form, err := readFields(httptest.NewRecorder(), withPerson(r, signin.Person{ID: "jo", Role: signin.DataOwner}), []string{"who", "why"})
	if err != nil || form.Get("who") != "jo" {
		t.Errorf("%v, error %v", form, err)
	}
}

// TestEndingSessions: an admin sees who is signed in, and ends it.
func TestEndingSessions(t *testing.T) {
	s := signInSite(t, io.Discard)
	o := Options{Reader: placesReader{}}
	viewer, admin := visit(t, s, o), visit(t, s, o)
	viewer.signIn("viewer")
	admin.signIn("admin")
	page := admin.send(http.MethodGet, "/account/sessions", nil)
	ends := regexp.MustCompile(`href="(/account/sessions/[0-9a-f]+/end)"`).FindAllStringSubmatch(page.Body.String(), -1)
	if page.Code != 200 || len(ends) != 2 || strings.Contains(page.Body.String(), viewer.cookie.Value) {
		t.Fatalf("%d %s", page.Code, page.Body)
	}
	i := slices.IndexFunc(s.signIn.Sessions(), func(one signin.Session) bool { return one.Person.ID == "viewer" })
	end := endSessionAddress(s.signIn.Sessions()[i].Name)
	if w := admin.send(http.MethodGet, end, nil); w.Code != 200 || !strings.Contains(w.Body.String(), "End the session of viewer?") || strings.Contains(w.Body.String(), `name="who"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := admin.send(http.MethodPost, end, url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("ending it: %d %s", w.Code, w.Body)
	}
	if w := viewer.send(http.MethodGet, "/account", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the viewer gets %d", w.Code)
	}
	if w := admin.send(http.MethodGet, end, nil); w.Code != http.StatusNotFound {
		t.Errorf("once it has ended: %d", w.Code)
	}
	if w := admin.send(http.MethodGet, "/account", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "An admin") {
		t.Errorf("the account: %d %s", w.Code, w.Body)
	}
}

// placesReader knows areas and measures alone.
type placesReader struct{ Reader }

func (placesReader) RecordAct(context.Context, stats.Act) error { return nil }

func (placesReader) Stamp(context.Context) (string, error) { return "1", nil }

func (placesReader) Areas(context.Context, time.Time) (*stats.Areas, error) { return testAreas(), nil }

func (placesReader) Measures(context.Context, time.Time) (*stats.Measures, error) {
	return testMeasures(), nil
}
