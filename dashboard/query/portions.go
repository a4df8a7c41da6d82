package query

import (
	"maps"
	"slices"

	"stalkstats/internal/stats"
)

// portionFigures is of about how many figures one question is, where no measure
// has more. They are held while they are put in order, so that this bounds how
// long the first takes, and how much memory.
const portionFigures = 100_000

// portion is a part of a filter, and about how many counts are read for it; 0
// where nobody knows.
type portion struct {
	Filter
	counts int
}

// portions is a filter as several that follow on each other, by measure, where it
// is of more than most figures, too many for one question.
func portions(f Filter, known reference, most int) []portion {
	rows := known.rowsOf(f)
	total := uint64(0)
	for _, n := range rows {
		total += n
	}
	if known.holdings == nil || total <= uint64(most) {
		return []portion{{Filter: f}}
	}
	var all []portion
	for _, id := range known.idsOf(f, rows) {
		if id < f.Start.Measure {
			continue
		}
		n := int(known.figuresOf(id, rows))
		if len(all) == 0 || all[len(all)-1].counts+n > most {
			next := portion{Filter: f}
			next.Measures = nil
			all = append(all, next)
		}
		last := &all[len(all)-1]
		last.Measures, last.counts = append(last.Measures, id), last.counts+n
	}
	return all
}

// rowsOf is how many figures of each count are served that a filter may be of.
func (known reference) rowsOf(f Filter) map[string]uint64 {
	rows := map[string]uint64{}
	seen := map[string]bool{}
	for _, v := range known.slices {
		id := v.release.ID
		if seen[id] || len(f.Sources) > 0 && !slices.Contains(f.Sources, v.release.Source) {
			continue
		}
		seen[id] = true
		for measure, n := range known.holdings[id] {
			rows[measure] += n
		}
	}
	if len(f.Areas) > 0 && !slices.Contains(f.Areas, stats.EnglandAndWales) {
		for measure, n := range rows {
			rows[measure] = n * uint64(len(f.Areas)) / uint64(max(len(known.areas.All()), len(f.Areas), 1))
		}
	}
	return rows
}

// idsOf is the measures that a filter asks for, in the order of figures.
func (known reference) idsOf(f Filter, rows map[string]uint64) []string {
	ids := map[string]bool{}
	for _, id := range f.Measures {
		ids[id] = true
	}
	if len(ids) == 0 {
		for id := range rows {
			ids[id] = true
		}
		for _, m := range known.measures.All() {
			ids[m.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// figuresOf is about how many rows are read for a measure: its own, or those of
// the counts of each of its rates.
func (known reference) figuresOf(id string, rows map[string]uint64) uint64 {
	n := rows[id]
	for _, m := range known.measures.ByID(id) {
		if m.Derived() {
			n += rows[m.Numerator] + rows[m.Denominator]
		}
	}
	return n
}
