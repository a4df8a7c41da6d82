package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// comparePage compares the forces of a group by one rate, and ranks none.
type comparePage struct {
	frame
	Form       compareForm
	Nothing    string        // why nothing is compared; empty where something is
	Name       link          // the measure and its page
	Noun       string        // what the rate is of, inside a sentence
	Group      string        // which forces are compared, and why those
	Own        knownSentence // the force's rate, and the limits at its size
	Average    knownSentence // of the group, written out
	Dispersion string
	Phi        string // the over-dispersion in numbers
	Plot       *plot
	Above      string          // who is over the scale of the chart
	Undrawn    string          // why there are no limits; empty where there are
	Outside    []knownSentence // a sentence for each force outside the 99.8% limits, in order of name
	Without    []string        // a sentence for each force without a figure, in order of name
	Caption    string
	From       provenance // of all figures together
	Table      forcesTable
	Caveat     string
}

// compareForm is the two forms by which a reader changes what is compared. The
// measure has one of its own, because each has its own bases and periods.
type compareForm struct {
	Measures                    []option
	Measure, Basis, Group, Area string // what the forms keep of the address
	Bases                       []link // where the rate has several
	Periods, Groups, Areas      []option
}

// forcesTable is the compared forces in order of name.
type forcesTable struct {
	Caption                      string
	Numerator, Denominator, Rate string // headings
	Rows                         []comparedRow
	All                          *comparedRow // the group; nil where its forces are not added up
	Hides                        bool         // a number in it is hidden
}

// comparedRow is one force with its rate, and where that stands.
type comparedRow struct {
	shown
	Name, Address          string
	Home                   bool
	Numerator, Denominator string
	Plain                  string // the rate without its unit, or what stands instead
	Position               string
	Ways                   rateWays
}

// rateWays is where a rate and its two counts lead; empty where to nowhere.
type rateWays struct{ Rate, Numerator, Denominator string }

func rateWaysOf(f stats.Figure, m stats.Measure) rateWays {
	w := rateWays{Rate: figureAddress(f)}
	w.Numerator, w.Denominator = countAddresses(f, m)
	return w
}

// RateLink is the rate with the page that says how it is known.
func (r comparedRow) RateLink() link { return link{Text: r.Plain, Address: r.Ways.Rate} }

// NumeratorLink is the count above the line, as RateLink.
func (r comparedRow) NumeratorLink() link { return link{Text: r.Numerator, Address: r.Ways.Numerator} }

// DenominatorLink is the count below the line, as RateLink.
func (r comparedRow) DenominatorLink() link {
	return link{Text: r.Denominator, Address: r.Ways.Denominator}
}

type compareReader interface {
	areasReader
	figuresReader
	stateReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	RatePeriods(ctx context.Context, at time.Time) ([]query.RatePeriod, error)
	Similar(ctx context.Context, area string, on, at time.Time) ([]stats.SimilarArea, error)
}

// compare is the page on which forces are compared.
func (s *site) compare(reader compareReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.readCompareRequest(r, reader)
		if err != nil {
			return err
		}
		page, status := buildNothingCompared(q)
		if len(q.chosen.periods) > 0 {
			figures, err := reader.AllFigures(r.Context(), q.filter())
			if err != nil {
				return err
			}
			if page, err = buildComparison(q, figures, s.titles); err != nil {
				return err
			}
			page.Standing = s.standing(r, reader, func(freshness) contents {
				return contents{series: []stats.Series{{Figures: figures}}, others: sourcesOf(q.measure)}
			})
		}
		page.frame = s.withCharts(s.frame(r, q.areas, q.area)).with(page.frame)
		page.Choice = areaChoice{} // the page's own form has it
		return s.renderDrawn(w, r, status, "compare", page)
	}
}

// buildNothingCompared says why there is nothing to compare, and offers what
// can be.
func buildNothingCompared(q compareRequest) (page comparePage, status int) {
	page.Form = q.form()
	switch {
	case q.measure.ID == "":
		page.Title = "There are no rates of forces to compare yet"
		page.Nothing = "A comparison needs a source with both counts of a rate for at least two forces. None is loaded."
	case !q.measure.Derived():
		page.Title = "Counts of forces of different size do not compare"
		page.Nothing = q.measure.Name + " is a count, and a large force has more of everything. Only rates are compared, each at its size."
		return page, http.StatusBadRequest
	default:
		page.Title = q.measure.Name + ": no two forces have it from one source"
		page.Nothing = "No source that has all forces is loaded with both counts of this rate. A force’s own return is never set beside another source’s figures."
	}
	return page, http.StatusOK
}

func buildComparison(q compareRequest, figures []stats.Figure, titles sourceTitles) (comparePage, error) {
	c := comparisonOf(q, figures, titles)
	page := comparePage{
		Form: q.form(), Name: link{Text: q.measure.Name, Address: measureAddress(q.measure, q.area)}, Noun: nounOfCount(q.measures, q.measure.Denominator),
		Group: c.groupWords(), Own: c.ownWords(), Caption: c.caption(), From: provenanceOf(allOf(c.members)),
		Without: c.without(), Table: c.table(), Caveat: q.measure.Caveat,
	}
	page.Title, page.CSV, page.Filters = c.title(), c.csv(), c.filters()
	page.Demonstration = slices.ContainsFunc(c.members, func(m analysis.Member) bool { return m.Figure.Demonstration() })
	if c.why != nil {
		page.Undrawn = capitalised(c.why.Error()) + "."
		return page, nil
	}
	page.Average, page.Dispersion, page.Outside = c.averageWords(), c.funnel.Dispersion.Sentence(), c.outside()
	page.Phi = c.funnel.Dispersion.PhiSentence()
	var err error
	page.Plot, page.Above, err = c.plot()
	return page, err
}

// forcesComparison is what a comparison is built from.
type forcesComparison struct {
	compareRequest
	members  []analysis.Member // in order of name; a Figure without a source where there is none
	together stats.Figure      // of England and Wales, where it is of the same counts as the average; else of no source
	funnel   analysis.FunnelPlot
	why      error // why there is no funnel
	decimals int
	titles   sourceTitles
}

func comparisonOf(q compareRequest, figures []stats.Figure, titles sourceTitles) forcesComparison {
	c := forcesComparison{compareRequest: q, decimals: decimalsFor(q.measure, figures), titles: titles}
	compared := q.compared(figures)
	c.members = q.membersOf(compared)
	c.funnel, c.why = analysis.Funnel(q.measure, c.members)
	all := compared[stats.EnglandAndWales]
	if all != nil && all.Numerator == stats.Number(c.funnel.Numerator) && all.Denominator == stats.Number(c.funnel.Denominator) {
		c.together = *all
	}
	return c
}

// membersOf is the members with what is compared of them.
func (q compareRequest) membersOf(compared map[string]*stats.Figure) []analysis.Member {
	var members []analysis.Member
	for _, area := range q.members() {
		member := analysis.Member{Area: area}
		if f := compared[area.Code]; f != nil {
			member.Figure = *f
		}
		members = append(members, member)
	}
	return members
}

// compared is the figures to compare, by their areas: those given may be of more
// measures than one.
func (q compareRequest) compared(figures []stats.Figure) map[string]*stats.Figure {
	found := map[string]*stats.Figure{}
	for i := range figures {
		f := &figures[i]
		if f.Measure == q.measure.ID && f.Period == q.period && f.Basis == q.chosen.basis && f.Breakdown == "" && found[f.Area] == nil {
			found[f.Area] = f
		}
	}
	return found
}

// point is where a force stands in the funnel; false where it does not.
func (c forcesComparison) point(area string) (analysis.FunnelPoint, bool) {
	i := slices.IndexFunc(c.funnel.Points, func(p analysis.FunnelPoint) bool { return p.Area.Code == area })
	if i < 0 {
		return analysis.FunnelPoint{}, false
	}
	return c.funnel.Points[i], true
}

// csv is the file of what the page shows: the members, and the sum where they
// are all forces.
func (c forcesComparison) csv() string {
	values := url.Values{"measure": {c.measure.ID}, "source": {c.measure.CompareSource},
		"from": {c.period.Start.Format(time.DateOnly)}, "to": {c.period.End.Format(time.DateOnly)}}
	for _, m := range c.members {
		values.Add("area", m.Area.Code)
	}
	if !c.withSimilar() {
		values.Add("area", stats.EnglandAndWales)
	}
	return "/reports/observations.csv?" + values.Encode()
}

// allOf is all figures as one, of which only the provenance means anything.
func allOf(members []analysis.Member) stats.Figure {
	var all stats.Figure
	for _, m := range members {
		all.Origins = append(all.Origins, m.Figure.Origins...)
		all.Releases = append(all.Releases, m.Figure.Releases...)
		all.RetrievedAt = slices.MaxFunc([]time.Time{all.RetrievedAt, m.Figure.RetrievedAt}, time.Time.Compare)
	}
	slices.Sort(all.Releases)
	all.Releases = slices.Compact(all.Releases)
	return all
}

func (c forcesComparison) table() forcesTable {
	t := forcesTable{
		Caption:   c.measure.Name + ", " + c.period.Label() + ": forces in order of name",
		Numerator: countName(c.measures, c.measure.Numerator), Denominator: countName(c.measures, c.measure.Denominator), Rate: capitalised(c.measure.Unit),
	}
	all := allOf(c.members)
	for _, m := range c.members {
		row := c.row(m)
		if len(all.Releases) == 1 { // the caption has it
			row.From.Loads, row.From.Retrieved = nil, ""
		}
		t.Rows = append(t.Rows, row)
		t.Hides = t.Hides || hidesNumber(row.Plain, row.Numerator, row.Denominator)
	}
	if c.why == nil {
		t.All = &comparedRow{Name: capitalised(c.countedName()) + " together", Numerator: numberText(c.funnel.Numerator, 0),
			Denominator: numberText(c.funnel.Denominator, 0), Plain: numberText(c.funnel.Average, c.decimals), Position: "the average"}
		if c.together.Source != "" {
			t.All.Ways = rateWaysOf(c.together, c.measure)
		}
	}
	return t
}

func (c forcesComparison) row(m analysis.Member) comparedRow {
	row := comparedRow{Name: m.Area.Name, Address: measureAddress(c.measure, m.Area), Home: m.Area.Code == c.area.Code,
		Numerator: "–", Denominator: "–", Plain: "no figure", Position: "not compared"}
	if m.Figure.Source == "" {
		return row
	}
	row.shown = show(m.Figure, c.measure, c.decimals)
	row.Plain = cmp.Or(valueText(m.Figure.Value, c.decimals), row.Plain)
	row.Ways.Rate = figureAddress(m.Figure)
	if m.Figure.Numerator.Known && m.Figure.Denominator.Known {
		row.Ways = rateWaysOf(m.Figure, c.measure)
	}
	row.Numerator, row.Denominator = cmp.Or(valueText(m.Figure.Numerator, 0), "–"), cmp.Or(valueText(m.Figure.Denominator, 0), "–")
	if p, ok := c.point(m.Area.Code); ok {
		row.Position = string(p.Position)
	}
	return row
}
