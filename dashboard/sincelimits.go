package dashboard

import (
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// outOfLimits is what the control charts of the headline measures show of the
// periods that were published lately, and nothing of older ones.
type outOfLimits struct {
	Signals       []signal // concern first, then improvement
	Unjudged      []string // why a measure with new figures has no verdict
	Demonstration bool
}

// signal is one special cause.
type signal struct {
	Verdict       string // "Concern"
	Says, Address string
	Figure        string // the newest of it, with its period
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

var verdictWords = map[analysis.Verdict]string{
	analysis.Concern: "Concern", analysis.Improvement: "Improvement", analysis.SpecialChange: "Neither better nor worse by itself",
}

func outOfLimitsOf(in sinceInput, f sinceFigures, breaks []stats.Break) outOfLimits {
	var found outOfLimits
	byVerdict := map[analysis.Verdict][]signal{}
	for _, m := range headlineMeasures(f.measures) {
		s, ok := pick(f.series, m, in.area)
		if !ok {
			continue
		}
		kind, ok := kindToDraw(s)
		if !ok {
			continue
		}
		control := analysis.XmR(drawable(s, kind), kind, restartsOf(bearing(breaks, s)))
		at := f.freshPlaces(s, control)
		for _, place := range signalPlaces(control, at) {
			verdict := control.Points[place].Verdict
			byVerdict[verdict] = append(byVerdict[verdict], signalOf(in, s, control, place))
		}
		if words := unjudgedWords(s, control, at); words != "" {
			found.Unjudged = append(found.Unjudged, words)
		}
	}
	for _, verdict := range verdictOrder {
		found.Signals = append(found.Signals, byVerdict[verdict]...)
	}
	found.Demonstration = slices.ContainsFunc(found.Signals, func(s signal) bool { return s.Demonstration })
	return found
}

// restartsOf is the breaks as a control chart takes them.
func restartsOf(breaks []stats.Break) []analysis.Restart {
	var restarts []analysis.Restart
	for _, b := range breaks {
		restarts = append(restarts, analysis.Restart{Date: b.Date, Words: b.Effect})
	}
	return restarts
}

// freshPlaces is the places of the known points of which a part, or for a rate
// one of its counts, was published lately.
func (f sinceFigures) freshPlaces(s stats.Series, control analysis.ControlChart) []int {
	counts := []string{s.Measure.ID}
	if s.Measure.Derived() {
		counts = []string{s.Measure.Numerator, s.Measure.Denominator}
	}
	own := ownBasis(s)
	var places []int
	for place, point := range control.Points {
		if point.Known && slices.ContainsFunc(f.fresh, func(v query.Fresh) bool {
			return slices.Contains(counts, v.Measure) && v.Source == s.Source && v.Basis == own && point.Period.Contains(v.Period)
		}) {
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

// signalPlaces is the last fresh place of each special cause: all points of one
// run say the same.
func signalPlaces(control analysis.ControlChart, fresh []int) []int {
	var places []int
	for _, place := range fresh {
		point := control.Points[place]
		if point.Rule == "" {
			continue
		}
		last := len(places) - 1
		if last >= 0 && sameRun(control.Points[places[last]], point) {
			places[last] = place
			continue
		}
		places = append(places, place)
	}
	return places
}

func sameRun(a, b analysis.Point) bool {
	return a.Rule == b.Rule && a.Side == b.Side && a.From == b.From && a.To == b.To
}

func signalOf(in sinceInput, s stats.Series, control analysis.ControlChart, place int) signal {
	point := control.Points[place]
	return signal{
		Verdict: verdictWords[point.Verdict], Says: capitalised(control.Sentence(place, nounOf(s.Measure))) + ".",
		Address:       measureAddress(s.Measure.ID, in.area.Code),
		Figure:        point.Period.Label() + ": " + told(point.Figure, s.Measure, decimalsFor(s.Measure, s.Figures)),
		Demonstration: point.Figure.Demonstration(), measure: s.Measure.Name,
	}
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
