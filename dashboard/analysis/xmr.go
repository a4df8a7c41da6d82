package analysis

import (
	"math"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// A Restart is a day from which the figures of a series stand for themselves:
// a series break, or a step in them that somebody has accepted.
type Restart struct {
	Date  time.Time
	Step  bool   // accepted by a user; else a series break
	Words string // what the line is labelled with
}

// A ControlChart is the figures of a series with what chance explains of them.
type ControlChart struct {
	Measure stats.Measure
	Kind    stats.PeriodKind
	Points  []Point // one for each period from the first to the last, in order
	Phases  []Phase // in order of time; a place on the axis is in exactly one
}

// A Point is one period of a control chart.
type Point struct {
	Period stats.Period
	Figure stats.Figure
	Known  bool // false: a gap
	Phase  int  // place in Phases
	Rule   Rule // empty: no special cause, or not judged
	Side   Side // of the special cause
	// From and To are the first and the last place of the run in which the rule
	// holds, however long it is.
	From, To int
	Verdict  Verdict // empty: not judged
}

// Rule is which rule of special cause a point is marked by: the first that
// holds in the order they have here.
type Rule string

// The rules.
const (
	OutsideLimits Rule = "outside limits"
	Trend         Rule = "trend"
	TwoOfThree    Rule = "two of three near a limit"
	OneSide       Rule = "one side of the average"
)

// Side is up or down: above or below the average, or rising or falling.
type Side int

// The sides.
const (
	Below Side = -1
	Above Side = 1
)

// Verdict is what special cause means for a measure with its direction.
type Verdict string

// The verdicts. Special cause of a measure without a direction is neither
// improvement nor concern.
const (
	NotJudged     Verdict = ""
	WithinChance  Verdict = "within chance"
	Improvement   Verdict = "improvement"
	Concern       Verdict = "concern"
	SpecialChange Verdict = "neither"
)

// Factors of an individuals chart of moving ranges of two points, and how many
// points it takes (methods: fewer than 13 are trial limits, fewer than 7 none).
const (
	limitFactor   = 2.66
	screenFactor  = 3.267
	nearShare     = 2.0 / 3
	runLength     = 7
	fewestTrial   = 7
	fewestLimits  = 13
	fewestCounted = 5
	fewestForStep = 12
)

// XmR is the control chart of individual figures and their moving range, as
// the NHS “Making Data Count” tools draw it. The series is drawn in whole
// periods of one kind: the caller has used Combine. A period without a finite
// number is a gap, which ends a run, and over which no moving range is taken.
//
// The limits start anew at the first period that begins on or after a restart,
// and nothing of what stands before it is in them. A restart before the second
// period has nothing to part, and is left out.
//
// Where a series holds demonstration and real figures its points are there, but
// it has no limits and nothing is judged: chance cannot explain a difference
// between made-up figures and real ones (see ErrMixed). Nor are rolling twelve
// months judged: each shares eleven months with the one before, so that moving
// ranges of them say nothing of chance.
//
// Wheeler DJ. Understanding variation. SPC Press 1993; Shewhart WA. Economic
// control of quality of manufactured product. 1931; rules as coded by
// NHSRplotthedots (NHS-R community, ptd_spc): a run of seven counts its first
// point.
func XmR(s stats.Series, kind stats.PeriodKind, restarts []Restart) ControlChart {
	c := ControlChart{Measure: s.Measure, Kind: kind}
	periods := Periods(kind, Span(s))
	c.Points = make([]Point, 0, len(periods))
	for _, p := range periods {
		f, found := s.At(p)
		known := found && f.Value.Known && !math.IsNaN(f.Value.Number) && !math.IsInf(f.Value.Number, 0)
		c.Points = append(c.Points, Point{Period: p, Figure: f, Known: known})
	}
	c.part(restarts)
	unfit := c.unfit()
	for i := range c.Phases {
		c.Phases[i].measure(c, unfit)
		if c.Phases[i].HasLimits() {
			c.mark(c.Phases[i])
			c.judge(c.Phases[i])
		}
	}
	return c
}

// part cuts the axis into phases at the restarts.
func (c *ControlChart) part(restarts []Restart) {
	for place := range c.Points {
		var here []Restart
		for _, r := range restarts {
			if place > 0 && r.Date.After(c.Points[place-1].Period.Start) && !r.Date.After(c.Points[place].Period.Start) {
				here = append(here, r)
			}
		}
		if place == 0 || len(here) > 0 {
			slices.SortStableFunc(here, func(a, b Restart) int { return a.Date.Compare(b.Date) })
			c.Phases = append(c.Phases, Phase{First: place, Restarts: here})
		}
		c.Points[place].Phase = len(c.Phases) - 1
		c.Phases[len(c.Phases)-1].Last = place
	}
}

// unfit is why nothing of the whole chart can be judged; empty where it can.
func (c ControlChart) unfit() State {
	known := make([]*stats.Figure, 0, len(c.Points))
	for i := range c.Points {
		if c.Points[i].Known {
			known = append(known, &c.Points[i].Figure)
		}
	}
	switch {
	case mixed(known):
		return MixedFigures
	case c.Kind == stats.KindTwelveMonths:
		return Overlapping
	}
	return ""
}

// known is the points of a phase that have a number.
func (c ControlChart) known(p Phase) []*Point {
	points := make([]*Point, 0, p.Last+1-p.First)
	for place := p.First; place <= p.Last; place++ {
		if point := &c.Points[place]; point.Known {
			points = append(points, point)
		}
	}
	return points
}

// judge turns special cause into improvement or concern, by the measure's
// direction.
func (c *ControlChart) judge(p Phase) {
	better := map[stats.Direction]Side{stats.UpIsBetter: Above, stats.DownIsBetter: Below}[c.Measure.Direction]
	for place := p.First; place <= p.Last; place++ {
		point := &c.Points[place]
		switch {
		case !point.Known:
		case point.Rule == "":
			point.Verdict = WithinChance
		case better == 0:
			point.Verdict = SpecialChange
		case point.Side == better:
			point.Verdict = Improvement
		default:
			point.Verdict = Concern
		}
	}
}
