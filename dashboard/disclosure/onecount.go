package disclosure

import "stalkstats/internal/stats"

// ofOneCount is the cells that are one count under two names, as the charges of an
// outcomes table are an outcome type of it and a measure of their own, and as orders and
// the people of them are where everybody has one: both are the same number of the same
// row, or the same number in more places than not. Nobody need have declared it: whoever
// compares the two columns sees it, also where they were not both corrected.
//
// A count that is never more than another one by what the words mean (see noMore) is so
// unless it is more in more than one place of four: then it is counted of something else. A
// sum of forces says nothing of it in which it is of more forces.
func (s Structure) ofOneCount(cells []Cell) []set {
	columns, there, whole := columnsOf(cells), givenBy(cells), s.wholes()
	pairOf := func(i, j int) [2]int { return [2]int{min(columns[i], columns[j]), max(columns[i], columns[j])} }
	alike := map[[2]int]int{}  // in how many more places than not
	apart := map[counted]int{} // in how many places the part is more, thrice, without those where it is not
	eachTwoNames(cells, func(i, j int) {
		switch {
		case cells[i].Value != cells[j].Value:
			alike[pairOf(i, j)]--
		case cells[i].Value != 0:
			alike[pairOf(i, j)]++
		}
		part, more, ok := s.noMore(cells, whole, i, j)
		if ok = ok && there.ofNoMore(cells[part].Key, cells[more].Key); ok && cells[part].Value > cells[more].Value {
			apart[countedOf(cells[part], cells[more])] += 3
		} else if ok && cells[more].Value > 0 {
			apart[countedOf(cells[part], cells[more])]--
		}
	})
	var all []set
	eachTwoNames(cells, func(i, j int) {
		one, other := cells[i], cells[j]
		oneRow := (one.Breakdown != "" || other.Breakdown != "") && one.Origin != (stats.Origin{}) && one.Origin == other.Origin
		if one.Value == other.Value && (oneRow || alike[pairOf(i, j)] > 0) {
			all = append(all, set{{i, -1}, {j, 1}})
			return
		}
		part, more, ok := s.noMore(cells, whole, i, j)
		if ok && there.ofNoMore(cells[part].Key, cells[more].Key) && apart[countedOf(cells[part], cells[more])] <= 0 {
			if v := (set{{more, 1}, {part, -1}, {theRest, -1}}); v.near(cells) {
				all = append(all, v)
			}
		}
	})
	return all
}

// given is the forces that have a count, by its key without them.
type given map[stats.Key]map[string]bool

func givenBy(cells []Cell) given {
	all := given{}
	for _, c := range cells {
		k := c.Key
		if k.Area = ""; c.Area == stats.EnglandAndWales {
			continue
		}
		if all[k] == nil {
			all[k] = map[string]bool{}
		}
		all[k][c.Area] = true
	}
	return all
}

// ofNoMore reports whether a count is of no forces that another of the same area is not of.
func (g given) ofNoMore(one, other stats.Key) bool {
	if one.Area != stats.EnglandAndWales {
		return true
	}
	one.Area, other.Area = "", ""
	for force := range g[one] {
		if !g[other][force] {
			return false
		}
	}
	return true
}

// counted is a measure and what it may be counted of, each of a source, in one area: a total
// of areas may be of other forces.
type counted struct{ part, of stats.Key }

func countedOf(part, of Cell) counted {
	series := func(k stats.Key) stats.Key {
		return stats.Key{Measure: k.Measure, Source: k.Source, Basis: k.Basis, Area: k.Area}
	}
	return counted{series(part.Key), series(of.Key)}
}

// sameThings is every two counts that are of the same by their words and the same number,
// in two sources. What one has the other may have had before: so these are all that ever
// were, by their places.
func sameThings(keys []stats.Key, counts []count) [][]term {
	type thing struct {
		key   stats.Key
		value float64
	}
	first := map[thing]int{}
	var all [][]term
	for place, k := range keys {
		k.Source, k.Basis = "", ""
		of := thing{k, counts[place].value}
		if one, there := first[of]; !there {
			first[of] = place
		} else if of.value != 0 {
			all = append(all, []term{{one, -1}, {place, 1}})
		}
	}
	return all
}

// columnsOf numbers the columns: a measure of a source, or a value of a breakdown of it.
func columnsOf(cells []Cell) []int {
	type column struct{ source, basis, measure, breakdown, value string }
	numbers, columns := map[column]int{}, make([]int, len(cells))
	for i, c := range cells {
		name := column{c.Source, c.Basis, c.Measure, c.Breakdown, c.BreakdownValue}
		number, there := numbers[name]
		if !there {
			number = len(numbers)
			numbers[name] = number
		}
		columns[i] = number
	}
	return columns
}

// noMore tells of two counts which one is no more than the other by what the words mean:
// people are no more than what may have happened to them, and a part is no more than its
// whole. ok is false where they are not two such counts.
func (s Structure) noMore(cells []Cell, whole wholes, i, j int) (part, more int, ok bool) {
	one, other := cells[i], cells[j]
	if one.Breakdown != other.Breakdown || one.BreakdownValue != other.BreakdownValue {
		return i, j, false
	}
	ofPeople := func(people, more Cell) bool {
		return s.addsUp(people.Measure) == stats.OverAreas && s.addsUp(more.Measure) == stats.OverAreasAndPeriods
	}
	switch {
	case whole[[2]string{one.Measure, other.Measure}] || ofPeople(one, other):
		return i, j, true
	case whole[[2]string{other.Measure, one.Measure}] || ofPeople(other, one):
		return j, i, true
	}
	return i, j, false
}

// eachTwoNames goes through the cells of one area and period that may be one count: of
// two measures, or of one in two sources, the counts themselves, those of the same value of
// a breakdown, and a value of a breakdown with the other count; of one measure in one
// source the values of two breakdowns, and in two sources all values, which may have other names.
func eachTwoNames(cells []Cell, do func(i, j int)) {
	type place struct {
		area   string
		period stats.Period
	}
	for _, together := range grouped(cells, func(c Cell) (place, bool) { return place{c.Area, c.Period}, true }) {
		for n, j := range together {
			for _, i := range together[:n] {
				if mayBeOne(cells[i].Key, cells[j].Key) {
					do(i, j)
				}
			}
		}
	}
}

func mayBeOne(one, other stats.Key) bool {
	if one.Measure == other.Measure && one.Source == other.Source && one.Basis == other.Basis {
		return one.Breakdown != "" && other.Breakdown != "" && one.Breakdown != other.Breakdown
	}
	return one.Breakdown == "" || other.Breakdown == "" || one.BreakdownValue == other.BreakdownValue || one.Measure == other.Measure
}
