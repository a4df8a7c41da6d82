package analysis

import (
	"errors"
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"stalkstats/internal/stats"
)

// FewestForPercent is how large both counts must be for a percentage change
// (methods: otherwise the two counts are given).
const FewestForPercent = 10

// PercentageChange is by how much this differs from before, in per cent of
// before: negative where it is less. ok is false where either is under 10.
func PercentageChange(this, before float64) (percent float64, ok bool) {
	if !(this >= FewestForPercent && before >= FewestForPercent) {
		return 0, false
	}
	return 100 * (this - before) / before, true
}

// ErrNoCounts says that two figures are not two counts of events.
var ErrNoCounts = errors.New("only two whole numbers of events can be tested")

// A CountComparison is how far chance explains the difference of two counts.
type CountComparison struct {
	P       float64 // of a difference as large or larger by chance alone, both ways
	Verdict CountVerdict
}

// CountVerdict is the outcome of a comparison.
type CountVerdict string

// The verdicts: p under 0.01, under 0.05, and the rest.
const (
	MoreThanChance CountVerdict = "more than chance explains"
	MayBeMore      CountVerdict = "may be more than chance"
	ChanceExplains CountVerdict = "within chance"
)

// Sentence is the verdict as it follows the two counts: “that is more than
// chance explains”.
func (v CountVerdict) Sentence() string {
	if v == MayBeMore {
		return "that " + string(v)
	}
	return "that is " + string(v)
}

// CompareCounts tests whether two counts of events, each of its own period,
// differ by more than chance explains, the days of the periods allowed for:
// given both together, the first is binomial, with its share of the days as
// the probability. The exact test is two-sided: p is the sum of the
// probabilities of all divisions no more probable than the one observed, as R's
// binom.test and poisson.test have it.
//
// The error is ErrNoCounts where a figure is a rate, is not known or is not a
// whole number, and ErrMixed where only one of them is a demonstration.
//
// Przyborowski J, Wilenski H. Homogeneity of results in testing samples from
// Poisson series. Biometrika 1940;31:313–23.
func CompareCounts(this, before stats.Figure) (CountComparison, error) {
	if !isCount(this) || !isCount(before) {
		return CountComparison{}, ErrNoCounts
	}
	if this.Demonstration() != before.Demonstration() {
		return CountComparison{}, ErrMixed
	}
	days := float64(this.Period.Days())
	p := binomialTest(this.Value.Number, this.Value.Number+before.Value.Number, days/(days+float64(before.Period.Days())))
	return CountComparison{P: p, Verdict: countVerdict(p)}, nil
}

// LargeCount is from where on two counts are so large that chance does not explain small
// changes of them either, and the size of a change tells more than the test.
const LargeCount = 1000

// LeastBeyondChance is the smallest change from before, in per cent of it and in the direction
// in which this differs, that CompareCounts finds to be more than chance explains. ok is false
// where this change is not, and where a count is under LargeCount.
func LeastBeyondChance(this, before stats.Figure) (percent float64, ok bool) {
	tested, err := CompareCounts(this, before)
	if err != nil || tested.Verdict != MoreThanChance || min(this.Value.Number, before.Value.Number) < LargeCount {
		return 0, false
	}
	from := before.Value.Number
	step := math.Copysign(1, this.Value.Number-from)
	days := float64(this.Period.Days())
	share := days / (days + float64(before.Period.Days()))
	least := sort.Search(int(math.Abs(this.Value.Number-from)), func(i int) bool {
		changed := from + step*float64(i)
		return countVerdict(binomialTest(changed, changed+from, share)) == MoreThanChance
	})
	return 100 * float64(least) / from, true
}

// largestCount is far above any count of events that two periods compare; up to
// it logarithms of probabilities are exact enough to tell which is larger.
const largestCount = 1e7

func isCount(f stats.Figure) bool {
	n := f.Value.Number
	rate := f.Numerator.Known || f.Denominator.Known
	return f.Value.Known && !rate && n >= 0 && n <= largestCount && n == math.Trunc(n) && f.Period.Days() > 0
}

func countVerdict(p float64) CountVerdict {
	switch {
	case p < 0.01:
		return MoreThanChance
	case p < 0.05:
		return MayBeMore
	}
	return ChanceExplains
}

// binomialTest is the two-sided exact p of x successes in n trials, each with
// probability p. Probabilities that differ by less than rounding count as equal.
func binomialTest(x, n, p float64) float64 {
	if n == 0 {
		return 1
	}
	d := distuv.Binomial{N: n, P: p}
	expected := n * p
	if x > expected {
		// Seen from the other side, so that what was observed is on the left.
		return binomialTest(n-x, n, 1-p)
	}
	const rounding = 1e-7
	observed := d.LogProb(x) + rounding
	// Right of the expected number probabilities only fall: the far tail
	// starts at the first that is no larger than the observed.
	start := math.Ceil(expected)
	far := start + float64(sort.Search(int(n-start)+1, func(i int) bool { return d.LogProb(start+float64(i)) <= observed }))
	if far <= x {
		return 1
	}
	total := d.CDF(x)
	if far <= n {
		total += distuv.Binomial{N: n, P: 1 - p}.CDF(n - far)
	}
	return math.Min(1, total)
}
