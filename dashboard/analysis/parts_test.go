package analysis

import (
	"errors"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// The parts of a period are what its figure is the sum of.
func TestParts(t *testing.T) {
	month := func(m time.Month, n float64) stats.Figure {
		return stats.Figure{Key: stats.Key{Period: stats.Month(2024, m)}, Value: stats.Number(n)}
	}
	s := stats.Series{Measure: stats.Measure{AddsUp: stats.OverAreasAndPeriods}, Figures: []stats.Figure{month(3, 4), month(1, 1), month(2, 2)}}
	quarter := stats.Quarter(2023, 4)
	parts, err := Parts(s, quarter)
	if err != nil || len(parts) != 3 || parts[0].Period != stats.Month(2024, 1) || parts[2].Value.Number != 4 {
		t.Fatalf("parts %+v, error %v", parts, err)
	}
	if whole, err := Over(s, quarter); err != nil || whole.Value.Number != 7 {
		t.Errorf("the sum is %v, error %v", whole.Value, err)
	}
	if parts, err := Parts(s, stats.Month(2024, 2)); err != nil || len(parts) != 1 || parts[0].Value.Number != 2 {
		t.Errorf("a figure that stands by itself: %+v, error %v", parts, err)
	}
	s.Figures = append(s.Figures, stats.Figure{Key: stats.Key{Period: quarter}, Value: stats.Number(8)})
	if parts, err := Parts(s, quarter); err != nil || len(parts) != 1 || parts[0].Value.Number != 8 {
		t.Errorf("a published quarter is no sum: %+v, error %v", parts, err)
	}
	if _, err := Parts(s, stats.Quarter(2024, 1)); !errors.Is(err, ErrNotCovered) {
		t.Errorf("error %v, want ErrNotCovered", err)
	}
	s.Measure.AddsUp, s.Figures = stats.OverAreas, s.Figures[:3]
	if _, err := Parts(s, quarter); !errors.Is(err, ErrNotCovered) {
		t.Errorf("people of three months: error %v, want ErrNotCovered", err)
	}
}
