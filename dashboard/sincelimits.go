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
	Tested        []signal  // of two years, where the chart has no limits, and not among Signals
	Unjudged      []string  // why a measure with new figures has no verdict of any kind
	Others        []string  // what was published too, and is not told here
	Newest        time.Time // the last day of what the signals show
	judged        int       // measures whose new figures have one
	older         int       // measures whose new figures have none, while two years that hold none of them have
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
	for _, m := range watchedMeasures(f.measures) {
		s, ok := pick(f.series, m, in.area)
		if !ok {
			continue
		}
		years := f.testYears(s, ref)
		if years.fresh && beyondChance(years.verdict) {
			of := verdictNamed(years.verdict.Name)
			byVerdict[of] = append(byVerdict[of], years.signal(s))
			found.upTo(years.this.Period)
		}
		kind, ok := kindToDraw(s)
		if !ok {
			found.sort(s, years, "", 0)
			continue
		}
		j := ref.judge(drawable(s, kind), kind)
		fresh := f.freshPlaces(s, j.chart)
		told, others := j.freshRuns(fresh)
		for _, run := range told {
			verdict := j.chart.Points[j.newest(run)].Verdict
			byVerdict[verdict] = append(byVerdict[verdict], signalOf(in, j, run))
			found.upTo(j.chart.Points[run.to].Period)
		}
		if others > 0 {
			found.Others = append(found.Others, fmt.Sprintf("%s: %s. The page of the measure has all of them.", m.Name, plural(others, "earlier special cause", "earlier special causes")))
		}
		found.sort(s, years, unjudgedWords(j.chart, fresh), len(fresh))
	}
	for _, verdict := range verdictOrder {
		found.Signals = append(found.Signals, byVerdict[verdict]...)
	}
	found.Demonstration = slices.ContainsFunc(slices.Concat(found.Signals, found.Tested), func(s signal) bool { return s.Demonstration })
	return found
}

func (o *outOfLimits) upTo(p stats.Period) {
	if p.End.After(o.Newest) {
		o.Newest = p.End
	}
}

// sort says of a measure whether its new figures are judged, by its chart or by the test of
// two years. Where the chart has no limits for them (why says so) and the test has an answer
// the answer is told, as on the overview: what was tested is not said to be unjudged.
func (o *outOfLimits) sort(s stats.Series, years yearsTest, why string, fresh int) {
	switch {
	case why == "" && fresh > 0:
		o.judged++
	case years.fresh && years.answered():
		o.judged++
		if why != "" && !beyondChance(years.verdict) { // else it is a signal
			o.Tested = append(o.Tested, years.signal(s).and("In its chart, "+why+"."))
		}
	case why != "" && years.answered():
		o.older++
		o.Tested = append(o.Tested, years.signal(s).and("None of these days is new; for what is, in its chart, "+why+"."))
	case years.fresh && years.verdict != nil:
		if why != "" {
			why += ", and " // no figure is told here: it might need the word demonstration
		}
		why += "two years of it are too few"
		o.Unjudged = append(o.Unjudged, s.Measure.Name+": "+why+".")
	case why != "":
		o.Unjudged = append(o.Unjudged, s.Measure.Name+": "+why+".")
	}
}

// yearsTest is what chance makes of the two newest years of a count.
type yearsTest struct {
	verdict *verdict     // nil where they cannot be tested
	this    stats.Figure // the newer of the two
	fresh   bool         // a part of it was published lately
}

func (f sinceFigures) testYears(s stats.Series, ref reference) yearsTest {
	tested, this := ref.yearsTested(s)
	return yearsTest{tested, this, tested != nil && f.freshYear(s, this)}
}

// answered reports whether the counts were enough for an answer.
func (y yearsTest) answered() bool { return y.verdict != nil && y.verdict.Name != "unjudged" }

func (y yearsTest) signal(s stats.Series) signal {
	return signal{*y.verdict, figureAddress(y.this), figureLink(s, y.this), y.this.Demonstration(), s.Measure.Name}
}

// and is a signal with one more sentence.
func (s signal) and(sentence string) signal {
	s.Words += " " + sentence
	return s
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

// unjudgedWords says why the newest fresh figure of a chart has no verdict in it; it is
// empty where it has one, or none is fresh.
func unjudgedWords(control analysis.ControlChart, fresh []int) string {
	if len(fresh) == 0 {
		return ""
	}
	point := control.Points[fresh[len(fresh)-1]]
	if point.Verdict != analysis.NotJudged {
		return ""
	}
	return control.Caution(point.Phase)
}
