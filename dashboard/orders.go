package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// orderFamilies are the measures of Stalking Protection Orders from application
// to end, in the order in which pages list them, by what belongs together: charts of a
// family have one scale. People are last: they are no stage of an order. A measure that
// the reference data does not have is left out.
var orderFamilies = []struct {
	Name   string
	Stages []string
}{
	{"Orders", []string{"spo_applied", "spo_interim_granted", "spo_full_granted", "spo_granted", "spo_refused", "spo_withdrawn", "spo_expired"}},
	{"Breaches, arrests and charges", []string{"spo_breaches", "spo_breach_arrests", "spo_breach_charges"}},
	{"People", []string{"spo_people_applied", "spo_people_granted"}},
}

// orderStages are the measures of all families.
var orderStages = func() (all []string) {
	for _, f := range orderFamilies {
		all = append(all, f.Stages...)
	}
	return all
}()

// orderFacts are what is told beside the stages: rates, with their interval
// and counts, and how long a grant takes.
var orderFacts = []string{
	"spo_per_1000_offences", "spo_applied_per_1000_offences", "spo_days_to_grant_median", "spo_days_to_grant_p90",
}

// orderHeadings are the measures that can head the page and set its period,
// the first that has figures.
var orderHeadings = []string{"spo_granted", "spo_applied"}

// ordersPage is Stalking Protection Orders from application to end.
type ordersPage struct {
	frame
	Nothing bool   // no figure of orders is loaded for the area
	Says    string // under the title: the figure of the period, and all that chance does not explain
	Periods []option
	Instead string // said where the chosen period has no figures
	This    string // the headings of the two periods
	Before  string
	Stages  []stageRow
	Facts   []orderFact
	Groups  []chartGroup
	Undrawn []string     // the days that the charts leave out
	Failed  []string     // what is said of each part that could not be read
	Notes   []string     // what the measures say of themselves
	Asks    []joinedLink // that the figures bear on
	// Whether a number of the stages, and of what stands beside them, is hidden.
	StagesHide, FactsHide bool
}

// AllMadeUp reports whether each stage that has a figure has a made-up one, which the
// caption of their table says.
func (p ordersPage) AllMadeUp() bool {
	found := false
	for _, row := range p.Stages {
		if row.Source != "" && !row.Demonstration {
			return false
		}
		found = found || row.Demonstration
	}
	return found
}

func (s *site) orders(reader measureReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, areas, err := s.readOrders(r, reader)
		if err != nil {
			return err
		}
		page, err := in.build()
		if err != nil {
			return err
		}
		page.Standing = s.standing(r, reader, func(freshness) contents {
			return contents{series: in.series, awaited: preferredSources(in.stages, in.area)}
		})
		page.frame = s.withCharts(s.frame(r, areas, in.area)).with(page.frame)
		return s.renderDrawn(w, r, http.StatusOK, "orders", page)
	}
}

// ordersInput is what the page is built from.
type ordersInput struct {
	reference
	area   stats.Area
	choice string
	stages []stats.Measure
	facts  []stats.Measure
	series []stats.Series // of the area alone
	failed []string       // what is said of each part that could not be read
}

func (s *site) readOrders(r *http.Request, reader measureReader) (in ordersInput, areas *stats.Areas, err error) {
	values, err := parameters(r, "area", "period")
	if err != nil {
		return in, nil, err
	}
	if in.choice, err = orderChoice(values["period"]); err != nil {
		return in, nil, err
	}
	if areas, err = reader.Areas(r.Context(), query.Latest); err != nil {
		return in, nil, err
	}
	if in.area, err = s.findArea(areas, values["area"]); err != nil {
		return in, nil, err
	}
	in.areas, in.titles, in.now = areas, s.titles, s.now()
	if err := in.read(r.Context(), reader); err != nil {
		return in, areas, err
	}
	annotations := guarded(s, r, whatIsAnnotated, func() ([]stats.Annotation, error) {
		return reader.Annotations(r.Context(), in.area.Code, query.Latest)
	})
	in.annotations, in.failed = annotations.Shows, unread(annotations.Failed)
	return in, areas, nil
}

// read reads every total of the area; England and Wales is not shown beside it.
func (in *ordersInput) read(ctx context.Context, reader measureReader) (err error) {
	if in.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return err
	}
	in.stages, in.facts = measuresNamed(in.measures, orderStages), measuresNamed(in.measures, orderFacts)
	filter := query.Filter{Areas: []string{in.area.Code}, Totals: true}
	for _, m := range slices.Concat(in.stages, in.facts) {
		filter.Measures = append(filter.Measures, m.ID)
	}
	if len(filter.Measures) > 0 { // none would mean all
		figures, err := reader.AllFigures(ctx, filter)
		if err != nil {
			return err
		}
		in.series = analysis.Group(figures, in.measures, in.areas)
	}
	in.breaks, err = reader.Breaks(ctx, query.Latest)
	return err
}

// measuresNamed is the measures of a list of IDs that are there, in its order.
func measuresNamed(measures *stats.Measures, ids []string) []stats.Measure {
	var found []stats.Measure
	for _, id := range ids {
		found = append(found, measures.ByID(id)...)
	}
	return found
}

func (in ordersInput) build() (ordersPage, error) {
	page := ordersPage{frame: frame{Title: in.area.Name + ": no figures of Stalking Protection Orders are loaded"}}
	page.Nothing, page.Failed = len(in.series) == 0, in.failed
	if page.Nothing {
		return page, nil
	}
	page.CSV = csvAddress(append(slices.Clone(orderStages), orderFacts...), in.area.Code)
	period, instead := in.period()
	page.Periods, page.Instead = in.periodOptions(), instead
	page.This, page.Before = capitalised(period.Label()), capitalised(period.YearEarlier().Label())
	for _, m := range in.stages {
		row := in.stage(m, period)
		page.Stages = append(page.Stages, row)
		page.Demonstration = page.Demonstration || row.Demonstration
		page.StagesHide = page.StagesHide || hidesNumber(row.Value.Value, row.Before.Text)
		if caveat := notSaidAbove(m.Caveat); caveat != "" {
			page.Notes = append(page.Notes, m.Name+": "+caveat)
		}
	}
	page.Title, page.Says = in.title(period, page.Stages)
	for _, m := range in.facts {
		fact := in.fact(m, period)
		page.Facts = append(page.Facts, fact)
		page.Demonstration = page.Demonstration || fact.Demonstration
		page.FactsHide = page.FactsHide || hidesNumber(fact.Text, fact.Value.Worked)
	}
	page.Asks = asksOf(slices.Concat(in.stages, in.facts), in.area)
	var err error
	page.Groups, err = in.groups()
	for _, g := range page.Groups {
		for _, c := range g.Charts {
			page.Demonstration = page.Demonstration || c.Plot.Demonstration
			if c.undrawn != "" && !slices.Contains(page.Undrawn, c.undrawn) {
				page.Undrawn = append(page.Undrawn, c.undrawn)
			}
		}
	}
	return page, err
}

// notSaidAbove is what a measure says of itself but for that orders are not people, which
// the page says once of them all.
func notSaidAbove(caveat string) string {
	if !strings.HasPrefix(caveat, "Orders are not people") {
		return caveat
	}
	_, rest, _ := strings.Cut(caveat, ". ")
	return rest
}
