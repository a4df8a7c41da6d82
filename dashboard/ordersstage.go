package dashboard

import (
	"errors"
	"fmt"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// stageRow is one stage of orders in the chosen period and a year before.
type stageRow struct {
	Name, Address string
	Counted       string // what is counted: orders, people, breaches
	Value         shown
	Missing       string  // said instead of a value; never a zero
	Newest        string  // people, in the newest period that they were counted in
	Before        link    // with where it leads, or why there is none
	Says          verdict // of the difference
	Change        string  // in per cent; empty where a count is under 10
	Source        string
	Demonstration bool
	noun          string // the name inside a sentence
	rose          bool   // against the year before, where the two are compared
}

// orderFact is a rate or a time that stands beside the stages.
type orderFact struct {
	Name, Address string
	Value         shown
	Text          string // the value with its unit
	Newest        bool   // it is the newest figure, and not of the period that the page is of
	Missing       string
	Caveat        string
	Source        string
	TooFew        string // what a rate is of, where that is too few to judge it; else empty
	Demonstration bool
}

// fewestPerPeriod is how many two counts must average before a difference of
// them is judged, as the points of a chart over time must (docs/methods.md).
const fewestPerPeriod = 5

func tooFew(this, before stats.Figure) bool {
	return this.Value.Number+before.Value.Number < 2*fewestPerPeriod
}

// candidates is an area's totals of a measure, that of its preferred source
// first.
func (in ordersInput) candidates(m stats.Measure) []stats.Series {
	var list []stats.Series
	for _, s := range preferredFirst(in.series, m.ID, in.area) {
		if isTotal(s, m, in.area.Code) {
			list = append(list, s)
		}
	}
	return list
}

// over is the figure of a period in the first source that knows it; one that
// is only a marker is better than none.
func (in ordersInput) over(m stats.Measure, p stats.Period) (s stats.Series, f stats.Figure, ok bool) {
	for _, each := range in.candidates(m) {
		found, err := analysis.Over(each, p)
		if err != nil || ok && !found.Value.Known {
			continue
		}
		s, f, ok = each, found, true
		if f.Value.Known {
			return s, f, true
		}
	}
	return s, f, ok
}

func (in ordersInput) stage(m stats.Measure, p stats.Period) stageRow {
	row := stageRow{Name: m.Name, Address: measureAddress(m, in.area), Counted: m.Unit, noun: nounOf(m)}
	s, f, ok := in.over(m, p)
	if !ok {
		row.missing(m, in)
		return row
	}
	row.Value, row.Source, row.Demonstration = show(f, m, decimalsFor(m, s.Figures)), in.titles.ofSeries(s), f.Demonstration()
	before, err := analysis.SamePeriodLastYear(s, f)
	switch {
	case errors.Is(err, analysis.ErrMixed):
		row.Before.Text = none(err)
	case err != nil:
		row.Before.Text = "no figure"
	default:
		row.Before = link{Text: valueText(before.Value, decimalsFor(m, s.Figures)), Address: figureAddress(before)}
		row.compare(s, f, before, in.reference)
	}
	return row
}

// compare says whether two counts differ by more than chance explains.
func (row *stageRow) compare(s stats.Series, this, before stats.Figure, ref reference) {
	if !this.Value.Known || !before.Value.Known {
		return
	}
	row.Says.Name = "unjudged"
	switch why := apart(ref.parting(s, before.Period, this.Period)); {
	case why != "":
		row.Says.Words = capitalised(why) + "."
	case tooFew(this, before):
		row.Says.Words = fmt.Sprintf("Too few to judge (%s).", analysis.CountWords(this.Value.Number, s.Measure.Unit))
	default:
		row.Change = change(this.Value.Number, before.Value.Number)
		if v, tested := chance(s.Measure, this, before); v != nil {
			row.rose = this.Value.Number > before.Value.Number
			row.Says = verdict{Name: v.Name, Label: v.Label, Words: tested}
		}
	}
}

// missing says why a stage has no figure of the period. People are never added
// up, so the newest count of them stands in its own period.
func (row *stageRow) missing(m stats.Measure, in ordersInput) {
	candidates := in.candidates(m)
	switch {
	case len(candidates) == 0:
		row.Missing = "not in " + in.sourceNames()
		return
	case m.AddsUpOverPeriods():
		row.Missing = "no figure of all these days in " + in.titles.ofSeries(candidates[0])
		return
	}
	row.Missing = "not added up: the " + m.Unit + " of several periods may be the same"
	s := candidates[0]
	if latest, ok := s.Latest(); ok {
		row.Value, row.Demonstration, row.Source = show(latest, m, 0), latest.Demonstration(), in.titles.ofSeries(s)
		row.Newest = row.Value.Value
		if latest.Value.Known {
			row.Newest = analysis.CountWords(latest.Value.Number, m.Unit)
		}
		row.Newest += ", " + latest.Period.Label()
	}
}

// sourceNames is the sources that tell anything of the area's orders.
func (in ordersInput) sourceNames() string {
	var names []string
	for _, s := range in.series {
		names = append(names, in.titles.of(s.Source))
	}
	return listed(slices.Compact(slices.Sorted(slices.Values(names))))
}

// tooFewFor is what a rate was worked out from where that is less than any count
// that is judged: a few orders make it high or low by chance.
func (in ordersInput) tooFewFor(m stats.Measure, f stats.Figure) string {
	counted := in.measures.ByID(m.Numerator)
	if !m.Derived() || !f.Value.Known || !f.Numerator.Known || f.Numerator.Number >= fewestPerPeriod || len(counted) == 0 {
		return ""
	}
	return analysis.CountWords(f.Numerator.Number, counted[0].Unit)
}

// fact is a rate of the period, or the newest figure of a time, which is never added up. A
// rate of other days is not told: under the heading of a period it would be read as of that.
func (in ordersInput) fact(m stats.Measure, p stats.Period) orderFact {
	fact := orderFact{Name: m.Name, Address: measureAddress(m, in.area)}
	s, f, ok := in.over(m, p)
	if candidates := in.candidates(m); !ok && len(candidates) > 0 {
		if m.AddsUpOverPeriods() {
			fact.Missing = "No figure of all these days in " + in.titles.ofSeries(candidates[0]) + "."
			return fact
		}
		s = candidates[0]
		f, ok = s.Latest()
		fact.Newest = ok
	}
	if !ok {
		fact.Missing = "Not in " + in.sourceNames() + "."
		return fact
	}
	fact.Value, fact.Source, fact.Demonstration = show(f, m, decimalsFor(m, s.Figures)), in.titles.ofSeries(s), f.Demonstration()
	fact.Text, fact.Caveat = fact.Value.Value, m.Caveat
	fact.TooFew = in.tooFewFor(m, f)
	if f.Value.Known && !m.Derived() {
		fact.Text = analysis.CountWords(f.Value.Number, m.Unit)
	}
	return fact
}
