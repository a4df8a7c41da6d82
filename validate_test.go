package main

import (
	"strings"
	"testing"

	"stalkstats/dashboard/pagetest"
)

// TestPagesValidate: each page, for the force and for everybody, is HTML as the standard has it.
func TestPagesValidate(t *testing.T) {
	t.Parallel()
	bodies := map[string][]byte{}
	for _, page := range everyPage(t) {
		_, kind, body := get(t, page.address)
		if !strings.HasPrefix(kind, "text/html") {
			t.Errorf("%s is %s", page.name, kind)
		}
		bodies[page.name] = []byte(body)
	}
	pagetest.Validate(t, ".", bodies)
}
