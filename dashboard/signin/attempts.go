package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

const (
	// attemptTakes is how long somebody may take at the provider.
	attemptTakes = 10 * time.Minute
	// mostAttempts is how many are remembered; the oldest goes.
	mostAttempts = 10_000
)

// An attempt is one way to the provider and back.
type attempt struct {
	state, nonce, verifier string
	browser                string // the cookie of the browser that began it
	to                     string
	began                  time.Time
}

// attempts are those that have not come back. Each comes back once.
type attempts struct {
	mu    sync.Mutex
	open  map[string]attempt // by state
	order []string
}

func newAttempts() *attempts { return &attempts{open: map[string]attempt{}} }

func (a *attempts) begin(now time.Time, to string) attempt {
	one := attempt{state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), browser: rand.Text(), to: to, began: now}
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.order) > 0 && (len(a.order) >= mostAttempts || now.Sub(a.open[a.order[0]].began) > attemptTakes) {
		delete(a.open, a.order[0])
		a.order = a.order[1:]
	}
	a.open[one.state] = one
	a.order = append(a.order, one.state)
	return one
}

// end is the attempt of a state, if this browser began it and it is not too old.
func (a *attempts) end(now time.Time, state, browser string) (attempt, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, ok := a.open[state]
	if !ok || !sameText(one.browser, browser) {
		return attempt{}, false
	}
	delete(a.open, state)
	return one, now.Sub(one.began) <= attemptTakes
}

func sameText(a, b string) bool {
	left, right := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(left[:], right[:]) == 1
}
