package dashboard

import (
	"cmp"
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
	Standing(ctx context.Context, asAt time.Time) (time.Time, error)
	Sources(ctx context.Context) ([]stats.Freshness, error)
	Breakdowns(ctx context.Context, asAt time.Time) ([]string, error)
	Register(ctx context.Context, asAt time.Time) ([]stats.Recommendation, error)
	Progress(ctx context.Context, area string, asAt time.Time) ([]stats.Progress, error)
	Edition(ctx context.Context, at time.Time) (query.Publication, error)
	Behind(ctx context.Context, f query.Filter) (map[string]bool, error)
}

// Readers are the figures by audience. Internal is nil where only the published
// audience is served.
type Readers struct {
	Internal, Published downloadReader
	Now                 func() time.Time // the clock: no report is of a time to come; nil is time.Now
}

func (rs Readers) now() time.Time {
	if rs.Now == nil {
		return time.Now()
	}
	return rs.Now()
}

// of is the figures of an audience; where none is named, the true ones to those
// who may have them.
func (rs Readers) of(audience string) (downloadReader, error) {
	switch {
	case audience == Internal && rs.Internal == nil:
		return nil, problem{status: http.StatusForbidden, sentence: "These pages have figures for the published audience alone."}
	case audience == Published && rs.Published == nil:
		return nil, problem{status: http.StatusForbidden, sentence: "These pages have no figures for the published audience."}
	case audience == Published || rs.Internal == nil:
		return rs.Published, nil
	}
	return rs.Internal, nil
}

// usual is the audience of a report that names none.
func (rs Readers) usual() string {
	if rs.Internal == nil {
		return Published
	}
	return Internal
}

// WriteObservations writes the report of figures that a request asks for, all of one
// state. The page and the command line both call it, so that both give the same bytes.
func WriteObservations(ctx context.Context, w io.Writer, readers Readers, values url.Values) (rows int, err error) {
	ctx = query.OneState(ctx)
	in, err := parseRequest(ctx, readers, values)
	if err != nil {
		return 0, err
	}
	return in.write(ctx, w)
}

// asked is a report that was asked for, and what it is written with.
type asked struct {
	ReportRequest
	audience string
	values   url.Values            // the filters as they were given
	standing time.Time             // the time whose figures the report has
	served   []query.ServedRelease // what served then
	reader   downloadReader
	areas    *stats.Areas
	measures *stats.Measures
	last     *time.Time // where it is not nil, the last day that a number of the CSV covers is put there
}

// write writes the report as CSV.
func (in asked) write(ctx context.Context, w io.Writer) (rows int, err error) {
	rows, err = report.Observations(w, in.noted(in.figures(ctx, whole)), in.areas, in.measures)
	return rows, in.explained(err)
}

// noted is figures, of which the last day that a number covers is noted.
func (in asked) noted(figures iter.Seq2[stats.Figure, error]) iter.Seq2[stats.Figure, error] {
	if in.last == nil {
		return figures
	}
	return func(yield func(stats.Figure, error) bool) {
		for f, err := range figures {
			if err == nil && f.Value.Known && f.Period.End.After(*in.last) {
				*in.last = f.Period.End
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// figures is the figures of the report. What they are taken from is let through
// some, which may end it with an error.
func (in asked) figures(ctx context.Context, some func(iter.Seq2[stats.Figure, error]) iter.Seq2[stats.Figure, error]) iter.Seq2[stats.Figure, error] {
	filter := in.Filter
	filter.Bare = true
	if in.Period == "" {
		return some(in.reader.Figures(ctx, filter))
	}
	return report.Combine(some(in.reader.Addable(ctx, filter)), in.Period, in.areas, in.measures, in.sumsNote())
}

// sumsNote is what stands beside a figure that a report has added up. Those of the
// published audience come whole but for rolling years, and these can be several
// roundings away from the true ones.
func (in asked) sumsNote() string {
	if in.audience == Published {
		return "added up from counts as they are published"
	}
	return ""
}

// whole lets all figures through.
func whole(figures iter.Seq2[stats.Figure, error]) iter.Seq2[stats.Figure, error] { return figures }

// explained says what the asker can mend.
func (in asked) explained(err error) error {
	if errors.Is(err, published.ErrNothing) {
		return badRequest("as_at: nothing was published for this audience by %s.", in.values.Get("as_at"))
	}
	return err
}

func parseRequest(ctx context.Context, readers Readers, values url.Values) (in asked, err error) {
	audience := values.Get("audience")
	in.values, in.audience = values, audience
	if audience == "" {
		in.audience = readers.usual()
	}
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
	if in.ReportRequest, err = ParseReport(values, in.areas, in.measures, readers.now()); err != nil {
		return in, badRequest("%s.", err)
	}
	err = in.lookUp(ctx)
	return in, err
}

// lookUp finds what serves at the time asked for, and refuses what no figure can
// have: a source or a breakdown that is not there, a time before anything was
// published.
func (in *asked) lookUp(ctx context.Context) (err error) {
	if in.standing, err = in.reader.Standing(ctx, in.AsAt); err != nil {
		return in.explained(err)
	}
	if in.served, err = in.reader.Served(ctx, in.standing); err != nil {
		return err
	}
	if len(in.served) == 0 && !in.AsAt.IsZero() {
		return badRequest("as_at: nothing was published by %s.", in.values.Get("as_at"))
	}
	if !in.standing.IsZero() { // names change too, and a report of a past time does not
		if in.areas, err = in.reader.Areas(ctx, in.standing); err != nil {
			return err
		}
		if in.measures, err = in.reader.Measures(ctx, in.standing); err != nil {
			return err
		}
	}
	if err := in.lookUpSources(ctx); err != nil || in.Breakdown == "" {
		return err
	}
	names, err := in.reader.Breakdowns(ctx, in.standing)
	if err == nil && !slices.Contains(names, in.Breakdown) {
		return badRequest("There is no breakdown %q: there are %s.", echoed(in.Breakdown), listed(slices.Concat([]string{totalsAlone, allBreakdowns}, names)))
	}
	return err
}

func (in *asked) lookUpSources(ctx context.Context) error {
	if len(in.Sources) == 0 {
		return nil
	}
	known, err := in.reader.Sources(ctx)
	if err != nil {
		return err
	}
	for _, source := range in.Sources {
		if slices.ContainsFunc(in.served, func(v query.ServedRelease) bool { return v.Source == source }) {
			continue
		}
		if !slices.ContainsFunc(known, func(f stats.Freshness) bool { return f.Source == source }) {
			return badRequest("There is no source %q.", echoed(source))
		}
	}
	return nil
}

// A reportFile is a report in one form of file.
type reportFile struct {
	extension, kind string
	described       bool // its description stands at an address of its own
	write           func(ctx context.Context, w io.Writer, in asked) (rows int, err error)
}

// observations streams the report of figures as a file.
func (s *site) observations(readers Readers, file reportFile) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := reportValues(r.URL.RawQuery)
		if err != nil {
			return err
		}
		in, err := parseRequest(r.Context(), readers, values)
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
		out := &download{w: w, name: "stalkstats-observations-" + s.now().Format(time.DateOnly) + "." + file.extension, kind: file.kind}
		if file.described {
			out.metadata = metadataAddress(values)
		}
		rows, err := file.write(r.Context(), out, in)
		noteRows(w, rows)
		return s.finish(out, r, in.explained(err))
	}
}

// csvFile is the report as CSV.
func csvFile() reportFile {
	return reportFile{extension: "csv", described: true,
		write: func(ctx context.Context, w io.Writer, in asked) (int, error) { return in.write(ctx, w) }}
}

// metadataAddress is where the description of a report stands.
func metadataAddress(filters url.Values) string {
	address := url.URL{Path: "/reports/observations.csv-metadata.json", RawQuery: filters.Encode()}
	return address.String()
}

// observationsMetadata tells how to read the CSV of the same address.
func (s *site) observationsMetadata(readers Readers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := reportValues(r.URL.RawQuery)
		if err != nil {
			return err
		}
		in, err := parseRequest(r.Context(), readers, values)
		if err != nil {
			return err
		}
		d, err := s.describe(r.Context(), in)
		if err != nil {
			return in.explained(err)
		}
		if r.URL.RawQuery != "" {
			d.URL += "?" + r.URL.RawQuery
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
	kind     string // the content's; empty: a CSV
	metadata string
	started  bool
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	if !d.started {
		d.started = true
		d.w.Header().Set("Content-Type", cmp.Or(d.kind, "text/csv; charset=utf-8; header=present"))
		d.w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		if d.metadata != "" {
			d.w.Header().Set("Link", "<"+d.metadata+`>; rel="describedby"; type="application/csvm+json"`)
		}
	}
	return d.w.Write(p)
}

// ended refuses HTTP/1.0, in which a file that broke off looks whole: nothing but the end
// of the connection tells where it ends.
func ended(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !r.ProtoAtLeast(1, 1) {
			return problem{status: http.StatusHTTPVersionNotSupported, sentence: "A file of figures is sent by HTTP/1.1 or newer, by which it shows whether it came whole. If a program in front asked, set it so: in nginx, proxy_http_version 1.1."}
		}
		return h(w, r)
	}
}

// finish breaks the transfer off where a report failed after it had begun:
// the reader must see it fail, and never take a part for the whole.
func (s *site) finish(d *download, r *http.Request, err error) error {
	if err == nil || !d.started {
		return err
	}
	if r.Context().Err() == nil {
		s.log.ErrorContext(r.Context(), "report broke off", "request", RequestID(r.Context()), "path", r.URL.Path, "error", err)
	}
	panic(http.ErrAbortHandler)
}
