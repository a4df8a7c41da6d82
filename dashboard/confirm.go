package dashboard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// confirmPage says what an action will change, and asks who wants it.
type confirmPage struct {
	frame
	action
	Action   string // the address that the form is sent to
	Who, Why field
	Unsigned bool    // neither is asked
	Faults   []field // what must be mended
}

// frameOfArea is the frame of a form about an area, which the form has chosen.
func (s *site) frameOfArea(r *http.Request, areas *stats.Areas, area stats.Area) func(frame) (frame, error) {
	return func(own frame) (frame, error) {
		f := s.frame(r, areas, area).with(own)
		f.Choice = areaChoice{}
		return f, nil
	}
}

// newConfirmPage is the empty form of an action.
func newConfirmPage(a action, address string) *confirmPage {
	page := &confirmPage{action: a, Action: address, Who: field{ID: "who", Longest: longestWho}, Why: field{ID: "why", Longest: longestWhy}}
	page.Title = a.Finding
	return page
}

// signed reads who confirms and why. Where an answer needs mending the form is
// shown again with what is wrong, and ok is false.
func (s *site) signed(w http.ResponseWriter, r *http.Request, page *confirmPage, frameOf func(frame) (frame, error)) (by signature, ok bool, err error) {
	form, err := readFields(w, r, []string{"who", "why"})
	if err != nil {
		return by, false, err
	}
	if by = page.read(form); len(page.Faults) == 0 {
		return by, true, nil
	}
	page.Title = "Nothing was done: " + plural(len(page.Faults), "answer needs", "answers need") + " mending"
	if page.frame, err = frameOf(page.frame); err != nil {
		return by, false, err
	}
	return by, false, s.renderStatus(w, http.StatusBadRequest, "confirm", page)
}

// An action is one thing that can be asked for: what its confirmation says,
// and the request.
type action struct {
	Finding  string   // the page's title: the question
	Says     []string // what will change, a paragraph each
	Warning  string   // what speaks against it; empty where nothing does
	Lists    []string // details, one line each
	Last     string   // what else is good to know
	Button   string
	NeedsWhy bool
	Grave    bool // it takes figures away, or lets through what a check held
	Back     link
	request  stats.Request
}

// actionReader is what the actions ask of the figures.
type actionReader interface {
	measuresNamer
	sourcesReader
	runsReader
	oneRunReader
	Release(ctx context.Context, id string) (stats.Release, error)
	Withdrawal(ctx context.Context, release stats.Release) (query.Withdrawal, error)
	Ask(ctx context.Context, request stats.Request) error
}

// builder makes the action that an address names, or says why it cannot be.
type builder func(ctx context.Context, r *http.Request) (action, error)

var errNoActions = problem{status: http.StatusForbidden, sentence: "Nothing can be started, sent or withdrawn on these pages: dashboard.actions is off in the configuration. Use the command line."}

// confirm shows what an action will change.
func (s *site) confirm(reader areasReader, build builder) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		wanted, err := s.allowed(r, build)
		if err != nil {
			return err
		}
		page := newConfirmPage(wanted, (&url.URL{Path: r.URL.Path}).EscapedPath())
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

// submit asks for an action that somebody has confirmed.
func (s *site) submit(reader actionReader, build builder) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		wanted, err := s.allowed(r, build)
		if err != nil {
			return err
		}
		page := newConfirmPage(wanted, (&url.URL{Path: r.URL.Path}).EscapedPath())
		signed, ok, err := s.signed(w, r, page, func(own frame) (frame, error) { return s.plainFrame(r, reader, own) })
		if !ok {
			return err
		}
		request := wanted.request
		request.ID, request.AskedAt = s.newID(), s.now()
		request.Who, request.Why = signed.Who, signed.Why
		if err := reader.Ask(r.Context(), request); err != nil {
			return err
		}
		s.log.InfoContext(r.Context(), "asked for", "request", RequestID(r.Context()), "asked", request.ID, "kind", request.Kind,
			"source", request.Source, "run", request.Run, "release", request.Release)
		http.Redirect(w, r, requestAddress(request.ID), http.StatusSeeOther)
		return nil
	}
}

// allowed builds an action where actions are allowed at all.
func (s *site) allowed(r *http.Request, build builder) (action, error) {
	if !s.actions {
		return action{}, errNoActions
	}
	if _, err := parameters(r); err != nil {
		return action{}, err
	}
	return build(r.Context(), r)
}

// newID names a request so that it sorts by time and does not repeat.
func (s *site) newID() string { return NewID(s.now()) }

// NewID names what happens now so that it sorts by time and does not repeat.
func NewID(now time.Time) string {
	var random [4]byte
	rand.Read(random[:]) // never fails
	return now.UTC().Format("20060102T150405") + "-" + hex.EncodeToString(random[:])
}

func withdrawAddress(release string) string {
	return "/data/releases/" + url.PathEscape(release) + "/withdraw"
}

func requestAddress(id string) string { return "/data/requests/" + url.PathEscape(id) }

// configured is the source of the configuration that an action is for.
func (s *site) configured(name string) (Source, error) {
	source, ok := s.sourceNamed(name)
	if !ok {
		return source, notFound("There is no source “%s” in the configuration.", echoed(name))
	}
	return source, nil
}

// findRelease is the release that an address names.
func findRelease(ctx context.Context, reader actionReader, id string) (stats.Release, error) {
	release, err := reader.Release(ctx, id)
	if errors.Is(err, query.ErrNotFound) {
		return release, notFound("There is no release “%s”.", echoed(id))
	}
	return release, err
}
