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

// theRest stands in a term for what is counted nowhere and may be nothing, with -1: then
// the terms with +1 need not add up to the others, and are never less.
const theRest = -1

func isRest(x term) bool { return x.cell == theRest }

// A set is cells that add up: its terms come to 0, as anybody knows who knows
// what the words mean. The total stands first, with -1; where there is none, +1 is first.
type set []term

// sets is every set of the cells of a table: the forces of
// England and Wales, the values of a breakdown and of two breakdowns of one count, a
// value of a breakdown that is a sum of values of another,
// shorter periods in longer ones, the measures of which another is the sum, and two
// cells that are the same count. The first cells are served now, and those after them
// were before.
func (s Structure) sets(cells []Cell, served int) []set {
	all := slices.Concat(s.ofAreas(cells), ofBreakdowns(cells))
	all = append(all, ofLostTotals(all, cells, served)...)
	all = append(all, s.ofPeriods(cells, served)...)
	all = append(all, s.ofPeople(cells)...)
	all = append(all, s.ofPeopleOverPeriods(cells)...)
	all = append(all, s.ofMeasures(cells)...)
	all = append(all, ofNested(cells)...)
	return append(all, s.ofOneCount(cells)...)
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
		v, ok := withTotal(cells, group, func(c Cell) bool { return c.Area == stats.EnglandAndWales })
		if !ok {
			continue
		}
		if read := ofThoseRead(cells, v); !v.holds(cells) && len(read) > 1 && read.holds(cells) {
			v = read
		}
		all = append(all, v)
	}
	return all
}

// ofThoseRead is a total and those of its parts that came for just these days. Forces
// report by month or by quarter, and a total of quarters has no part that was added up
// of months. What it is the sum of says the note beside it, so that anybody knows.
func ofThoseRead(cells []Cell, v set) set {
	return slices.DeleteFunc(slices.Clone(v), func(x term) bool { return x.sign > 0 && cells[x.cell].Origin == (stats.Origin{}) })
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
		dimensions := slices.Sorted(maps.Keys(byDimension))
		for _, d := range dimensions {
			if v, ok := withTotal(cells, slices.Concat(total, byDimension[d]), func(c Cell) bool { return c.Breakdown == "" }); ok {
				if within := withinNested(cells, v); len(within) > 0 {
					all = append(all, within...)
				} else {
					all = append(all, v)
				}
			}
		}
		if len(total) > 0 {
			continue // through which the values of two breakdowns are known to add up alike
		}
		for n, d := range dimensions {
			for _, before := range dimensions[:n] {
				v := alike(byDimension[before], byDimension[d])
				if v.holds(cells) {
					all = append(all, v)
					break // the others that add up to it are tied to each other
				}
				all = append(all, withinNested(cells, v)...)
				all = append(all, withinNested(cells, v.turned())...)
			}
		}
	}
	return all
}

// ofLostTotals is the sets of a total that is served no more and of the parts of now
// alone: a part of before may have got another name, or have left.
func ofLostTotals(sets []set, cells []Cell, served int) []set {
	var all []set
	for _, v := range sets {
		if v[0].sign > 0 || v[0].cell < served {
			continue
		}
		now := set{v[0]}
		for _, x := range v[1:] {
			if x.cell < served {
				now = append(now, x)
			}
		}
		if len(now) > 1 && len(now) < len(v) && now.holds(cells) {
			all = append(all, now)
		}
	}
	return all
}

// turned is a set with its sides changed over.
func (v set) turned() set {
	other := slices.Clone(v)
	for i := range other {
		other[i].sign = -other[i].sign
	}
	return other
}

// alike is the set of two breakdowns that add up to the same total.
func alike(one, other []int) (v set) {
	for _, i := range one {
		v = append(v, term{i, 1})
	}
	for _, i := range other {
		v = append(v, term{i, -1})
	}
	return v
}

// ofMeasures is the counts of which another one is the sum by what the words mean, as
// orders granted are interim and full ones. Where a source does not count by these words
// they do not add up, and tell nothing. Where one of them is not there the others are no more
// than their sum.
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
			switch complete := len(group) == 1+len(m.Parts); {
			case !ok:
			case complete && v.holds(cells):
				all = append(all, v)
			case !complete:
				if some := append(v.turned(), term{theRest, -1}); some.near(cells) {
					all = append(all, some)
				}
			}
		}
	}
	return all
}

// holds reports whether the cells of a set add up.
func (v set) holds(cells []Cell) bool { return v.over(cells) == 0 }

// over is by how much the terms with +1 are more than those with -1.
func (v set) over(cells []Cell) float64 {
	sum := 0.0
	for _, t := range v {
		if t.cell != theRest {
			sum += float64(t.sign) * cells[t.cell].Value
		}
	}
	return sum
}

// ofPeriods takes the days between periods as places and each period as a way
// from one to another. Wherever the ways make a ring, the counts on it add up:
// three months and their quarter, and two rolling years with the months in
// which they differ.
//
// A count of before comes after all of now, and is no way where it does not add up with
// them: else the rings that lead over it would hide those that do.
func (s Structure) ofPeriods(cells []Cell, served int) []set {
	var all []set
	for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Period = stats.Period{}
		return k, s.addsUp(c.Measure) == stats.OverAreasAndPeriods
	}) {
		slices.SortStableFunc(group, func(i, j int) int {
			a, b := cells[i].Period, cells[j].Period
			return cmp.Or(compareBool(i >= served, j >= served), cmp.Compare(a.Days(), b.Days()), stats.ComparePeriods(a, b))
		})
		ways := map[time.Time][]way{}
		for _, i := range group {
			p := cells[i].Period
			from, to := p.Start, p.End.AddDate(0, 0, 1)
			if ring := shortest(ways, from, to); ring != nil {
				v := append(set{{i, -1}}, ring...)
				if i >= served && !v.holds(cells) {
					continue
				}
				all = append(all, v)
			}
			ways[from] = append(ways[from], way{to, term{i, 1}})
			ways[to] = append(ways[to], way{from, term{i, -1}})
		}
	}
	return all
}

// compareBool puts what is not before what is.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

type way struct {
	to time.Time
	term
}

// shortest is the fewest ways from one day to another, nil where there is none.
func shortest(ways map[time.Time][]way, from, to time.Time) []term {
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
