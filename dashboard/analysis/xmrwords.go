package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"stalkstats/internal/stats"
)

// Latest is the newest point that has a number; false where none has.
func (c ControlChart) Latest() (place int, ok bool) {
	for place := len(c.Points) - 1; place >= 0; place-- {
		if c.Points[place].Known {
			return place, true
		}
	}
	return 0, false
}

// Sentence says what the point at a place shows, with the measure's name as it
// stands inside a sentence: “stalking charges rose above what chance explains
// in June 2024”. It has no full stop. The place must have a number.
func (c ControlChart) Sentence(place int, noun string) string {
	point := c.Points[place]
	phase := c.Phases[point.Phase]
	if !phase.HasLimits() {
		return fmt.Sprintf("%s in %s: %s", noun, point.Period.InWords(), c.unjudged(place))
	}
	words := noun + " " + c.shows(place)
	if caution := c.Caution(point.Phase); caution != "" {
		words += " (" + caution + ")"
	}
	return words
}

// shows is a special cause in words, by its rule.
func (c ControlChart) shows(place int) string {
	point := c.Points[place]
	from, to := c.Points[point.From].Period.InWords(), c.Points[point.To].Period.InWords()
	each := periodNoun(c.Kind)
	switch point.Rule {
	case OutsideLimits:
		return c.showsOutside(point)
	case Trend:
		return fmt.Sprintf("%s %s by %s from %s to %s, more than chance explains", either(point.Side, "rose", "fell"), each, each, from, to)
	case TwoOfThree:
		near, first, last := c.nearRun(point)
		all := last - first + 1
		how := inWords(near) + " of the " + inWords(all)
		if near == all {
			how = "each of the " + inWords(all)
		}
		return fmt.Sprintf("came close to the %s limit in %s %ss to %s%s, more than chance explains",
			either(point.Side, "upper", "lower"), how, each, c.Points[last].Period.End.Format("January 2006"), c.beyondIn(point))
	case OneSide:
		when := "from " + from + " to " + to
		if latest, _ := c.Latest(); latest == point.To {
			when = "since " + from
		}
		return fmt.Sprintf("stayed %s the average for %s %ss in a row, %s, more than chance explains",
			either(point.Side, "above", "below"), inWords(point.To-point.From+1), each, when)
	}
	return "stayed within what chance explains in " + point.Period.InWords()
}

// nearRun is how many points of a run are near the limit, which are those that are marked,
// and the fewest periods, but no fewer than three, that hold them all: the words then name
// those periods that have the marks.
func (c ControlChart) nearRun(point Point) (near, first, last int) {
	places := c.nearIn(c.Phases[point.Phase], point.From, point.To, point.Side)
	first, last = point.From, point.To
	for last > places[len(places)-1] && last-first >= 3 {
		last--
	}
	for first < places[0] && last-first >= 3 {
		first++
	}
	return len(places), first, last
}

// showsOutside is a run outside the limits in words: a figure crossed a limit
// only where the one before was not beyond it.
func (c ControlChart) showsOutside(point Point) string {
	from, to := c.Points[point.From].Period.InWords(), c.Points[point.To].Period.InWords()
	latest, _ := c.Latest()
	switch first := c.Phases[point.Phase].First; {
	case point.From == point.To && point.From > first && c.Points[point.From-1].Known:
		return fmt.Sprintf("%s what chance explains in %s", either(point.Side, "rose above", "fell below"), to)
	case point.From == point.To:
		return fmt.Sprintf("stood %s what chance explains in %s", either(point.Side, "above", "below"), to)
	case point.To == latest:
		return fmt.Sprintf("stayed %s what chance explains since %s", either(point.Side, "above", "below"), from)
	}
	return fmt.Sprintf("stayed %s what chance explains from %s to %s", either(point.Side, "above", "below"), from, to)
}

// beyondIn says which points of a run near a limit are beyond it.
func (c ControlChart) beyondIn(point Point) string {
	var beyond []string
	for place := point.From; place <= point.To; place++ {
		if other := c.Points[place]; other.Rule == OutsideLimits && other.Side == point.Side {
			beyond = append(beyond, other.Period.InWords())
		}
	}
	switch last := len(beyond) - 1; {
	case last < 0:
		return ""
	case last == 0:
		return ", and went beyond it in " + beyond[0]
	default:
		return ", and went beyond it in " + strings.Join(beyond[:last], ", ") + " and " + beyond[last]
	}
}

// unjudged says why a point has no verdict.
func (c ControlChart) unjudged(place int) string {
	point := c.Points[place]
	if c.Phases[point.Phase].State == TooFew {
		return fmt.Sprintf("too few to judge (%s)", c.countOf(point.Figure))
	}
	return c.Caution(point.Phase)
}

// countOf is the count that is too small: "3 orders", or of a rate "3 of 40".
func (c ControlChart) countOf(f stats.Figure) string {
	if c.Measure.Derived() {
		return plainNumber(f.Numerator.Number) + " of " + plainNumber(f.Denominator.Number)
	}
	return CountWords(f.Value.Number, c.Measure.Unit)
}

// Caution is what must be said beside a phase: that its limits are on trial, or
// why it has none. It is empty where there are limits of 13 points or more.
func (c ControlChart) Caution(phase int) string {
	p := c.Phases[phase]
	switch p.State {
	case TrialLimits:
		return "trial limits: only " + CountWords(float64(p.Known), "points")
	case MixedFigures:
		return ErrMixed.Error()
	case Overlapping:
		return "no limits: each of these years shares months with the one before"
	case TooFew:
		return "too few to judge: under 5 a " + periodNoun(c.Kind) + " on average"
	case NoLimits:
		if p.Known == 0 {
			return "no limits: there are no figures"
		}
		if p.Known < fewestTrial {
			return "no limits yet: only " + CountWords(float64(p.Known), "points")
		}
		return "no limits: no two periods with a figure stand side by side"
	case TooCoarse:
		return "no limits: the counts are rounded to the nearest " + strconv.Itoa(c.Measure.RoundedTo) + ", and vary by less from " + periodNoun(c.Kind) + " to " + periodNoun(c.Kind)
	case NoVariation:
		return "no limits: the figures are all but the same"
	}
	return ""
}

func either(side Side, above, below string) string {
	if side == Above {
		return above
	}
	return below
}

// periodNoun is one period of a kind, as it is counted.
func periodNoun(kind stats.PeriodKind) string {
	switch kind {
	case stats.KindMonth:
		return "month"
	case stats.KindQuarter:
		return "quarter"
	}
	return "year"
}

// inWords is a number as a newspaper writes it.
func inWords(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n)
}

// CountWords is a count with its unit, which measures name in the plural:
// "3 orders", "1 breach", "1 person".
func CountWords(n float64, unit string) string {
	if n == 1 {
		unit = One(unit)
	}
	return strings.TrimSpace(plainNumber(n) + " " + unit)
}

// One is the unit of one: "order" of "orders".
func One(unit string) string {
	switch unit {
	case "people":
		return "person"
	case "breaches":
		return "breach"
	}
	return strings.TrimSuffix(unit, "s")
}

func plainNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
