package disclosure

import (
	"math"

	"stalkstats/internal/stats"
)

// wholes is the measures that are a part of another one by what the words mean: first the
// part, then the whole.
type wholes map[[2]string]bool

// wholes are those of proportions, as charges are among outcomes. A rate whose interval is
// not that of a proportion has no such parts: there may be more arrests than offences.
func (s Structure) wholes() wholes {
	all := wholes{}
	for _, m := range s.Measures.All() {
		if m.Derived() && m.Interval == stats.Wilson && m.DenominatorSource == "" {
			all[[2]string{m.Numerator, m.Denominator}] = true
		}
	}
	return all
}

// hideTellingTotals hides the totals of which all that is in them is small, and so hidden, and
// that tell it: as many small counts as make the threshold but one, or more, are each 1 where their
// total is hidden for being small or for telling them; so it is hidden also where it is more
// by one. And three or more are each as large as a small one can be where their total is. A total
// that was shown, under whatever name, is left.
func (u *united) hideTellingTotals() {
	totals := u.totals()
	known := map[int]finest{}
	for here := range u.counts {
		if c := u.counts[here]; len(totals[here]) == 0 || c.fixed {
			continue
		}
		f := u.finest(here, totals, known)
		largest := u.table.rules.Threshold - 1
		low := f.parts >= largest && u.counts[here].value <= float64(f.parts+1)
		high := f.parts > 2 && u.counts[here].value == float64(f.parts*largest)
		if f.small && (low || high) {
			u.hide(here)
		}
	}
}

// totals is the sets of which a count is the total, where they add up.
func (u *united) totals() map[int][]int {
	all := map[int][]int{}
	for v, terms := range u.sets {
		total, sum := -1, 0.0
		for _, x := range terms {
			if sum += float64(x.sign) * u.counts[x.cell].value; x.sign < 0 && total < 0 {
				total = x.cell
			} else if x.sign != 1 || u.counts[x.cell].value < 0 {
				sum = math.NaN()
			}
		}
		if _, onesided := u.rests[v]; !onesided && total >= 0 && sum == 0 && len(terms) > 2 {
			all[total] = append(all[total], v)
		}
	}
	return all
}

// finest is the smallest counts that a total is made of: how many are not nothing, and whether
// all of them are small.
type finest struct {
	parts int
	small bool
}

// finest is found along the sets that lead to the most of them: months, and not quarters.
func (u *united) finest(here int, totals map[int][]int, known map[int]finest) finest {
	if f, there := known[here]; there {
		return f
	}
	value := u.counts[here].value
	best := finest{small: value == 0 || u.table.rules.Small(value)}
	if value != 0 {
		best.parts = 1
	}
	known[here] = best // where a count leads back to itself
	for _, v := range totals[here] {
		of := finest{small: true}
		for _, x := range u.sets[v] {
			if x.cell != here {
				f := u.finest(x.cell, totals, known)
				of.parts, of.small = of.parts+f.parts, of.small && f.small
			}
		}
		if of.parts > best.parts {
			best = of
		}
	}
	known[here] = best
	return best
}
