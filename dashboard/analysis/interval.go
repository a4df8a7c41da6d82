package analysis

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"stalkstats/internal/stats"
)

// Interval95 bounds a rate at 95% confidence, in the rate's own unit, by the
// method that its measure names: Wilson for proportions, Byar's approximation
// and the exact Poisson limits for rates and ratios. Neither bound is known
// where the method has no answer: no value, no denominator, a count below zero,
// or a proportion whose numerator is larger than its denominator.
func Interval95(m stats.Measure, f stats.Figure) (lower, upper stats.Value) {
	return interval(m, f, 0.05)
}

// Interval998 is Interval95 at 99.8% confidence, which is about three standard
// errors each way.
func Interval998(m stats.Measure, f stats.Figure) (lower, upper stats.Value) {
	return interval(m, f, 0.002)
}

func interval(m stats.Measure, f stats.Figure, alpha float64) (lower, upper stats.Value) {
	n, d := f.Numerator.Number, f.Denominator.Number
	if !f.Value.Known || !f.Numerator.Known || !f.Denominator.Known || n < 0 || d <= 0 {
		return stats.Value{}, stats.Value{}
	}
	switch m.Interval {
	case stats.Wilson:
		if n > d {
			return stats.Value{}, stats.Value{}
		}
		low, high := WilsonInterval(n, d, distuv.UnitNormal.Quantile(1-alpha/2))
		return stats.Number(m.Per * low), stats.Number(m.Per * high)
	case stats.Byar:
		low, high := PoissonInterval(n, alpha)
		return stats.Number(m.Per * low / d), stats.Number(m.Per * high / d)
	}
	return stats.Value{}, stats.Value{}
}

// WilsonInterval is the Wilson score interval of the proportion n of d, from 0
// to 1; z is the standard normal quantile of the confidence level.
//
// Wilson EB. Probable inference, the law of succession, and statistical
// inference. J Am Stat Assoc 1927;22:209–12; as coded by OHID
// (PHEindicatormethods, wilson_lower and wilson_upper).
func WilsonInterval(n, d, z float64) (lower, upper float64) {
	centre := 2*n + z*z
	spread := z * math.Sqrt(z*z+4*n*(1-n/d))
	scale := 2 * (d + z*z)
	return math.Max(0, (centre-spread)/scale), math.Min(1, (centre+spread)/scale)
}

// PoissonInterval bounds the expected value of a count at confidence 1-alpha:
// by Byar's approximation, and exactly by the chi-squared distribution where
// the count is under 10.
//
// Breslow NE, Day NE. Statistical methods in cancer research, volume II. IARC
// 1987, pages 69–71; as coded by OHID (PHEindicatormethods, byars_lower and
// byars_upper).
func PoissonInterval(count, alpha float64) (lower, upper float64) {
	if count < 10 {
		return exactPoisson(count, alpha)
	}
	z := distuv.UnitNormal.Quantile(1 - alpha/2)
	lower = count * math.Pow(1-1/(9*count)-z/(3*math.Sqrt(count)), 3)
	above := count + 1
	upper = above * math.Pow(1-1/(9*above)+z/(3*math.Sqrt(above)), 3)
	return lower, upper
}

func exactPoisson(count, alpha float64) (lower, upper float64) {
	if count > 0 {
		lower = distuv.ChiSquared{K: 2 * count}.Quantile(alpha/2) / 2
	}
	upper = distuv.ChiSquared{K: 2*count + 2}.Quantile(1-alpha/2) / 2
	return lower, upper
}
