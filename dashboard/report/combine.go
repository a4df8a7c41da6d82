package report

import (
	"iter"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// Combine is the figures over longer periods, worked out from complete parts;
// where a part is missing there is no figure. It holds all figures in memory.
// Rates are worked anew from the summed counts, with their limits.
func Combine(figures iter.Seq2[stats.Figure, error], kind stats.PeriodKind, areas *stats.Areas, measures *stats.Measures) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		var all []stats.Figure
		for f, err := range figures {
			if err != nil {
				yield(stats.Figure{}, err)
				return
			}
			all = append(all, f)
		}
		var combined []stats.Figure
		for _, series := range analysis.Group(all, measures, areas) {
			for _, f := range analysis.Combine(series, kind).Figures {
				f.Lower95, f.Upper95 = analysis.Interval95(series.Measure, f)
				combined = append(combined, f)
			}
		}
		slices.SortStableFunc(combined, func(a, b stats.Figure) int { return stats.CompareKeys(a.Key, b.Key) })
		for _, f := range combined {
			if !yield(f, nil) {
				return
			}
		}
	}
}
