package signin

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"stalkstats/internal/lately"
)

// A limit is how often somebody may try to sign in: a few times at once, and then once
// after each pause.
type limit struct {
	attempts int
	pause    time.Duration
}

// One address may be that of a whole station. An account has few attempts from one
// address, so that nobody elsewhere can lock its owner out, and more from all together,
// so that many addresses do not help a guesser.
var (
	accountThere    = limit{5, 5 * time.Minute}
	accountAnywhere = limit{50, time.Minute}
	addressLimit    = limit{30, 10 * time.Second}
)

// limitsKept is bytes: of about ten thousand accounts and addresses.
const limitsKept = 4 << 20

// limits counts attempts to sign in, by account, by address and by both.
type limits struct {
	mu                         sync.Mutex
	there, anywhere, addresses *lately.Asked[string, *rate.Limiter]
}

func newLimits() *limits {
	return &limits{there: lately.New[string, *rate.Limiter](limitsKept), anywhere: lately.New[string, *rate.Limiter](limitsKept), addresses: lately.New[string, *rate.Limiter](limitsKept)}
}

// try counts an attempt; where there were too many it says how long to wait. An
// account that there is not is counted like any other.
func (l *limits) try(now time.Time, account string, from netip.Addr) (wait time.Duration) {
	if wait = l.from(now, from); wait > 0 {
		return wait
	}
	if wait = l.take(l.there, accountFrom(account, from), now, accountThere); wait > 0 {
		return wait
	}
	return l.take(l.anywhere, account, now, accountAnywhere)
}

// from counts an attempt of an address alone.
func (l *limits) from(now time.Time, from netip.Addr) (wait time.Duration) {
	return l.take(l.addresses, network(from), now, addressLimit)
}

func (l *limits) take(of *lately.Asked[string, *rate.Limiter], key string, now time.Time, by limit) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := of.Get(key)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(by.pause), by.attempts)
		of.Put(key, limiter, len(key))
	}
	if limiter.AllowN(now, 1) {
		return 0
	}
	missing := 1 - limiter.TokensAt(now)
	return time.Duration(missing * float64(by.pause))
}

// succeeded lets an account try again from there as often as at first.
func (l *limits) succeeded(account string, from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := accountFrom(account, from)
	l.there.Put(key, rate.NewLimiter(rate.Every(accountThere.pause), accountThere.attempts), len(key))
}

func accountFrom(account string, from netip.Addr) string { return account + "\n" + network(from) }

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
