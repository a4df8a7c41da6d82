package dashboard

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// Addresses of the pages on which people sign in and out.
const (
	signInPath   = "/sign-in"
	startPath    = "/sign-in/provider"
	signOutPath  = "/sign-out"
	accountPath  = "/account"
	sessionsPath = "/account/sessions"
)

// signInRoutes are the pages on which people sign in and out.
func (s *site) signInRoutes(internal registrar, reader auditReader) {
	anybody, viewers := internal.anybody(), internal.of(signin.Viewer)
	anybody.page("GET "+signInPath, s.signInForm)
	anybody.page("POST "+signInPath, s.signInLocally(reader))
	anybody.page("GET "+startPath, s.startAtProvider)
	anybody.page("GET "+signin.CallbackPath, s.finishAtProvider(reader))
	viewers.act("POST "+signOutPath, stats.SignOutAct, s.signOut)
	viewers.page("GET "+accountPath, s.account(reader))
	s.sessionRoutes(internal.of(signin.Admin), reader)
}

// signInPage asks who somebody is.
type signInPage struct {
	frame
	Says, Warning  string
	Provider       string // what the provider is called; empty: people have passwords here
	Start          string // the way to it
	Goodbye        string // where people sign out of it; empty where that is not offered
	To             string // where they go then
	Name, Password field
	Faults         []field
}

func (s *site) newSignInPage(to string) *signInPage {
	page := &signInPage{Provider: s.signIn.Provider(), To: signin.Onward(to), Name: field{ID: "name", Longest: longestWho}, Password: field{ID: "password"}}
	page.Title, page.Unfigured = "Sign in", true
	page.Start = (&url.URL{Path: startPath, RawQuery: url.Values{"to": {page.To}}.Encode()}).String()
	return page
}

// showSignIn shows the form. Nothing of it may be kept: who comes next must not find it.
func (s *site) showSignIn(w http.ResponseWriter, r *http.Request, page *signInPage, status int) error {
	own := page.frame
	areas := s.areasForError(r.Context(), problem{status: status})
	page.frame = s.frame(r, areas, s.homeArea(areas)).with(own)
	page.Choice = areaChoice{}
	w.Header().Set("Cache-Control", "no-store")
	return s.renderStatus(w, status, "signin", page)
}

// signInForm shows the empty form, and says why there is one.
func (s *site) signInForm(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, "to", "ended", "out")
	if err != nil {
		return err
	}
	if s.personOf(r).Role != signin.NoRole {
		http.Redirect(w, r, signin.Onward(values["to"]), http.StatusSeeOther)
		return nil
	}
	page := s.newSignInPage(values["to"])
	switch {
	case values["out"] != "":
		page.Title, page.Goodbye = "You have signed out", s.signIn.Goodbye()
	case values["ended"] != "":
		page.Says = "Your sign-in has ended, or was made at another place: sign in again. You then come to the page that you asked for."
	}
	return s.showSignIn(w, r, page, http.StatusOK)
}

// signInLocally signs in somebody who has a password here.
func (s *site) signInLocally(acts actRecorder) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := readFields(w, r, []string{"name", "password", "to"})
		if err != nil {
			return err
		}
		page := s.newSignInPage(form.Get("to"))
		if page.Name.readAs(form, "name"); page.Name.Fault == "" && page.Name.Typed == "" {
			page.Name.Fault = "Give your name."
		}
		if form.Get("password") == "" {
			page.Password.Fault = "Give your password."
		}
		for _, f := range []field{page.Name, page.Password} {
			if f.Fault != "" {
				page.Faults = append(page.Faults, f)
			}
		}
		if len(page.Faults) > 0 {
			return s.showSignIn(w, r, page, http.StatusBadRequest)
		}
		person, err := s.signIn.Password(r.Context(), page.Name.Typed, form.Get("password"), s.clientAddress(r))
		if err != nil {
			return s.notSignedIn(w, r, acts, page, err)
		}
		s.signedIn(w, r, acts, person, page.To)
		return nil
	}
}

// signedIn sends somebody who has signed in to the page that was asked for.
func (s *site) signedIn(w http.ResponseWriter, r *http.Request, acts actRecorder, person signin.Person, to string) {
	about := person.Role.String()
	if person.Some {
		about += ", in detail: " + s.detailAtSignIn(r, person)
	}
	s.record(r, acts, stats.Act{User: person.ID, Action: stats.SignInAct, About: about, Outcome: stats.ActDone})
	s.log.InfoContext(r.Context(), "signed in", "request", RequestID(r.Context()), "user", person.ID, "role", person.Role.String())
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// detailAtSignIn is the areas that somebody who signs in may see in detail, by their codes,
// for the audit. The log is told that a name is no force, and not the name: who filled the
// wrong claim with it may have written anything about the person.
func (s *site) detailAtSignIn(r *http.Request, person signin.Person) string {
	areas, err := s.areas.Areas(r.Context(), query.Latest)
	if err != nil {
		s.log.ErrorContext(r.Context(), "areas in detail not recorded", "request", RequestID(r.Context()), "user", person.ID, "error", err)
		return "not known"
	}
	codes, unknown := areaCodes(person, areas)
	if unknown > 0 {
		s.log.WarnContext(r.Context(), "a sign-in names areas that are no force, which open nothing", "request", RequestID(r.Context()), "user", person.ID, "unknown", unknown, "known", len(codes))
	}
	return cmp.Or(strings.Join(codes, " "), signin.NoArea)
}

// notSignedIn says why somebody could not sign in, and lets them try again.
func (s *site) notSignedIn(w http.ResponseWriter, r *http.Request, acts actRecorder, page *signInPage, err error) error {
	var refusal *signin.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	s.log.WarnContext(r.Context(), "sign-in refused", "request", RequestID(r.Context()), "status", refusal.Status, "account", refusal.Account, "why", refusal.Why)
	if refusal.Wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.Wait.Seconds()))))
	}
	if refusal.Account != "" && refusal.Wait == 0 { // what else was typed as a name may be a password
		s.record(r, acts, stats.Act{User: refusal.Account, Action: stats.SignInAct, Outcome: stats.ActRefused})
	}
	if refusal.Status == http.StatusUnauthorized && page.Provider == "" {
		page.Password.Fault = refusal.Sentence
		page.Faults = []field{page.Password}
		w.Header().Set("WWW-Authenticate", `Cookie realm="stalkstats"`)
	} else {
		page.Warning = refusal.Sentence
	}
	page.Title = "You are not signed in"
	return s.showSignIn(w, r, page, refusal.Status)
}

// startAtProvider sends somebody to the provider.
func (s *site) startAtProvider(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, "to")
	if err != nil {
		return err
	}
	address, err := s.signIn.Start(w, r, values["to"], s.clientAddress(r))
	if err != nil {
		return s.notSignedIn(w, r, nil, s.newSignInPage(values["to"]), err)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// finishAtProvider takes in somebody whom the provider sends back.
func (s *site) finishAtProvider(acts actRecorder) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		person, to, err := s.signIn.Finish(w, r)
		if err != nil {
			return s.notSignedIn(w, r, acts, s.newSignInPage(to), err)
		}
		s.signedIn(w, r, acts, person, to)
		return nil
	}
}

// signOut ends a session, and has the browser forget the pages that it keeps.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.signIn.SignOut(r.Context()); err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "signed out", "request", RequestID(r.Context()), "user", idOf(r))
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, signInPath+"?out=yes", http.StatusSeeOther)
	return nil
}

// accountPage says as whom somebody has signed in.
type accountPage struct {
	frame
	ID, Role string
	Detail   string // the areas that the person may see in detail; empty: all
	May      []string
	Sessions string // the page of all sessions; empty where the reader may not see it
	Audit    string // the page of who did what
}

var mayWords = map[signin.Role]string{
	signin.Viewer:    "see every page of figures, and what was loaded",
	signin.Analyst:   "take figures away: as CSV, by the API, as permanent links and saved reports",
	signin.DataOwner: "run sources, send files, accept, replay and withdraw, and enter statuses, targets, steps and notes",
	signin.Admin:     "see who did what, and end the sessions of others",
}

func (s *site) account(reader areasReader) handler {
	return func(w http.ResponseWriter, r *http.Request) (err error) {
		if _, err := parameters(r); err != nil {
			return err
		}
		page := buildAccount(s.personOf(r))
		if s.personOf(r).Some {
			if page.Detail, err = s.detailNames(r, reader); err != nil {
				return err
			}
		}
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "account", page)
	}
}

func buildAccount(p signin.Person) accountPage {
	page := accountPage{ID: p.ID, Role: capitalised(p.Role.Words())}
	page.Title, page.Unfigured = "Your account", true
	for _, role := range signin.Roles() {
		switch words, some := maySomeWords[role]; {
		case role > p.Role:
		case !p.Some:
			page.May = append(page.May, mayWords[role])
		case some:
			page.May = append(page.May, words)
		}
	}
	if p.Role >= signin.Admin {
		page.Sessions = sessionsPath
		if !p.Some {
			page.Audit = auditPath
		}
	}
	return page
}

// maySomeWords is mayWords of those who may see some areas in detail: they have pages and
// files of figures, and nothing else.
var maySomeWords = map[signin.Role]string{
	signin.Viewer:  "see the pages of figures: these areas in detail, all others as the public has them",
	signin.Analyst: "take these figures away, as CSV and by the API",
	signin.Admin:   "end the sessions of others",
}

// detailNames is the areas that the sender of a request may see in detail, in words.
func (s *site) detailNames(r *http.Request, reader areasReader) (string, error) {
	areas, err := reader.Areas(r.Context(), query.Latest)
	if err != nil {
		return "", err
	}
	var names []string
	codes, _ := areaCodes(s.personOf(r), areas)
	for _, code := range codes {
		area, _ := areas.ByCode(code)
		names = append(names, area.Name)
	}
	return cmp.Or(listed(names), "none"), nil
}
