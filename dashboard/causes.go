package dashboard

import (
	"slices"

	"stalkstats/dashboard/analysis"
)

// A cause is one run of special cause.
type cause struct {
	rule     analysis.Rule
	side     analysis.Side
	phase    int
	from, to int // places on the axis
}

// causes is every special cause of the series, newest first, each run once.
func (j judged) causes() []verdict {
	var list []verdict
	for _, run := range j.runs() {
		list = append(list, j.verdictOf(run))
	}
	return list
}

// runs is every run of special cause, newest first: the first is what the verdict of the
// newest period tells, where it tells one. None is left out for another that it is a part
// of, or one page would say what the next does not.
func (j judged) runs() []cause {
	var runs []cause
	for place := range slices.Backward(j.chart.Points) {
		if run, ok := j.causeAt(place); ok && !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	return runs
}

// causeAt is the run that a point is marked by.
func (j judged) causeAt(place int) (cause, bool) {
	point := j.chart.Points[place]
	return cause{point.Rule, point.Side, point.Phase, point.From, point.To}, point.Rule != ""
}

// newest is the newest place that is marked by a run.
func (j judged) newest(run cause) int {
	place := run.to
	for at, _ := j.causeAt(place); at != run; at, _ = j.causeAt(place) {
		place--
	}
	return place
}

// verdictOf is what a run says: its newest point speaks for it.
func (j judged) verdictOf(run cause) verdict { return j.verdictAt(j.newest(run)) }

// shown is the place of the figure that stands for a run: its end, and of a run
// near a limit the newest point that is.
func (j judged) shown(run cause) int {
	if run.rule == analysis.TwoOfThree {
		return j.newest(run)
	}
	return run.to
}
