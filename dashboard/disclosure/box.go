package disclosure

import (
	"maps"
	"math"
	"slices"

	"stalkstats/internal/stats"
)

// A direction is that in which the counts of a set lie: those of a set of months are of
// one area, and those of a set of areas of one month.
type direction int

// The directions.
const (
	overAll direction = iota
	overPeriods
	overAreas
	overValues // of a breakdown, and their total
	mixed
)

// directionOf is the direction of a set.
func directionOf(terms []term, keys []stats.Key) direction {
	if slices.ContainsFunc(terms, isRest) {
		return mixed
	}
	first := keys[terms[0].cell]
	periods, areas, values := first, first, first
	ofPeriods, ofAreas, ofValues := true, true, true
	for _, x := range terms[1:] {
		k := keys[x.cell]
		periods.Period, areas.Area = k.Period, k.Area
		values.Breakdown, values.BreakdownValue = k.Breakdown, k.BreakdownValue
		ofPeriods, ofAreas, ofValues = ofPeriods && k == periods, ofAreas && k == areas, ofValues && k == values
	}
	switch {
	case ofPeriods:
		return overPeriods
	case ofAreas:
		return overAreas
	case ofValues:
		return overValues
	}
	return mixed
}

// How far a search for changes along a line goes, and one for what a box leaves open, and how
// many lines are tried up, and how many down.
const (
	lineSteps = 5000
	boxSteps  = 200
	mostLines = 3
)

// box looks for an alternative as the hypercube method does, whose corners are whole lines:
// changes of a count and of other periods that add up over periods, the contrary in one other
// value of the breakdown, and the contrary of both in one other area. That is found where the periods
// hang together in so many ways, as quarters, two kinds of year and rolling years, that a search
// from count to count loses itself.
func (s *search) box(cell int) {
	lines := s.lines(cell)
	values, areas := s.others(cell, overValues), s.others(cell, overAreas)
	s.best, s.bestCost = nil, math.Inf(1)
	for _, line := range lines {
		for _, value := range values {
			across, ok := s.against(line, overValues, func(k stats.Key) bool {
				return k.Breakdown == value.Breakdown && k.BreakdownValue == value.BreakdownValue
			})
			if !ok {
				continue
			}
			for _, area := range areas {
				if corners, ok := s.against(across, overAreas, func(k stats.Key) bool { return k.Area == area.Area }); ok {
					s.left = boxSteps
					s.from(corners, searchWidth, unbounded)
				}
			}
		}
	}
}

// lines is changes of a count and of others of its line that add up over periods: up and
// down, the fewest and the cheapest.
func (s *search) lines(cell int) []alternative {
	var all []alternative
	s.only = overPeriods
	for _, by := range []int{1, -1} {
		if !s.counts[cell].may(by) {
			continue
		}
		found := 0
		for _, most := range slices.Concat(corners, further) {
			s.best, s.bestCost, s.left = nil, math.Inf(1), lineSteps
			if s.from(alternative{cell: by}, math.MaxInt, most); s.best == nil {
				continue
			}
			all = append(all, s.best)
			if found++; found == mostLines {
				break
			}
		}
	}
	s.only = overAll
	return all
}

// others is the counts beside one in its sets of a direction; where it has none, itself.
func (s *search) others(cell int, d direction) []stats.Key {
	var all []stats.Key
	for _, o := range s.counts[cell].in {
		if s.directions[o.set] != d {
			continue
		}
		for _, x := range s.sets[o.set] {
			if k := s.keys[x.cell]; x.cell != cell && !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	if len(all) == 0 {
		return []stats.Key{s.keys[cell]}
	}
	return all
}

// against adds to some changes those that settle all sets of a direction by the counts of
// one other line; ok is false where one of them must not be.
func (s *search) against(changes alternative, d direction, other func(stats.Key) bool) (all alternative, ok bool) {
	all = alternative{}
	open := map[int]int{}
	var sets []int // in the order in which they were opened
	note := func(cell, by int) {
		all[cell] = by
		for _, o := range s.counts[cell].in {
			if s.directions[o.set] != d {
				continue
			}
			open[o.set] += o.sign * by
			sets = append(sets, o.set)
		}
	}
	for _, cell := range slices.Sorted(maps.Keys(changes)) {
		note(cell, changes[cell])
	}
	for i := 0; i < len(sets); i++ { // a change may open further ones
		set := sets[i]
		at := slices.IndexFunc(s.sets[set], func(x term) bool { return other(s.keys[x.cell]) })
		switch {
		case open[set] == 0:
			continue
		case at < 0:
			return nil, false
		}
		x := s.sets[set][at]
		by := -open[set] / x.sign
		if _, done := all[x.cell]; done || by*x.sign != -open[set] || !s.counts[x.cell].may(by) {
			return nil, false
		}
		note(x.cell, by)
	}
	return all, true
}
