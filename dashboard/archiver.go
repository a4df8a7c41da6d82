package dashboard

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"stalkstats/dashboard/query"
)

// An Archiver makes the zip of a report without a page, in the same bytes as
// /reports/observations.zip.
type Archiver struct {
	site    *site
	readers Readers
}

// NewArchiver makes reports from what a site of these options is made from.
func NewArchiver(o Options) Archiver {
	return Archiver{&site{home: o.Home, rules: o.Rules, titles: titlesOf(o.Sources)}, o.readers()}
}

// Archived is what is known of a zip that was made.
type Archived struct {
	Rows     int
	AsAt     time.Time // the moment of the figures
	Last     time.Time // the last day that a number of them covers; zero: there is none
	Audience string    // in words
	InWords  []string  // the filters
}

// Archive writes the zip of the report that filters ask for. All that is in it,
// and the moment that is told of it, is of one state of the figures.
func (a Archiver) Archive(ctx context.Context, w io.Writer, filters string) (made Archived, err error) {
	ctx = query.OneState(ctx)
	values, err := reportValues(filters)
	if err != nil {
		return made, err
	}
	in, err := parseRequest(ctx, a.readers, values)
	if err != nil {
		return made, err
	}
	if len(in.areas.All()) == 0 {
		return made, conflict("Nothing has been loaded yet.")
	}
	edition, err := in.reader.Edition(ctx, in.AsAt)
	if err != nil {
		return made, in.explained(err)
	}
	made = Archived{AsAt: edition.AsAt, Audience: audienceWords(a.site.rules, in.audience), InWords: in.inWords(in.values, a.site.titles)}
	d, err := a.site.describe(ctx, in)
	if err != nil {
		return made, in.explained(err)
	}
	in.last = &made.Last
	made.Rows, err = in.archive(ctx, w, d)
	return made, in.explained(err)
}

// ArchiveReport is what the zip is called in the log of downloads.
const ArchiveReport = observationsReport + " (zip)"

// Told is the sentence of an error that whoever asked can mend; empty where it
// is another's.
func Told(err error) string {
	var p problem
	if errors.As(err, &p) && p.status < http.StatusInternalServerError {
		return p.sentence
	}
	return ""
}

// ReportAddress is where a report of these filters is seen on a site.
func ReportAddress(filters string) string {
	values, err := url.ParseQuery(filters)
	if err != nil {
		return "/reports"
	}
	values.Set(asksForReport, "yes")
	return (&url.URL{Path: "/reports", RawQuery: values.Encode()}).String()
}
