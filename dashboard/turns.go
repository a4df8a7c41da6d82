package dashboard

import (
	"context"
	"net/http"
	"time"
)

// turns bounds what reports take together. Each is flat in memory, and as many as
// anybody liked would not be.
type turns struct {
	free    chan struct{}
	longest time.Duration // that a report waits for its turn
	stall   time.Duration // that a reader may take nothing of a report before it is broken off
}

// usualTurns are those of a site. Sixteen reports take under 700 MB, and two cores
// are busy with fewer.
func usualTurns() turns {
	return turns{make(chan struct{}, 16), 15 * time.Second, time.Minute}
}

// take waits for a turn.
func (t turns) take(ctx context.Context) error {
	wait := time.NewTimer(t.longest)
	defer wait.Stop()
	select {
	case t.free <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return problem{status: http.StatusServiceUnavailable, title: "Too many reports at once",
			sentence: "As many reports are being made as this computer can make at once. Try again in a minute."}
	}
}

// inTurn is a handler of a report that waits for its turn, and that no reader can
// hold up by taking nothing.
func (s *site) inTurn(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.turns.take(r.Context()); err != nil {
			w.Header().Set("Retry-After", "60")
			return err
		}
		defer func() { <-s.turns.free }()
		out := &hurried{w, http.NewResponseController(w), s.turns.stall}
		defer out.until(time.Time{}) // the connection may have further answers
		return h(out, r)
	}
}

// hurried is an answer whose reader must take something now and then.
type hurried struct {
	http.ResponseWriter
	connection *http.ResponseController
	stall      time.Duration
}

// until sets the time by which what is written must have been taken. Only a
// connection has one; what is written into memory needs none.
func (w *hurried) until(at time.Time) { _ = w.connection.SetWriteDeadline(at) }

// Write implements io.Writer.
func (w *hurried) Write(p []byte) (int, error) {
	w.until(time.Now().Add(w.stall))
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *hurried) Unwrap() http.ResponseWriter { return w.ResponseWriter }
