package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// A Fact is one thing that is told of a report, such as its filters.
type Fact struct{ Name, Text string }

// Facts is what a description tells beside the columns, as a person reads it.
func (d Description) Facts() []Fact {
	facts := []Fact{{"Published by", d.publisher()}}
	if d.Contact != "" {
		facts = append(facts, Fact{"Contact", d.Contact})
	}
	facts = append(facts, Fact{"Audience", d.Audience}, Fact{"Figures", d.AsAt})
	if !d.Modified.IsZero() {
		facts = append(facts, Fact{"Newest figure published", d.Modified.UTC().Format(time.RFC3339)})
	}
	if len(d.Filters) == 0 {
		facts = append(facts, Fact{"Filters", "none: every figure"})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Filters)) {
		facts = append(facts, Fact{"Filter " + name, oneLine(strings.Join(d.Filters[name], ", "))})
	}
	return append(facts, Fact{"Licence", rights})
}

// oneLine keeps what somebody else wrote from looking like lines of ours.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Readme writes what a person must know of a package of files: what the figures
// are, how to read them, and where they are from.
func Readme(w io.Writer, d Description) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("%s\r\n\r\n%s\r\n", d.Title, d.Describe)
	for _, f := range d.Facts() {
		line("%s: %s", f.Name, f.Text)
	}
	line("\r\nFiles\r\n")
	line("observations.csv: the figures, one to a row. UTF-8, commas, CRLF (RFC 4180); in a spreadsheet, import it as that.")
	line("observations.csv-metadata.json: how to read it, for machines (W3C CSVW).")
	line("definitions.csv: what each measure counts, and what to mind.")
	line("\r\nThe markers in value_note\r\n")
	for _, m := range stats.AllMarkers {
		line("%c: %s", m, m.Meaning())
	}
	line("\r\nThe columns of observations.csv\r\n")
	for _, c := range ObservationColumns {
		line("%s: %s", c.Name, c.Describe)
	}
	line("\r\nWhere the figures are from\r\n")
	for _, r := range d.Releases {
		hash := ""
		if r.SHA256 != "" {
			hash = ", SHA-256 " + r.SHA256
		}
		line("%s, edition %s: %s%s, fetched %s", r.Source, r.ID, oneLine(r.File), hash, r.RetrievedAt.UTC().Format(time.RFC3339))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the README: %w", err)
	}
	return nil
}
