package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// A compareRequest is what a comparison of forces was asked for.
type compareRequest struct {
	areas    *stats.Areas
	measures *stats.Measures
	area     stats.Area   // the force that is named on the chart
	rates    []forcesRate // that can be compared, in the order of the measures
	measure  stats.Measure
	chosen   forcesRate // what was chosen; without periods where there is nothing to compare
	period   stats.Period
	similar  []stats.SimilarArea // the force's most similar group on the last day of the period
	asked    bool                // for the period, which otherwise is the newest
	group    string              // similarGroup or allGroup as the address has it, or empty
}

// The groups that forces are compared within.
const (
	similarGroup = "similar"
	allGroup     = "all"
)

// A forcesRate is a rate on one basis of the source that compares forces, and
// the periods in which at least two forces have it, the newest first.
type forcesRate struct {
	measure stats.Measure
	basis   string // of the figures: the source's own may stand after the measure's
	periods []query.RatePeriod
}

// readCompareRequest reads the address of a comparison: measure, basis, period,
// group and area, each at most once and each with a default. What is not known
// is an error in one sentence.
func (s *site) readCompareRequest(r *http.Request, reader compareReader) (q compareRequest, err error) {
	values, err := parameters(r, "measure", "basis", "period", "group", "area")
	if err != nil {
		return q, err
	}
	if q.areas, err = reader.Areas(r.Context(), query.Latest); err != nil {
		return q, err
	}
	if q.measures, err = reader.Measures(r.Context(), query.Latest); err != nil {
		return q, err
	}
	periods, err := reader.RatePeriods(r.Context(), query.Latest)
	if err != nil {
		return q, err
	}
	q.rates = forcesRates(q.measures, periods)
	if q.area, err = s.comparedForce(q.areas, values["area"]); err != nil {
		return q, err
	}
	if err := q.choose(values); err != nil || len(q.chosen.periods) == 0 {
		return q, err
	}
	q.similar, err = reader.Similar(r.Context(), q.area.Code, q.period.End, query.Latest)
	return q, err
}

// comparedForce is the force of an address. Only territorial forces are
// compared with each other.
func (s *site) comparedForce(areas *stats.Areas, code string) (stats.Area, error) {
	area, err := s.findArea(areas, code)
	switch {
	case err != nil:
		return area, err
	case area.Kind == stats.Country:
		return area, s.notCompared(area, badRequest("Forces are compared with one another: choose a force instead of %s.", area.Name))
	case area.Kind == stats.NationalForce:
		return area, s.notCompared(area, badRequest("%s has no area of its own, and is not compared with the forces that have one: choose one of them.", area.Name))
	}
	return area, nil
}

// notCompared is a problem with an area that is no territorial force.
func (s *site) notCompared(area stats.Area, err error) error {
	return onward(err, area.Name+" is not compared with forces", link{Text: "Compare the forces", Address: "/compare"})
}

// forcesRates is the rates of which forces can be compared, in the order of
// the measures.
func forcesRates(measures *stats.Measures, periods []query.RatePeriod) []forcesRate {
	var rates []forcesRate
	for _, m := range measures.All() {
		if !m.Derived() || m.CompareSource == "" {
			continue
		}
		for _, p := range periods {
			of, _ := measures.Of(p.Measure, p.Basis)
			if of.ID != m.ID || of.Basis != m.Basis || p.Source != m.CompareSource || p.Forces < 2 {
				continue
			}
			last := len(rates) - 1
			if last < 0 || rates[last].measure.ID != m.ID || rates[last].basis != p.Basis {
				rates = append(rates, forcesRate{measure: m, basis: p.Basis})
				last++
			}
			rates[last].periods = append(rates[last].periods, p)
		}
	}
	return rates
}

// choose finds the rate and the period. Where the address leaves them open they
// are the first rate that most forces have, and its newest such period.
func (q *compareRequest) choose(values map[string]string) error {
	if q.group = values["group"]; q.group != "" && q.group != similarGroup && q.group != allGroup {
		return badRequest("There is no group “%s”: there are similar and all.", echoed(q.group))
	}
	if id := values["measure"]; id != "" {
		found := q.measures.ByID(id)
		if len(found) == 0 {
			return notFound("There is no measure called “%s”.", echoed(id))
		}
		q.measure = found[0]
	}
	candidates := slices.DeleteFunc(slices.Clone(q.rates), func(rate forcesRate) bool {
		return q.measure.ID != "" && rate.measure.ID != q.measure.ID || values["basis"] != "" && rate.basis != values["basis"]
	})
	if len(candidates) == 0 {
		if values["basis"] != "" {
			return notFound("Nothing can be compared on the basis “%s”.", echoed(values["basis"]))
		}
		return nil
	}
	q.chosen = candidates[0]
	if i := slices.IndexFunc(candidates, q.ofMost); i >= 0 {
		q.chosen = candidates[i]
	}
	q.measure = q.chosen.measure
	return q.choosePeriod(values["period"])
}

// ofMost reports whether most forces have the rate in some period.
func (q *compareRequest) ofMost(rate forcesRate) bool {
	return slices.ContainsFunc(rate.periods, q.hasMost)
}

func (q *compareRequest) hasMost(p query.RatePeriod) bool { return 2*p.Forces > len(q.areas.Forces()) }

func (q *compareRequest) choosePeriod(text string) error {
	newest := q.chosen.periods[max(0, slices.IndexFunc(q.chosen.periods, q.hasMost))].Period
	if text == "" {
		q.period = newest
		return nil
	}
	period, err := stats.ParsePeriod(text)
	if err != nil {
		return badRequest("The address gives “%s” as period: write it as 2024-03, 2024/25 Q1, 2024/25 or 2024-01-01/2024-09-27.", echoed(text))
	}
	if !slices.ContainsFunc(q.chosen.periods, func(p query.RatePeriod) bool { return p.Period == period }) {
		err := notFound("No two forces have the %s %s: the newest to compare is of %s.", nounOf(q.measure), within(period), newest.InWords())
		title := fmt.Sprintf("There is no %s to compare %s", nounOf(q.measure), within(period))
		return onward(err, title, link{Text: "Compare the forces in " + newest.InWords(), Address: q.address(q.chosen)})
	}
	q.period = period
	return nil
}

// withSimilar reports whether the comparison is within the most similar group:
// where there is one, and the address does not ask for all.
func (q compareRequest) withSimilar() bool { return len(q.similar) > 0 && q.group != allGroup }

// members is the forces that are compared, in order of name: the force and its
// group, or all.
func (q compareRequest) members() []stats.Area {
	if !q.withSimilar() {
		return q.areas.Forces()
	}
	inGroup := func(area stats.Area) bool {
		return area.Code == q.area.Code || slices.ContainsFunc(q.similar, func(s stats.SimilarArea) bool { return s.Similar == area.Code })
	}
	return slices.DeleteFunc(q.areas.Forces(), func(area stats.Area) bool { return !inGroup(area) })
}

// filter asks for the figures of the members, and of all forces together where
// they are the members.
func (q compareRequest) filter() query.Filter {
	f := query.Filter{Measures: []string{q.measure.ID}, Sources: []string{q.measure.CompareSource}, From: q.period.Start, To: q.period.End, Totals: true}
	for _, area := range q.members() {
		f.Areas = append(f.Areas, area.Code)
	}
	if !q.withSimilar() {
		f.Areas = append(f.Areas, stats.EnglandAndWales)
	}
	return f
}

// sourcesOf is where both counts of a rate come from, by which forces are compared.
func sourcesOf(rate stats.Measure) []string {
	if rate.DenominatorSource == "" {
		return []string{rate.CompareSource}
	}
	return []string{rate.CompareSource, rate.DenominatorSource}
}

// form is what can be compared, with what is.
func (q compareRequest) form() compareForm {
	form := compareForm{Measure: q.measure.ID, Basis: q.chosen.basis, Area: q.area.Code, Group: q.group}
	for _, rate := range q.rates {
		if o := (option{rate.measure.ID, measureName(q.rates, rate.measure), rate.measure.ID == q.measure.ID}); !slices.Contains(form.Measures, o) {
			form.Measures = append(form.Measures, o)
		}
		if rate.measure.ID == q.measure.ID {
			form.Bases = append(form.Bases, link{Text: rate.basis, Address: q.address(rate), Current: rate.basis == q.chosen.basis})
		}
	}
	if len(form.Bases) < 2 {
		form.Bases = nil
	}
	for _, p := range q.chosen.periods {
		form.Periods = append(form.Periods, option{p.Period.Text(), fmt.Sprintf("%s (%s)", p.Period.Label(), plural(p.Forces, "force", "forces")), p.Period == q.period})
	}
	form.Groups = []option{{allGroup, "all forces", !q.withSimilar()}}
	if len(q.similar) > 0 {
		form.Groups = append(form.Groups, option{similarGroup, "the most similar group", q.withSimilar()})
	}
	for _, area := range q.areas.Forces() {
		form.Areas = append(form.Areas, option{area.Code, area.Name, area.Code == q.area.Code})
	}
	return form
}

// measureName is a rate's name, without its basis where several can be compared.
func measureName(rates []forcesRate, m stats.Measure) string {
	other := func(rate forcesRate) bool { return rate.measure.ID == m.ID && rate.measure.Basis != m.Basis }
	if slices.ContainsFunc(rates, other) {
		return measureLabel(m)
	}
	return m.Name
}

// address is the same comparison by a rate on any basis, in its newest period
// where none is asked for.
func (q compareRequest) address(rate forcesRate) string {
	q.chosen = rate
	values := q.values()
	if !q.asked {
		values.Del("period")
	}
	return "/compare?" + values.Encode()
}

// values is the parameters of what is compared, each of them given.
func (q compareRequest) values() url.Values {
	values := url.Values{"measure": {q.chosen.measure.ID}, "basis": {q.chosen.basis}, "period": {q.period.Text()}, "area": {q.area.Code}}
	if q.group != "" {
		values.Set("group", q.group)
	}
	return values
}
