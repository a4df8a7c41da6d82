package disclosure

// An attacker has everything that was published and knows what adds up. It
// shares nothing with the code that hides: it tries whole numbers.

import (
	"testing"
)

// unknown is what an attacker knows of a count: it is from lo to hi.
type unknown struct{ lo, hi int }

// attacker looks for the tables that agree with all that was shown. It looks near
// the truth first, because another table that agrees is most often near, and then
// everywhere: what it says does not hang on where it began.
type attacker struct {
	t     testing.TB
	sums  [][]piece
	truth []int
	steps int
}

type piece struct{ place, sign int }

const farAway = 300 // no count of a test comes near

// canBe reports whether a count can be another number than it is.
func (a *attacker) canBe(all []unknown, place int) bool {
	for _, within := range []int{1, 2, 4, farAway} {
		if a.otherThan(a.near(all, within), place) {
			return true
		}
	}
	return false
}

// near is what is known, and that no count is further from the truth than that.
func (a *attacker) near(all []unknown, within int) []unknown {
	near := make([]unknown, len(all))
	for i, u := range all {
		near[i] = unknown{max(u.lo, a.truth[i]-within), min(u.hi, a.truth[i]+within)}
	}
	return near
}

func (a *attacker) otherThan(all []unknown, place int) bool {
	not := a.truth[place]
	for _, other := range []unknown{{not + 1, all[place].hi}, {all[place].lo, not - 1}} {
		if other.lo > other.hi {
			continue
		}
		tried := append([]unknown(nil), all...)
		tried[place] = other
		a.steps = 0
		if a.solve(tried) {
			return true
		}
	}
	return false
}

func (a *attacker) solve(all []unknown) bool {
	if a.steps++; a.steps > 300_000 {
		a.t.Fatal("the attacker gave up: the table is too large for a test")
	}
	if !a.narrow(all) {
		return false
	}
	open := -1
	for i, u := range all {
		if u.lo < u.hi && (open < 0 || u.hi-u.lo < all[open].hi-all[open].lo) {
			open = i
		}
	}
	if open < 0 {
		return true
	}
	for v := all[open].lo; v <= all[open].hi; v++ {
		tried := append([]unknown(nil), all...)
		tried[open] = unknown{v, v}
		if a.solve(tried) {
			return true
		}
	}
	return false
}

// narrow tightens what is known by every sum until nothing changes; false where
// nothing fits.
func (a *attacker) narrow(all []unknown) bool {
	for again := true; again; {
		again = false
		for _, sum := range a.sums {
			least, most := 0, 0
			for _, p := range sum {
				l, h := ends(all[p.place], p.sign)
				least, most = least+l, most+h
			}
			if least > 0 || most < 0 {
				return false
			}
			for _, p := range sum {
				l, h := ends(all[p.place], p.sign)
				// This piece is 0 less all others.
				lo, hi := h-most, l-least
				if p.sign < 0 {
					lo, hi = -hi, -lo
				}
				u := &all[p.place]
				if lo > u.lo {
					u.lo, again = lo, true
				}
				if hi < u.hi {
					u.hi, again = hi, true
				}
				if u.lo > u.hi {
					return false
				}
				l2, h2 := ends(*u, p.sign)
				least, most = least-l+l2, most-h+h2
			}
		}
	}
	return true
}

func ends(u unknown, sign int) (least, most int) {
	if sign < 0 {
		return -u.hi, -u.lo
	}
	return u.lo, u.hi
}

// The attacker is known to work: it finds what is to be found, and only that.
func TestAttacker(t *testing.T) {
	for name, v := range map[string]struct {
		shown []int // 0: hidden
		truth []int
		found []bool
	}{
		"one hidden is had by subtraction": {[]int{10, 0, 7}, []int{10, 3, 7}, []bool{true, true, true}},
		"two hidden are not":               {[]int{10, 0, 0}, []int{10, 3, 7}, []bool{true, false, false}},
		"two ones are":                     {[]int{2, 0, 0}, []int{2, 1, 1}, []bool{true, true, true}},
		"all hidden are not":               {[]int{0, 0, 0}, []int{2, 1, 1}, []bool{false, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			a := &attacker{t: t, sums: [][]piece{{{0, -1}, {1, 1}, {2, 1}}}, truth: v.truth}
			all := make([]unknown, 3)
			for i, n := range v.shown {
				all[i] = unknown{n, n}
				if n == 0 {
					all[i] = unknown{1, farAway}
				}
			}
			for i := range all {
				if found := !a.canBe(all, i); found != v.found[i] {
					t.Errorf("count %d: found out %t", i, found)
				}
			}
		})
	}
}
