package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOldestFirst: the newest edition is loaded last.
func TestOldestFirst(t *testing.T) {
	for name, tt := range map[string]struct{ names, want []string }{
		"day, month, year":   {[]string{"t-230726.ods", "t-251025.ods", "t-240426.ods"}, []string{"t-251025.ods", "t-240426.ods", "t-230726.ods"}},
		"forms of all kinds": {[]string{"b-20260723.ods", "a-2025-10-25.ods", "c-010125.ods"}, []string{"c-010125.ods", "a-2025-10-25.ods", "b-20260723.ods"}},
		"one day":            {[]string{"b-230726.ods", "a-2026-07-23.ods"}, []string{"a-2026-07-23.ods", "b-230726.ods"}},
		"one is without":     {[]string{"t-251025.ods", "t-230726.ods", "a.ods"}, []string{"a.ods", "t-230726.ods", "t-251025.ods"}},
		"one is no day":      {[]string{"t-310626.ods", "t-251025.ods"}, []string{"t-251025.ods", "t-310626.ods"}},
		"none":               {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var items []Item
			for _, n := range tt.names {
				items = append(items, Item{Name: n, Address: "https://example.org/" + n})
			}
			oldestFirst(items)
			var got []string
			for _, i := range items {
				got = append(got, i.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
