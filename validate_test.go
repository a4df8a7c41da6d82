package main

import (
	"log/slog"
	"strings"
	"testing"

	"stalkstats/dashboard"
	"stalkstats/dashboard/pagetest"
)

// TestPagesValidate: the pages of the default configuration, for the force and for
// everybody, are HTML as the standard has it.
func TestPagesValidate(t *testing.T) {
	t.Parallel()
	address, p := site(t)
	public, _ := publicSite(t, p, usualRules, slog.New(slog.DiscardHandler), dashboard.Public{SafeAddress: "https://www.example.org/", Contacts: []dashboard.Contact{helpline}})
	bodies := map[string][]byte{}
	more := []shownPage{{name: "source", address: "/data/sources/force_return"}, {name: "downloads", address: "/data/downloads"}, {name: "permalinks", address: "/reports/permalinks"},
		{name: "keep", address: "/reports/permalink?measure=stalking_charges&area=E23000026"}, {name: "withdraw", address: "/data/sources/force_return/run"}}
	for _, page := range append(append(at(address, pages), at(public, publicPages())...), at(address, more)...) {
		_, kind, body := get(t, page.address)
		if !strings.HasPrefix(kind, "text/html") {
			t.Errorf("%s is %s", page.name, kind)
		}
		bodies[page.name] = []byte(body)
	}
	pagetest.Validate(t, ".", bodies)
}
