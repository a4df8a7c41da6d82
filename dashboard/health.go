package dashboard

import (
	"errors"
	"fmt"
	"net/http"
)

// health answers as soon as the process serves at all.
func (s *site) health(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
	return nil
}

// readiness answers 503, with the reason, until the figures can be read. It
// is for a load balancer, and so is plain text.
func (s *site) readiness(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.ready(r.Context()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		if !s.isInternal() {
			err = errors.New("not ready") // why is for the force alone
		}
		fmt.Fprintln(w, err)
		return nil
	}
	fmt.Fprintln(w, "ready")
	return nil
}
