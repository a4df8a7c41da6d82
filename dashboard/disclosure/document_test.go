package disclosure

import (
	"testing"

	"stalkstats/internal/stats"
)

// TestGateOfDocuments: that a document is there is no small count of people, though
// no publication decides on it. Its note is left out as any other.
func TestGateOfDocuments(t *testing.T) {
	of := func(s stats.Strength) Gate {
		return Gate{Rules: Rules{5, 5}, Pattern: NewPattern(nil), Measures: stats.NewMeasures([]stats.Measure{
			{ID: "plan", AddsUp: stats.OverAreas, Bearings: []stats.Bearing{{Ref: "D", Strength: s}}}})}
	}
	for _, n := range []float64{0, 1, 37} {
		f := stats.Figure{Key: stats.Key{Measure: "plan", Area: "E23000026", Source: "return"}, Value: stats.Number(n), Note: "seen by two of us"}
		want := f.Value
		if n > 1 { // whoever called this a document counted something else
			want = stats.Missing(stats.Confidential)
		}
		if got := of(stats.Document).Through(f); got.Value != want || got.Note != "" {
			t.Errorf("%v: %v with the note %q", n, got.Value, got.Note)
		}
		if got := of(stats.Strong).Through(f); got.Value != stats.Missing(stats.Confidential) {
			t.Errorf("%v of people: %v", n, got.Value)
		}
	}
}
