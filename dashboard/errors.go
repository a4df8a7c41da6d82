package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// handler serves one page, or returns why it cannot.
type handler func(w http.ResponseWriter, r *http.Request) error

// A problem is an error that the reader of a page is told about: a status and
// a plain sentence.
type problem struct {
	status   int
	sentence string
	title    string // what was asked, in a few words; empty for the status's own title
	way      link   // on, to what there is instead
}

// Error is the sentence.
func (p problem) Error() string { return p.sentence }

func notFound(format string, args ...any) error {
	return problem{status: http.StatusNotFound, sentence: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return problem{status: http.StatusBadRequest, sentence: fmt.Sprintf(format, args...)}
}

// onward is a problem that says in its title what was asked, and has a way on.
func onward(err error, title string, way link) error {
	var p problem
	if !errors.As(err, &p) {
		return err
	}
	p.title, p.way = title, way
	return p
}

// longestEcho is how many characters of an address a sentence repeats.
const longestEcho = 40

// echoed is a part of an address as a sentence repeats it: enough to know it
// by, and never a page of it.
func echoed(text string) string {
	runes := []rune(strings.ToValidUTF8(text, "�"))
	if len(runes) > longestEcho {
		return string(runes[:longestEcho]) + "…"
	}
	return string(runes)
}

// serve turns what a handler returns into a response. All that a page asks is
// answered from what is served at one moment.
func (s *site) serve(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(query.OneState(r.Context()))
		if err := h(w, r); err != nil {
			s.writeError(w, r, err)
		}
	})
}

// writeError is the one place that answers with an error. A problem is shown;
// any other error is logged, and the page shows only the request's id, by
// which the log can be searched.
func (s *site) writeError(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the reader has gone, and nobody is there to be told
	}
	p, told := s.explain(r.Context(), err)
	if !told {
		s.log.ErrorContext(r.Context(), "page failed", "request", RequestID(r.Context()), "path", r.URL.Path, "error", err)
	}
	if isAPI(r) {
		writeProblem(w, r, p)
		return
	}
	areas := s.areasForError(r.Context(), p)
	page := errorPage{frame: s.frame(r, areas, s.homeArea(areas)), Sentence: p.sentence, NotReady: p.status == http.StatusServiceUnavailable}
	page.Way, page.Sees = p.way, ""
	page.Title = cmp.Or(p.title, errorTitles[p.status])
	if r.Method == http.MethodPost && p.status == http.StatusBadRequest {
		page.Title = "The form cannot be used as it was sent"
	}
	if p.status == http.StatusInternalServerError {
		page.Request = RequestID(r.Context())
	}
	if err := s.renderStatus(w, p.status, "error", page); err != nil {
		s.log.ErrorContext(r.Context(), "error page failed", "request", RequestID(r.Context()), "error", err)
		http.Error(w, p.sentence, p.status)
	}
}

// areasPatience is how long an error page waits for the name of the force.
const areasPatience = time.Second

// areasForError reads the areas for an error page's masthead. They are nil
// where they cannot be read: an error page must not fail for them.
func (s *site) areasForError(ctx context.Context, p problem) *stats.Areas {
	if s.areas == nil || p.status == http.StatusServiceUnavailable {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, areasPatience)
	defer cancel()
	areas, err := s.areas.Areas(ctx, query.Latest)
	if err != nil {
		return nil
	}
	return areas
}

// explain turns any error into what the reader is told, and reports whether
// that is the whole story.
func (s *site) explain(ctx context.Context, err error) (p problem, told bool) {
	if errors.As(err, &p) {
		return p, true
	}
	if errors.Is(err, query.ErrAltered) {
		return problem{status: http.StatusInternalServerError, sentence: "What is kept under this permanent link is not what was kept when it was made, so nothing is handed out. It has been written to the log."}, false
	}
	if s.ready(ctx) != nil {
		return problem{status: http.StatusServiceUnavailable, sentence: "The figures cannot be read yet: they are being loaded, or the database is starting. Try again in a minute."}, false
	}
	return problem{status: http.StatusInternalServerError, sentence: "This page could not be made, and the fault is ours. It has been written to the log."}, false
}

type errorPage struct {
	frame
	Sentence string
	Request  string
	Way      link // on, to what there is instead; empty where nothing is nearer than the overview
	NotReady bool
}

var errorTitles = map[int]string{
	http.StatusBadRequest:       "The address asks for something that cannot be",
	http.StatusUnauthorized:     "You have not signed in",
	http.StatusForbidden:        "This is not allowed here",
	http.StatusNotFound:         "Not found",
	http.StatusGone:             "This link was withdrawn",
	http.StatusConflict:         "This cannot be done any more",
	http.StatusMethodNotAllowed: "This page can only be read",

	http.StatusRequestEntityTooLarge: "Too large",
	http.StatusInternalServerError:   "Something went wrong",
	http.StatusServiceUnavailable:    "Not ready yet",
}
