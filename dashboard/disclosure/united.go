package disclosure

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// united is a table in which a count that stands under several names is one count: a
// search changes and hides it once.
type united struct {
	search
	table   *Table
	of      []int   // of each count of the table, its place here
	members [][]int // of each count here, those of the table
}

// united makes it. A count that is hidden under one name is hidden under all under which
// it was not shown.
func (t *Table) united() *united {
	u := &united{table: t, of: make([]int, len(t.counts))}
	u.rests = map[int]int{}
	number := map[int]int{}
	for place, first := range t.oneCounts() {
		here, there := number[first]
		if !there {
			here = len(u.counts)
			number[first] = here
			u.counts, u.keys, u.members = append(u.counts, count{value: t.counts[place].value, most: t.counts[place].most, dear: math.Pow(dearest, t.chance.next())}), append(u.keys, t.keys[place]), append(u.members, nil)
		}
		c, own := &u.counts[here], t.counts[place]
		c.hidden, c.fixed, c.rank = c.hidden || own.hidden, c.fixed || own.fixed, max(c.rank, own.rank)
		u.of[place], u.members[here] = here, append(u.members[here], place)
	}
	known := map[string]bool{}
	for _, onesided := range []bool{false, true} { // what adds up tells more than that it is no more
		for i, terms := range t.sets {
			if slices.ContainsFunc(terms, isRest) == onesided {
				u.add(terms, t.directions[i], known)
			}
		}
	}
	for here, c := range u.counts {
		if c.hidden {
			u.hide(here)
		}
	}
	return u
}

// oneCounts is of each count the first one that it is the same count as, which may be
// itself.
func (t *Table) oneCounts() []int {
	firsts := make([]int, len(t.counts))
	for i := range firsts {
		firsts[i] = i
	}
	first := func(i int) int {
		for firsts[i] != i {
			i = firsts[i]
		}
		return i
	}
	for _, terms := range t.sets {
		if len(terms) == 2 && terms[0].sign != terms[1].sign && t.counts[terms[0].cell].value == t.counts[terms[1].cell].value {
			a, b := first(terms[0].cell), first(terms[1].cell)
			firsts[max(a, b)] = min(a, b)
		}
	}
	for i := range firsts {
		firsts[i] = first(i)
	}
	return firsts
}

// add puts a set of the table in, whose terms may be one count.
func (u *united) add(terms []term, d direction, known map[string]bool) {
	signs, onesided := map[int]int{}, false
	for _, x := range terms {
		if isRest(x) {
			onesided = true
		} else {
			signs[u.of[x.cell]] += x.sign
		}
	}
	maps.DeleteFunc(signs, func(_, sign int) bool { return sign == 0 })
	name := fmt.Sprint(signs)
	if len(signs) == 0 || known[name] {
		return
	}
	known[name] = true
	var own []term
	over := 0
	for _, cell := range slices.Sorted(maps.Keys(signs)) {
		own = append(own, term{cell, signs[cell]})
		over += signs[cell] * int(u.counts[cell].value)
		u.counts[cell].in = append(u.counts[cell].in, occurrence{len(u.sets), signs[cell]})
	}
	if onesided {
		u.rests[len(u.sets)] = over
	}
	u.sets, u.directions = append(u.sets, own), append(u.directions, d)
}

// hangingTogether adds to some counts one and all that hang together with it: those of its
// sets, of their sets, and so on. A nothing joins nothing: it is one whatever the others are.
func (u *united) hangingTogether(here int, with map[int]bool) {
	with[here] = true
	for next := []int{here}; len(next) > 0; next = next[1:] {
		if u.counts[next[0]].fixed && u.counts[next[0]].value == 0 {
			continue
		}
		for _, o := range u.counts[next[0]].in {
			for _, x := range u.sets[o.set] {
				if !with[x.cell] {
					with[x.cell], next = true, append(next, x.cell)
				}
			}
		}
	}
}

// hide hides a count under all its names under which it was not shown.
func (u *united) hide(here int) {
	u.counts[here].hidden = true
	for _, place := range u.members[here] {
		if !u.table.counts[place].fixed {
			u.table.hide(place, Secondary)
		}
	}
}
