package dashboard

import (
	"net/http"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// noFigurePage stands where an address names a figure that is not there.
type noFigurePage struct {
	frame
	Why    string
	Loaded []loadedSeries
	More   string // how many series are not listed; empty where all are
	About  link   // the measure
}

// noFigure says why there is no such figure, and what is loaded instead.
func (s *site) noFigure(w http.ResponseWriter, r *http.Request, reader figureReader, q figureRequest, why error) error {
	figures, err := reader.AllFigures(r.Context(), query.Filter{Measures: []string{q.key.Measure}, Areas: []string{q.key.Area}, Totals: q.key.Breakdown == ""})
	if err != nil {
		return err
	}
	page := buildNoFigure(q, analysis.Group(figures, q.measures, q.areas), why, s.titles)
	page.frame = s.frame(r, q.areas, q.area).with(page.frame)
	page.Choice = areaChoice{}
	return s.renderStatus(w, http.StatusNotFound, "nofigure", page)
}

func buildNoFigure(q figureRequest, all []stats.Series, why error, titles sourceTitles) noFigurePage {
	page := noFigurePage{Why: q.absence(why, titles), Loaded: loadedInstead(all, titles),
		About: link{Text: q.measure.Name, Address: measureAddress(q.measure, q.area)}}
	if more := len(page.Loaded) - mostLoaded; more > 0 {
		page.Loaded, page.More = page.Loaded[:mostLoaded], plural(more, "more series is loaded", "more series are loaded")
	}
	page.Title = "There is no such figure"
	page.Unfigured = len(page.Loaded) == 0
	for _, s := range all {
		latest, _ := s.Latest()
		page.Demonstration = page.Demonstration || latest.Demonstration()
	}
	return page
}

// figureCSV is exactly one figure as a CSV.
func (s *site) figureCSV(reader figureReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := s.readFigureFile(r, reader)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-figure-" + s.now().Format(time.DateOnly) + ".csv",
			metadata: figurePath("/figure.csv-metadata.json", in.key)}
		one := func(yield func(stats.Figure, error) bool) { yield(in.figure, nil) }
		rows, err := report.Observations(out, one, in.areas, in.measures)
		noteRows(w, rows)
		return s.finish(out, r, err)
	}
}

// figureMetadata tells how to read the CSV of one figure.
func (s *site) figureMetadata(reader figureReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := s.readFigureFile(r, reader)
		if err != nil {
			return err
		}
		d := report.Description{URL: figurePath("figure.csv", in.key), Title: in.title(),
			Filters: r.URL.Query(), Modified: in.figure.PublishedAt,
			Describe: "One figure. Where value is empty, value_note says why. A rate shows numerator, denominator and basis."}
		for _, id := range in.figure.Releases {
			release, err := reader.Release(r.Context(), id)
			if err != nil {
				return err
			}
			d.Releases = append(d.Releases, release)
		}
		return sendMetadata(w, d, report.ObservationColumns)
	}
}

// readFigureFile is readFigure for a file, which has no room for what is loaded
// instead: the page of the same address tells it.
func (s *site) readFigureFile(r *http.Request, reader figureReader) (figureInput, error) {
	in, err := s.readFigure(r, reader)
	if isNone(err) {
		return in, notFound("%s", in.absence(err, s.titles))
	}
	return in, err
}
