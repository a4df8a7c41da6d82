package disclosure

import (
	"maps"
	"math/bits"
	"slices"
	"strings"

	"stalkstats/internal/stats"
)

// How many values a breakdown may have whose sums are looked for, how many of them a sum
// may have, and in how many places it must hold: by chance a sum holds here and there.
const (
	mostNestedValues = 10
	mostNested       = 4
	leastPlaces      = 2
)

// A nesting is a value of one breakdown and the values of another that add up to it.
type nesting struct{ source, basis, measure, breakdown, value, other, values string }

// ofNested is the values of a breakdown that are sums of other values of it, or of
// another breakdown of the same count, as arrests with a domestic flag are those of partners and of family:
// in at least two places, and in more than not. Nobody need have declared it.
func ofNested(cells []Cell) []set {
	found, compared := map[nesting][]set{}, map[nesting]int{}
	for _, together := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Breakdown, k.BreakdownValue = "", ""
		return k, c.Breakdown != ""
	}) {
		byDimension := map[string][]int{}
		for _, i := range together {
			byDimension[cells[i].Breakdown] = append(byDimension[cells[i].Breakdown], i)
		}
		for one, values := range byDimension {
			for other, parts := range byDimension {
				if len(parts) > mostNestedValues {
					continue
				}
				for _, whole := range values {
					of := nesting{source: cells[whole].Source, basis: cells[whole].Basis, measure: cells[whole].Measure, breakdown: one, value: cells[whole].BreakdownValue, other: other}
					compared[of]++
					others := slices.DeleteFunc(slices.Clone(parts), func(i int) bool { return i == whole })
					sumsOf(cells, whole, others, one == other, func(names string, v set) {
						exact := of
						exact.values = names
						found[exact] = append(found[exact], v)
					})
				}
			}
		}
	}
	var all []set
	for _, of := range slices.SortedFunc(maps.Keys(found), func(a, b nesting) int {
		return slices.Compare([]string{a.source, a.basis, a.measure, a.breakdown, a.value, a.other, a.values}, []string{b.source, b.basis, b.measure, b.breakdown, b.value, b.other, b.values})
	}) {
		pair := of
		pair.values = ""
		if n := len(found[of]); n >= leastPlaces && 2*n > compared[pair] {
			all = append(all, found[of]...)
		}
	}
	return all
}

// sumsOf hands over each choice of parts that adds up to a whole, with the names of the
// parts. All of them together count only within one breakdown, where a value may be the
// total of the others, as all persons beside women and men.
func sumsOf(cells []Cell, whole int, parts []int, within bool, do func(names string, v set)) {
	if cells[whole].Value == 0 {
		return
	}
	slices.SortFunc(parts, func(i, j int) int { return strings.Compare(cells[i].BreakdownValue, cells[j].BreakdownValue) })
	everything := uint(1)<<len(parts) - 1
	for chosen := uint(1); chosen <= everything; chosen++ {
		n := bits.OnesCount(chosen)
		if all := chosen == everything; n < 2 || all && !within || !all && n > mostNested {
			continue
		}
		left := cells[whole].Value
		for n, i := range parts {
			if chosen>>n&1 == 1 {
				left -= cells[i].Value
			}
		}
		if left != 0 {
			continue
		}
		v, names := set{{whole, -1}}, ""
		for n, i := range parts {
			if chosen>>n&1 == 1 {
				v, names = append(v, term{i, 1}), names+"\x00"+cells[i].BreakdownValue
			}
		}
		do(names, v)
	}
}

// withinNested is, of a set that does not add up, what is left of it without some of its
// parts (those with +1) and does: a breakdown may hold a value beside another of which it
// is a part, as partners beside all domestic cases. Nobody need have declared it: whoever
// reads the names sees it. Every choice that adds up counts, for it is not known which
// is meant.
func withinNested(cells []Cell, v set) (all []set) {
	var parts, others set
	sum := 0.0
	for _, x := range v {
		sum += float64(x.sign) * cells[x.cell].Value
		switch {
		case x.sign < 0:
			others = append(others, x)
		case cells[x.cell].Value > 0: // one of 0 hides nothing
			parts = append(parts, x)
		}
	}
	if sum <= 0 || len(parts) > mostNestedValues {
		return nil
	}
	for left := uint(1); left < 1<<len(parts)-1; left++ {
		over, rest := sum, slices.Clone(others)
		for n, x := range parts {
			if left>>n&1 == 1 {
				over -= cells[x.cell].Value
			} else {
				rest = append(rest, x)
			}
		}
		if over != 0 {
			continue
		}
		if len(others) > 1 { // none is a total
			rest = slices.Concat(rest[len(others):], others)
		}
		all = append(all, rest)
	}
	return all
}
