package analysis

import (
	"math"

	"stalkstats/internal/stats"
)

// A Phase is the part of a control chart between two restarts. All its figures
// are in the unit of the measure.
type Phase struct {
	First, Last int       // places on the axis, both included
	Restarts    []Restart // what it starts with, in order of time; none: the first figures
	Known       int       // how many of its periods have a number
	Mean        float64   // 0 where none has
	// AverageRange is mR̄, after the screening; 0 where it was not worked out.
	AverageRange float64
	// The limits, as they are drawn and judged by; 0 where HasLimits is false.
	Lower, Upper         float64
	NearLower, NearUpper float64
	State                State
}

// State tells whether a phase has limits, or why it has none.
type State string

// The states. A phase is in the first that fits, in the order from
// MixedFigures on.
const (
	FullLimits   State = "limits"
	TrialLimits  State = "trial limits"      // fewer than 13 points
	MixedFigures State = "mixed"             // demonstration and real figures
	Overlapping  State = "overlapping"       // rolling twelve months
	TooFew       State = "too few to judge"  // counts, or a rate's numerators, average under 5
	NoLimits     State = "no limits"         // fewer than 7 points, or no two side by side
	TooCoarse    State = "rounded too much"  // they vary by less than they are rounded to
	NoVariation  State = "figures all alike" // mR̄ is 0
)

// HasLimits reports whether the phase has limits, trial limits among them.
func (p Phase) HasLimits() bool { return p.State == FullLimits || p.State == TrialLimits }

// measure works out a phase's mean, average moving range and limits.
func (p *Phase) measure(c ControlChart, unfit State) {
	points := c.known(*p)
	p.Known = len(points)
	p.Mean = mean(points, func(f stats.Figure) float64 { return f.Value.Number })
	ranges := c.movingRanges(*p)
	switch {
	case unfit != "":
		p.State = unfit
	case p.Known > 0 && mean(points, c.counted) < fewestCounted:
		p.State = TooFew
	case p.Known < fewestTrial || len(ranges) == 0:
		p.State = NoLimits
	case c.tooCoarse(points, screened(ranges)):
		p.State = TooCoarse
	default:
		p.limit(c, screened(ranges))
	}
}

// rangeOfTwo is d2: the average range of two figures is so many times their standard
// deviation.
const rangeOfTwo = 1.128

// tooCoarse reports whether figures are rounded to more than one standard deviation of
// theirs, by their average moving range. Limits of such figures are those of the
// rounding: too wide or too narrow, and special cause comes and goes with it.
//
// Wheeler DJ, Chambers DS. Understanding statistical process control. 2nd ed. SPC
// Press 1992: inadequate measurement units.
func (c ControlChart) tooCoarse(points []*Point, averageRange float64) bool {
	if c.Measure.RoundedTo <= 1 {
		return false
	}
	unit := float64(c.Measure.RoundedTo)
	if c.Measure.Derived() {
		unit *= c.Measure.Per / mean(points, func(f stats.Figure) float64 { return f.Denominator.Number })
	}
	return averageRange/rangeOfTwo < unit
}

func (p *Phase) limit(c ControlChart, averageRange float64) {
	if averageRange == 0 {
		p.State = NoVariation
		return
	}
	p.State = FullLimits
	if p.Known < fewestLimits {
		p.State = TrialLimits
	}
	p.AverageRange = averageRange
	reach := limitFactor * averageRange
	ceiling := c.ceiling(*p)
	p.Lower, p.Upper = math.Max(0, p.Mean-reach), math.Min(ceiling, p.Mean+reach)
	p.NearLower, p.NearUpper = math.Max(0, p.Mean-nearShare*reach), math.Min(ceiling, p.Mean+nearShare*reach)
}

// counted is the count whose size says whether a figure can be judged.
func (c ControlChart) counted(f stats.Figure) float64 {
	if c.Measure.Derived() {
		return f.Numerator.Number
	}
	return f.Value.Number
}

// ceiling is what no limit is above: for percentages 100, unless a figure of
// the phase is above it, as a ratio's may be.
func (c ControlChart) ceiling(p Phase) float64 {
	if c.Measure.Unit != "percent" {
		return math.Inf(1)
	}
	for _, point := range c.known(p) {
		if point.Figure.Value.Number > 100 {
			return math.Inf(1)
		}
	}
	return 100
}

// movingRanges is the differences of neighbours that both have a number.
func (c ControlChart) movingRanges(p Phase) []float64 {
	var ranges []float64
	for place := p.First + 1; place <= p.Last; place++ {
		if c.Points[place-1].Known && c.Points[place].Known {
			ranges = append(ranges, math.Abs(c.value(place)-c.value(place-1)))
		}
	}
	return ranges
}

func (c ControlChart) value(place int) float64 { return c.Points[place].Figure.Value.Number }

// screened is the average moving range, taken again without those over 3.267
// times the first average: one jump must not hide the next.
func screened(ranges []float64) float64 {
	first := average(ranges)
	var kept []float64
	for _, r := range ranges {
		if r <= screenFactor*first {
			kept = append(kept, r)
		}
	}
	return average(kept)
}

func mean(points []*Point, of func(stats.Figure) float64) float64 {
	numbers := make([]float64, 0, len(points))
	for _, p := range points {
		numbers = append(numbers, of(p.Figure))
	}
	return average(numbers)
}

func average(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	return sum / float64(len(numbers))
}

// outside is on which side of the limits a figure is; 0 inside them.
func (p Phase) outside(y float64) Side { return beyond(y, p.Lower, p.Upper) }

// near is on which side a figure is between the near limit and the limit; 0
// where it is not.
func (p Phase) near(y float64) Side {
	if p.outside(y) != 0 {
		return 0
	}
	return beyond(y, p.NearLower, p.NearUpper)
}

// side is on which side of the average a figure is; 0 on it.
func (p Phase) side(y float64) Side { return beyond(y, p.Mean, p.Mean) }

func beyond(y, lower, upper float64) Side {
	switch {
	case y < lower:
		return Below
	case y > upper:
		return Above
	}
	return 0
}
