package disclosure

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// A term is a cell in a set, by its place.
type term struct {
	cell int
	sign int
}

// A set is cells that add up: its terms come to 0, as anybody knows who knows
// what the words mean. The total stands first, with -1.
type set []term

// sets is every set of the cells of one source and basis: the forces of
// England and Wales, the values of a breakdown, shorter periods in longer ones,
// the measures of which another is the sum, and two cells that are the same count.
func (s Structure) sets(cells []Cell) []set {
	var all []set
	all = append(all, s.ofAreas(cells)...)
	all = append(all, ofBreakdowns(cells)...)
	all = append(all, s.ofPeriods(cells)...)
	all = append(all, s.ofMeasures(cells)...)
	return append(all, ofOneRow(cells)...)
}

// grouped is the places of cells that share a key, in order of first appearance.
func grouped[K comparable](cells []Cell, key func(Cell) (K, bool)) [][]int {
	place := map[K]int{}
	var groups [][]int
	for i, c := range cells {
		k, ok := key(c)
		if !ok {
			continue
		}
		at, there := place[k]
		if !there {
			at = len(groups)
			place[k], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

func (s Structure) addsUp(measure string) stats.AddsUp {
	m, ok := s.Measures.Count(measure)
	if !ok {
		return stats.OverAreasAndPeriods // what nobody declared may add up over all
	}
	return m.AddsUp
}

func (s Structure) ofAreas(cells []Cell) []set {
	summed := map[string]bool{stats.EnglandAndWales: true}
	for _, code := range s.Forces {
		summed[code] = true
	}
	var all []set
	for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Area = ""
		return k, summed[c.Area] && s.addsUp(c.Measure) != stats.OverNothing
	}) {
		if v, ok := withTotal(cells, group, func(c Cell) bool { return c.Area == stats.EnglandAndWales }); ok {
			all = append(all, v)
		}
	}
	return all
}

// withTotal is the set of a total and its parts; ok is false where either is
// not there.
func withTotal(cells []Cell, group []int, isTotal func(Cell) bool) (v set, ok bool) {
	total := slices.IndexFunc(group, func(i int) bool { return isTotal(cells[i]) })
	if total < 0 || len(group) < 2 {
		return nil, false
	}
	v = set{{group[total], -1}}
	for n, i := range group {
		if n != total {
			v = append(v, term{i, 1})
		}
	}
	return v, true
}

func ofBreakdowns(cells []Cell) []set {
	var all []set
	for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Breakdown, k.BreakdownValue = "", ""
		return k, true
	}) {
		byDimension := map[string][]int{}
		var total []int
		for _, i := range group {
			if d := cells[i].Breakdown; d == "" {
				total = append(total, i)
			} else {
				byDimension[d] = append(byDimension[d], i)
			}
		}
		for _, d := range slices.Sorted(maps.Keys(byDimension)) {
			if v, ok := withTotal(cells, slices.Concat(total, byDimension[d]), func(c Cell) bool { return c.Breakdown == "" }); ok {
				all = append(all, v)
			}
		}
	}
	return all
}

// ofMeasures is the counts of which another one is the sum by what the words mean, as
// orders granted are interim and full ones. Where a source does not count by these words
// they do not add up, and tell nothing.
func (s Structure) ofMeasures(cells []Cell) []set {
	var all []set
	for _, m := range s.Measures.All() {
		if len(m.Parts) == 0 {
			continue
		}
		for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
			k := c.Key
			k.Measure = ""
			return k, c.Measure == m.ID || slices.Contains(m.Parts, c.Measure)
		}) {
			v, ok := withTotal(cells, group, func(c Cell) bool { return c.Measure == m.ID })
			if ok && len(group) == 1+len(m.Parts) && v.holds(cells) {
				all = append(all, v)
			}
		}
	}
	return all
}

// holds reports whether the cells of a set add up.
func (v set) holds(cells []Cell) bool {
	sum := 0.0
	for _, t := range v {
		sum += float64(t.sign) * cells[t.cell].Value
	}
	return sum == 0
}

// ofOneRow is the cells that are one count told twice, as the charges of an
// outcomes table are an outcome type of it and a measure of their own: one has
// a breakdown, and both are the same number of the same row.
func ofOneRow(cells []Cell) []set {
	type place struct {
		stats.Origin
		area   string
		period stats.Period
		value  float64
	}
	var all []set
	for _, group := range grouped(cells, func(c Cell) (place, bool) {
		return place{c.Origin, c.Area, c.Period, c.Value}, c.Origin != stats.Origin{}
	}) {
		for _, i := range group {
			for _, j := range group {
				if cells[i].Breakdown == "" && cells[j].Breakdown != "" {
					all = append(all, set{{i, -1}, {j, 1}})
				}
			}
		}
	}
	return all
}

// ofPeriods takes the days between periods as places and each period as a way
// from one to another. Wherever the ways make a ring, the counts on it add up:
// three months and their quarter, and two rolling years with the months in
// which they differ.
func (s Structure) ofPeriods(cells []Cell) []set {
	var all []set
	for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Period = stats.Period{}
		return k, s.addsUp(c.Measure) == stats.OverAreasAndPeriods
	}) {
		slices.SortStableFunc(group, func(i, j int) int {
			a, b := cells[i].Period, cells[j].Period
			return cmp.Or(cmp.Compare(a.Days(), b.Days()), stats.ComparePeriods(a, b))
		})
		ways := map[time.Time][]way{}
		for _, i := range group {
			p := cells[i].Period
			from, to := p.Start, p.End.AddDate(0, 0, 1)
			if ring := shortest(ways, from, to); ring != nil {
				all = append(all, append(set{{i, -1}}, ring...))
			}
			ways[from] = append(ways[from], way{to, term{i, 1}})
			ways[to] = append(ways[to], way{from, term{i, -1}})
		}
	}
	return all
}

type way struct {
	to time.Time
	term
}

// shortest is the fewest ways from one day to another, nil where there is none.
func shortest(ways map[time.Time][]way, from, to time.Time) []term {
	if ways[to] == nil {
		return nil
	}
	type step struct {
		before time.Time
		term
	}
	reached := map[time.Time]step{from: {}}
	for queue := []time.Time{from}; len(queue) > 0; queue = queue[1:] {
		for _, w := range ways[queue[0]] {
			if _, there := reached[w.to]; there {
				continue
			}
			reached[w.to] = step{queue[0], w.term}
			if w.to.Equal(to) {
				var path []term
				for at := to; !at.Equal(from); at = reached[at].before {
					path = append(path, reached[at].term)
				}
				slices.Reverse(path)
				return path
			}
			queue = append(queue, w.to)
		}
	}
	return nil
}
