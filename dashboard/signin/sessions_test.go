package signin

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func options(t *testing.T, base string) Options {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return Options{BaseURL: u, Idle: 30 * time.Minute, Longest: 12 * time.Hour, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// site answers who somebody is, and lets them sign in and out.
func site(s *sessions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		if err := s.begin(r.Context(), held{Person: Person{ID: r.FormValue("as"), Role: Viewer}, Began: time.Now()}); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("/out", func(_ http.ResponseWriter, r *http.Request) {
		if err := s.end(r.Context()); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		h, _ := s.of(r.Context())
		io.WriteString(w, h.Person.ID)
	})
	return s.load(mux)
}

// open opens a page with a cookie, and is the answer and the cookie that it sets.
func open(h http.Handler, path string, cookie *http.Cookie) (*httptest.ResponseRecorder, *http.Cookie) {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	h.ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		return w, set[len(set)-1]
	}
	return w, cookie
}

func TestCookies(t *testing.T) {
	_, cookie := open(site(newSessions(options(t, "https://stalkstats.example.org"))), "/in?as=jo", nil)
	if cookie == nil || cookie.Name != "__Host-stalkstats" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" ||
		cookie.MaxAge != 0 || len(cookie.Value) < 40 || strings.Contains(cookie.Value, "jo") {
		t.Errorf("the cookie is %+v", cookie)
	}
	// Without TLS, on this computer, a browser would take neither name nor flag.
	if _, cookie = open(site(newSessions(options(t, "http://127.0.0.1:8080"))), "/in?as=jo", nil); cookie.Name != "stalkstats" || cookie.Secure || !cookie.HttpOnly {
		t.Errorf("on this computer it is %+v", cookie)
	}
	if w, _ := open(site(newSessions(options(t, "https://stalkstats.example.org"))), "/", nil); w.Header().Get("Set-Cookie") != "" {
		t.Error("whoever has not signed in gets a cookie")
	}
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(options(t, "https://stalkstats.example.org"))
		h := site(s)
		_, cookie := open(h, "/in?as=jo", nil)
		is := func(when, want string, cookie *http.Cookie) {
			t.Helper()
			if w, _ := open(h, "/", cookie); w.Body.String() != want {
				t.Errorf("%s it is %q, want %q", when, w.Body, want)
			}
		}
		is("at once", "jo", cookie)
		time.Sleep(29 * time.Minute)
		is("used after 29 minutes", "jo", cookie)
		time.Sleep(29 * time.Minute)
		is("used again after 29 minutes", "jo", cookie)
		time.Sleep(31 * time.Minute)
		is("idle for 31 minutes", "", cookie)

		_, cookie = open(h, "/in?as=jo", nil)
		for range 47 {
			time.Sleep(15 * time.Minute)
			is("used every quarter of an hour", "jo", cookie)
		}
		time.Sleep(16 * time.Minute)
		is("after twelve hours", "", cookie)

		_, cookie = open(h, "/in?as=jo", nil)
		open(h, "/out", cookie)
		is("signed out", "", cookie)

		_, cookie = open(h, "/in?as=jo", nil)
		all := s.all()
		if len(all) != 1 || all[0].Person.ID != "jo" || strings.Contains(cookie.Value, all[0].Name) || !s.store.end(all[0].Name) || s.store.end(all[0].Name) {
			t.Errorf("the sessions are %+v", all)
		}
		is("ended by an admin", "", cookie)
		is("with a cookie of another program", "", &http.Cookie{Name: cookie.Name, Value: "E4n4XzXr4Vv6mW8QmJYb8b6o7xg1Kqf8m3wQvX2h4nE"})
	})
}

// TestSessionIsNotFixed: whoever signs in has an id that nobody knew before.
func TestSessionIsNotFixed(t *testing.T) {
	h := site(newSessions(options(t, "https://stalkstats.example.org")))
	_, first := open(h, "/in?as=jo", nil)
	_, second := open(h, "/in?as=al", first)
	if first.Value == second.Value {
		t.Fatal("the id stayed")
	}
	if w, _ := open(h, "/", first); w.Body.String() != "" {
		t.Errorf("the former id is %q", w.Body)
	}
	_, planted := open(h, "/in?as=jo", &http.Cookie{Name: first.Name, Value: "planted"})
	if planted.Value == "planted" {
		t.Error("a planted id was taken")
	}
}

// TestEndedStaysEnded: a request that began before somebody signed out does not save
// the session again.
func TestEndedStaysEnded(t *testing.T) {
	s := newSessions(options(t, "https://stalkstats.example.org"))
	h := site(s)
	_, cookie := open(h, "/in?as=jo", nil)
	reading, onward := make(chan bool), make(chan bool)
	slow := s.load(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reading <- true; <-onward }))
	done := make(chan bool)
	go func() { open(slow, "/", cookie); done <- true }()
	<-reading
	open(h, "/out", cookie)
	onward <- true
	<-done
	if w, _ := open(h, "/", cookie); w.Body.String() != "" {
		t.Errorf("after signing out it is %q", w.Body)
	}
	if all := s.all(); len(all) != 0 {
		t.Errorf("there are sessions: %+v", all)
	}
}
