package report

import (
	"io"
	"iter"
	"strconv"

	"stalkstats/internal/stats"
)

// DownloadColumns is the columns of the log of downloads.
var DownloadColumns = []Column{
	{"download", "Download", "its id: the time and a random part", "string"},
	{"began_at", "Began at", "when it began, in UTC", "dateTime"},
	{"user", "User", "who signed in, or the account that gave the command; empty where nobody signs in", "string"},
	{"channel", "Channel", "page: the address of a file; command: stalkstats report", "string"},
	{"report", "Report", "which report", "string"},
	{"filters", "Filters", "what it was asked for by, as in its address", "string"},
	{"audience", "Audience", "internal: true figures; published: small numbers hidden, others rounded", "string"},
	{"rows", "Rows", "rows of figures that were written", "integer"},
	{"bytes", "Bytes", "bytes that were sent", "integer"},
	{"sha256", "SHA-256", "hash of those bytes", "string"},
	{"complete", "Complete", "yes: all of it was sent; no: it broke off", "string"},
	{"seconds", "Seconds", "how long it took", "decimal"},
}

// Downloads writes a row for each download.
func Downloads(w io.Writer, downloads iter.Seq2[stats.Download, error]) (rows int, err error) {
	return table(w, DownloadColumns, func(yield func([]string, error) bool) {
		for d, err := range downloads {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield([]string{Text(d.ID), timestamp(d.BeganAt), Text(d.User), Text(string(d.Channel)), Text(d.Report), Text(d.Filters), Text(d.Audience),
				strconv.FormatUint(d.Rows, 10), strconv.FormatUint(d.Bytes, 10), Text(d.SHA256), yesNo(d.Complete),
				strconv.FormatFloat(d.Took.Seconds(), 'f', 6, 64)}, nil) {
				return
			}
		}
	})
}
