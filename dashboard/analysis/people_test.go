package analysis

import (
	"errors"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// TestPeopleDoNotAddUp: one person in three months is one person of the
// quarter, and three medians are no median: only a figure of the quarter itself
// will do.
func TestPeopleDoNotAddUp(t *testing.T) {
	quarter := stats.Quarter(2024, 1)
	monthly := []stats.Figure{
		figure(stats.Month(2024, time.April), 1, 1), figure(stats.Month(2024, time.May), 1, 2), figure(stats.Month(2024, time.June), 1, 3),
	}
	s := seriesOf(monthly...)
	s.Measure.Numerator, s.Measure.Denominator = "", ""
	for _, addsUp := range []stats.AddsUp{stats.OverNothing, "", stats.OverAreas} {
		s.Measure.AddsUp = addsUp
		if f, err := Over(s, quarter); !errors.Is(err, ErrNotCovered) {
			t.Errorf("adds up over %q, made from months: %v, error %v", addsUp, f.Value, err)
		}
	}
	for _, kind := range []stats.PeriodKind{stats.KindQuarter, stats.KindFinancialYear, stats.KindTwelveMonths} {
		if got := Combine(s, kind).Figures; len(got) > 0 {
			t.Errorf("%v: %v", kind, got)
		}
	}
	if got := Combine(s, stats.KindMonth).Figures; len(got) != 3 {
		t.Errorf("%d months, want 3", len(got))
	}
	if this, _, err := YearToDate(s); !errors.Is(err, ErrNotCovered) {
		t.Errorf("year to date %v, error %v", this.Value, err)
	}
	s.Figures = append(s.Figures, figure(quarter, 2, 4))
	if f, err := Over(s, quarter); err != nil || f.Value != stats.Number(2) {
		t.Errorf("the quarter's own figure: %v, error %v", f.Value, err)
	}
	s.Measure.AddsUp, s.Figures = stats.OverAreasAndPeriods, monthly
	if f, err := Over(s, quarter); err != nil || f.Value != stats.Number(3) {
		t.Errorf("orders add up: %v, error %v", f.Value, err)
	}
}
