package dashboard

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/query"
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
	Columns  []columnNote
	Markers  []markerNote
}

type columnNote struct{ Name, Meaning string }

type markerNote struct{ Letter, Meaning, Place string }

type reportsReader interface {
	areasReader
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
		page := buildReports(areas, measures, sources, chosen)
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
		if !slices.Contains([]string{"measure", "area", "source", "from", "to", "as_at", "period"}, name) {
			return nil, badRequest("This page has no parameter “%s”.", name)
		}
	}
	return chosen, nil
}

// buildReports fills the form with what the address chose, so that a report
// in the making can be mailed.
func buildReports(areas *stats.Areas, measures *stats.Measures, sources []stats.Freshness, chosen url.Values) reportsPage {
	page := reportsPage{
		From: chosen.Get("from"), To: chosen.Get("to"), AsAt: chosen.Get("as_at"),
		Columns: columnNotes, Markers: markerNotes(),
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
		if slices.Contains(withoutFigures, source.Source) {
			continue
		}
		page.Sources = append(page.Sources, option{source.Source, source.Source, slices.Contains(chosen["source"], source.Source)})
	}
	return page
}

// withoutFigures are the sources of the default configuration that hold no
// figures, and so give no rows of this file.
var withoutFigures = []string{"areas", "measures", "series_breaks", "recommendation_register", "recommendation_progress"}

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

// columnNotes explains the columns of the file, in their order.
var columnNotes = []columnNote{
	{"measure, measure_name", "What is counted: its short name and its name."},
	{"area_code, area_name", "The police force area and its ONS code. K04000001 is England and Wales: the sum of the 43 territorial forces."},
	{"period, period_start, period_end", "The period’s label, and its first and last day."},
	{"breakdown, breakdown_value", "The named part of a total; both are empty for the total itself."},
	{"value, value_note", "The number, at full precision; where there is none it is empty and value_note says why."},
	{"numerator, denominator", "The two counts that a rate is worked out from."},
	{"lower_95, upper_95", "The bounds of a rate at 95% confidence."},
	{"unit, basis", "What the value is measured in, and which denominator a rate has."},
	{"source, release, release_date, retrieved_at", "Where the figure came from, the load that brought it, and when its file was fetched."},
	{"note", "What a reader must know in words: “demonstration” where a figure is made up, and the forces missing from a sum."},
}

func markerNotes() []markerNote {
	instead := []stats.Marker{stats.Confidential, stats.NotAvailable, stats.NotApplicable, stats.LowNotZero}
	beside := []stats.Marker{stats.LowReliability, stats.Provisional, stats.Revised, stats.SeriesBreak, stats.Estimated}
	var notes []markerNote
	for _, m := range instead {
		notes = append(notes, markerNote{string(m), m.Meaning(), "instead of a number"})
	}
	for _, m := range beside {
		notes = append(notes, markerNote{string(m), m.Meaning(), "beside a number"})
	}
	return notes
}
