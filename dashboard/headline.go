package dashboard

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/internal/stats"
)

// headline is one measure's row on a force's page.
type headline struct {
	Name, Address string
	CSV           string
	Source        string // its title
	Instead       string // said where another source stands in for the preferred one
	Empty         string // said where there is no figure at all
	Latest        shown
	LatestWhen    string
	LastYear      string
	LastYearOf    string // a rate's workings
	LastYearWhen  string
	LastYearApart string // why it does not compare with the latest; empty where it does
	LastYearSays  string // how two whole years differ, and what chance makes of it
	YearToDate    *comparison
	NoYearToDate  string // why there is none; empty where there is one
	// YearIsLatest is set where the year to date is the latest figure itself:
	// a page that showed both would say the same twice.
	YearIsLatest  bool
	AllForces     *allForces
	NoGroup       string // why nothing of all forces stands here; empty where it does
	GroupInstead  link   // the headline rate by which forces are compared; empty without one
	Verdict       verdict
	Plot          *plot
	Undrawn       string // said of days at the end that are no whole period
	Table         figureTable
	Caveat        string
	Demonstration bool
	judged        judged
	years         *verdict // of two whole years that were tested
	lastYearWay   string   // the page that says how last year's figure is known
}

// LatestLink is the newest figure with the page that says how it is known.
func (h headline) LatestLink() link { return link{Text: h.Latest.Value, Address: h.Latest.Address} }

// LastYearLink is the figure of a year before, as LatestLink.
func (h headline) LastYearLink() link { return link{Text: h.LastYear, Address: h.lastYearWay} }

// allForces is the newest figure of all forces, and the force's own figure of
// the same source, basis and period beside it.
type allForces struct {
	Rate     string // its name, in the row of the count that it is a rate of; else empty
	Source   string
	Total    bool // it is a total of counts, and no rate
	National shown
	Own      string
	OwnLink  string // of the page that says how the force's own figure is known; empty without one
	OwnOf    string // a rate's workings
	OwnMade  bool   // the force's own figure is made up
	OwnName  string
	Period   stats.Period
	Position analysis.Position // of a rate among all forces; empty where it was not compared
	Limits   string            // how the limits were made
	Compare  string            // the page that compares them
	measure  stats.Measure
	figure   stats.Figure // of all forces; the force's own is of the same days
}

// headlineMeasures are the measures of a force's page in their order there.
func headlineMeasures(measures *stats.Measures) []stats.Measure {
	var list []stats.Measure
	for _, m := range measures.All() {
		if m.Headline > 0 {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b stats.Measure) int { return a.Headline - b.Headline })
	return list
}

// preferred is the source to show first for an area: the force's own return
// for a force, and the publication that has all forces for all of them.
func preferred(m stats.Measure, area stats.Area) string {
	if area.Kind == stats.Country && m.CompareSource != "" {
		return m.CompareSource
	}
	return m.ForceSource
}

// pick finds a measure's total series for an area from its preferred source
// or, where that has none, the one whose figures are newest.
func pick(all []stats.Series, m stats.Measure, area stats.Area) (stats.Series, bool) {
	var found stats.Series
	var ok bool
	for _, s := range all {
		if !isTotal(s, m, area.Code) {
			continue
		}
		if s.Source == preferred(m, area) {
			return s, true
		}
		if !ok || analysis.Span(s).End.After(analysis.Span(found).End) {
			found, ok = s, true
		}
	}
	return found, ok
}

func isTotal(s stats.Series, m stats.Measure, area string) bool {
	return s.Measure.ID == m.ID && s.Measure.Basis == m.Basis && s.Area.Code == area && s.Breakdown == ""
}

// headlineOf builds a row from all series of the area and of England and
// Wales.
func headlineOf(m stats.Measure, area stats.Area, all []stats.Series, ref reference) (headline, error) {
	h := headline{
		Name: m.Name, Caveat: m.Caveat,
		Address: measureAddress(m, area),
		CSV:     csvAddress([]string{m.ID}, area.Code),
	}
	if area.Kind != stats.Country {
		h.setGroup(m, area, all, ref)
	}
	s, ok := pick(all, m, area)
	if !ok {
		h.Empty = fmt.Sprintf("No figure is loaded for %s.", area.Name)
		return h, nil
	}
	if want := preferred(m, area); s.Source != want {
		h.Instead = fmt.Sprintf("There is none in %s.", ref.titles.of(want))
	}
	decimals := decimalsFor(s.Measure, s.Figures)
	h.Source, h.Demonstration = ref.titles.ofSeries(s), s.Demonstration()
	h.YearToDate, h.NoYearToDate = yearToDate(s, ref, decimals)
	h.setLatest(s, ref, decimals)
	return h, h.draw(s, ref, decimals)
}

func (h *headline) setLatest(s stats.Series, ref reference, decimals int) {
	latest, _ := s.Latest()
	h.Latest = show(latest, s.Measure, decimals)
	h.LatestWhen = capitalised(latest.Period.Label())
	h.YearIsLatest = h.YearToDate != nil && h.YearToDate.ThisWay == h.Latest.Address
	h.LastYearWhen = latest.Period.YearEarlier().Label()
	before, err := analysis.SamePeriodLastYear(s, latest)
	switch {
	case errors.Is(err, analysis.ErrMixed):
		h.LastYear = none(err)
	case err != nil:
		h.LastYear = "no figure"
	default:
		h.LastYear, h.LastYearOf = withUnit(before.Value, s.Measure, decimals), workings(before, s.Measure)
		h.lastYearWay = figureAddress(before)
		if before.Value.Known {
			h.LastYearApart = apart(ref.parting(s, before.Period, latest.Period))
			h.compareYears(s.Measure, latest, before)
		}
	}
}

// compareYears tests two whole years of a source that has no year to date, as the year to
// date is tested where there is one.
func (h *headline) compareYears(m stats.Measure, this, before stats.Figure) {
	if h.YearToDate != nil || h.LastYearApart != "" || !isYear(this.Period) || !this.Value.Known || !eventsOf(m) {
		return
	}
	var tested string
	if h.years, tested = chance(m, this, before); h.years == nil {
		return
	}
	h.NoYearToDate, h.LastYearSays = "", tested
	if more := change(this.Value.Number, before.Value.Number); more != "" {
		h.LastYearSays = more + ". " + tested
	}
}

func (h *headline) draw(s stats.Series, ref reference, decimals int) error {
	kind, ok := kindToDraw(s)
	drawn := s
	if ok {
		drawn = drawable(s, kind)
		j := ref.judge(drawn, kind)
		p, err := plotOf(j, chart.Small, decimals)
		if err != nil {
			return err
		}
		h.Plot, h.Verdict, h.judged = p, j.verdict(), j
		h.Undrawn = undrawn(s, drawn, kind)
	}
	h.Table = tableOf(s, drawn, kind, ref, decimals)
	return nil
}

// undrawn says which days after the last whole period a chart leaves out.
func undrawn(s, drawn stats.Series, kind stats.PeriodKind) string {
	latest, ok := s.Latest()
	if !ok || latest.Period.Kind() != stats.KindRange || !latest.Period.End.After(analysis.Span(drawn).End) {
		return ""
	}
	return fmt.Sprintf("%s is not a whole %s: it is in the table and not in the chart.", latest.Period.Label(), chart.Word(kind))
}

// undrawnFigure is the figure of the days that a chart leaves out.
func undrawnFigure(s, drawn stats.Series, kind stats.PeriodKind) string {
	if undrawn(s, drawn, kind) == "" {
		return ""
	}
	says, _ := latestSentence(s)
	return capitalised(cmp.Or(says, hiddenSentence(s)))
}

// allForcesOf is nil where the measure's comparing source has no figure for
// England and Wales.
func allForcesOf(m stats.Measure, area stats.Area, all []stats.Series, ref reference) *allForces {
	national, ok := comparedSeries(m, stats.EnglandAndWales, "", all)
	if !ok {
		return nil
	}
	latest, ok := national.Latest()
	if !ok {
		return nil
	}
	decimals := decimalsFor(m, national.Figures)
	a := &allForces{
		measure: m, figure: latest, Total: m.PerPeriod(), Source: ref.titles.ofSeries(national), National: show(latest, m, decimals), Period: latest.Period,
		Own: "no figure", OwnName: area.Name,
	}
	if own, ok := comparedSeries(m, area.Code, national.Basis, all); ok {
		if f, ok := own.At(latest.Period); ok {
			a.Own, a.OwnOf, a.OwnMade = withUnit(f.Value, m, decimals), workings(f, m), f.Demonstration()
			a.OwnLink = figureAddress(f)
		}
	}
	a.place(m, area, national.Basis, ref)
	return a
}

// csvAddress is the file of some measures for an area, with all forces beside
// it.
func csvAddress(measures []string, area string) string {
	values := url.Values{"measure": measures, "area": {area}}
	if area != stats.EnglandAndWales {
		values.Add("area", stats.EnglandAndWales)
	}
	return "/reports/observations.csv?" + values.Encode()
}
