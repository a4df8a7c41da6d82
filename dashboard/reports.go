package dashboard

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// reportsPage is the form by which a CSV is asked for.
type reportsPage struct {
	frame
	Measures []option
	Areas    []option
	Sources  []option
	Periods  []option
	From, To string
	AsAt     string
	Columns  []report.Column
	Markers  []markerNote
	Linked   bool // a permanent link can be made
}

type markerNote struct{ Letter, Meaning, Place string }

type reportsReader interface {
	areasReader
	stateReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Sources(ctx context.Context) ([]stats.Freshness, error)
}

func (s *site) reports(reader reportsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		sources, err := reader.Sources(r.Context())
		if err != nil {
			return err
		}
		chosen, err := reportParameters(r)
		if err != nil {
			return err
		}
		area, err := s.findArea(areas, chosen.Get("area"))
		if err != nil {
			return err
		}
		if !chosen.Has("area") {
			chosen.Set("area", area.Code)
		}
		page := buildReports(areas, measures, sources, chosen, s.titles)
		page.Late = s.late(r, reader, func(fresh freshness) []lateNote {
			return fresh.notes(append(reportedSources(page.Sources, measures, area, chosen), fresh.recommending()...), nil)
		})
		page.Linked = s.isInternal() && s.actions
		page.frame = s.frame(r, areas, area).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "reports", page)
	}
}

// reportParameters reads what the address chose for the form: of measure, area
// and source it may name several.
func reportParameters(r *http.Request) (url.Values, error) {
	chosen, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("The part of the address after the question mark cannot be read.")
	}
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		if !slices.Contains(reportFilters, name) {
			return nil, badRequest("This page has no parameter “%s”.", name)
		}
	}
	return chosen, nil
}

// buildReports fills the form with what the address chose, so that a report
// in the making can be mailed.
func buildReports(areas *stats.Areas, measures *stats.Measures, sources []stats.Freshness, chosen url.Values, titles sourceTitles) reportsPage {
	page := reportsPage{
		From: chosen.Get("from"), To: chosen.Get("to"), AsAt: chosen.Get("as_at"),
		Columns: report.ObservationColumns, Markers: markerNotes(),
	}
	page.Title = "Every figure as a CSV file"
	var seen []string
	for _, m := range measures.All() {
		if !slices.Contains(seen, m.ID) {
			seen = append(seen, m.ID)
			page.Measures = append(page.Measures, option{m.ID, measureLabel(m), slices.Contains(chosen["measure"], m.ID)})
		}
	}
	for _, o := range areaOptions(areas, "") {
		o.Selected = slices.Contains(chosen["area"], o.Value)
		page.Areas = append(page.Areas, o)
	}
	for _, p := range periodChoices {
		p.Selected = chosen.Get("period") == p.Value
		page.Periods = append(page.Periods, p)
	}
	for _, source := range sources {
		if source.Figures {
			page.Sources = append(page.Sources, option{source.Source, titles.heading(source.Source), slices.Contains(chosen["source"], source.Source)})
		}
	}
	return page
}

// reportedSources is where the figures of a report come from, and where those
// that are not loaded would come from: of the sources that the address chose,
// or of all that the form offers.
func reportedSources(offered []option, measures *stats.Measures, area stats.Area, chosen url.Values) []string {
	if chosen.Has("source") {
		return slices.Clone(chosen["source"])
	}
	sources := preferredSources(measures.All(), area)
	for _, o := range offered {
		sources = append(sources, o.Value)
	}
	return sources
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

// markerNotes explains every marker.
func markerNotes() []markerNote {
	var notes []markerNote
	for _, m := range stats.AllMarkers {
		place := "beside a number"
		if m.Replaces() {
			place = "instead of a number"
		}
		notes = append(notes, markerNote{string(m), m.Meaning(), place})
	}
	return notes
}
