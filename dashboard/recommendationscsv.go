package dashboard

import (
	"net/http"
	"net/url"
	"time"

	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// statementsRequest is what a report of recommendations was asked for.
type statementsRequest struct {
	area    string
	history bool
	asAt    time.Time
}

// parseStatements reads the filters of the report of recommendations: area (all
// forces where it is not given), history (all: every statement, and not only
// what counts now) and as_at.
func parseStatements(r *http.Request, now time.Time) (q statementsRequest, err error) {
	values, err := parameters(r, "area", "history", "as_at")
	if err != nil {
		return q, err
	}
	if values["history"] != "" && values["history"] != "all" {
		return q, badRequest("history is “all”, or is left out: then the file holds what each force says now.")
	}
	q.area, q.history = values["area"], values["history"] == "all"
	if q.asAt, err = parseAsAt(values["as_at"], now); err != nil {
		return q, badRequest("%s.", err)
	}
	return q, nil
}

// recommendationsCSV is all 29 and the asks, with what one force says of them,
// or all do.
func (s *site) recommendationsCSV(reader downloadReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		rows, areas, err := s.statements(r, reader)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-recommendations-" + s.now().Format(time.DateOnly) + ".csv",
			metadata: (&url.URL{Path: "/reports/recommendations.csv-metadata.json", RawQuery: r.URL.Query().Encode()}).String()}
		n, err := report.Recommendations(out, rows, areas)
		noteRows(w, n)
		return s.finish(out, r, err)
	}
}

// statements is the rows of the report that a request asks for, and the areas to
// name them by.
func (s *site) statements(r *http.Request, reader downloadReader) ([]report.Statement, *stats.Areas, error) {
	q, err := parseStatements(r, s.now())
	if err != nil {
		return nil, nil, err
	}
	areas, err := reader.Areas(r.Context(), q.asAt)
	if err != nil {
		return nil, nil, err
	}
	if _, ok := areas.ByCode(q.area); !ok && q.area != "" {
		return nil, nil, badRequest("There is no area %q: use an ONS code, such as E23000026.", echoed(q.area))
	}
	register, err := reader.Register(r.Context(), q.asAt)
	if err != nil {
		return nil, nil, err
	}
	progress, err := reader.Progress(r.Context(), q.area, q.asAt)
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	if !q.asAt.IsZero() && q.asAt.Before(now) {
		now = q.asAt
	}
	return report.Statements(register, progress, q.area, q.history, now), areas, nil
}

// recommendationsMetadata tells how to read the CSV of the same address.
func (s *site) recommendationsMetadata(reader downloadReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := parseStatements(r, s.now())
		if err != nil {
			return err
		}
		progress, err := reader.Progress(r.Context(), q.area, q.asAt)
		if err != nil {
			return err
		}
		d := report.Description{URL: "recommendations.csv", Title: "The 29 recommendations and what forces say of them", Filters: r.URL.Query(),
			Describe: "What is asked is in our own words. A status is what a force says of itself, and proves nothing. Statements are only ever added; one that was taken back stays, and says so."}
		if r.URL.RawQuery != "" {
			d.URL += "?" + r.URL.RawQuery
		}
		for _, p := range progress {
			for _, at := range []time.Time{p.SaidAt, p.TakenBack.At} {
				if at.After(d.Modified) {
					d.Modified = at
				}
			}
		}
		served, err := reader.Served(r.Context(), q.asAt)
		if err != nil {
			return err
		}
		for _, release := range served {
			if brought(progress, release.ID) {
				d.Releases = append(d.Releases, release.Release)
			}
		}
		return sendMetadata(w, d, report.RecommendationColumns)
	}
}

// brought reports whether a release brought any of the statements.
func brought(progress []stats.Progress, release string) bool {
	for _, p := range progress {
		if p.Release == release {
			return true
		}
	}
	return false
}
