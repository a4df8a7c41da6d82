package dashboard

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/signin"
)

// programSite is a site on which people sign in, and a program of each role reads. It
// gives the token of each, by the name of the role.
func programSite(t *testing.T, log io.Writer) (*site, map[string]string) {
	t.Helper()
	s := signInSite(t, log)
	dir, tokens := t.TempDir(), map[string]string{}
	users, file := filepath.Join(dir, "users.yaml"), filepath.Join(dir, "programs.yaml")
	if err := signin.WriteUsers(users, nil); err != nil {
		t.Fatal(err)
	}
	err := signin.ChangePrograms(file, func(all []signin.Program) ([]signin.Program, error) {
		for _, role := range signin.Roles() {
			token, hash := signin.NewToken()
			tokens[role.String()] = token
			all = append(all, signin.Program{Name: role.String(), Role: role.String(), Token: hash, Ends: "2024-10-14"})
		}
		token, hash := signin.NewToken()
		tokens["ended"] = token
		return append(all, signin.Program{Name: "ended", Role: "admin", Token: hash, Ends: "2024-10-13"}), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(testBase)
	if err != nil {
		t.Fatal(err)
	}
	s.signIn, err = signin.New(signin.Options{BaseURL: base, Idle: time.Hour, Longest: time.Hour, Users: users, Programs: file, Now: func() time.Time { return testNow }, Log: s.log})
	if err != nil {
		t.Fatal(err)
	}
	return s, tokens
}

// TestWhatProgramsMayHave: a program has what its role has, by either way of naming
// itself, and only reads.
func TestWhatProgramsMayHave(t *testing.T) {
	var log bytes.Buffer
	s, tokens := programSite(t, &log)
	v := visit(t, s, Options{Reader: placesReader{}})
	ask := func(method, path, name, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Host = "stalkstats.example.org"
		if name != "" {
			r.SetBasicAuth(name, token)
		} else {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return v.do(r)
	}
	for _, test := range []struct {
		method, path, name, token string
		status                    int
		says                      string
	}{
		{"GET", "/pack", "viewer", tokens["viewer"], 200, "board pack"},
		{"GET", "/pack", "", tokens["viewer"], 200, "board pack"},
		{"HEAD", "/pack", "", tokens["viewer"], 200, ""},
		{"GET", "/reports/permalinks", "viewer", tokens["viewer"], 403, "This takes an analyst"},
		{"GET", "/api/v1/observations", "", tokens["viewer"], 403, "This takes an analyst"},
		{"GET", "/metrics", "", tokens["analyst"], 403, "This takes an admin"},
		{"GET", "/pack", "analyst", tokens["viewer"], 401, "This token is not known here"},
		{"GET", "/pack", "", tokens["viewer"] + "x", 401, "This token is not known here"},
		{"GET", "/pack", "", "", 401, "This token is not known here"},
		{"GET", "/pack", "viewer", testPassword, 401, "This token is not known here"},
		{"GET", "/api/v1/observations", "", "x", 401, "This token is not known here"},
		{"GET", "/pack", "", tokens["ended"], 401, "The token of the program ended ended after 2024-10-13"},
		{"GET", "/healthz", "", "x", 200, ""},
		{"POST", "/data/sources/x/run", "", tokens["admin"], 403, "A program may only read"},
		{"GET", "/account", "", tokens["admin"], 400, "A program does not sign in"},
		{"GET", "/sign-in/callback?state=x&code=y", "", tokens["admin"], 400, "A program does not sign in"},
	} {
		w := ask(test.method, test.path, test.name, test.token)
		if w.Code != test.status || !strings.Contains(strings.ToLower(w.Body.String()), strings.ToLower(test.says)) || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s %s as %q with %s = %d, cookies %v, %.400s; want %d, %q", test.method, test.path, test.name, test.token, w.Code, w.Result().Cookies(), w.Body, test.status, test.says)
		}
		if asks := w.Header().Get("WWW-Authenticate"); (w.Code == http.StatusUnauthorized) != strings.HasPrefix(asks, "Basic ") {
			t.Errorf("%s %s = %d asks for %q", test.method, test.path, w.Code, asks)
		}
	}
	for name, token := range tokens {
		if strings.Contains(log.String(), token) {
			t.Errorf("the token of %s stands in the log", name)
		}
	}
}

// TestProgramsAreDocumented: the description of the API says how a program names itself.
func TestProgramsAreDocumented(t *testing.T) {
	s, tokens := programSite(t, io.Discard)
	v := visit(t, s, Options{Reader: noReader{}})
	r := httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil)
	r.Host = "stalkstats.example.org"
	r.Header.Set("Authorization", "Bearer "+tokens["analyst"])
	w := v.do(r)
	for _, want := range []string{`"security":[{"nameAndToken":[]},{"token":[]}]`, `"scheme":"bearer"`, `"scheme":"basic"`, `"401":{"$ref":"#/components/responses/401"}`} {
		if !strings.Contains(strings.NewReplacer(" ", "", "\n", "").Replace(w.Body.String()), want) {
			t.Errorf("%d, without %s: %.600s", w.Code, want, w.Body)
		}
	}
}

// TestProgramsAreAsked to name themselves, and no browser asks its reader for that.
func TestProgramsAreAsked(t *testing.T) {
	s, _ := programSite(t, io.Discard)
	v := visit(t, s, Options{Reader: noReader{}})
	for mode, want := range map[string]string{"": "Basic ", "cors": "Cookie "} {
		r := httptest.NewRequest(http.MethodGet, "/reports/observations.csv", nil)
		r.Host = "stalkstats.example.org"
		if mode != "" {
			r.Header.Set("Sec-Fetch-Mode", mode)
		}
		if w := v.do(r); w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), want) {
			t.Errorf("%q: %d %q, want %s…", mode, w.Code, w.Header().Get("WWW-Authenticate"), want)
		}
	}
}
