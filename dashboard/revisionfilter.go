package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// A revisionRequest is what the revision log was asked for.
type revisionRequest struct {
	given    url.Values // what the address says, without what is empty
	since    time.Time  // first day; zero: ever
	source   string
	measure  string
	counts   []string // the counts behind the measure: itself, or those of a rate
	area     stats.Area
	sources  []stats.Freshness
	areas    *stats.Areas
	measures *stats.Measures
}

// readRevisionRequest reads the filters of the revision log: since, source,
// measure and area, each at most once. What is not known is an error in one
// sentence.
func (s *site) readRevisionRequest(r *http.Request, reader revisionsReader) (q revisionRequest, err error) {
	values, err := parameters(r, "since", "source", "measure", "area")
	if err != nil {
		return q, err
	}
	if q.areas, err = reader.Areas(r.Context(), query.Latest); err != nil {
		return q, err
	}
	if q.measures, err = reader.Measures(r.Context(), query.Latest); err != nil {
		return q, err
	}
	if q.sources, err = reader.Sources(r.Context()); err != nil {
		return q, err
	}
	if err := q.parse(values, s.now()); err != nil {
		return q, badRequest("%s.", capitalised(err.Error()))
	}
	return q, nil
}

func (q *revisionRequest) parse(values map[string]string, now time.Time) (err error) {
	q.given = url.Values{}
	for name, value := range values {
		if value != "" {
			q.given.Set(name, value)
		}
	}
	if q.since, err = parseDay("since", values["since"]); err != nil {
		return err
	}
	if startOfDay(q.since).After(now) {
		return fmt.Errorf("since: %s is not here yet", day(q.since))
	}
	q.source = values["source"]
	if q.source != "" && !slices.ContainsFunc(q.sources, func(f stats.Freshness) bool { return f.Source == q.source }) {
		return fmt.Errorf("there is no source %q: the data page lists them", echoed(q.source))
	}
	if q.measure = values["measure"]; q.measure != "" {
		if q.counts = countsOf(q.measures, q.measure); len(q.counts) == 0 {
			return fmt.Errorf("there is no measure %q: the page of measures lists them", echoed(q.measure))
		}
	}
	if code := values["area"]; code != "" {
		area, ok := q.areas.ByCode(code)
		if !ok {
			return fmt.Errorf("there is no area %q: use an ONS code, such as E23000026", echoed(code))
		}
		q.area = area
	}
	return nil
}

// countsOf is what is counted for a measure: itself, or both counts of a rate
// on each of its bases.
func countsOf(measures *stats.Measures, id string) (counts []string) {
	for _, m := range measures.ByID(id) {
		own := []string{m.ID}
		if m.Derived() {
			own = []string{m.Numerator, m.Denominator}
		}
		for _, count := range own {
			if !slices.Contains(counts, count) {
				counts = append(counts, count)
			}
		}
	}
	return counts
}

// filter is the request as the figures are asked with it. The whole country is
// its forces.
func (q revisionRequest) filter() query.RevisionFilter {
	f := query.RevisionFilter{Since: startOfDay(q.since), Measures: q.counts}
	if q.source != "" {
		f.Sources = []string{q.source}
	}
	switch {
	case q.area.Kind == stats.Country:
		for _, force := range q.areas.Forces() {
			f.Areas = append(f.Areas, force.Code)
		}
	case q.area.Code != "":
		f.Areas = []string{q.area.Code}
	}
	return f
}

// startOfDay is when a day begins in London, whose days the figures have; no
// day stays none.
func startOfDay(day time.Time) time.Time {
	if day.IsZero() {
		return day
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, london()).UTC()
}

func (q revisionRequest) form(titles sourceTitles) revisionForm {
	form := revisionForm{Since: q.given.Get("since"), Areas: areaOptions(q.areas, q.area.Code)}
	for _, source := range q.sources {
		if source.Figures || source.Source == q.source {
			form.Sources = append(form.Sources, option{source.Source, titles.heading(source.Source), source.Source == q.source})
		}
	}
	for _, m := range q.measures.All() {
		o := option{m.ID, measureLabel(m), m.ID == q.measure}
		if !slices.Contains(form.Measures, o) {
			form.Measures = append(form.Measures, o)
		}
	}
	return form
}

// revisionsCSV streams the whole log.
func (s *site) revisionsCSV(reader revisionsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.readRevisionRequest(r, reader)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-revisions-" + s.now().Format(time.DateOnly) + ".csv",
			metadata: revisionsAddress(".csv-metadata.json", q.given)}
		rows, err := report.Revisions(out, reader.Revisions(r.Context(), q.filter()), q.areas, q.measures)
		noteRows(w, rows)
		return s.finish(out, r, err)
	}
}

// revisionsMetadata tells how to read the CSV of the same address.
func (s *site) revisionsMetadata(reader revisionsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.readRevisionRequest(r, reader)
		if err != nil {
			return err
		}
		d := report.Description{URL: "revisions.csv", Title: "Figures on stalking that were revised", Filters: q.given,
			Describe: "Figures that were served and that a run changed or took away, the newest run first. Where a value is empty, its markers say why. Only counts are listed: rates and sums are worked out from them."}
		if len(q.given) > 0 {
			d.URL += "?" + q.given.Encode()
		}
		for revision, err := range reader.Revisions(r.Context(), q.filter()) { // the first is the newest
			if err != nil {
				return err
			}
			d.Modified = revision.PublishedAt
			break
		}
		return sendMetadata(w, d, report.RevisionColumns)
	}
}
