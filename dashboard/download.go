package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

type downloadReader interface {
	momentReader
	MomentAt(ctx context.Context, at time.Time) (query.Moment, error)
	Areas(ctx context.Context, asAt time.Time) (*stats.Areas, error)
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Figures(ctx context.Context, f query.Filter) iter.Seq2[stats.Figure, error]
	Addable(ctx context.Context, f query.Filter) iter.Seq2[stats.Figure, error]
	Served(ctx context.Context, at time.Time) ([]query.ServedRelease, error)
	Register(ctx context.Context, asAt time.Time) ([]stats.Recommendation, error)
	Progress(ctx context.Context, area string, asAt time.Time) ([]stats.Progress, error)
}

// Readers are the figures by audience. Internal is nil where only the published
// audience is served.
type Readers struct{ Internal, Published downloadReader }

// of is the figures of an audience; where none is named, the true ones to those
// who may have them.
func (rs Readers) of(audience string) (downloadReader, error) {
	switch {
	case audience == Internal && rs.Internal == nil:
		return nil, problem{http.StatusForbidden, "These pages have figures for the published audience alone."}
	case audience == Published || rs.Internal == nil:
		return rs.Published, nil
	}
	return rs.Internal, nil
}

// WriteObservations writes the report of figures that a request asks for. The
// page and the command line both call it, so that both give the same bytes.
func WriteObservations(ctx context.Context, w io.Writer, readers Readers, values url.Values) (rows int, err error) {
	in, err := parseRequest(ctx, readers, values)
	if err != nil {
		return 0, err
	}
	var figures iter.Seq2[stats.Figure, error]
	if in.Period == "" {
		figures = in.reader.Figures(ctx, in.Filter)
	} else {
		figures = report.Combine(in.reader.Addable(ctx, in.Filter), in.Period, in.areas, in.measures)
	}
	rows, err = report.Observations(w, figures, in.areas, in.measures)
	if errors.Is(err, published.ErrNothing) {
		return 0, badRequest("as_at: nothing was published for this audience by %s.", values.Get("as_at"))
	}
	return rows, err
}

// asked is a report that was asked for, and what it is written with.
type asked struct {
	ReportRequest
	reader   downloadReader
	areas    *stats.Areas
	measures *stats.Measures
}

func parseRequest(ctx context.Context, readers Readers, values url.Values) (in asked, err error) {
	audience := values.Get("audience")
	if !slices.Contains([]string{"", Internal, Published}, audience) {
		return in, badRequest("There is no audience %q: there are internal and published.", echoed(audience))
	}
	if in.reader, err = readers.of(audience); err != nil {
		return in, err
	}
	if in.areas, err = in.reader.Areas(ctx, query.Latest); err != nil {
		return in, err
	}
	if in.measures, err = in.reader.Measures(ctx, query.Latest); err != nil {
		return in, err
	}
	if in.ReportRequest, err = ParseReport(values, in.areas, in.measures); err != nil {
		return in, badRequest("%s.", err)
	}
	return in, nil
}

// observationsCSV streams the report of figures.
func (s *site) observationsCSV(readers Readers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := parseRequest(r.Context(), readers, r.URL.Query())
		if err != nil {
			return err
		}
		tag, err := s.tag(r, in.reader)
		if err != nil {
			return err
		}
		if unchanged(w, r, tag) {
			return nil
		}
		out := &download{w: w, name: "stalkstats-observations-" + s.now().Format(time.DateOnly) + ".csv",
			metadata: metadataAddress(r.URL.Query())}
		_, err = WriteObservations(r.Context(), out, readers, r.URL.Query())
		return s.finish(out, r, err)
	}
}

// metadataAddress is where the description of a report stands.
func metadataAddress(filters url.Values) string {
	address := url.URL{Path: "/reports/observations.csv-metadata.json", RawQuery: filters.Encode()}
	return address.String()
}

// observationsMetadata tells how to read the CSV of the same address.
func (s *site) observationsMetadata(readers Readers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := parseRequest(r.Context(), readers, r.URL.Query())
		if err != nil {
			return err
		}
		served, err := q.reader.Served(r.Context(), q.AsAt)
		if err != nil {
			return err
		}
		d := report.Description{URL: "observations.csv", Title: "Stalking figures by police force area", Filters: r.URL.Query(),
			Describe: "Figures on stalking by police force area. Where value is empty, value_note says why. Rates show numerator, denominator and basis. Figures of different sources, bases or kinds of period do not compare."}
		if r.URL.RawQuery != "" {
			d.URL += "?" + r.URL.RawQuery
		}
		for _, release := range served {
			if len(q.Sources) == 0 || slices.Contains(q.Sources, release.Source) {
				d.Releases = append(d.Releases, release.Release)
				if release.PublishedAt.After(d.Modified) {
					d.Modified = release.PublishedAt
				}
			}
		}
		return sendMetadata(w, d, report.ObservationColumns)
	}
}

func sendMetadata(w http.ResponseWriter, d report.Description, columns []report.Column) error {
	text, err := report.Metadata(d, columns)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/csvm+json")
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("send the metadata: %w", err)
	}
	return nil
}

// download sets the headers with the first bytes, so that what fails before
// them is still answered with a page.
type download struct {
	w        http.ResponseWriter
	name     string
	metadata string
	started  bool
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	if !d.started {
		d.started = true
		d.w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
		d.w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		if d.metadata != "" {
			d.w.Header().Set("Link", "<"+d.metadata+`>; rel="describedby"; type="application/csvm+json"`)
		}
	}
	return d.w.Write(p)
}

// finish breaks the transfer off where a report failed after it had begun:
// the reader must see it fail, and never take a part for the whole.
func (s *site) finish(d *download, r *http.Request, err error) error {
	if err == nil || !d.started {
		return err
	}
	if r.Context().Err() == nil {
		s.log.ErrorContext(r.Context(), "report broke off", "request", requestID(r.Context()), "path", r.URL.Path, "error", err)
	}
	panic(http.ErrAbortHandler)
}
