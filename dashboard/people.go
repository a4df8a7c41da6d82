package dashboard

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"stalkstats/dashboard/signin"
)

const personKey contextKey = 2

// withPerson is a request of a person.
func withPerson(r *http.Request, p signin.Person) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), personKey, p))
}

// everyone is who reads where nobody signs in: whoever sits at this computer may do
// everything, and so may nobody know who it was.
var everyone = signin.Person{Role: signin.Admin}

// personOf is who sends a request. Where people sign in, a request of which it was not
// found out is nobody's.
func (s *site) personOf(r *http.Request) signin.Person {
	p, known := r.Context().Value(personKey).(signin.Person)
	if !known && s.signIn == nil {
		return everyone
	}
	return p
}

// idOf is by what is recorded who sends a request; empty where that is not known.
func idOf(r *http.Request) string {
	p, _ := r.Context().Value(personKey).(signin.Person)
	return p.ID
}

// offers reports whether a page offers to a reader what only some may do.
func (s *site) offers(r *http.Request, role signin.Role) bool {
	return s.actions && s.personOf(r).Role >= role
}

// guarded is a page for those who may have it. This is the one place that decides it.
func (s *site) guarded(to route, h handler) handler {
	if s.signIn == nil || to.open {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		if to.needs == signin.NoRole || s.personOf(r).Role < to.needs {
			return forbidden(s.personOf(r).Role, to.needs)
		}
		return h(w, r)
	}
}

func forbidden(has, needs signin.Role) error {
	return problem{status: http.StatusForbidden, title: "You may not do this",
		sentence: "This takes " + needs.Words() + ", and you are " + has.Words() + ". Ask whoever runs stalkstats if you need it. Nothing was done."}
}

// admit finds out who sends a request. Whoever has not signed in gets no further than
// the pages for which nobody has to.
func (s *site) admit(next http.Handler) http.Handler {
	if s.signIn == nil {
		return next
	}
	known := s.signIn.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		person, ok := s.signIn.Person(r.Context())
		r = withPerson(r, person) // nobody has no role
		if _, pattern := s.pages.Handler(r); !ok && !s.known[pattern].open {
			s.askToSignIn(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, pattern := s.pages.Handler(r); {
		case isProbe(r) || strings.HasPrefix(pattern, "GET /static/"): // the same for all: no session is looked for
			next.ServeHTTP(w, withPerson(r, signin.Person{}))
		case signin.HasToken(r):
			s.admitProgram(w, r, next)
		default:
			known.ServeHTTP(w, r)
		}
	})
}

// admitProgram finds out which program sends a request. One whose token is not taken gets
// no page at all.
func (s *site) admitProgram(w http.ResponseWriter, r *http.Request, next http.Handler) {
	person, err := s.signIn.Token(r)
	var refusal *signin.Refusal
	switch {
	case errors.As(err, &refusal):
		s.log.WarnContext(r.Context(), "program refused", "request", RequestID(r.Context()), "status", refusal.Status, "why", cmp.Or(refusal.Why, err))
		if refusal.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", programChallenge)
		}
		s.writeError(w, withPerson(r, signin.Person{}), problem{status: refusal.Status, sentence: refusal.Sentence})
	case err != nil:
		s.writeError(w, withPerson(r, signin.Person{}), err)
	case strings.HasPrefix(r.URL.Path, signInPath), strings.HasPrefix(r.URL.Path, accountPath):
		s.writeError(w, withPerson(r, person), badRequest("A program does not sign in: it sends its token with each request."))
	default:
		next.ServeHTTP(w, withPerson(r, person))
	}
}

// programChallenge tells a program how it can name itself.
const programChallenge = `Basic realm="stalkstats", charset="UTF-8"`

// askToSignIn sends a person to sign in, and tells a program that it has to.
func (s *site) askToSignIn(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && isNavigation(r) {
		values := url.Values{}
		if to := signin.Onward(r.URL.RequestURI()); to != "/" {
			values.Set("to", to)
		}
		if s.signIn.HasCookie(r) {
			values.Set("ended", "yes")
		}
		http.Redirect(w, r, (&url.URL{Path: signInPath, RawQuery: values.Encode()}).String(), http.StatusSeeOther)
		return
	}
	challenge := `Cookie realm="stalkstats"`
	if s.signIn.Programs() && r.Header.Get("Sec-Fetch-Mode") == "" { // a browser would ask for a name and a password
		challenge = programChallenge
	}
	w.Header().Set("WWW-Authenticate", challenge)
	s.writeError(w, r, problem{status: http.StatusUnauthorized, sentence: "You have not signed in, or your sign-in has ended. Nothing was done and nothing is shown.", way: link{Text: "Sign in", Address: signInPath}})
}

// isNavigation reports whether a browser is opening a page, and not a program or a
// script fetching it.
func isNavigation(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return !isAPI(r) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// signedIn adds to a frame what is shown of who has signed in.
func (f *frame) signedIn(p signin.Person) {
	if p.Role == signin.NoRole {
		f.Sections, f.Audience = nil, ""
		return
	}
	f.Account, f.SignedAs = accountPath, p.ID
	if p.Some { // who has no page of what was loaded
		f.Sections = slices.DeleteFunc(f.Sections, func(l link) bool { return l.Address == "/data" })
	}
	if p.Role < signin.Analyst {
		f.Sections = slices.DeleteFunc(f.Sections, func(l link) bool { return l.Text == "Reports" })
	}
}

// throughProxy answers only what comes through the programs that speak TLS in front of
// this one, where it does not speak TLS itself.
func (s *site) throughProxy(next http.Handler) http.Handler {
	if len(s.proxies) == 0 || s.signIn == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base := s.signIn.BaseURL()
		switch fromProxy := s.isProxy(peer(r)); {
		case isProbe(r):
		case !fromProxy && r.TLS == nil:
			refuseEarly(w, r, problem{status: http.StatusForbidden, sentence: "These pages are at " + base.String() + ": open them there."})
			return
		case fromProxy && base.Scheme == "https" && r.Header.Get("X-Forwarded-Proto") != "https" && r.TLS == nil:
			refuseEarly(w, r, problem{status: http.StatusForbidden, sentence: "This was sent without TLS, or the program in front does not say how (X-Forwarded-Proto): open " + base.String() + "."})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

func (s *site) isProxy(address netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// clientAddress is where a request comes from. What a proxy says of that is taken
// from those that are named alone: anybody can write the header.
func (s *site) clientAddress(r *http.Request) netip.Addr {
	address := peer(r)
	if !s.isProxy(address) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		said, err := parseHop(strings.TrimSpace(hop))
		if err != nil {
			return address
		}
		if address = said.Unmap().WithZone(""); !s.isProxy(address) {
			return address
		}
	}
	return address
}

// parseHop reads an address as proxies write it: some with the port.
func parseHop(text string) (netip.Addr, error) {
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr(), nil
	}
	return netip.ParseAddr(text)
}
