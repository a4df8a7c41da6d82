package dashboard

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// downloadsPage is the log of downloads: which figures were sent, and when.
type downloadsPage struct {
	frame
	Day  string
	Says string
	Rows []downloadRow

	Known bool   // who downloads is known
	More  string // that there are more than the page lists; empty where there are not
}

type downloadRow struct {
	When, Who         string
	Report, Audience  string
	Filters           []string
	Rows, Bytes, Took string
	SHA256            string
	Channel           string // empty for the address of a file
	Broken            bool
}

type downloadsReader interface {
	areasReader
	downloadRecorder
	Downloads(ctx context.Context, from, until time.Time) iter.Seq2[stats.Download, error]
}

// downloadsListed is how many downloads the page lists; the CSV has all.
const downloadsListed = 200

// downloadDay is the day that an address asks for; zero: every day.
func downloadDay(r *http.Request) (day, from, until time.Time, err error) {
	values, err := parameters(r, "day")
	if err != nil {
		return day, from, until, err
	}
	if day, err = parseDay("day", values["day"]); err != nil {
		return day, from, until, badRequest("%s.", capitalised(err.Error()))
	}
	if day.IsZero() {
		return day, from, until, nil
	}
	return day, startOfDay(day), startOfDay(day.AddDate(0, 0, 1)), nil
}

func (s *site) downloads(reader downloadsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		day, from, until, err := downloadDay(r)
		if err != nil {
			return err
		}
		var listed []stats.Download
		for d, err := range reader.Downloads(r.Context(), from, until) {
			if err != nil {
				return err
			}
			if listed = append(listed, d); len(listed) > downloadsListed {
				break
			}
		}
		page := buildDownloads(listed, day)
		page.Known = s.signIn != nil
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "downloads", page)
	}
}

// buildDownloads lists downloads; one more than are listed says that there are more.
func buildDownloads(all []stats.Download, on time.Time) downloadsPage {
	page := downloadsPage{}
	page.Unfigured, page.CSV = true, "/data/downloads.csv"
	span := ""
	if !on.IsZero() {
		page.Day, span = on.Format(time.DateOnly), " on "+day(on)
		page.CSV += "?" + url.Values{"day": {page.Day}}.Encode()
	}
	if len(all) > downloadsListed {
		all = all[:downloadsListed]
		page.More = fmt.Sprintf("These are the newest %d.", downloadsListed)
	}
	broken := 0
	for _, d := range all {
		page.Rows = append(page.Rows, downloadRowOf(d))
		if !d.Complete {
			broken++
		}
	}
	switch {
	case len(all) == 0:
		page.Title = "No figures were downloaded" + span
		if on.IsZero() {
			page.Title += " yet"
		}
	case page.More != "":
		page.Title = fmt.Sprintf("Figures were downloaded more than %d times%s", downloadsListed, span)
	default:
		page.Title = "Figures were downloaded " + plural(len(all), "time", "times") + span
	}
	if broken > 0 {
		page.Says = fmt.Sprintf("%s of those listed broke off and did not arrive whole.", capitalised(plural(broken, "download", "downloads")))
	}
	return page
}

// channelWords is how figures were asked for, where it was not by an address.
var channelWords = map[stats.Channel]string{stats.CommandChannel: "command line", stats.ScheduleChannel: "saved report"}

func downloadRowOf(d stats.Download) downloadRow {
	row := downloadRow{When: shortMoment(d.BeganAt), Who: d.User, Report: d.Report, Audience: d.Audience, Rows: counted(d.Rows), Bytes: counted(d.Bytes),
		Took: span(d.Took), SHA256: d.SHA256, Channel: channelWords[d.Channel], Broken: !d.Complete}
	if d.Filters != "" {
		row.Filters = queryWords(d.Filters)
	}
	return row
}

// downloadsCSV streams the whole log, or that of a day.
func (s *site) downloadsCSV(reader downloadsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, from, until, err := downloadDay(r)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-downloads-" + s.now().Format(time.DateOnly) + ".csv",
			metadata: (&url.URL{Path: "/data/downloads.csv-metadata.json", RawQuery: r.URL.Query().Encode()}).String()}
		rows, err := report.Downloads(out, reader.Downloads(r.Context(), from, until))
		noteRows(w, rows)
		return s.finish(out, r, err)
	}
}

// downloadsMetadata tells how to read the CSV of the same address.
func (s *site) downloadsMetadata(w http.ResponseWriter, r *http.Request) error {
	if _, _, _, err := downloadDay(r); err != nil {
		return err
	}
	d := report.Description{URL: "downloads.csv", Title: "Figures that were downloaded", Filters: r.URL.Query(),
		Describe: "One row for each time that figures were sent, the newest first. Bytes and hash are of what was sent before it was compressed. Where it broke off, they are of the part."}
	if r.URL.RawQuery != "" {
		d.URL += "?" + r.URL.RawQuery
	}
	return sendMetadata(w, d, report.DownloadColumns)
}
