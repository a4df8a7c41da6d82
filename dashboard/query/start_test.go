package query

import (
	"testing"

	"stalkstats/internal/stats"
)

// TestStart: the figures from a measure and an area on are the rest of all, of
// few figures and of many that are asked in portions.
func TestStart(t *testing.T) {
	_, reader, codes := history(t)
	quarter := stats.Quarter(2013, 2)
	for name, filter := range map[string]Filter{"one area": {Areas: codes[:1]}, "portions": {From: quarter.Start, To: quarter.End}} {
		all, err := collect(reader.Figures(t.Context(), filter))
		if err != nil || len(all) < 1000 {
			t.Fatalf("%s: %d figures, error %v", name, len(all), err)
		}
		for _, at := range []int{len(all) / 3, len(all) - 1} {
			filter.Start = Start{all[at].Measure, all[at].Area}
			rest := all
			for len(rest) > 0 && filter.Start.before(rest[0].Key) {
				rest = rest[1:]
			}
			n := 0
			for f, err := range reader.Figures(t.Context(), filter) {
				if err != nil {
					t.Fatal(err)
				}
				if n >= len(rest) || f.Key != rest[n].Key || f.Value != rest[n].Value {
					t.Fatalf("%s from %v on: figure %d is %+v", name, filter.Start, n, f.Key)
				}
				n++
			}
			if n != len(rest) {
				t.Errorf("%s from %v on: %d figures, want %d", name, filter.Start, n, len(rest))
			}
		}
	}
}
