package query

import (
	"cmp"
	"slices"
)

// entry is a count as it takes part in a figure. Its key is in the order of the
// figures: words by their places in the alphabet, two to a number.
type entry struct {
	measureArea     uint64 // the figure's measure, and the area whose count it is
	sourceBasis     uint64
	periodBreakdown uint64 // first day, last day, breakdown
	valuePart       uint64 // the breakdown's value, and the place in the lists of parts
	count           uint32 // in counts.all
}

func pair(high, low uint32) uint64 { return uint64(high)<<32 | uint64(low) }

func high(pair uint64) uint32 { return uint32(pair >> 32) }

func low(pair uint64) uint32 { return uint32(pair) }

// compareOwn is the order of the areas' own figures.
func compareOwn(a, b *entry) int {
	switch {
	case a.measureArea != b.measureArea:
		return cmp.Compare(a.measureArea, b.measureArea)
	case a.sourceBasis != b.sourceBasis:
		return cmp.Compare(a.sourceBasis, b.sourceBasis)
	case a.periodBreakdown != b.periodBreakdown:
		return cmp.Compare(a.periodBreakdown, b.periodBreakdown)
	}
	return cmp.Compare(a.valuePart, b.valuePart)
}

// compareSummed is the order of the sums over areas, and of each its parts by
// area.
func compareSummed(a, b *entry) int {
	switch {
	case high(a.measureArea) != high(b.measureArea):
		return cmp.Compare(a.measureArea, b.measureArea)
	case a.sourceBasis != b.sourceBasis:
		return cmp.Compare(a.sourceBasis, b.sourceBasis)
	case a.periodBreakdown != b.periodBreakdown:
		return cmp.Compare(a.periodBreakdown, b.periodBreakdown)
	case high(a.valuePart) != high(b.valuePart):
		return cmp.Compare(a.valuePart, b.valuePart)
	case a.measureArea != b.measureArea:
		return cmp.Compare(a.measureArea, b.measureArea)
	}
	return cmp.Compare(a.valuePart, b.valuePart)
}

// ofOneFigure reports whether two entries are of one figure, of an area's own or
// of a sum over areas.
func ofOneFigure(a, b *entry, summed bool) bool {
	return a.sourceBasis == b.sourceBasis && a.periodBreakdown == b.periodBreakdown && high(a.valuePart) == high(b.valuePart) &&
		(a.measureArea == b.measureArea || summed && high(a.measureArea) == high(b.measureArea))
}

// merged puts places into order, merging the runs that are in order already: the
// engine hands over each release's counts in that of the primary key, which is
// all but the same. It returns the places, and what is no longer needed.
func merged(places, spare []uint32, compare func(a, b uint32) int) (ordered, free []uint32) {
	ends := runs(places, compare)
	spare = slices.Grow(spare[:0], len(places))[:len(places)]
	for len(ends) > 1 {
		start, left := 0, ends[:0]
		for i := 0; i < len(ends); i += 2 {
			middle, end := ends[i], ends[min(i+1, len(ends)-1)]
			mergeRuns(spare[start:end], places[start:middle], places[middle:end], compare)
			start, left = end, append(left, end)
		}
		ends, places, spare = left, spare, places
	}
	return places, spare
}

// runs is where each run ends that is in order.
func runs(places []uint32, compare func(a, b uint32) int) (ends []int) {
	for i := 1; i <= len(places); i++ {
		if i == len(places) || compare(places[i-1], places[i]) > 0 {
			ends = append(ends, i)
		}
	}
	return ends
}

func mergeRuns[T any](to, a, b []T, compare func(a, b T) int) {
	for i := range to {
		if len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) <= 0 {
			to[i], a = a[0], a[1:]
			continue
		}
		to[i], b = b[0], b[1:]
	}
}
