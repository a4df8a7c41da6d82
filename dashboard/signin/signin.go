// Package signin says who a reader is and what that person may do.
//
// A person signs in with a password from a file of local users, or at a provider
// that speaks OpenID Connect. What comes of it is a session: an opaque random id in
// a cookie, and on this side who it belongs to. The pages ask only for the person of
// a request, and for the role that this person has now.
package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// A Person is somebody who has signed in.
type Person struct {
	ID   string // by which what was done is recorded: the name of a local user, or a claim of the provider
	Role Role
	// Some is of somebody who may see some areas in detail, and of the others what is
	// published of them. Which ones is in Areas.
	Some  bool
	Areas string
}

// A Refusal is why somebody could not sign in.
type Refusal struct {
	Sentence string        // for whoever tries
	Status   int           // of the answer
	Account  string        // of which it was, where there is such an account; empty otherwise
	Why      error         // for the log, where the sentence does not say all; nil otherwise
	Wait     time.Duration // after which another attempt is let through; 0: now
}

// Error is the sentence.
func (r *Refusal) Error() string { return r.Sentence }

// Unwrap is what the log is told.
func (r *Refusal) Unwrap() error { return r.Why }

// tooMany refuses whoever has tried too often.
func tooMany(wait time.Duration) *Refusal {
	r := refuse(http.StatusTooManyRequests, nil, "There were too many attempts to sign in: try again in %s.", waitWords(wait))
	r.Wait = wait
	return r
}

func refuse(status int, why error, format string, args ...any) *Refusal {
	return &Refusal{Sentence: fmt.Sprintf(format, args...), Status: status, Why: why}
}

// Options is what sign-in is made of: a file of users or a provider, and not both.
type Options struct {
	BaseURL  *url.URL // at which readers open the pages
	Idle     time.Duration
	Longest  time.Duration
	Users    string // the file of local users; empty: none
	OIDC     OIDC   // without an issuer: none
	Programs string // the file of programs; empty: none
	Client   *http.Client
	Now      func() time.Time
	Log      *slog.Logger
}

// SignIn lets people in and knows who they are. It is safe for concurrent use.
type SignIn struct {
	base     *url.URL
	sessions *sessions
	users    *users
	provider *provider
	programs *programs // nil: none can read here
	limits   *limits
	now      func() time.Time
}

// New reads the file of users, where there is one, so that a fault in it is told at
// the start. A provider is asked once somebody signs in: one that is down keeps
// nothing from starting.
func New(o Options) (*SignIn, error) {
	s := &SignIn{base: o.BaseURL, sessions: newSessions(o), limits: newLimits(), now: o.Now}
	if o.Programs != "" {
		s.programs = &programs{path: o.Programs, read: knownPrograms}
		if _, err := s.programs.current(); err != nil {
			return nil, err
		}
	}
	switch {
	case o.Users != "" && o.OIDC.Issuer != "", o.Users == "" && o.OIDC.Issuer == "":
		return nil, errors.New("people sign in with a file of local users or at a provider: name one of the two")
	case o.OIDC.Issuer != "":
		s.provider = newProvider(o)
		return s, nil
	}
	s.users = newUsers(o.Users)
	if _, err := s.users.file.current(); err != nil {
		return nil, err
	}
	return s, nil
}

// BaseURL is where readers open the pages.
func (s *SignIn) BaseURL() *url.URL { return s.base }

// Provider is what the provider is called; empty where people have passwords here.
func (s *SignIn) Provider() string {
	if s.provider == nil {
		return ""
	}
	return s.provider.Name
}

// Load makes the session of a request known to what comes after it.
func (s *SignIn) Load(next http.Handler) http.Handler { return s.sessions.load(next) }

// Person is who sends a request that has passed Load. Whoever was taken out of the
// file of users, or was given another password, has no session any more.
func (s *SignIn) Person(ctx context.Context) (Person, bool) {
	held, ok := s.sessions.of(ctx)
	if !ok {
		return Person{}, false
	}
	return s.holder(held)
}

// holder is whose session it is, as they are now.
func (s *SignIn) holder(h held) (Person, bool) {
	if s.users == nil {
		return h.Person, true
	}
	person, stamp, ok := s.users.find(h.Person.ID)
	return person, ok && stamp == h.Stamp
}

// HasCookie reports whether a browser sends a cookie of a session, whosever it is.
func (s *SignIn) HasCookie(r *http.Request) bool {
	_, err := r.Cookie(s.sessions.manager.Cookie.Name)
	return err == nil
}

// Password signs in a local user. The error is a *Refusal.
func (s *SignIn) Password(ctx context.Context, name, password string, from netip.Addr) (Person, error) {
	if s.users == nil {
		return Person{}, refuse(http.StatusNotFound, nil, "Nobody has a password here: sign in at %s.", s.provider.Name)
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if wait := s.limits.try(s.now(), name, from); wait > 0 {
		refusal := tooMany(wait)
		if _, _, there := s.users.find(name); there {
			refusal.Account = name
		}
		return Person{}, refusal
	}
	person, stamp, err := s.users.check(ctx, name, password)
	if err != nil {
		return Person{}, err
	}
	s.limits.succeeded(name, from)
	return person, s.sessions.begin(ctx, held{Person: person, Stamp: stamp, Began: s.now()})
}

// waitWords is how long somebody has to wait, rounded up.
func waitWords(wait time.Duration) string {
	if wait <= time.Minute {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", int((wait+time.Minute-1)/time.Minute))
}

// SignOut ends the session of a request.
func (s *SignIn) SignOut(ctx context.Context) error { return s.sessions.end(ctx) }

// Sessions is the sessions that there are, the newest first, with the role that each
// person has now. One that counts no more is not among them.
func (s *SignIn) Sessions() (now []Session) {
	for _, one := range s.sessions.all() {
		if person, ok := s.holder(one.held); ok {
			one.Person = person
			now = append(now, one)
		}
	}
	return now
}

// EndSession ends a session by the name that Sessions gives it, and reports whether
// there was one.
func (s *SignIn) EndSession(name string) bool { return s.sessions.store.end(name) }

// Onward is an address of these pages that somebody is sent to after signing in: the
// overview, where it is of anywhere else.
func Onward(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
