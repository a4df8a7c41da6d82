package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// requestPage is one thing that somebody asked for, and how far it has come.
type requestPage struct {
	frame
	What, Source   link
	AskedAt, Who   string
	Why            string
	State, Problem string
	Idle           string // since when nobody has taken it up; empty while that is no wonder
	Runs           []link
	Again          string // the page itself, while it waits for something
}

type requestReader interface {
	areasReader
	Request(ctx context.Context, id string) (query.Asked, error)
}

// schedulerPatience is how long a request may wait before the page says that
// nobody seems to be there to take it up.
const schedulerPatience = 30 * time.Second

// request shows how far a request has come. Once it is done and one run came
// of it, that run's page says more.
func (s *site) request(reader requestReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		id := r.PathValue("id")
		asked, err := s.awaited(r.Context(), reader, id)
		if errors.Is(err, query.ErrNotFound) {
			return notFound("There is no request “%s”.", echoed(id))
		} else if err != nil {
			return err
		}
		if asked.Answer.State == stats.RequestDone && len(asked.Answer.Runs) == 1 {
			http.Redirect(w, r, runAddress(asked.Answer.Runs[0]), http.StatusSeeOther)
			return nil
		}
		page := buildRequest(asked, s.titles, s.now())
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "request", page)
	}
}

// usualWait is how long a page waits for a request to come to its end before it shows
// how far that is: most take less, and their reader is led to the run at once. A page
// that loads itself anew would take the place of whoever reads it slowly from them
// (WCAG 2.2, 2.2.1 and technique F41).
const usualWait = 5 * time.Second

// askEvery is how often the page looks meanwhile.
const askEvery = 200 * time.Millisecond

// awaited is a request at its end, or as it is when the wait is over.
func (s *site) awaited(ctx context.Context, reader requestReader, id string) (query.Asked, error) {
	over := time.After(s.wait)
	looks := time.NewTicker(askEvery)
	defer looks.Stop()
	for {
		asked, err := reader.Request(ctx, id)
		if err != nil || !asked.Open() {
			return asked, err
		}
		select {
		case <-over:
			return asked, nil
		case <-ctx.Done():
			return asked, context.Cause(ctx)
		case <-looks.C:
		}
	}
}

func buildRequest(asked query.Asked, titles sourceTitles, now time.Time) requestPage {
	page := requestPage{
		What: link{Text: whatIsAsked(asked.Request, titles)}, AskedAt: moment(asked.AskedAt), Who: asked.Who, Why: asked.Why,
		Source: link{Text: titles.heading(asked.Source), Address: sourceAddress(asked.Source)}, Problem: asked.Answer.Problem,
	}
	switch {
	case asked.Run != "":
		page.What.Address = runAddress(asked.Run)
	case asked.Release != "":
		page.What.Address = runAddress(asked.Release)
	}
	for _, run := range asked.Answer.Runs {
		page.Runs = append(page.Runs, link{Text: run, Address: runAddress(run)})
	}
	if asked.Open() {
		page.Again = requestAddress(asked.ID)
	}
	switch waited := now.Sub(asked.AskedAt); asked.Answer.State {
	case stats.RequestWaits:
		page.Title, page.State = "Waiting for the scheduler", "waiting"
		if waited >= schedulerPatience {
			page.Title = "Nobody has taken this up"
			page.Idle = fmt.Sprintf("This has waited for %s, and the scheduler looks every few seconds: it is not running. Start it with", span(waited))
		}
	case stats.RequestTaken:
		page.Title, page.State = "Being done now", "taken up"
	case stats.RequestRefused:
		page.Title, page.State = "Not done", "refused"
	default:
		page.Title, page.State = "Done", "done"
	}
	return page
}

// whatIsAsked is a request in a few words.
func whatIsAsked(q stats.Request, titles sourceTitles) string {
	title := titles.of(q.Source)
	switch q.Kind {
	case stats.ReplayRequest:
		return "Read the file of run " + q.Run + " again, of " + title
	case stats.AcceptRequest:
		return "Publish the held run " + q.Run + " of " + title
	case stats.WithdrawRequest:
		return "Withdraw release " + q.Release + " of " + title
	}
	if q.Upload != "" {
		return fmt.Sprintf("Check the file %s for %s", q.File, title)
	}
	if q.DryRun {
		return "Check the file of " + title
	}
	return "Run " + title
}
