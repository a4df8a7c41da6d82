package analysis

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"stalkstats/internal/stats"
)

// Why there is no funnel.
var (
	ErrNoRate   = errors.New("only a rate with its numerator and denominator can be compared in a funnel")
	ErrUnlike   = errors.New("figures of different periods, sources or bases do not compare")
	ErrNoMember = errors.New("no two of the group have a figure")
)

// A Member is an area of a group and its figure, with numerator and denominator.
type Member struct {
	Area   stats.Area
	Figure stats.Figure
}

// A FunnelPlot compares the members of a group by a rate, each allowed what
// chance explains at its size. All rates are in the measure's own unit.
type FunnelPlot struct {
	Measure stats.Measure
	// Numerator and Denominator are the sums over the points, and Average the
	// rate of the two.
	Numerator, Denominator, Average float64
	Dispersion                      Dispersion
	Points                          []FunnelPoint // in the order in which the members came: never by rate
	LeftOut                         []LeftOut     // in that order too
}

// A FunnelPoint is a member beside the limits at its denominator.
type FunnelPoint struct {
	Member
	Rate     float64
	Lower95  stats.Value // the interval of its own rate
	Upper95  stats.Value
	Limits   FunnelLimits
	Position Position
	Score    float64 // z: distance from the average in standard errors, before winsorising
}

// LeftOut is a member that is in neither the average nor the plot, and why.
type LeftOut struct {
	Area stats.Area
	Why  string
}

// Position is where a member is by the limits, in words that follow its name.
type Position string

// The positions.
const (
	InsideLimits Position = "inside the limits"
	Above95      Position = "above the 95% limit"
	Above998     Position = "above the 99.8% limit"
	Below95      Position = "below the 95% limit"
	Below998     Position = "below the 99.8% limit"
)

// Funnel is the funnel plot of a group: control limits at 95% and 99.8% round
// the average, which is the sum of the numerators over the sum of the
// denominators of the members that have both. It ranks nobody.
//
// Limits are exact at every size: binomial for a proportion, Poisson for a rate
// or ratio (see funnelModel). The normal approximation would do where a count
// of 10 or more is expected, and would put a step into the curves there; exact
// limits run on into it without one.
//
// Where members differ by more than chance explains, the limits are widened:
// see Dispersion. The error is ErrNoRate, ErrUnlike or ErrMixed; ErrNoMember
// where fewer than two members are left.
//
// Spiegelhalter DJ. Funnel plots for comparing institutional performance. Stat
// Med 2005;24:1185–202.
func Funnel(m stats.Measure, members []Member) (FunnelPlot, error) {
	plot, err := scored(m, members)
	if err != nil {
		return FunnelPlot{}, err
	}
	for i := range plot.Points {
		plot.place(i)
	}
	return plot, nil
}

// PlaceAmong is where the member of an area (its code) stands in the Funnel of a group,
// which is worked out for that one alone; ErrNoMember where it is left out of it.
func PlaceAmong(m stats.Measure, members []Member, area string) (FunnelPoint, Dispersion, error) {
	plot, err := scored(m, members)
	if err != nil {
		return FunnelPoint{}, Dispersion{}, err
	}
	i := slices.IndexFunc(plot.Points, func(p FunnelPoint) bool { return p.Area.Code == area })
	if i < 0 {
		return FunnelPoint{}, Dispersion{}, ErrNoMember
	}
	plot.place(i)
	return plot.Points[i], plot.Dispersion, nil
}

// scored is a funnel plot of which the points have no limits and no place yet.
func scored(m stats.Measure, members []Member) (FunnelPlot, error) {
	if !m.Derived() || m.Per <= 0 || m.Interval == stats.NoInterval {
		return FunnelPlot{}, ErrNoRate
	}
	plot := FunnelPlot{Measure: m}
	for _, member := range members {
		if why := excluded(m, member.Figure); why != "" {
			plot.LeftOut = append(plot.LeftOut, LeftOut{member.Area, why})
			continue
		}
		plot.Points = append(plot.Points, FunnelPoint{Member: member})
		plot.Numerator += member.Figure.Numerator.Number
		plot.Denominator += member.Figure.Denominator.Number
	}
	if err := plot.comparable(); err != nil {
		return FunnelPlot{}, err
	}
	plot.Average = m.Per * plot.Numerator / plot.Denominator
	plot.score()
	return plot, nil
}

// excluded is why a figure cannot be in a funnel; empty where it can.
func excluded(m stats.Measure, f stats.Figure) string {
	n, d := f.Numerator, f.Denominator
	switch {
	case !n.Known && !d.Known:
		return "no figure"
	case !n.Known:
		return "no numerator"
	case !d.Known:
		return "no denominator"
	case d.Number == 0:
		return "the denominator is 0"
	case !(n.Number >= 0 && d.Number > 0 && n.Number <= largestTotal && d.Number <= largestTotal):
		return "not two counts"
	case m.Interval == stats.Wilson && n.Number > d.Number:
		return "the numerator is larger than the denominator"
	}
	return ""
}

// largestTotal is above every population; up to it the exact limits hold.
const largestTotal = 1e9

// comparable reports why the points must not be compared with each other.
func (plot FunnelPlot) comparable() error {
	if len(plot.Points) < 2 {
		return ErrNoMember
	}
	first := plot.Points[0].Figure
	for _, p := range plot.Points[1:] {
		f := p.Figure
		if f.Period != first.Period || f.Source != first.Source || f.Basis != first.Basis {
			return ErrUnlike
		}
		if f.Demonstration() != first.Demonstration() {
			return ErrMixed
		}
	}
	return nil
}

// score works out the rates, and how far they differ by more than chance.
func (plot *FunnelPlot) score() {
	model := plot.model()
	var scores []float64
	for i := range plot.Points {
		p := &plot.Points[i]
		p.Rate = plot.Measure.Per * p.Figure.Numerator.Number / p.Figure.Denominator.Number
		p.Score = model.score(p.Figure.Numerator.Number, p.Figure.Denominator.Number)
		scores = append(scores, p.Score)
	}
	plot.Dispersion = dispersionOf(scores)
}

// place works out the limits for a point and where it is by them.
func (plot *FunnelPlot) place(i int) {
	model, p := plot.model(), &plot.Points[i]
	model.width = plot.Dispersion.Width()
	whole := p.Figure
	whole.Value = stats.Number(p.Rate)
	p.Lower95, p.Upper95 = Interval95(plot.Measure, whole)
	p.Limits = model.limits(p.Figure.Denominator.Number, plot.Measure.Per)
	p.Position = p.Limits.position(p.Rate)
}

// model is the limits that chance alone would give, before any widening.
func (plot FunnelPlot) model() funnelModel {
	return funnelModel{proportion: plot.Measure.Interval == stats.Wilson, average: plot.Numerator / plot.Denominator, width: 1}
}

// curvePoints is how many points a curve is drawn through.
const curvePoints = 120

// Curves is the limits to draw, at denominators from half the smallest to a
// little over the largest, closer together where they are small and the curves
// bend.
func (plot FunnelPlot) Curves() []FunnelLimits {
	model := plot.model()
	model.width = plot.Dispersion.Width()
	size := func(p FunnelPoint) float64 { return p.Figure.Denominator.Number }
	bySize := func(a, b FunnelPoint) int { return cmp.Compare(size(a), size(b)) }
	from := max(1, math.Floor(size(slices.MinFunc(plot.Points, bySize))/2))
	to := math.Ceil(1.1 * size(slices.MaxFunc(plot.Points, bySize)))
	var drawn []FunnelLimits
	for i := range curvePoints {
		d := math.Round(from * math.Pow(to/from, float64(i)/(curvePoints-1)))
		if len(drawn) == 0 || d > drawn[len(drawn)-1].Denominator {
			drawn = append(drawn, model.limits(d, plot.Measure.Per))
		}
	}
	return drawn
}
