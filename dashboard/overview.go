package dashboard

import (
	"context"
	"net/http"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// overviewPage is a force at a glance.
type overviewPage struct {
	frame
	Know      []fact
	Failed    []string // what is said of each part that could not be read
	Headlines []headline
	Undrawn   []string // what is in tables and not in charts
	// Nothing is set where no figure at all is loaded for the area.
	Nothing         bool
	Recommendations recommendationStrip
	IsForce         bool
	ChangesSince    string // the page of what has changed in the last month
	ChangesDay      string
}

type overviewReader interface {
	areasReader
	figuresReader
	recordReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
	Sources(ctx context.Context) ([]stats.Freshness, error)
	Annotations(ctx context.Context, area string, asAt time.Time) ([]stats.Annotation, error)
	stateReader
}

// chooseForce sends the form by which a reader changes the force to that
// force's page.
func (s *site) chooseForce(reader areasReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, area, err := s.areaOf(r, reader)
		if err != nil {
			return err
		}
		http.Redirect(w, r, overviewAddress(s.home, area.Code), http.StatusSeeOther)
		return nil
	}
}

func (s *site) overview(reader overviewReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		area, err := s.findArea(areas, r.PathValue("area"))
		if err != nil {
			return err
		}
		in, err := s.readOverview(r, reader, areas, area)
		if err != nil {
			return err
		}
		in.now, in.titles = s.now(), s.titles
		page, err := buildOverview(in)
		if err != nil {
			return err
		}
		page.frame = s.withCharts(s.frame(r, areas, area)).with(page.frame)
		page.Choice.Action = "/forces"
		if page.Internal {
			page.ChangesSince, page.ChangesDay = changesAddress(area.Code, s.monthAgo()), day(s.monthAgo())
		}
		return s.renderDrawn(w, r, http.StatusOK, "overview", page)
	}
}

// with keeps the outer frame and takes from the page what only it knows.
func (f frame) with(page frame) frame {
	f.Title, f.Demonstration, f.CSV, f.Standing, f.Unfigured, f.Filters = page.Title, page.Demonstration, page.CSV, page.Standing, page.Unfigured, page.Filters
	if f.role < signin.Analyst {
		f.CSV = "" // a file that the reader may not have
	}
	return f
}

// overviewInput is what an overview is built from.
type overviewInput struct {
	reference
	area    stats.Area
	series  []stats.Series
	record  record
	bearing evidence // the figures that bear on the recommendations
	sources []stats.Freshness
	fresh   freshness
	failed  []string // what is said of each part that could not be read
}

// readOverview reads what a force's page needs. Without its figures there is no
// page; of the rest each part can fail alone.
func (s *site) readOverview(r *http.Request, reader overviewReader, areas *stats.Areas, area stats.Area) (in overviewInput, err error) {
	ctx := r.Context()
	in.area, in.areas = area, areas
	if in.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return in, err
	}
	measures := withGroupRates(headlineMeasures(in.measures), in.measures)
	filter := beside(area, measures)
	for _, m := range watchedMeasures(in.measures) {
		if m.Headline == 0 {
			filter.Measures = append(filter.Measures, m.ID)
		}
	}
	filter.Totals = true          // the page shows no part of a breakdown
	if len(filter.Measures) > 0 { // none would mean all
		figures, err := reader.AllFigures(ctx, filter)
		if err != nil {
			return in, err
		}
		in.series = analysis.Group(figures, in.measures, areas)
	}
	if in.breaks, err = reader.Breaks(ctx, query.Latest); err != nil {
		return in, err
	}
	peers := guarded(s, r, "how the force stands among others", func() ([]stats.Figure, error) {
		return readPeers(ctx, reader, measures, in.series)
	})
	annotations := guarded(s, r, whatIsAnnotated, func() ([]stats.Annotation, error) {
		return reader.Annotations(ctx, area.Code, query.Latest)
	})
	in.peers, in.annotations = peers.Shows, annotations.Shows
	fresh := s.guardedFreshness(r, reader)
	sources := guarded(s, r, "the sources of the page", func() ([]stats.Freshness, error) { return reader.Sources(ctx) })
	in.fresh, in.sources = fresh.Shows, sources.Shows
	in.failed = unread(peers.Failed, annotations.Failed, fresh.Failed, sources.Failed)
	if area.Kind != stats.Country { // no ask is made of a country
		in.bearing = s.evidenceOn(r, reader, areas, area, "")
		in.failed = append(in.failed, unread(in.bearing.failed)...)
	}
	in.record, err = s.recordOf(r, reader, area.Code)
	return in, err
}

func buildOverview(in overviewInput) (overviewPage, error) {
	page := overviewPage{IsForce: in.area.Kind != stats.Country, Failed: in.failed}
	var picked []stats.Series
	var ids, compared []string
	var beside []stats.Figure
	for _, m := range headlineMeasures(in.measures) {
		h, err := headlineOf(m, in.area, in.series, in.reference)
		if err != nil {
			return page, err
		}
		page.Headlines = append(page.Headlines, h)
		if h.Undrawn != "" && !slices.Contains(page.Undrawn, h.Undrawn) {
			page.Undrawn = append(page.Undrawn, h.Undrawn)
		}
		ids = append(ids, m.ID)
		if s, ok := pick(in.series, m, in.area); ok {
			picked = append(picked, s)
		}
		if h.AllForces != nil {
			compared, beside = append(compared, sourcesOf(h.AllForces.measure)...), append(beside, h.AllForces.figure)
			ids = append(ids, h.AllForces.measure.ID)
			page.Demonstration = page.Demonstration || h.AllForces.National.Demonstration
		}
		page.Demonstration = page.Demonstration || h.Demonstration
	}
	if page.IsForce { // no ask is made of a country
		page.Recommendations = stripOf(in.bearing.of(itemsOf(in.record, in.area, in.now)))
	}
	page.Title = finding(in.area, picked, in.reference)
	page.Nothing = len(picked) == 0
	if !page.Nothing {
		page.CSV = csvAddress(slices.Compact(ids), in.area.Code)
	}
	page.Standing = in.fresh.standing(in.contents(picked, beside, compared))
	late := slices.Concat(page.Standing.Late, in.fresh.aged(daysOf(picked).known))
	page.Know = toKnow(slices.Concat(page.Headlines, watchedOrders(in.measures, in.area, in.series, in.reference)), page.Recommendations, in.area, late)
	page.Demonstration = page.Demonstration || page.Recommendations.Demonstration
	return page, nil
}

// contents is what the page shows: the headline figures, those of all forces beside them,
// and of what brings no figures, such as the areas, only what is late.
func (in overviewInput) contents(picked []stats.Series, beside []stats.Figure, compared []string) contents {
	awaited := preferredSources(headlineMeasures(in.measures), in.area)
	for _, source := range in.sources {
		if !source.Figures {
			awaited = append(awaited, source.Source)
		}
	}
	return contents{series: picked, beside: beside, others: compared, awaited: awaited}
}
