package analysis

import (
	"errors"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// madeUp labels figures as a demonstration.
func madeUp(figures ...stats.Figure) []stats.Figure {
	for i := range figures {
		figures[i].Note = stats.JoinNotes(stats.Demonstration, figures[i].Note)
	}
	return figures
}

// A sum of made-up figures and real ones would be neither.
func TestMixedFiguresDoNotAddUp(t *testing.T) {
	year := months(2024, time.December, 5)
	madeUp(year[:3]...)
	s := seriesOf(year...)
	if _, err := Over(s, stats.Quarter(2024, 1)); err != nil {
		t.Errorf("three real months: %v", err)
	}
	if f, err := Over(s, stats.Quarter(2023, 4)); err != nil || !f.Demonstration() {
		t.Errorf("three made-up months: %v, labelled %v", err, f.Demonstration())
	}
	if _, err := Over(s, stats.Period{Start: stats.Day(2024, 1, 1), End: stats.Day(2024, 12, 31)}); !errors.Is(err, ErrMixed) {
		t.Errorf("both together: %v", err)
	}
	if got := Combine(s, stats.KindCalendarYear).Figures; len(got) != 0 {
		t.Errorf("a year of both: %v", got)
	}
	if _, _, err := YearToDate(s); !errors.Is(err, ErrMixed) {
		t.Errorf("a year to date of both: %v", err)
	}
	year[11].Value = stats.Missing(stats.NotAvailable)
	if _, err := Over(seriesOf(year...), stats.Period{Start: stats.Day(2024, 1, 1), End: stats.Day(2024, 12, 31)}); !errors.Is(err, ErrMixed) {
		t.Errorf("both together, and a marker: %v", err)
	}
}

// Parts of one kind are found even where longer ones of the other stand first.
func TestPartsOfOneKindAreFound(t *testing.T) {
	figures := append(months(2024, time.March, 5), madeUp(figure(days("2024-01-01", "2024-02-29"), 99, 9))...)
	if f, err := Over(seriesOf(figures...), stats.Quarter(2023, 4)); err != nil || f.Value != stats.Number(15) || f.Demonstration() {
		t.Errorf("%v, labelled %v, %v: want 15 from the real months", f.Value, f.Demonstration(), err)
	}
}

func TestMixedFiguresDoNotCompare(t *testing.T) {
	figures := append(madeUp(months(2023, time.March, 1)...), months(2024, time.March, 2)...)
	s := seriesOf(figures...)
	if _, err := SamePeriodLastYear(s, figures[len(figures)-1]); !errors.Is(err, ErrMixed) {
		t.Errorf("a real month against a made-up one: %v", err)
	}
	this, before, err := YearToDate(s)
	if err != nil || this.Value != stats.Number(6) || before.Value.Known {
		t.Errorf("year to date %v against %v, %v", this.Value, before.Value, err)
	}
}
