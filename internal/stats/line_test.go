package stats_test

import (
	"testing"

	"stalkstats/internal/stats"
)

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"a b": "a b", "a\nb": "a b", "a\r\nb": "a b", "a\rb": "a b", "a\tb": "a b", "a\u2028b\u2029c": "a b c", "a\n\nb": "a  b", "é": "é",
	} {
		if got := stats.OneLine(text); got != want || !stats.IsOneLine(got) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if stats.IsOneLine(text) != (text == want) {
			t.Errorf("%q is said to be one line: %v", text, stats.IsOneLine(text))
		}
	}
}
