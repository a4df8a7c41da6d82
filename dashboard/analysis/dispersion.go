package analysis

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Dispersion is how much more the members of a group differ than chance alone
// would make them.
type Dispersion struct {
	Members int
	Tested  bool    // false: fewer than 10 members
	Phi     float64 // φ, the mean square of the winsorised z scores; 0 where not tested
	Widened bool    // the limits are √φ times as wide
}

const fewestForDispersion = 10

// dispersionOf tests for over-dispersion, multiplicative: z scores beyond the
// 10th and 90th percentile are set to those (percentiles interpolated, R's type
// 7), φ is the mean of their squares, and it is over-dispersion where the number
// of members times φ exceeds the 95% point of chi-squared with one degree of
// freedom less than there are members.
//
// Spiegelhalter DJ. Handling over-dispersion of performance indicators. Qual Saf
// Health Care 2005;14:347–51.
func dispersionOf(scores []float64) Dispersion {
	d := Dispersion{Members: len(scores)}
	if d.Members < fewestForDispersion {
		return d
	}
	d.Tested = true
	for _, z := range winsorised(scores) {
		d.Phi += z * z / float64(d.Members)
	}
	critical := distuv.ChiSquared{K: float64(d.Members - 1)}.Quantile(0.95)
	d.Widened = float64(d.Members)*d.Phi > critical
	return d
}

// Width is how many times as wide as chance alone the limits are.
func (d Dispersion) Width() float64 {
	if !d.Widened {
		return 1
	}
	return math.Sqrt(d.Phi)
}

// Sentence says how the limits were made.
func (d Dispersion) Sentence() string {
	switch {
	case !d.Tested:
		return fmt.Sprintf("The limits allow for chance alone: with %s there are too few to tell how much forces differ anyway.",
			CountWords(float64(d.Members), "forces"))
	case d.Widened:
		return fmt.Sprintf("The %d forces differ from one another by more than chance explains. The limits allow for that: they are %.1f times as wide as for chance alone.",
			d.Members, d.Width())
	}
	return fmt.Sprintf("The limits allow for chance alone: it is enough to explain how much the %d forces differ.", d.Members)
}

// PhiSentence gives φ, says what it is, and what was made of it.
func (d Dispersion) PhiSentence() string {
	if !d.Tested {
		return fmt.Sprintf("Over-dispersion, φ, is not worked out: it takes %d forces, and there are %d.", fewestForDispersion, d.Members)
	}
	made := "That is no more than chance explains among so many forces: the limits are not widened."
	if d.Widened {
		made = fmt.Sprintf("The limits are widened by its square root, %.2f.", d.Width())
	}
	return fmt.Sprintf("Over-dispersion: φ = %.2f. φ is the mean square of the forces’ z scores, those beyond the 10th and the 90th percentile set to these; by chance alone it is about 1. %s",
		d.Phi, made)
}

func winsorised(scores []float64) []float64 {
	sorted := slices.Sorted(slices.Values(scores))
	low, high := percentile(sorted, 0.1), percentile(sorted, 0.9)
	kept := make([]float64, len(scores))
	for i, z := range scores {
		kept[i] = math.Min(math.Max(z, low), high)
	}
	return kept
}

// percentile interpolates between the two sorted values round it (type 7 of
// Hyndman RJ, Fan Y. Am Stat 1996;50:361–5).
func percentile(sorted []float64, share float64) float64 {
	place := share * float64(len(sorted)-1)
	below := int(place)
	if below == len(sorted)-1 {
		return sorted[below]
	}
	return sorted[below] + (place-float64(below))*(sorted[below+1]-sorted[below])
}
