package query_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestAnnotations: what was put onto a chart stands until it is taken back, and
// at an earlier moment what stood then.
func TestAnnotations(t *testing.T) {
	w := newWorld(t)
	at := time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)
	target := stats.Annotation{ID: "a", MadeAt: at, Who: "Ann", Kind: stats.TargetAnnotation, Measure: "charge_rate", Basis: "outcomes", Area: "B", Value: 12.5, Words: "agreed"}
	step := stats.Annotation{ID: "b", MadeAt: at.Add(time.Hour), Who: "Bob", Kind: stats.StepAnnotation, Measure: "charge_rate", Basis: "outcomes", Area: "B",
		Source: "force_return", SeriesBasis: "outcomes", PeriodKind: stats.KindMonth, Day: stats.Day(2026, time.April, 1), Words: "a new team"}
	elsewhere := stats.Annotation{ID: "c", MadeAt: at, Who: "Ann", Kind: stats.NoteAnnotation, Measure: "charge_rate", Area: "C", Day: stats.Day(2026, time.May, 1), Words: "note"}
	for _, a := range []stats.Annotation{step, target, elsewhere} {
		if err := w.reader.Annotate(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	stands := func(at time.Time, want ...stats.Annotation) {
		t.Helper()
		got, err := w.reader.Annotations(t.Context(), "B", at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at %v (-want +got):\n%s", at, diff)
		}
	}
	stands(query.Latest, target, step)
	stands(at, target)
	if err := w.reader.TakeBackAnnotation(t.Context(), target, stats.Annotation{ID: "d", MadeAt: at.Add(2 * time.Hour), Who: "Bob", Words: "not agreed"}); err != nil {
		t.Fatal(err)
	}
	stands(query.Latest, step)
	stands(at.Add(time.Hour), target, step)
}
