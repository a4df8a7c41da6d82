package dashboard

import (
	"fmt"
	"slices"

	"stalkstats/dashboard/analysis"
)

// A cause is one run of special cause: all points of one rule, or neighbours
// that are outside the limits on one side.
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

// runs is every run of special cause, newest first, but for those that a longer
// one says already.
func (j judged) runs() []cause {
	var runs []cause
	for place := range slices.Backward(j.chart.Points) {
		if run, ok := j.causeAt(place); ok && !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	all := slices.Clone(runs)
	return slices.DeleteFunc(runs, func(run cause) bool { return run.within(all) })
}

// causeAt is the run that a point is marked by.
func (j judged) causeAt(place int) (cause, bool) {
	point := j.chart.Points[place]
	run := cause{point.Rule, point.Side, point.Phase, point.From, point.To}
	if point.Rule == analysis.OutsideLimits {
		for run.from > 0 && j.outsideLike(run.from-1, run) {
			run.from--
		}
		for run.to < len(j.chart.Points)-1 && j.outsideLike(run.to+1, run) {
			run.to++
		}
	}
	return run, point.Rule != ""
}

func (j judged) outsideLike(place int, run cause) bool {
	point := j.chart.Points[place]
	return point.Rule == run.rule && point.Side == run.side && point.Phase == run.phase
}

// within reports whether a run near a limit is a part of a longer one on the
// same side, which says it already.
func (c cause) within(others []cause) bool {
	return c.rule == analysis.TwoOfThree && slices.ContainsFunc(others, func(o cause) bool {
		return o.rule != analysis.TwoOfThree && o.side == c.side && o.from <= c.from && c.to <= o.to
	})
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
func (j judged) verdictOf(run cause) verdict {
	v := j.verdictAt(j.newest(run))
	if run.rule == analysis.OutsideLimits && run.from < run.to {
		word := map[analysis.Side]string{analysis.Above: "above", analysis.Below: "below"}[run.side]
		v.Words = fmt.Sprintf("%s stayed %s what chance explains from %s to %s.", capitalised(nounOf(j.series.Measure)), word,
			j.chart.Points[run.from].Period.InWords(), j.chart.Points[run.to].Period.InWords())
	}
	return v
}
