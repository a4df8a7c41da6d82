package dashboard

import (
	"context"
	"fmt"
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
	Covered   string // the days that the figures cover
	Ended     string // how long ago they end; empty where that is lately
	Sources   []sourceNote
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

// sourceNote is a source behind the page, how old its file is, and whether it
// is not up to date.
type sourceNote struct {
	Title, Retrieved string
	Last             string // the last day that the figures of the page cover; empty where none is of the source
	Late             bool
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
	f.Title, f.Demonstration, f.CSV, f.Late, f.Unfigured = page.Title, page.Demonstration, page.CSV, page.Late, page.Unfigured
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
	sources []stats.Freshness
	fresh   freshness
	failed  []string // what is said of each part that could not be read
	now     time.Time
}

// readOverview reads what a force's page needs. Without its figures there is no
// page; of the rest each part can fail alone.
func (s *site) readOverview(r *http.Request, reader overviewReader, areas *stats.Areas, area stats.Area) (in overviewInput, err error) {
	ctx := r.Context()
	in.area, in.areas = area, areas
	if in.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return in, err
	}
	filter := beside(area, headlineMeasures(in.measures))
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
		return readPeers(ctx, reader, headlineMeasures(in.measures), in.series)
	})
	annotations := guarded(s, r, whatIsAnnotated, func() ([]stats.Annotation, error) {
		return reader.Annotations(ctx, area.Code, query.Latest)
	})
	in.peers, in.annotations = peers.Shows, annotations.Shows
	fresh := guarded(s, r, whatIsFresh, func() (freshness, error) { return s.freshness(r, reader) })
	sources := guarded(s, r, "the sources of the page", func() ([]stats.Freshness, error) { return reader.Sources(ctx) })
	in.fresh, in.sources = fresh.Shows, sources.Shows
	in.failed = unread(peers.Failed, annotations.Failed, fresh.Failed, sources.Failed)
	in.record, err = s.recordOf(r, reader, area.Code)
	return in, err
}

func buildOverview(in overviewInput) (overviewPage, error) {
	page := overviewPage{IsForce: in.area.Kind != stats.Country, Failed: in.failed}
	var picked []stats.Series
	var ids, used []string
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
			used = append(used, s.Source)
		}
		if h.AllForces != nil {
			used = append(used, m.CompareSource)
			page.Demonstration = page.Demonstration || h.AllForces.National.Demonstration
		}
		page.Demonstration = page.Demonstration || h.Demonstration
	}
	if page.IsForce { // no ask is made of a country
		page.Recommendations = stripOf(in.record, in.area, in.now)
	}
	page.Title = finding(in.area, picked, in.reference)
	page.Nothing = len(picked) == 0
	if !page.Nothing {
		span := spanOf(picked)
		page.Covered, page.Ended = covered(span), longAgo(span.End, in.now)
		page.CSV = csvAddress(slices.Compact(ids), in.area.Code)
	}
	page.Late = in.lateNotes(used)
	page.Sources = in.sourceNotes(used, page.Late)
	page.Know = toKnow(page.Headlines, page.Recommendations, in.area, page.Late)
	page.Demonstration = page.Demonstration || page.Recommendations.Demonstration
	return page, nil
}

// lateNotes is of the sources that the page uses: those of its figures, and
// all that bring no figures, such as the areas and the recommendations.
func (in overviewInput) lateNotes(used []string) []lateNote {
	used = append(used, preferredSources(headlineMeasures(in.measures), in.area)...)
	for _, source := range in.sources {
		if !source.Figures {
			used = append(used, source.Source)
		}
	}
	var figures []stats.Figure
	for _, s := range in.series {
		figures = append(figures, s.Figures...)
	}
	return in.fresh.notes(used, newestOf(figures))
}

// lastDay is the last day that a headline figure of an area covers; zero where it has none.
func lastDay(ctx context.Context, reader packReader, area stats.Area) (time.Time, error) {
	areas, err := reader.Areas(ctx, query.Latest)
	if err != nil {
		return time.Time{}, err
	}
	measures, err := reader.Measures(ctx, query.Latest)
	if err != nil {
		return time.Time{}, err
	}
	headlines := headlineMeasures(measures)
	if len(headlines) == 0 {
		return time.Time{}, nil
	}
	filter := beside(area, headlines)
	filter.Totals = true
	figures, err := reader.AllFigures(ctx, filter)
	if err != nil {
		return time.Time{}, err
	}
	all := analysis.Group(figures, measures, areas)
	var last time.Time
	for _, m := range headlines {
		if s, ok := pick(all, m, area); ok {
			last = slices.MaxFunc([]time.Time{last, analysis.Span(s).End}, time.Time.Compare)
		}
	}
	return last, nil
}

// spanOf is the days between the first and the last of several series.
func spanOf(list []stats.Series) stats.Period {
	var all stats.Series
	for _, s := range list {
		all.Figures = append(all.Figures, s.Figures...)
	}
	return analysis.Span(all)
}

func covered(span stats.Period) string { return day(span.Start) + " to " + day(span.End) }

// newFor is for how many months figures are taken for new: the Home Office
// publishes a quarter three to four months after its end.
const newFor = 4

// longAgo says how many whole months ago a last day was; nothing where that is
// lately. A file that was read today may end two years ago.
func longAgo(last, now time.Time) string {
	months := 12*(now.Year()-last.Year()) + int(now.Month()) - int(last.Month())
	if now.Day() < last.Day() {
		months--
	}
	if months <= newFor {
		return ""
	}
	return fmt.Sprintf("The newest figure ends %d months ago.", months)
}

// sourceNotes is the used sources with the last day that their figures on the page
// cover, and the date of their newest file: a file that was read today may end two
// years ago.
func (in overviewInput) sourceNotes(used []string, late []lateNote) []sourceNote {
	var notes []sourceNote
	for _, source := range in.sources {
		if !slices.Contains(used, source.Source) {
			continue
		}
		note := sourceNote{Title: in.titles.of(source.Source), Late: slices.ContainsFunc(late, func(n lateNote) bool { return n.Name == source.Source })}
		if len(source.Served) > 0 {
			note.Retrieved = day(source.Served[0].RetrievedAt)
		}
		var shown stats.Series
		for _, s := range in.series {
			if s.Source == source.Source {
				shown.Figures = append(shown.Figures, s.Figures...)
			}
		}
		if len(shown.Figures) > 0 {
			note.Last = day(analysis.Span(shown).End)
		}
		notes = append(notes, note)
	}
	return notes
}
