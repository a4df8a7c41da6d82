package analysis

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// FunnelLimits are the control limits at a denominator, in the measure's unit.
type FunnelLimits struct {
	Denominator        float64
	Lower95, Upper95   float64
	Lower998, Upper998 float64
}

func (l FunnelLimits) position(rate float64) Position {
	switch {
	case rate > l.Upper998:
		return Above998
	case rate > l.Upper95:
		return Above95
	case rate < l.Lower998:
		return Below998
	case rate < l.Lower95:
		return Below95
	}
	return InsideLimits
}

// A funnelModel is what chance does to a count: binomial where it is part of
// its denominator, else Poisson, round the average rate per one.
type funnelModel struct {
	proportion bool
	average    float64
	width      float64 // the limits are this many times as far from the average
}

// score is z: how many standard errors a count is from the expected. It is 0
// where chance leaves no room: nobody of the group has any, or all have all.
func (f funnelModel) score(count, denominator float64) float64 {
	variance := f.average * denominator
	if f.proportion {
		variance *= 1 - f.average
	}
	if variance <= 0 {
		return 0
	}
	return (count - f.average*denominator) / math.Sqrt(variance)
}

func (f funnelModel) limits(denominator, per float64) FunnelLimits {
	l := FunnelLimits{Denominator: denominator}
	l.Lower95, l.Upper95 = f.between(denominator, per, 0.025)
	l.Lower998, l.Upper998 = f.between(denominator, per, 0.001)
	return l
}

// between is the limits that a share of `tail` lies beyond on each side.
func (f funnelModel) between(denominator, per, tail float64) (lower, upper float64) {
	low, high := f.exact(denominator, tail)
	centre := f.average * denominator
	low, high = centre+f.width*(low-centre), centre+f.width*(high-centre)
	most := math.Inf(1)
	if f.proportion {
		most = denominator
	}
	// What is rounded must not leave the average outside.
	low = math.Min(math.Max(0, low), centre)
	high = math.Max(math.Min(most, high), centre)
	return per * low / denominator, per * high / denominator
}

// exact is the limits in counts. A whole count is beyond one exactly where the
// probability of it or anything further out is under tail. Between whole counts
// a limit is interpolated on the probabilities, so that the curves do not have
// teeth (Spiegelhalter 2005, appendix A.1; here the upper limit is made in the
// way of the lower, from its own tail).
func (f funnelModel) exact(denominator, tail float64) (lower, upper float64) {
	expected := f.average * denominator
	if expected <= 0 || f.proportion && f.average >= 1 {
		return expected, expected
	}
	lower = f.lower(denominator, tail)
	if f.proportion {
		// Those who are not counted, seen from their own lower limit.
		others := funnelModel{proportion: true, average: 1 - f.average}
		return lower, denominator - others.lower(denominator, tail)
	}
	// Counted down from where next to nothing lies beyond.
	top := math.Ceil(expected + 10*math.Sqrt(expected) + 30)
	down := interpolated(tail, top, func(r float64) float64 { return poissonAtLeast(top-r, expected) })
	return lower, top - down
}

func (f funnelModel) lower(denominator, tail float64) float64 {
	above := math.Ceil(f.average*denominator) + 1
	return interpolated(tail, above, func(r float64) float64 { return f.atMost(r, denominator) })
}

// interpolated is the place at which a rising cumulative probability reaches
// tail, between the whole numbers round it. It may be under 0.
func interpolated(tail, most float64, cumulative func(r float64) float64) float64 {
	r := float64(sort.Search(int(most), func(i int) bool { return cumulative(float64(i)) >= tail }))
	at, before := cumulative(r), 0.0
	if r > 0 {
		before = cumulative(r - 1)
	}
	if at <= before {
		return r
	}
	return r - math.Min(1, math.Max(0, (at-tail)/(at-before)))
}

func (f funnelModel) atMost(r, denominator float64) float64 {
	if f.proportion {
		return distuv.Binomial{N: denominator, P: f.average}.CDF(r)
	}
	return distuv.Poisson{Lambda: f.average * denominator}.CDF(r)
}

func poissonAtLeast(r, expected float64) float64 {
	if r <= 0 {
		return 1
	}
	return mathext.GammaIncReg(r, expected)
}
