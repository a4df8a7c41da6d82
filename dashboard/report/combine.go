package report

import (
	"iter"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// Combine is the figures over longer periods, worked out from complete parts;
// where a part is missing there is no figure. It streams: the figures come in
// order, and of them only those of one measure, area, source and basis are held.
// Rates are worked anew from the summed counts, with their limits. A note stands
// beside each figure that was added up; empty is none.
func Combine(figures iter.Seq2[stats.Figure, error], kind stats.PeriodKind, areas *stats.Areas, measures *stats.Measures, note string) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		var group []stats.Figure
		for f, err := range figures {
			if err != nil {
				yield(stats.Figure{}, err)
				return
			}
			if len(group) > 0 && !together(group[0].Key, f.Key) {
				for _, longer := range combined(group, kind, areas, measures, note) {
					if !yield(longer, nil) {
						return
					}
				}
				group = group[:0]
			}
			group = append(group, f)
		}
		for _, longer := range combined(group, kind, areas, measures, note) {
			if !yield(longer, nil) {
				return
			}
		}
	}
}

// together reports whether two figures can be parts of one, but for their
// breakdown, which comes last in the order.
func together(a, b stats.Key) bool {
	return a.Measure == b.Measure && a.Area == b.Area && a.Source == b.Source && a.Basis == b.Basis
}

func combined(group []stats.Figure, kind stats.PeriodKind, areas *stats.Areas, measures *stats.Measures, note string) []stats.Figure {
	var longer []stats.Figure
	for _, series := range analysis.Group(group, measures, areas) {
		for _, f := range analysis.Combine(series, kind).Figures {
			f.Lower95, f.Upper95 = analysis.Interval95(series.Measure, f)
			if _, whole := series.At(f.Period); !whole && note != "" && f.Value.Known {
				f.Note = stats.JoinNotes(f.Note, note)
			}
			longer = append(longer, f)
		}
	}
	slices.SortStableFunc(longer, func(a, b stats.Figure) int { return stats.CompareKeys(a.Key, b.Key) })
	return longer
}
