package dashboard

import (
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// watchedMeasures is the measures of which every page tells what chance does not explain:
// the headline measures in their order, and after them the stages of orders, breaches among
// them. One list for all pages, or one would be silent on what another tells.
func watchedMeasures(measures *stats.Measures) []stats.Measure {
	list := headlineMeasures(measures)
	for _, m := range measuresNamed(measures, orderStages) {
		if m.Headline == 0 {
			list = append(list, m)
		}
	}
	return list
}

// watchedOrders is what an overview tells first of the watched measures that have no row there.
func watchedOrders(measures *stats.Measures, area stats.Area, all []stats.Series, ref reference) (list []headline) {
	for _, m := range watchedMeasures(measures) {
		s, ok := pick(all, m, area)
		if !ok || m.Headline > 0 {
			continue
		}
		decimals := decimalsFor(m, s.Figures)
		h := headline{Name: m.Name, Address: measureAddress(m, area), Demonstration: s.Demonstration()}
		h.YearToDate, _ = yearToDate(s, ref, decimals)
		h.setLatest(s, ref, decimals)
		if kind, ok := kindToDraw(s); ok {
			h.judged = ref.judge(drawable(s, kind), kind)
			h.Verdict = h.judged.verdict()
		}
		list = append(list, h)
	}
	return list
}

// yearsTested is what chance makes of two figures of a count that are a year apart, and the
// newer of them; nil where they cannot be tested.
func (r reference) yearsTested(s stats.Series) (*verdict, stats.Figure) {
	this, before, err := twoYears(s)
	if err != nil || !this.Value.Known || !before.Value.Known || len(r.parting(s, before.Period, this.Period)) > 0 {
		return nil, this
	}
	v, _ := chance(s.Measure, this, before)
	return v, this
}

// beyondChance reports whether a verdict is one that chance does not explain.
func beyondChance(v *verdict) bool {
	if v == nil {
		return false
	}
	_, ok := factRanks[v.Name]
	return ok
}

// freshYear reports whether a part of a figure was published lately.
func (f sinceFigures) freshYear(s stats.Series, this stats.Figure) bool {
	return slices.ContainsFunc(f.freshOf(s), this.Period.Contains)
}

// verdictNamed is the verdict of analysis that a page knows by a name.
func verdictNamed(name string) analysis.Verdict {
	for v, known := range verdictNames {
		if known.Name == name {
			return v
		}
	}
	return analysis.NotJudged
}
