package dashboard

import (
	"strings"
	"testing"
)

// TestNoCommandForReaders: what is not loaded is told in plain words, with who can load it
// and where; a command stands only on the pages of those who look after the data.
func TestNoCommandForReaders(t *testing.T) {
	led := 0
	for name, page := range renderAll(t, testOverview(bedfordshire)) {
		words := text(parse(t, page))
		owners := strings.HasPrefix(name, "data") || strings.HasPrefix(name, "source") || strings.HasPrefix(name, "run") || strings.HasPrefix(name, "request") || strings.HasPrefix(name, "confirm")
		if strings.Contains(words, "stalkstats etl ") && !owners {
			t.Errorf("%s tells a command: %s", name, words)
		}
		if strings.Contains(words, "A data owner of the force") {
			led++
			if !strings.Contains(string(page), `href="/data/sources/recommendation_register">page of the register`) && !strings.Contains(string(page), `href="/data">the sources and their last runs`) {
				t.Errorf("%s does not lead to where a file is sent", name)
			}
		}
	}
	if led < 4 {
		t.Errorf("only %d pages say who loads", led)
	}
}
