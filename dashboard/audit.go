package dashboard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"stalkstats/internal/stats"
)

type actRecorder interface {
	RecordAct(ctx context.Context, act stats.Act) error
}

// audited records what a form does: that it was done, refused or failed. A form that is
// shown again, to be mended, did nothing.
func (s *site) audited(log actRecorder, action stats.Action, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) (err error) {
		ended, watch := false, &statusWriter{ResponseWriter: w}
		defer func() { // what panics may have been done in part
			outcome := outcomeOfAct(watch.status, err)
			if !ended {
				outcome = stats.ActFailed
			}
			if outcome != "" {
				s.record(r, log, stats.Act{Action: action, Outcome: outcome, Made: w.Header().Get("Location")})
			}
		}()
		err = h(watch, r)
		ended = true
		return err
	}
}

// outcomeOfAct is empty where nothing was done and nothing was refused.
func outcomeOfAct(status int, err error) stats.ActOutcome {
	var p problem
	switch {
	case err == nil && status == http.StatusSeeOther:
		return stats.ActDone
	case err == nil:
		return ""
	case !errors.As(err, &p) || p.status >= http.StatusInternalServerError:
		return stats.ActFailed
	case p.status == http.StatusForbidden || p.status == http.StatusConflict:
		return stats.ActRefused
	}
	return ""
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// record adds to the audit what somebody did on a page. It has been done by then.
func (s *site) record(r *http.Request, log actRecorder, a stats.Act) {
	a.ID, a.At, a.Channel = s.newID(), s.now(), stats.PageChannel
	if a.User == "" {
		a.User = idOf(r)
	}
	if a.About == "" {
		a.About = r.URL.RequestURI()
	}
	RecordAct(r.Context(), log, s.log, a)
}

// RecordAct adds to the audit what somebody did. What cannot be recorded is told in the
// log, with all that the record would have.
func RecordAct(ctx context.Context, to actRecorder, log *slog.Logger, a stats.Act) {
	if a.ID == "" {
		a.ID, a.At = NewID(time.Now()), time.Now()
	}
	if len(a.About) > longestFilters {
		a.About = a.About[:longestFilters] + "…"
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordingTakes)
	defer cancel()
	if err := to.RecordAct(ctx, a); err != nil {
		log.ErrorContext(ctx, "act not recorded", "request", RequestID(ctx), "user", a.User, "channel", string(a.Channel), "action", string(a.Action),
			"about", a.About, "outcome", string(a.Outcome), "made", a.Made, "error", err)
	}
}
