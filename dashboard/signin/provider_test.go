package signin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// directory is a provider's users with the groups that they are in.
type directory struct {
	*storage.Storage
	groups map[string][]string
	areas  map[string]any // claims of some users; others have none
}

// SetUserinfoFromToken adds the groups to what the provider says of a person.
func (d directory) SetUserinfoFromToken(ctx context.Context, about *oidc.UserInfo, tokenID, subject, origin string) error {
	if err := d.Storage.SetUserinfoFromToken(ctx, about, tokenID, subject, origin); err != nil {
		return err
	}
	about.AppendClaims("groups", d.groups[about.Subject])
	if areas, ok := d.areas[about.Subject]; ok {
		about.AppendClaims("areas", areas)
	}
	return nil
}

const (
	clientID     = "stalkstats"
	clientSecret = "a secret of tests"
)

// realProvider serves a provider on loopback. It is down while its listener is closed.
func realProvider(t *testing.T, redirect string, groups map[string][]string) *httptest.Server {
	t.Helper()
	return providerOf(t, redirect, directory{groups: groups})
}

func providerOf(t *testing.T, redirect string, d directory) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String() + "/"
	clients := map[string]*storage.Client{clientID: storage.WebClient(clientID, clientSecret, redirect)}
	d.Storage = storage.NewStorageWithClients(storage.NewUserStore(issuer), clients)
	server.Config.Handler = exampleop.SetupServer(issuer, d, slog.New(slog.DiscardHandler), false)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// app is a site whose people sign in at a provider.
func app(t *testing.T, change func(*Options)) (*SignIn, *httptest.Server) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	o := options(t, "http://"+server.Listener.Addr().String())
	o.OIDC = OIDC{Name: "the test provider", ClientID: clientID, Secret: clientSecret, Scopes: []string{"profile"}, UserClaim: "preferred_username", GroupsClaim: "groups",
		Roles: map[string]Role{"readers": Viewer, "owners": DataOwner}}
	change(&o)
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	refused := func(w http.ResponseWriter, err error) {
		var refusal *Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("the error is no refusal: %v", err)
			return
		}
		w.WriteHeader(refusal.Status)
		io.WriteString(w, refusal.Sentence)
	}
	mux.HandleFunc("/start", func(w http.ResponseWriter, r *http.Request) {
		address, err := s.Start(w, r, r.FormValue("to"), netip.MustParseAddr("127.0.0.1"))
		if err != nil {
			refused(w, err)
			return
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
	})
	mux.HandleFunc(CallbackPath, func(w http.ResponseWriter, r *http.Request) {
		_, to, err := s.Finish(w, r)
		if err != nil {
			refused(w, err)
			return
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p, _ := s.Person(r.Context())
		io.WriteString(w, p.ID+" "+p.Role.String()+" at "+r.URL.Path)
		if p.Some {
			io.WriteString(w, ", in detail: "+strings.Join(p.AreaNames(func(name string) bool { return name == "London, City of" }), " and "))
		}
	})
	server.Config.Handler = s.Load(mux)
	server.Start()
	t.Cleanup(server.Close)
	return s, server
}

func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}

func read(t *testing.T, answer *http.Response, err error) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// signIn goes the whole way through the provider's own pages.
func signIn(t *testing.T, browser *http.Client, site, user string) (int, string) {
	t.Helper()
	answer, err := browser.Get(site + "/start?to=/measures")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if !strings.HasSuffix(answer.Request.URL.Path, "/login/username") {
		return read(t, answer, nil)
	}
	answer, err = browser.PostForm(answer.Request.URL.String(), url.Values{"id": {answer.Request.URL.Query().Get("authRequestID")}, "username": {user}, "password": {"verysecure"}})
	return read(t, answer, err)
}

// TestRealProvider signs people in at a provider of another maker.
func TestRealProvider(t *testing.T) {
	var provider *httptest.Server
	s, site := app(t, func(o *Options) {
		provider = realProvider(t, o.BaseURL.String()+CallbackPath, map[string][]string{"id1": {"others", "owners", "readers"}, "id2": {"others"}})
		o.OIDC.Issuer = provider.URL + "/"
	})
	browser := newBrowser(t)
	if status, body := signIn(t, browser, site.URL, "test-user@127.0.0.1"); status != 200 || body != "test-user@127.0.0.1 data_owner at /measures" {
		t.Fatalf("%d %s", status, body)
	}
	answer, err := browser.Get(site.URL + "/")
	if _, body := read(t, answer, err); body != "test-user@127.0.0.1 data_owner at /" {
		t.Errorf("the next page is of %s", body)
	}
	if s.Goodbye() != provider.URL+"/end_session" {
		t.Errorf("people sign out at %q", s.Goodbye())
	}
	if status, body := signIn(t, newBrowser(t), site.URL, "test-user2"); status != 403 || body != "You may not see these pages: you are in none of the groups that may. Ask whoever runs stalkstats." {
		t.Errorf("without a group: %d %s", status, body)
	}
}

func TestWrongClientSecret(t *testing.T) {
	_, site := app(t, func(o *Options) {
		o.OIDC.Issuer = realProvider(t, o.BaseURL.String()+CallbackPath, nil).URL + "/"
		o.OIDC.Secret = "another"
	})
	browser := newBrowser(t)
	if status, body := signIn(t, browser, site.URL, "test-user2"); status != 503 || body != "Nobody can sign in: the test provider does not accept this program. Whoever runs stalkstats must look at auth.oidc.client_id and the secret." {
		t.Errorf("%d %s", status, body)
	}
	answer, err := browser.Get(site.URL + "/")
	if _, body := read(t, answer, err); body != "  at /" {
		t.Errorf("somebody is signed in: %s", body)
	}
}

// TestProviderDown: one that is down when the program starts is asked again, and one
// that goes down later lets nobody in.
func TestProviderDown(t *testing.T) {
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := reserved.Addr().String()
	reserved.Close()
	var redirect string
	_, site := app(t, func(o *Options) {
		o.OIDC.Issuer = "http://" + address + "/"
		redirect = o.BaseURL.String() + CallbackPath
	})
	const down = "Nobody can sign in just now: the test provider does not answer. Try again in a minute."
	browser := newBrowser(t)
	if status, body := signIn(t, browser, site.URL, "test-user@127.0.0.1"); status != 503 || body != down {
		t.Errorf("while it is down: %d %s", status, body)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	clients := map[string]*storage.Client{clientID: storage.WebClient(clientID, clientSecret, redirect)}
	store := directory{Storage: storage.NewStorageWithClients(storage.NewUserStore("http://"+address+"/"), clients), groups: map[string][]string{"id1": {"readers"}}}
	server := &http.Server{Handler: exampleop.SetupServer("http://"+address+"/", store, slog.New(slog.DiscardHandler), false)}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	if status, body := signIn(t, browser, site.URL, "test-user@127.0.0.1"); status != 200 || body != "test-user@127.0.0.1 viewer at /measures" {
		t.Errorf("once it is up: %d %s", status, body)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	// The provider sends nobody back any more, but somebody may write the address.
	other := newBrowser(t)
	other.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := other.Get(site.URL + "/start")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	to, err := answer.Location()
	if err != nil {
		t.Fatal(err)
	}
	answer, err = other.Get(site.URL + CallbackPath + "?code=x&state=" + to.Query().Get("state"))
	if status, body := read(t, answer, err); status != 503 || body != down {
		t.Errorf("down again: %d %s", status, body)
	}
}

// TestAreasOfAProvider: a claim names the areas that somebody may see in detail. Who has
// none of it sees nothing in detail, and where no claim is named everybody sees all.
func TestAreasOfAProvider(t *testing.T) {
	for name, test := range map[string]struct {
		claim string
		areas map[string]any
		says  string
	}{
		"a list":                {"areas", map[string]any{"id2": []string{"E23000026", " Cheshire ", "E23000026"}}, ", in detail: Cheshire and E23000026"},
		"one":                   {"areas", map[string]any{"id2": "E23000026"}, ", in detail: E23000026"},
		"several in one":        {"areas", map[string]any{"id2": "E23000026; Avon and  Somerset,x"}, ", in detail: Avon and Somerset and E23000026 and x"},
		"one with a comma":      {"areas", map[string]any{"id2": []string{"London,  City of", "Kent, Essex"}}, ", in detail: Essex and Kent and London, City of"},
		"all":                   {"areas", map[string]any{"id2": []string{"E23000026", "All"}}, ""},
		"none":                  {"areas", nil, ", in detail: "},
		"an empty list":         {"areas", map[string]any{"id2": []string{}}, ", in detail: "},
		"an empty text":         {"areas", map[string]any{"id2": ""}, ", in detail: "},
		"something very long":   {"areas", map[string]any{"id2": strings.Repeat("a", 1000)}, ", in detail: "},
		"a claim nobody named":  {"", map[string]any{"id2": []string{"E23000026"}}, ""},
		"what cannot be a list": {"areas", map[string]any{"id2": 7}, "You are not signed in: the test provider does not say in a way that can be read which areas you may see in detail. Whoever runs stalkstats finds why in its log."},
	} {
		t.Run(name, func(t *testing.T) {
			_, site := app(t, func(o *Options) {
				o.OIDC.AreasClaim = test.claim
				o.OIDC.Issuer = providerOf(t, o.BaseURL.String()+CallbackPath, directory{groups: map[string][]string{"id2": {"readers"}}, areas: test.areas}).URL + "/"
			})
			want := test.says
			if !strings.HasPrefix(want, "You are") {
				want = "test-user2 viewer at /measures" + want
			}
			if status, body := signIn(t, newBrowser(t), site.URL, "test-user2"); body != want {
				t.Errorf("%d %s, want %s", status, body, want)
			}
		})
	}
}
