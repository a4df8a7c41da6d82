package disclosure

import (
	"fmt"
	"testing"

	"stalkstats/internal/stats"
)

// TestPattern: exactly what is put into a pattern is shown, whatever its size.
func TestPattern(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 8, 9, 1000, 20_000} {
		cell := func(i int) Cell {
			return Cell{Key: stats.Key{Measure: "m", Area: fmt.Sprint(i), Period: stats.FinancialYear(2020)}, Value: float64(i % 3)}
		}
		var shown []Cell
		for i := range n {
			shown = append(shown, cell(i))
		}
		p := NewPattern(shown)
		for i := range n {
			if c := cell(i); !p.Shows(c.Key, c.Value) || p.Shows(c.Key, c.Value+1) {
				t.Fatalf("of %d counts that are shown, number %d is not, or with another number too", n, i)
			}
		}
		for i := n; i < n+1000; i++ {
			if c := cell(i); p.Shows(c.Key, c.Value) {
				t.Fatalf("%d counts are shown, and number %d is too", n, i)
			}
		}
	}
}
