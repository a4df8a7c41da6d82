package main

import (
	"log/slog"
	"sync"
	"testing"

	"stalkstats/dashboard"
	"stalkstats/internal/clickhouse/clickhousetest"
)

// Tests that only read share a site: its figures are loaded once, and what its pages and
// charts cost is spent once. A test that loads, enters or keeps something makes a site of
// its own.

// shared is something that is made for the first test that needs it, and lasts for all.
type shared[T any] struct {
	once sync.Once
	made bool
	it   T
}

func (s *shared[T]) get(t testing.TB, make func(lasting testing.TB) T) T {
	t.Helper()
	s.once.Do(func() { s.it, s.made = make(clickhousetest.Lasting(t)), true })
	if !s.made {
		t.Fatal("what several tests share could not be made: the first of them says why")
	}
	return s.it
}

// sites is a site, and the one for everybody beside it.
type sites struct{ address, public string }

var sharedSample shared[sites]

// sample is the site of the default configuration that tests share.
func sample(t testing.TB) sites {
	t.Helper()
	return sharedSample.get(t, func(lasting testing.TB) sites {
		address, p := site(lasting)
		return sites{address, helpedSite(lasting, p)}
	})
}

// helpedSite is a site for everybody with all that one may have.
func helpedSite(t testing.TB, p pipeline) string {
	t.Helper()
	address, _ := publicSite(t, p, usualRules, slog.New(slog.DiscardHandler), dashboard.Public{SafeAddress: "https://www.example.org/", Contacts: []dashboard.Contact{helpline}})
	return address
}

var sharedWorked shared[[]shownPage]

// everyPage is each page of the default configuration, those that there are once somebody
// has worked on it, and those for everybody, of a site that tests share.
func everyPage(t *testing.T) []shownPage {
	t.Helper()
	return sharedWorked.get(t, func(lasting testing.TB) []shownPage {
		address, p := site(lasting)
		public := helpedSite(lasting, p)
		return append(append(at(address, pages), at(address, workedPages(t, address, p))...), at(public, publicPages())...)
	})
}
