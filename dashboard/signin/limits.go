package signin

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"stalkstats/internal/lately"
)

// How often somebody may try to sign in. Each has a few attempts at once, and then
// one after each pause. One address may be that of a whole station.
const (
	accountAttempts = 5
	accountPause    = 5 * time.Minute
	addressAttempts = 30
	addressPause    = 10 * time.Second
	limitsKept      = 4 << 20 // bytes: of about ten thousand accounts and addresses
)

// limits counts attempts to sign in, by account and by address.
type limits struct {
	mu                  sync.Mutex
	accounts, addresses *lately.Asked[string, *rate.Limiter]
}

func newLimits() *limits {
	return &limits{accounts: lately.New[string, *rate.Limiter](limitsKept), addresses: lately.New[string, *rate.Limiter](limitsKept)}
}

// try counts an attempt; where there were too many it says how long to wait. An
// account that there is not is counted like any other.
func (l *limits) try(now time.Time, account string, from netip.Addr) (wait time.Duration) {
	if wait = l.from(now, from); wait > 0 {
		return wait
	}
	return l.take(l.accounts, account, now, accountAttempts, accountPause)
}

// from counts an attempt of an address alone.
func (l *limits) from(now time.Time, from netip.Addr) (wait time.Duration) {
	return l.take(l.addresses, network(from), now, addressAttempts, addressPause)
}

func (l *limits) take(of *lately.Asked[string, *rate.Limiter], key string, now time.Time, attempts int, pause time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit, ok := of.Get(key)
	if !ok {
		limit = rate.NewLimiter(rate.Every(pause), attempts)
		of.Put(key, limit, len(key))
	}
	if limit.AllowN(now, 1) {
		return 0
	}
	missing := 1 - limit.TokensAt(now)
	return time.Duration(missing * float64(pause))
}

// succeeded lets an account try again as often as at first.
func (l *limits) succeeded(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts.Put(account, rate.NewLimiter(rate.Every(accountPause), accountAttempts), len(account))
}

// network is what an attempt is counted for: one address, or of version 6 the network
// that one house has.
func network(from netip.Addr) string {
	from = from.Unmap()
	if from.Is6() {
		if prefix, err := from.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return from.String()
}
