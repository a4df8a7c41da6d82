package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// measurePage is one measure in depth: every series of it for one area.
type measurePage struct {
	frame
	Name        string
	Definitions []countedAs // one for each basis
	Blocks      []seriesBlock
	AllForces   []allForces
	Annotations []annotationSet
	Failed      []string // what is said of each part that could not be read
	Revised     string   // where the log of revised figures of the measure is
	compared    []string // the sources of all forces that stand beside the force's own
}

// annotationSet is what stands on the charts of a measure on one basis.
type annotationSet struct {
	Name string
	Rows []annotationRow
	Add  []link
}

// definition is what a measure counts, and how a rate of it is worked out.
type definition struct {
	Name, Text, Unit, Basis, Formula, Interval, Target, Caveat string
}

// countedAs is a definition with the asks that the measure bears on.
type countedAs struct {
	definition
	Bears []bearsOn
}

// seriesBlock is one source, one basis and one kind of period.
type seriesBlock struct {
	ID            string
	Title         string
	Source        string
	Basis         string
	Kind          string
	Breakdown     string
	Worked        string
	Plot          *plot
	Notes         []chartNote // on the chart
	Undrawn       string
	Verdict       verdict
	Causes        []verdict // the newest special causes, newest first
	Earlier       []verdict // the others
	Phases        []phaseRow
	Target        string // whether it will be met; empty without one
	Annotate      []link // where a step in it can be accepted and a target set
	Table         figureTable
	Demonstration bool
	kind          stats.PeriodKind
	finding       string // of the chart; empty where it shows no number
	old           string // how old it is; empty where it is not old
}

// newestCauses is how many special causes a page tells without being asked.
const newestCauses = 4

type measureReader interface {
	areasReader
	figuresReader
	stateReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
	Annotations(ctx context.Context, area string, asAt time.Time) ([]stats.Annotation, error)
}

func (s *site) measure(reader measureReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, err := s.areaOf(r, reader)
		if err != nil {
			return err
		}
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		id := r.PathValue("measure")
		if len(measures.ByID(id)) == 0 {
			return notFound("There is no measure called “%s”.", echoed(id))
		}
		ref, all, failed, err := s.measureInput(r, reader, id, areas, area, measures)
		if err != nil {
			return err
		}
		page, err := buildMeasure(id, area, all, ref)
		if err != nil {
			return err
		}
		page.Failed = failed
		page.Filters = measures.ByID(id)[0].Name
		page.annotate(id, area, ref, s.offers(r, signin.DataOwner))
		page.Revised = revisionsAddress("", url.Values{"measure": {id}, "area": {area.Code}})
		page.Standing = s.standing(r, reader, func(freshness) contents {
			return contents{series: preferredFirst(all, id, area), beside: page.beside(), others: page.compared, awaited: preferredSources(ref.measures.ByID(id), area)}
		})
		page.frame = s.withCharts(s.frame(r, areas, area)).with(page.frame)
		return s.renderDrawn(w, r, http.StatusOK, "measure", page)
	}
}

// measureInput reads every series of a measure for an area, and what they are
// explained with. Failed is what is said of the parts without which the figures
// stand.
func (s *site) measureInput(r *http.Request, reader measureReader, id string, areas *stats.Areas, area stats.Area, measures *stats.Measures) (ref reference, all []stats.Series, failed []string, err error) {
	ctx := r.Context()
	ref = reference{areas: areas, measures: measures, titles: s.titles, now: s.now()}
	figures, err := reader.AllFigures(ctx, beside(area, measures.ByID(id)))
	if err != nil {
		return ref, nil, nil, err
	}
	all = analysis.Group(figures, measures, areas)
	if ref.breaks, err = reader.Breaks(ctx, query.Latest); err != nil {
		return ref, nil, nil, err
	}
	annotations := guarded(s, r, whatIsAnnotated, func() ([]stats.Annotation, error) {
		return reader.Annotations(ctx, area.Code, query.Latest)
	})
	peers := guarded(s, r, "how the force stands among others", func() ([]stats.Figure, error) {
		return readPeers(ctx, reader, measures.ByID(id), all)
	})
	ref.annotations, ref.peers = annotations.Shows, peers.Shows
	return ref, all, unread(annotations.Failed, peers.Failed), nil
}

// beside is the figures of all forces that the page shows.
func (page measurePage) beside() (figures []stats.Figure) {
	for _, a := range page.AllForces {
		figures = append(figures, a.figure)
	}
	return figures
}

// figuresOf is the figures of several series.
func figuresOf(all []stats.Series) []stats.Figure {
	var figures []stats.Figure
	for _, s := range all {
		figures = append(figures, s.Figures...)
	}
	return figures
}

// annotate lists what people put onto the measure's charts, and how to add to
// it.
func (page *measurePage) annotate(id string, area stats.Area, ref reference, actions bool) {
	for _, m := range ref.measures.ByID(id) {
		own := annotationsOf(ref.annotations, m)
		set := annotationSet{Name: m.Name, Rows: annotationRows(own, m, area, ref.titles, actions)}
		if actions {
			if !m.PerPeriod() { // a count has one for each kind of period, see blockOf
				set.Add = append(set.Add, link{Text: "Set a target", Address: annotateAddress(stats.TargetAnnotation, m, area, nil)})
			}
			set.Add = append(set.Add, link{Text: "Add a note", Address: annotateAddress(stats.NoteAnnotation, m, area, nil)})
		}
		if len(set.Rows)+len(set.Add) > 0 {
			page.Annotations = append(page.Annotations, set)
		}
	}
	for i := range page.Blocks {
		if !actions {
			page.Blocks[i].Annotate = nil
		}
	}
}

func buildMeasure(id string, area stats.Area, all []stats.Series, ref reference) (measurePage, error) {
	var page measurePage
	var picked []stats.Series
	for _, m := range ref.measures.ByID(id) {
		page.Definitions = append(page.Definitions, countedAs{definitionOf(m, ref.measures), bearsOnOf(m, area)})
		if s, ok := pick(all, m, area); ok {
			picked = append(picked, s)
		}
		if area.Kind == stats.Country {
			continue
		}
		if a := allForcesOf(m, area, all, ref); a != nil {
			page.AllForces, page.compared = append(page.AllForces, *a), append(page.compared, m.CompareSource)
			page.Demonstration = page.Demonstration || a.National.Demonstration
		}
	}
	for _, s := range preferredFirst(all, id, area) {
		blocks, err := blocksOf(s, ref)
		if err != nil {
			return page, err
		}
		page.Blocks = append(page.Blocks, blocks...)
		page.Demonstration = page.Demonstration || s.Demonstration()
	}
	page.Name = page.Definitions[0].Name
	page.Title = measureTitle(page.Name, area, picked, ref)
	if len(page.Blocks) > 0 {
		page.CSV = csvAddress([]string{id}, area.Code)
	}
	return page, nil
}

// measureTitle says the newest thing known of the measure.
func measureTitle(name string, area stats.Area, picked []stats.Series, ref reference) string {
	for _, s := range picked {
		says, last := yearSentence(s, ref)
		if says == "" {
			says, last = latestSentence(s)
		}
		if says != "" {
			return heading(area.Name, says, howOld(last, ref.now))
		}
	}
	for _, s := range picked {
		if hidden := hiddenSentence(s); hidden != "" {
			return area.Name + ": " + hidden
		}
	}
	return fmt.Sprintf("%s: no figure is loaded for %s", name, area.Name)
}

// preferredFirst is an area's series of a measure, with those of its preferred
// source before the others.
func preferredFirst(all []stats.Series, id string, area stats.Area) []stats.Series {
	var own []stats.Series
	for _, s := range all {
		if s.Measure.ID == id && s.Area.Code == area.Code {
			own = append(own, s)
		}
	}
	rank := func(s stats.Series) int {
		if s.Source == preferred(s.Measure, area) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(own, func(a, b stats.Series) int { return rank(a) - rank(b) })
	return own
}

func definitionOf(m stats.Measure, measures *stats.Measures) definition {
	d := definition{Name: m.Name, Text: m.Definition, Unit: m.Unit, Basis: m.Basis, Caveat: m.Caveat, Interval: intervalWords[m.Interval]}
	if m.Derived() {
		d.Formula = fmt.Sprintf("%s × %s ÷ %s", numberText(m.Per, 0), nounOfCount(measures, m.Numerator), nounOfCount(measures, m.Denominator))
	}
	if m.Target.Known {
		d.Target = exactText(m.Target.Number)
	}
	return d
}

func nounOfCount(measures *stats.Measures, id string) string {
	if m, ok := measures.Count(id); ok {
		return nounOf(m)
	}
	return id
}

var intervalWords = map[stats.Interval]string{
	stats.Wilson: "Wilson score interval, 95%",
	stats.Byar:   "Byar’s approximation, 95%; exact Poisson where the count is under 10",
}

// blocksOf makes one block for each kind of period that a series was
// published in. A series of nothing but odd runs of days is one block.
func blocksOf(s stats.Series, ref reference) ([]seriesBlock, error) {
	kinds := analysis.Kinds(s)
	if len(kinds) == 0 {
		kind, _ := kindToDraw(s)
		kinds = []stats.PeriodKind{kind}
	}
	var blocks []seriesBlock
	for i, kind := range kinds {
		part := s
		if i > 0 {
			part = ofKind(s, kind) // the odd runs of days stand with the shortest kind
		}
		block, err := blockOf(part, kind, ref)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}

// ofKind is the figures of one kind of period. Years that roll are every twelve
// months: those that end with March and December have names of their own.
func ofKind(s stats.Series, kind stats.PeriodKind) stats.Series {
	rolling := []stats.PeriodKind{stats.KindFinancialYear, stats.KindCalendarYear}
	s.Figures = slices.DeleteFunc(slices.Clone(s.Figures), func(f stats.Figure) bool {
		of := f.Period.Kind()
		return of != kind && !(kind == stats.KindTwelveMonths && slices.Contains(rolling, of))
	})
	return s
}

func blockOf(s stats.Series, kind stats.PeriodKind, ref reference) (seriesBlock, error) {
	decimals := decimalsFor(s.Measure, s.Figures)
	drawn := drawable(s, kind)
	j := ref.judge(drawn, kind)
	p, err := plotOf(j, chart.Full, decimals)
	if err != nil {
		return seriesBlock{}, err
	}
	block := seriesBlock{
		ID: plotID(s, kind) + "-block", finding: j.finding(), old: j.old(),
		Source: ref.titles.of(s.Source), Basis: s.Basis, Kind: chart.Word(kind),
		Plot: p, Undrawn: undrawn(s, drawn, kind), Notes: j.chartNotes(),
		Verdict: j.verdict(), Phases: j.phaseRows(), Target: j.assurance(),
		Table:         tableOf(s, drawn, kind, ref, decimals),
		Demonstration: s.Demonstration(), kind: kind,
	}
	if p != nil {
		p.File = chartAddress(s, kind)
	}
	if s.Breakdown == "" && j.hasLimits() {
		block.Annotate = append(block.Annotate, link{Text: "Accept a step in this chart",
			Address: annotateAddress(stats.StepAnnotation, s.Measure, s.Area, url.Values{"source": {s.Source}, "series_basis": {s.Basis}, "by": {string(kind)}})})
	}
	if s.Breakdown == "" && s.Measure.PerPeriod() && slices.Contains(targetKinds, kind) {
		block.Annotate = append(block.Annotate, link{Text: "Set a target for each " + chart.Word(kind),
			Address: annotateAddress(stats.TargetAnnotation, s.Measure, s.Area, url.Values{"by": {string(kind)}})})
	}
	causes := j.causes()
	newest := min(len(causes), newestCauses)
	block.Causes, block.Earlier = causes[:newest], causes[newest:]
	if s.Breakdown != "" {
		block.Breakdown = s.Breakdown + ": " + s.BreakdownValue
	}
	if latest, ok := s.Latest(); ok {
		block.Worked = worked(latest, s.Measure, decimals)
	}
	if block.old != "" {
		block.Title = "Last figures, " + block.old + ": " + block.finding
	}
	block.Title = cmp.Or(block.Title, capitalised(block.finding), capitalised(hiddenSentence(drawn)), s.Measure.Name+", by "+block.Kind)
	if part := undrawnFigure(s, drawn, kind); part != "" {
		block.Undrawn += " " + part + "."
	}
	return block, nil
}
