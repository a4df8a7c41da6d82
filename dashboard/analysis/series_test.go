package analysis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// figure is a known count of a demonstration-like monthly return, made so that
// a test can tell every part from every other by its row.
func figure(p stats.Period, value float64, row int) stats.Figure {
	return stats.Figure{
		Key:     stats.Key{Measure: "stalking_charges", Area: "E23000026", Source: "force_return", Period: p},
		Value:   stats.Number(value),
		Origins: []stats.Origin{{File: "return.csv", Row: row}},
	}
}

func days(from, to string) stats.Period {
	start, err1 := time.Parse(time.DateOnly, from)
	end, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil {
		panic("not two days: " + from + " " + to)
	}
	return stats.Period{Start: start, End: end}
}

func seriesOf(figures ...stats.Figure) stats.Series {
	return stats.Series{
		Measure: stats.Measure{ID: "stalking_charges", Name: "Stalking charges", AddsUp: stats.OverAreasAndPeriods},
		Area:    stats.Area{Code: "E23000026", Name: "Bedfordshire"},
		Source:  "force_return", Figures: figures,
	}
}

func TestGroup(t *testing.T) {
	measures := stats.NewMeasures([]stats.Measure{
		{ID: "charge_rate", Basis: "outcomes", Name: "Charge rate of outcomes", Numerator: "stalking_charges"},
		{ID: "charge_rate", Basis: "recorded", Name: "Charge rate of offences", Numerator: "stalking_charges"},
	})
	areas := stats.NewAreas([]stats.Area{{Code: "E23000026", Name: "Bedfordshire"}})
	at := func(area, source, basis string, p stats.Period) stats.Figure {
		return stats.Figure{Key: stats.Key{Measure: "charge_rate", Area: area, Source: source, Basis: basis, Period: p}}
	}
	may, june := stats.Month(2024, time.May), stats.Month(2024, time.June)
	grouped := Group([]stats.Figure{
		at("E23000099", "b", "outcomes", may),
		at("E23000026", "b", "recorded", june),
		at("E23000026", "b", "recorded", may),
		at("E23000026", "a", "outcomes", may),
	}, measures, areas)

	type line struct{ Measure, Area, Source, Basis, First string }
	var got []line
	for _, s := range grouped {
		got = append(got, line{s.Measure.Name, s.Area.Name, s.Source, s.Basis, s.Figures[0].Period.Label()})
	}
	want := []line{
		{"Charge rate of outcomes", "Bedfordshire", "a", "outcomes", "May 2024"},
		{"Charge rate of offences", "Bedfordshire", "b", "recorded", "May 2024"},
		{"Charge rate of outcomes", "E23000099", "b", "outcomes", "May 2024"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Group (-want +got):\n%s", diff)
	}
}

func TestKindsAndSpan(t *testing.T) {
	s := seriesOf(
		figure(stats.FinancialYear(2022), 1, 1),
		figure(stats.Month(2023, time.May), 1, 2),
		figure(days("2023-06-01", "2023-06-12"), 1, 3))
	if diff := cmp.Diff([]stats.PeriodKind{stats.KindMonth, stats.KindFinancialYear}, Kinds(s)); diff != "" {
		t.Errorf("Kinds (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(days("2022-04-01", "2023-06-12"), Span(s)); diff != "" {
		t.Errorf("Span (-want +got):\n%s", diff)
	}
	if got := Span(seriesOf()); got != (stats.Period{}) {
		t.Errorf("Span of nothing = %v", got)
	}
}

func TestPeriods(t *testing.T) {
	span := days("2022-12-15", "2024-04-30")
	tests := []struct {
		kind  stats.PeriodKind
		first string
		count int
	}{
		{stats.KindMonth, "Jan 2023", 16},
		{stats.KindQuarter, "2022/23 Q4", 5},
		{stats.KindFinancialYear, "year to Mar 2024", 1},
		{stats.KindCalendarYear, "year to Dec 2023", 1},
		{stats.KindTwelveMonths, "year to Dec 2023", 5},
		{stats.KindRange, "", 0},
	}
	for _, test := range tests {
		got := Periods(test.kind, span)
		if len(got) != test.count {
			t.Errorf("Periods(%s): %d, want %d", test.kind, len(got), test.count)
		}
		if len(got) > 0 && got[0].Label() != test.first {
			t.Errorf("Periods(%s) starts with %q, want %q", test.kind, got[0].Label(), test.first)
		}
	}
}
