package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// outOfLimits is what the control charts of the watched measures show of the
// periods that were published lately, what their years show that end with one, and nothing
// of older ones.
type outOfLimits struct {
	Signals       []signal  // concern first, then improvement
	Unjudged      []string  // why a measure with new figures has no verdict
	Others        []string  // what was published too, and is not told here
	Newest        time.Time // the last day of what the signals show
	judged        int       // measures with new figures that have one
	Demonstration bool
}

// signal is one special cause.
type signal struct {
	verdict
	Address       string
	Figure        link // the newest of it, with its period, and the page that says how it is known
	Demonstration bool
	measure       string
}

// measures is how many measures the signals are of.
func (o outOfLimits) measures() int {
	var names []string
	for _, s := range o.Signals {
		if !slices.Contains(names, s.measure) {
			names = append(names, s.measure)
		}
	}
	return len(names)
}

// The verdicts in words, those that need somebody first.
var verdictOrder = []analysis.Verdict{analysis.Concern, analysis.Improvement, analysis.SpecialChange}

func outOfLimitsOf(in sinceInput, f sinceFigures, ref reference) outOfLimits {
	var found outOfLimits
	byVerdict := map[analysis.Verdict][]signal{}
	newest := func(p stats.Period) {
		if p.End.After(found.Newest) {
			found.Newest = p.End
		}
	}
	for _, m := range watchedMeasures(f.measures) {
		s, ok := pick(f.series, m, in.area)
		if !ok {
			continue
		}
		tested, this := ref.yearsTested(s)
		if tested != nil && !f.freshYear(s, this) {
			tested = nil
		}
		if beyondChance(tested) {
			of := verdictNamed(tested.Name)
			byVerdict[of] = append(byVerdict[of], signal{*tested, figureAddress(this), figureLink(s, this), this.Demonstration(), m.Name})
			newest(this.Period)
		}
		kind, ok := kindToDraw(s)
		if !ok {
			continue
		}
		j := ref.judge(drawable(s, kind), kind)
		fresh := f.freshPlaces(s, j.chart)
		told, others := j.freshRuns(fresh)
		for _, run := range told {
			verdict := j.chart.Points[j.newest(run)].Verdict
			byVerdict[verdict] = append(byVerdict[verdict], signalOf(in, j, run))
			newest(j.chart.Points[run.to].Period)
		}
		if others > 0 {
			found.Others = append(found.Others, fmt.Sprintf("%s: %s. The page of the measure has all of them.", m.Name, plural(others, "earlier special cause", "earlier special causes")))
		}
		switch words := unjudgedWords(s, j.chart, fresh); {
		case words != "":
			found.Unjudged = append(found.Unjudged, words)
		case len(fresh) > 0 || tested != nil:
			found.judged++
		}
	}
	for _, verdict := range verdictOrder {
		found.Signals = append(found.Signals, byVerdict[verdict]...)
	}
	found.Demonstration = slices.ContainsFunc(found.Signals, func(s signal) bool { return s.Demonstration })
	return found
}

// freshOf is the periods of a series, or of the counts of a rate, that were published lately.
func (f sinceFigures) freshOf(s stats.Series) (fresh []stats.Period) {
	counts := []string{s.Measure.ID}
	if s.Measure.Derived() {
		counts = []string{s.Measure.Numerator, s.Measure.Denominator}
	}
	own := ownBasis(s)
	for _, v := range f.fresh {
		if v.Source == s.Source && v.Basis == own && slices.Contains(counts, v.Measure) {
			fresh = append(fresh, v.Period)
		}
	}
	return fresh
}

// freshPlaces is the places of the known points of which a part was published lately.
func (f sinceFigures) freshPlaces(s stats.Series, control analysis.ControlChart) []int {
	fresh := f.freshOf(s)
	var places []int
	for place, point := range control.Points {
		if point.Known && slices.ContainsFunc(fresh, point.Period.Contains) {
			places = append(places, place)
		}
	}
	return places
}

// ownBasis is the basis that the source gives to the counts of a series.
func ownBasis(s stats.Series) string {
	if !s.Measure.Derived() {
		return s.Basis
	}
	return strings.TrimPrefix(strings.TrimPrefix(s.Basis, s.Measure.Basis), ", ")
}

// mostRuns is how many runs of special cause are told of one measure. After a
// first load all of them are fresh, and its page has them all.
const mostRuns = 2

// freshRuns is the newest runs of special cause that have a fresh figure, and how
// many others have one. Of a phase that is over none is told: its limits are not
// those of today.
func (j judged) freshRuns(fresh []int) (told []cause, others int) {
	runs := slices.DeleteFunc(j.runs(), func(run cause) bool {
		return !slices.ContainsFunc(fresh, func(place int) bool { return run.from <= place && place <= run.to })
	})
	last := j.chart.Points[len(j.chart.Points)-1].Phase
	for _, run := range runs {
		if len(told) < mostRuns && j.chart.Points[run.to].Phase == last {
			told = append(told, run)
		} else {
			others++
		}
	}
	return told, others
}

func signalOf(in sinceInput, j judged, run cause) signal {
	point := j.chart.Points[j.shown(run)]
	s := j.series
	return signal{
		verdict: j.verdictOf(run), Address: measureAddress(s.Measure, in.area),
		Figure:        figureLink(s, point.Figure),
		Demonstration: point.Figure.Demonstration(), measure: s.Measure.Name,
	}
}

// figureLink is a figure with its period, and the page that says how it is known.
func figureLink(s stats.Series, f stats.Figure) link {
	return link{Text: f.Period.Label() + ": " + told(f, s.Measure, decimalsFor(s.Measure, s.Figures)), Address: figureAddress(f)}
}

// unjudgedWords says why the newest fresh figure of a measure has no verdict;
// it is empty where it has one, or none is fresh.
func unjudgedWords(s stats.Series, control analysis.ControlChart, fresh []int) string {
	if len(fresh) == 0 {
		return ""
	}
	point := control.Points[fresh[len(fresh)-1]]
	if point.Verdict != analysis.NotJudged {
		return ""
	}
	return s.Measure.Name + ": " + control.Caution(point.Phase) + "."
}
