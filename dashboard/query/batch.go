package query

import (
	"cmp"
	"context"
	"slices"

	"stalkstats/internal/stats"
)

// batch is the counts of one question, and the figures that they make. It is used
// again for the next: what it holds is good until then, but for the figures.
type batch struct {
	counts
	known reference
	parts parts
	place placement

	entries     []entry
	own, summed []uint32 // places in entries, in the orders of compareOwn and compareSummed
	spare       []uint32

	group   []part // scratch
	members []own
	notes   []string
	origins []stats.Origin // from which the next figures' are cut
}

// placement is whose figures are made of counts.
type placement struct {
	areas      map[string]bool // whose own are wanted; nil: all
	summed     map[string]bool // whose counts make England and Wales; nil: it is not wanted
	neverAdded map[string]bool // measures that it does not have
	national   map[string]bool // sources of which its totals are wanted; nil: everything of all
}

func setOf(items []string) map[string]bool {
	if len(items) == 0 {
		return nil
	}
	set := map[string]bool{}
	for _, item := range items {
		set[item] = true
	}
	return set
}

// read reads the counts of a filter, and puts them in the order of its figures.
func (b *batch) read(ctx context.Context, r *Reader, f portion, known reference) error {
	b.known, b.parts = known, partsOf(f.Filter, known.measures)
	b.place = placement{areas: setOf(f.Areas), summed: setOf(summedFor(f.Filter, known.forces)), neverAdded: setOf(known.neverAdded()), national: setOf(f.National)}
	b.all = slices.Grow(b.all[:0], f.counts)
	if err := b.counts.read(ctx, r, known, figuresParameters(f.Filter, known, b.parts)); err != nil {
		return err
	}
	b.enter(f.Start)
	b.sort()
	return nil
}

func (b *batch) sort() {
	byOwn := func(x, y uint32) int { return compareOwn(&b.entries[x], &b.entries[y]) }
	bySum := func(x, y uint32) int { return compareSummed(&b.entries[x], &b.entries[y]) }
	b.own, b.spare = merged(b.own, b.spare, byOwn)
	b.summed, b.spare = merged(b.summed, b.spare, bySum)
}

// taking is how the counts of one measure, area and source take part in figures.
type taking struct {
	part        uint32 // its place in the lists of parts
	measure     uint32 // the figure's, as a word
	own, summed bool   // in the area's own figure, in that of England and Wales
}

// enter enters each count once for each figure that it takes part in: its own, and
// each rate that it stands above or below the line of.
func (b *batch) enter(start Start) {
	n := len(b.all) // nearly all counts are in one figure of their area, and one sum
	b.entries, b.own, b.summed = slices.Grow(b.entries[:0], n), slices.Grow(b.own[:0], n), slices.Grow(b.summed[:0], n)
	bases := map[uint64]uint32{}
	var takings []taking
	for i := range b.all {
		o := &b.all[i]
		if i == 0 || o.measure != b.all[i-1].measure || o.area != b.all[i-1].area || o.source != b.all[i-1].source {
			takings = b.takings(takings[:0], o, start)
		}
		for _, t := range takings {
			isSummed := t.summed && (b.place.national == nil || o.breakdown == 0)
			if !t.own && !isSummed {
				continue
			}
			place := uint32(len(b.entries))
			b.entries = append(b.entries, entry{
				measureArea: pair(t.measure, o.area), sourceBasis: pair(o.source, b.basisOf(bases, t.part, o.basis)),
				periodBreakdown: uint64(o.start)<<48 | uint64(o.end)<<32 | uint64(o.breakdown), valuePart: pair(o.breakdownValue, t.part), count: uint32(i),
			})
			if t.own {
				b.own = append(b.own, place)
			}
			if isSummed {
				b.summed = append(b.summed, place)
			}
		}
	}
	b.rank()
}

// rank puts the places of words in the alphabet where their numbers are.
func (b *batch) rank() {
	b.order()
	for i := range b.entries {
		e := &b.entries[i]
		e.measureArea = pair(b.words.rank[high(e.measureArea)], b.words.rank[low(e.measureArea)])
		e.sourceBasis = pair(b.words.rank[high(e.sourceBasis)], b.words.rank[low(e.sourceBasis)])
		e.periodBreakdown = pair(high(e.periodBreakdown), b.words.rank[low(e.periodBreakdown)])
		e.valuePart = pair(b.words.rank[high(e.valuePart)], low(e.valuePart))
	}
}

func (b *batch) takings(to []taking, o *counted, start Start) []taking {
	measure, area, source := b.text[o.measure], b.text[o.area], b.text[o.source]
	isSummed := b.place.summed[area] && !b.place.neverAdded[measure] && (b.place.national == nil || b.place.national[source])
	isOwn := b.place.areas == nil || b.place.areas[area]
	for i, id := range b.parts.counts {
		if id != "" && id != measure {
			continue
		}
		of := cmp.Or(b.parts.measures[i], measure)
		after := func(area string) bool { return !start.before(stats.Key{Measure: of, Area: area}) }
		to = append(to, taking{part: uint32(i), measure: b.add(of), own: isOwn && after(area), summed: isSummed && after(stats.EnglandAndWales)})
	}
	return to
}

// basisOf is the basis of a figure. A rate of a source that counts on several
// bases names the source's after its own.
func (b *batch) basisOf(known map[uint64]uint32, part, basis uint32) uint32 {
	own := b.parts.bases[part]
	if own == "" {
		return basis
	}
	word, ok := known[pair(part, basis)]
	if !ok {
		text := own
		if basis != 0 {
			text += ", " + b.text[basis]
		}
		word = b.add(text)
		known[pair(part, basis)] = word
	}
	return word
}

// figures yields the figures of the batch in order; it is false where the caller
// wants no more.
func (b *batch) figures(bare bool, yield func(stats.Figure, error) bool) bool {
	own, summed := b.own, b.summed
	for len(own) > 0 || len(summed) > 0 {
		isSum := len(own) == 0 || len(summed) > 0 && b.sumFirst(&b.entries[own[0]], &b.entries[summed[0]])
		rest := &own
		if isSum {
			rest = &summed
		}
		n := 1
		for n < len(*rest) && ofOneFigure(&b.entries[(*rest)[0]], &b.entries[(*rest)[n]], isSum) {
			n++
		}
		figure, ok, err := b.figure((*rest)[:n], isSum, bare)
		if *rest = (*rest)[n:]; (ok || err != nil) && !yield(figure, err) || err != nil {
			return false
		}
	}
	return true
}

// sumFirst reports whether a sum comes before an area's own figure.
func (b *batch) sumFirst(own, summed *entry) bool {
	if high(own.measureArea) != high(summed.measureArea) {
		return high(summed.measureArea) < high(own.measureArea)
	}
	return stats.EnglandAndWales < b.ranked[low(own.measureArea)]
}
