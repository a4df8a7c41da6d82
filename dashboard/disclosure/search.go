package disclosure

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"stalkstats/internal/stats"
)

// A count of a table and what anybody may know of it.
type count struct {
	value  float64
	hidden bool
	fixed  bool    // it was shown, in this publication or a former one, or is a true 0
	most   float64 // that anybody may take it for who sees it hidden alone; 0 where that has no end
	rank   int     // of how many sets it is the total
	dear   float64 // by how much it is dearer to change than its value says
	in     []occurrence
}

// occurrence is a set that a count stands in.
type occurrence struct {
	set  int
	sign int
}

// alternative is another table that agrees with everything shown: by how much
// each of its counts differs from the true one.
type alternative map[int]int

// A search looks for the cheapest alternative in which one count differs.
// Where there is one, the count cannot be worked out, by no subtraction: the
// shown figures are the same in both tables. Everybody knows that a hidden
// count is 1 or more, so no count of an alternative is less.
//
// It changes the count by one, and then mends set after set that no longer adds
// up by changing another count of it, as the corners of a hypercube are found.
type search struct {
	counts     []count
	keys       []stats.Key // of the counts
	sets       [][]term
	directions []direction // of the sets
	only       direction   // where it is not overAll, only sets of this direction must add up
	rests      map[int]int // of the sets that need not add up: how much the greater side is greater
	changed    alternative
	moved      map[int]int // by how much the greater side of each of these has become greater
	unsettled  map[int]int // by how much each set does not add up, or its greater side is too small
	cost       float64
	left       int // how many steps may still be taken
	width      int // how many counts of a set are tried
	most       int // how many counts an alternative may change
	best       alternative
	bestCost   float64
}

// How far a search goes before it takes the best that it has found, and how many counts
// of a set it tries.
const (
	searchSteps = 4000
	searchWidth = 8
)

// How many counts an alternative may change, one bound after the other, where a search
// without one has found nothing: it can lose itself in a wrong turn of which the end is far
// away. The corners of a square are four, those of a cube eight.
var (
	corners = []int{4, 8}
	further = []int{12, 16, 24, 32, 48}
)

// deeperSteps is how far each of these searches goes; stubbornSteps how far the last.
const (
	deeperSteps   = 50_000
	stubbornSteps = 200_000
)

const (
	// closes is how many sets a change settles at most, but for few.
	closes = 3
	// unbounded is as many changes as it takes.
	unbounded = math.MaxInt / closes
)

// aTotal is what it costs to hide a total, which is hidden only where nothing
// else can be.
const aTotal = 1e9

// price is what it costs to change a count: nothing where it is hidden already;
// else small ones are cheaper, with some chance that nobody can count on. It is a whole number,
// so that a sum of prices is the same in whatever order.
func (c count) price() float64 {
	if c.hidden {
		return 0
	}
	return math.Round((1+math.Abs(c.value))*16*max(c.dear, 1)) + aTotal*float64(c.rank)
}

func (c count) may(by int) bool {
	return !c.fixed && (c.value < 1 || c.value+float64(by) >= 1)
}

// protect finds an alternative for a count, nil where there is none.
func (s *search) protect(cell int) alternative {
	for _, try := range []func(){
		func() { s.within(cell, searchSteps, searchWidth, unbounded) },
		func() { s.deepen(cell, corners) },
		func() { s.box(cell) },
		func() { s.deepen(cell, further) },
		func() { s.within(cell, stubbornSteps, searchWidth, unbounded) },
	} {
		if try(); s.best != nil {
			return s.best
		}
	}
	return nil
}

// deepen searches for the alternative that changes the fewest counts.
func (s *search) deepen(cell int, bounds []int) {
	for _, most := range bounds {
		if s.within(cell, deeperSteps, math.MaxInt, most); s.best != nil {
			return
		}
	}
}

// within searches for the best alternative that there is within bounds.
func (s *search) within(cell, steps, width, most int) {
	s.best, s.bestCost = nil, math.Inf(1)
	for _, by := range []int{1, -1} {
		s.left = steps
		if s.counts[cell].may(by) && s.bestCost > 0 {
			s.from(alternative{cell: by}, width, most)
		}
	}
}

// from goes on from some changes.
func (s *search) from(changes alternative, width, most int) {
	s.changed, s.unsettled, s.moved, s.cost, s.width, s.most = alternative{}, map[int]int{}, map[int]int{}, 0, width, most
	for _, cell := range slices.Sorted(maps.Keys(changes)) {
		s.change(cell, changes[cell])
	}
	s.settle()
}

func (s *search) change(cell, by int) {
	s.changed[cell] = by
	s.cost += s.counts[cell].price()
	s.shift(cell, by)
}

func (s *search) unchange(cell int) {
	s.shift(cell, -s.changed[cell])
	s.cost -= s.counts[cell].price()
	delete(s.changed, cell)
}

func (s *search) shift(cell, by int) {
	for _, o := range s.counts[cell].in {
		if s.only != overAll && s.directions[o.set] != s.only {
			continue
		}
		after := s.after(o, by)
		if _, onesided := s.rests[o.set]; onesided {
			s.moved[o.set] += o.sign * by
		}
		if s.unsettled[o.set] = after; after == 0 {
			delete(s.unsettled, o.set)
		}
	}
}

// after is what unsettled would say of a set after a change of a count of it.
func (s *search) after(o occurrence, by int) int {
	if rest, onesided := s.rests[o.set]; onesided {
		return min(0, rest+s.moved[o.set]+o.sign*by)
	}
	return s.unsettled[o.set] + o.sign*by
}

// settle mends what does not add up, and keeps what it finds if it is cheaper.
func (s *search) settle() {
	if s.cost >= s.bestCost || len(s.unsettled) > closes*(s.most-len(s.changed)) {
		return
	}
	if len(s.unsettled) == 0 {
		if s.plain() {
			return
		}
		s.best, s.bestCost = alternative{}, s.cost
		for cell, by := range s.changed {
			s.best[cell] = by
		}
		return
	}
	for _, m := range s.mendings(s.narrowest()) {
		if s.left--; s.left < 0 || s.bestCost == 0 {
			return
		}
		s.change(m.cell, m.by)
		s.settle()
		s.unchange(m.cell)
	}
}

// plain reports whether what is changed holds a count that was small, and none that still
// is: anybody sees that one at least of those that are hidden together is small.
func (s *search) plain() bool {
	was := false
	for cell, by := range s.changed {
		c := s.counts[cell]
		if c.most > 0 {
			was = true
			if c.value+float64(by) <= c.most {
				return false
			}
		}
	}
	return was
}

// narrowest is the unsettled set with the fewest terms: it leaves the least choice.
func (s *search) narrowest() int {
	found := -1
	for v := range s.unsettled {
		if found < 0 || cmp.Or(cmp.Compare(len(s.sets[v]), len(s.sets[found])), cmp.Compare(v, found)) < 0 {
			found = v
		}
	}
	return found
}

// mostChange is by how much a count is changed at most. Two counts of which one is never
// the greater can then only change places where no more than twice as much lies between.
const mostChange = 4

type mending struct {
	cell, by int
	opens    int // sets that it unsettles, less those that it settles
	price    float64
}

// mendings is the most promising changes that make a set add up.
func (s *search) mendings(v int) []mending {
	var all []mending
	for _, t := range s.sets[v] {
		by := -s.unsettled[v] / t.sign
		if _, done := s.changed[t.cell]; done || max(by, -by) > mostChange || by*t.sign != -s.unsettled[v] || !s.counts[t.cell].may(by) {
			continue
		}
		m := mending{cell: t.cell, by: by, price: s.counts[t.cell].price()}
		for _, o := range s.counts[t.cell].in {
			switch before, after := s.unsettled[o.set] == 0, s.after(o, by) == 0; {
			case before && !after:
				m.opens++
			case after && !before:
				m.opens--
			}
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b mending) int {
		return cmp.Or(cmp.Compare(min(a.opens, 0), min(b.opens, 0)), cmp.Compare(a.price, b.price), cmp.Compare(a.opens, b.opens), cmp.Compare(a.cell, b.cell))
	})
	return all[:min(len(all), s.width)]
}
