// Package analysis works out what the figures say: series, longer periods made
// of shorter ones, the year to date, how uncertain a rate is, and what of a
// difference chance explains: over time (XmR), between two counts
// (CompareCounts) and between forces (Funnel). docs/methods.md tells it in
// words. It is pure: no clock, no database, no globals.
package analysis

import (
	"cmp"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// Group puts figures into series: one for each measure, area, source, basis
// and breakdown, in that order whatever the order of the figures. A measure or
// an area that the directories do not know keeps its code as its name, so that
// no figure is lost.
func Group(figures []stats.Figure, measures *stats.Measures, areas *stats.Areas) []stats.Series {
	places := map[stats.Key]int{} // of the series
	of := make([]int, len(figures))
	var counts []int
	for i := range figures {
		key := figures[i].Key
		key.Period = stats.Period{}
		place, there := places[key]
		if !there {
			place = len(counts)
			places[key], counts = place, append(counts, 0)
		}
		of[i] = place
		counts[place]++
	}
	grouped := make([]stats.Series, len(counts))
	for key, place := range places {
		grouped[place] = stats.Series{
			Measure: measureOf(key, measures), Area: areaOf(key, areas), Source: key.Source,
			Basis: key.Basis, Breakdown: key.Breakdown, BreakdownValue: key.BreakdownValue,
			Figures: make([]stats.Figure, 0, counts[place]),
		}
	}
	for i := range figures {
		s := &grouped[of[i]]
		s.Figures = append(s.Figures, figures[i])
	}
	for _, s := range grouped {
		sortByPeriod(s.Figures)
	}
	slices.SortFunc(grouped, compareSeries)
	return grouped
}

func measureOf(key stats.Key, measures *stats.Measures) stats.Measure {
	if measure, ok := measures.Of(key.Measure, key.Basis); ok {
		return measure
	}
	return stats.Measure{ID: key.Measure, Name: key.Measure}
}

func areaOf(key stats.Key, areas *stats.Areas) stats.Area {
	if area, ok := areas.ByCode(key.Area); ok {
		return area
	}
	return stats.Area{Code: key.Area, Name: key.Area}
}

// compareSeries keeps to the order in which the CSV lists figures.
func compareSeries(a, b stats.Series) int {
	return cmp.Or(
		cmp.Compare(a.Measure.ID, b.Measure.ID), cmp.Compare(a.Area.Code, b.Area.Code),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Basis, b.Basis),
		cmp.Compare(a.Breakdown, b.Breakdown), cmp.Compare(a.BreakdownValue, b.BreakdownValue))
}

// sortByPeriod leaves alone what is in order, as it mostly is: figures are large.
func sortByPeriod(figures []stats.Figure) {
	for i := 1; i < len(figures); i++ {
		if stats.ComparePeriods(figures[i-1].Period, figures[i].Period) > 0 {
			slices.SortFunc(figures, func(a, b stats.Figure) int { return stats.ComparePeriods(a.Period, b.Period) })
			return
		}
	}
}

// wholeKinds are the kinds of period that a series may be drawn in, the
// shortest first.
var wholeKinds = []stats.PeriodKind{
	stats.KindMonth, stats.KindQuarter, stats.KindFinancialYear,
	stats.KindCalendarYear, stats.KindTwelveMonths,
}

// Kinds is the kinds of whole period in which the series was published, the
// shortest first. Runs of days that are no whole period are not among them.
func Kinds(s stats.Series) []stats.PeriodKind {
	var kinds []stats.PeriodKind
	for _, kind := range wholeKinds {
		if slices.ContainsFunc(s.Figures, func(f stats.Figure) bool { return f.Period.Kind() == kind }) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Span is the first and the last day that the series says anything of. It is
// the zero Period where the series is empty.
func Span(s stats.Series) stats.Period {
	if len(s.Figures) == 0 {
		return stats.Period{}
	}
	span := s.Figures[0].Period
	for _, f := range s.Figures[1:] {
		if f.Period.Start.Before(span.Start) {
			span.Start = f.Period.Start
		}
		if f.Period.End.After(span.End) {
			span.End = f.Period.End
		}
	}
	return span
}

// Periods is every whole period of a kind that lies inside a span, in order
// of time. There are none of KindRange, which is no one length.
func Periods(kind stats.PeriodKind, span stats.Period) []stats.Period {
	var found []stats.Period
	first := stats.Day(span.Start.Year(), span.Start.Month(), 1)
	for start := first; !start.After(span.End); start = start.AddDate(0, 1, 0) {
		p := startingAt(kind, start)
		if !p.Start.IsZero() && span.Contains(p) {
			found = append(found, p)
		}
	}
	return found
}

// startingAt is the period of a kind that starts with a month, or the zero
// Period where none does.
func startingAt(kind stats.PeriodKind, month time.Time) stats.Period {
	lasting := func(months int) stats.Period {
		return stats.Period{Start: month, End: month.AddDate(0, months, -1)}
	}
	switch {
	case kind == stats.KindMonth:
		return lasting(1)
	case kind == stats.KindQuarter && month.Month()%3 == 1:
		return lasting(3)
	case kind == stats.KindFinancialYear && month.Month() == time.April,
		kind == stats.KindCalendarYear && month.Month() == time.January,
		kind == stats.KindTwelveMonths:
		return lasting(12)
	}
	return stats.Period{}
}
