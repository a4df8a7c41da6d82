package dashboard

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// reportForm is what a report can be chosen by, with what was chosen.
type reportForm struct {
	Measures, Areas, Sources, Periods, Breakdowns []option
	Audiences                                     []option // none where there is only one
	From, To, AsAt                                string
}

// Groups of areas, which stand among the areas of the form. An address of a
// report has their areas instead: groups change, and the report is of these.
const (
	forcesGroup   = "forces"
	similarForces = "similar"
)

// reportChoices is what there is to choose from.
type reportChoices struct {
	areas      *stats.Areas
	measures   *stats.Measures
	sources    []stats.Freshness
	breakdowns []string
	home       stats.Area
	similar    []stats.SimilarArea // the group of the home force; empty where none is loaded
	audiences  []string
	titles     sourceTitles
}

func (s *site) reportChoices(ctx context.Context, reader reportsReader, readers Readers) (c reportChoices, err error) {
	c.titles = s.titles
	if c.areas, err = reader.Areas(ctx, query.Latest); err != nil {
		return c, err
	}
	if c.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return c, err
	}
	if c.sources, err = reader.Sources(ctx); err != nil {
		return c, err
	}
	if c.breakdowns, err = reader.Breakdowns(ctx, query.Latest); err != nil {
		return c, err
	}
	c.home = s.homeArea(c.areas)
	if readers.Internal != nil && readers.Published != nil {
		c.audiences = []string{Internal, Published}
	}
	c.similar, err = reader.Similar(ctx, c.home.Code, today(s.now()), query.Latest)
	return c, err
}

// firstArea is the first single area that was chosen, which the page is about.
func (c reportChoices) firstArea(chosen url.Values) string {
	for _, code := range chosen["area"] {
		if code != forcesGroup && code != similarForces {
			return code
		}
	}
	return ""
}

// filters is what was chosen as a report is asked for: each group is its areas.
func (c reportChoices) filters(chosen url.Values) (url.Values, error) {
	sent := maps.Clone(chosen)
	delete(sent, asksForReport)
	for _, day := range []string{"from", "to", "as_at"} { // a box for a day that is empty is sent all the same
		if sent.Has(day) && !slices.ContainsFunc(sent[day], func(text string) bool { return !isBlank(text) }) {
			delete(sent, day)
		}
	}
	if err := checkFilters(sent); err != nil {
		return nil, badRequest("%s.", err)
	}
	filters := url.Values{}
	for name := range sent {
		if values := given(sent[name]); len(values) > 0 && values[0] != asPublished && values[0] != allBreakdowns { // else it is what no filter means too
			filters[name] = values
		}
	}
	var codes []string
	for _, code := range filters["area"] {
		switch code {
		case forcesGroup:
			for _, force := range c.areas.Forces() {
				codes = append(codes, force.Code)
			}
		case similarForces:
			if len(c.similar) == 0 {
				return nil, badRequest("No list of the forces most similar to %s is loaded.", c.home.Name)
			}
			codes = append(codes, c.home.Code)
			for _, other := range c.similar {
				codes = append(codes, other.Similar)
			}
		default:
			codes = append(codes, code)
		}
	}
	if codes = given(codes); len(codes) > 0 {
		filters["area"] = codes
	}
	return filters, nil
}

// cannotBe reports whether no report has what was chosen: that is said at once, and
// not when the form is sent.
func (c reportChoices) cannotBe(chosen url.Values, now time.Time) bool {
	filters, err := c.filters(chosen)
	if err == nil {
		_, err = ParseReport(filters, c.areas, c.measures, now)
	}
	return err != nil
}

// reportedSources is where the figures of a report come from, and where those
// that are not loaded would come from: of the sources that the address chose,
// or of all that the form offers.
func (c reportChoices) reportedSources(area stats.Area, chosen url.Values) []string {
	if chosen.Has("source") {
		return slices.Clone(chosen["source"])
	}
	sources := preferredSources(c.measures.All(), area)
	for _, source := range c.sources {
		if source.Figures {
			sources = append(sources, source.Source)
		}
	}
	return sources
}

func (c reportChoices) form(chosen url.Values) reportForm {
	f := reportForm{From: chosen.Get("from"), To: chosen.Get("to"), AsAt: chosen.Get("as_at")}
	choice := func(filter, value, text string) option {
		return option{value, text, slices.Contains(chosen[filter], value)}
	}
	var seen []string
	for _, m := range c.measures.All() {
		if !slices.Contains(seen, m.ID) {
			seen = append(seen, m.ID)
			f.Measures = append(f.Measures, choice("measure", m.ID, measureLabel(m)))
		}
	}
	f.Areas = append(f.Areas, choice("area", forcesGroup, plural(len(c.areas.Forces()), "force", "forces")+" of England and Wales, each"))
	if len(c.similar) > 0 {
		f.Areas = append(f.Areas, choice("area", similarForces, c.home.Name+" and the forces most similar to it"))
	}
	for _, o := range areaOptions(c.areas, "") {
		f.Areas = append(f.Areas, choice("area", o.Value, o.Text))
	}
	for _, p := range periodChoices {
		f.Periods = append(f.Periods, choice("period", p.Value, p.Text))
	}
	for _, source := range c.sources {
		if source.Figures {
			f.Sources = append(f.Sources, choice("source", source.Source, c.titles.heading(source.Source)))
		}
	}
	f.Breakdowns = []option{choice("breakdown", allBreakdowns, "totals and every breakdown"), choice("breakdown", totalsAlone, "totals only")}
	for _, name := range c.breakdowns {
		f.Breakdowns = append(f.Breakdowns, choice("breakdown", name, "totals and by "+spaced(name)))
	}
	for _, audience := range c.audiences {
		f.Audiences = append(f.Audiences, choice("audience", audience, audienceChoices[audience]))
	}
	return f
}

var audienceChoices = map[string]string{
	Internal:  "internal: true figures, not for anybody outside the force",
	Published: "published: small numbers hidden, others rounded",
}

// periodChoices are the kinds of period a report can be asked for.
var periodChoices = []option{
	{Value: asPublished, Text: "as published"},
	{Value: "month", Text: "months"},
	{Value: "quarter", Text: "quarters"},
	{Value: "financial_year", Text: "financial years"},
	{Value: "calendar_year", Text: "calendar years"},
	{Value: "rolling_12_months", Text: "rolling twelve months"},
}

// measureLabel is a measure's name without its basis: the file holds every
// basis of a rate.
func measureLabel(m stats.Measure) string {
	if m.Basis == "" {
		return m.Name
	}
	return capitalised(spaced(m.ID)) + ", every basis"
}
