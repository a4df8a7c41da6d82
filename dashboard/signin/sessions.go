package signin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
)

// A Session is one browser that somebody has signed in with.
type Session struct {
	Name   string // by which it can be ended; the browser does not know it
	Person Person
	Began  time.Time
	Ends   time.Time // unless it is used before

	held held
}

// held is what is kept of a session.
type held struct {
	Person Person
	Stamp  string // of the password that it began with
	Began  time.Time
}

const heldKey = "held"

// sessions are the sessions of one program, in its memory: when it ends they end too.
type sessions struct {
	manager *scs.SessionManager
	store   *store
}

// Names of the cookie. A browser takes one that starts with __Host- over TLS only,
// for all of one host and for no other: a page of a neighbouring host can neither
// read nor set it.
const (
	cookieName      = "__Host-stalkstats"
	plainCookieName = "stalkstats"
)

func newSessions(o Options) *sessions {
	kept := newStore(o.Longest)
	// Not by scs.New, which starts a store of its own.
	manager := &scs.SessionManager{Store: kept, HashTokenInStore: true, IdleTimeout: o.Idle, Lifetime: o.Longest, Codec: scs.GobCodec{},
		Cookie: scs.SessionCookie{HttpOnly: true, Path: "/", SameSite: http.SameSiteLaxMode}}
	manager.Cookie.Name, manager.Cookie.Secure = cookieOf(o, cookieName)
	manager.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		o.Log.ErrorContext(r.Context(), "session failed", "error", err)
		http.Error(w, "Your session cannot be read: the fault is ours, and stands in the log.", http.StatusInternalServerError)
	}
	return &sessions{manager, kept}
}

// cookieOf is what a cookie is called, and whether it is for TLS only. Without TLS,
// which the configuration allows on this computer alone, a browser takes neither.
func cookieOf(o Options, name string) (string, bool) {
	if o.BaseURL.Scheme == "https" {
		return name, true
	}
	return plainCookieName + name[len(cookieName):], false
}

func (s *sessions) load(next http.Handler) http.Handler { return s.manager.LoadAndSave(next) }

// of is the session of a request.
func (s *sessions) of(ctx context.Context) (h held, ok bool) {
	text := s.manager.GetBytes(ctx, heldKey)
	if len(text) == 0 {
		return h, false
	}
	err := json.Unmarshal(text, &h)
	return h, err == nil && h.Person.ID != ""
}

// begin begins a session under an id that nobody knew before.
func (s *sessions) begin(ctx context.Context, h held) error {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	if err := s.manager.RenewToken(ctx); err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	s.manager.Put(ctx, heldKey, text)
	return nil
}

func (s *sessions) end(ctx context.Context) error {
	if err := s.manager.Destroy(ctx); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// all is the sessions that there are, the newest first.
func (s *sessions) all() (list []Session) {
	for name, item := range s.store.items() {
		_, values, err := s.manager.Codec.Decode(item.data)
		if err != nil {
			slog.Error("a session cannot be read", "error", err)
			continue
		}
		text, _ := values[heldKey].([]byte)
		var h held
		if json.Unmarshal(text, &h) == nil && h.Person.ID != "" {
			list = append(list, Session{Name: name, Person: h.Person, Began: h.Began, Ends: item.ends, held: h})
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(b.Began.Compare(a.Began), cmp.Compare(a.Name, b.Name)) })
	return list
}
