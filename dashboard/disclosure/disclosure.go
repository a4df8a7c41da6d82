// Package disclosure decides which counts must not leave the force, so that
// nobody can be recognised in a small number, and is the one gate that every
// figure of the published audience passes.
//
// What is hidden is worked out once for a publication, over whole tables, and
// kept: a pattern that each report worked out for itself would tell by the
// difference of two reports what neither of them shows.
//
// It follows the handbook of Hundepool et al., Statistical Disclosure Control
// (Wiley, 2012), chapter 4: a threshold rule, and secondary suppression in the
// manner of the hypercube method (Repsilber 1994; Giessing and Repsilber 2002).
// It knows nothing of HTTP, ClickHouse or a clock.
package disclosure

import (
	"math"

	"stalkstats/internal/stats"
)

// Method is the number of the way in which counts are chosen to be hidden. It goes up
// when the same rules come to hide something else: what was published under a former
// method is not recalled, since it could not always be protected by this one.
const Method = 7

// Rules are the operator's choices.
type Rules struct {
	Threshold int // counts above 0 and under it are hidden; 0 or 1 hides none
	Rounding  int // what is shown is rounded to its nearest multiple; 0 or 1 rounds nothing
}

// Small reports whether a count is above 0 and under the threshold. A negative
// one, as of a correction, is as small as it is far from 0.
func (r Rules) Small(count float64) bool {
	return count != 0 && math.Abs(count) < float64(r.Threshold)
}

// most is the most that anybody may take a small count for, who sees that nothing but its
// being small can hide it; 0 for any other. Of a count under 2 everybody knows that it is 1.
func (r Rules) most(count float64) float64 {
	if count <= 0 || !r.Small(count) {
		return 0
	}
	return float64(max(r.Threshold-1, 2))
}

// Round is a count as it is shown: rounded to the nearest multiple, halves away
// from 0, or the marker k where that is 0 and the count is not.
func (r Rules) Round(v stats.Value) stats.Value {
	if !v.Known || r.Rounding <= 1 {
		return v
	}
	base := float64(r.Rounding)
	rounded := math.Round(v.Number/base) * base
	if rounded == 0 && v.Number != 0 {
		return stats.Value{Markers: v.Markers.With(stats.LowNotZero)}
	}
	v.Number = rounded
	return v
}

// A Reason says why a count is hidden. The zero Reason is that it is shown.
type Reason string

// The reasons.
const (
	Shown     Reason = ""
	Primary   Reason = "primary"   // it is small
	Secondary Reason = "secondary" // a small one could be had by subtraction with it
	Withheld  Reason = "withheld"  // no choice of hidden counts protects it or what hangs together with it
)

// A Cell is a count that one publication serves.
type Cell struct {
	stats.Key
	Value  float64
	Origin stats.Origin // of a count that was read; of a sum it is zero
}

// A Structure says what adds up to what.
type Structure struct {
	Measures *stats.Measures
	Forces   []string // ONS codes of the forces whose counts make England and Wales
}
