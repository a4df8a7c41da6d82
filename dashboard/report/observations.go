// Package report writes figures as CSV, by RFC 4180: UTF-8, CRLF, one header,
// one figure to a row, full precision, the same order every time. It knows
// nothing of HTTP or ClickHouse.
package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// A Column is one column of a report, for its header and its description.
type Column struct {
	Name     string
	Title    string
	Describe string
	Datatype string // of XML Schema, as CSVW names them
}

// ObservationColumns is the columns of the report of figures, in order.
var ObservationColumns = []Column{
	{"measure", "Measure", "short name of what is counted or worked out", "string"},
	{"measure_name", "Measure name", "its name in words", "string"},
	{"area_code", "Area code", "ONS code of the police force area; K04000001 is England and Wales, BTP British Transport Police", "string"},
	{"area_name", "Area name", "name of the area", "string"},
	{"period", "Period", "the period in words; a police year starts in April", "string"},
	{"period_start", "First day", "first day of the period", "date"},
	{"period_end", "Last day", "last day of the period, included", "date"},
	{"breakdown", "Breakdown", "a named dimension; empty for a total", "string"},
	{"breakdown_value", "Breakdown value", "the part of the breakdown; empty for a total", "string"},
	{"value", "Value", "the figure; empty where a marker stands instead", "decimal"},
	{"value_note", "Markers", markers(), "string"},
	{"numerator", "Numerator", "of a rate: the count above the line", "decimal"},
	{"denominator", "Denominator", "of a rate: the count below the line", "decimal"},
	{"lower_95", "Lower 95% limit", "of a rate: lower end of the 95% confidence interval", "decimal"},
	{"upper_95", "Upper 95% limit", "of a rate: upper end of the 95% confidence interval", "decimal"},
	{"unit", "Unit", "what the value counts, or percent", "string"},
	{"basis", "Basis", "which denominator, or which of a source's counts", "string"},
	{"source", "Source", "short name of the source", "string"},
	{"release", "Release", "the loaded editions behind the figure, joined by \"; \"", "string"},
	{"release_date", "Release date", "the day on which the newest of them was published by stalkstats", "date"},
	{"retrieved_at", "Retrieved at", "when the newest of them was fetched, in UTC", "dateTime"},
	{"note", "Note", "what a reader must know; demonstration marks a made-up figure", "string"},
}

// markers is every marker with its meaning: "c confidential, x not available".
func markers() string {
	var all []string
	for _, m := range stats.AllMarkers {
		all = append(all, string(m)+" "+m.Meaning())
	}
	return strings.Join(all, ", ")
}

// Observations writes the header and a row for each figure, and says how many
// rows it wrote. An error of the sequence or of the writer ends it; what was
// written until then is not a whole report.
func Observations(w io.Writer, figures iter.Seq2[stats.Figure, error], areas *stats.Areas, measures *stats.Measures) (rows int, err error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(names(ObservationColumns)); err != nil {
		return 0, fmt.Errorf("write the header: %w", err)
	}
	record := make([]string, 0, len(ObservationColumns))
	for f, err := range figures {
		if err != nil {
			return rows, err
		}
		record = appendFigure(record[:0], f, areas, measures)
		if err := out.Write(record); err != nil {
			return rows, fmt.Errorf("write row %d: %w", rows+1, err)
		}
		rows++
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return rows, fmt.Errorf("write the report: %w", err)
	}
	return rows, nil
}

func appendFigure(record []string, f stats.Figure, areas *stats.Areas, measures *stats.Measures) []string {
	measure, _ := measures.Of(f.Measure, f.Basis)
	area, _ := areas.ByCode(f.Area)
	return append(record,
		Text(f.Measure), Text(measure.Name), Text(f.Area), Text(area.Name),
		Text(f.Period.Label()), f.Period.Start.Format(time.DateOnly), f.Period.End.Format(time.DateOnly),
		Text(f.Breakdown), Text(f.BreakdownValue),
		Number(f.Value), Text(string(f.Value.Markers)), Number(f.Numerator), Number(f.Denominator), Number(f.Lower95), Number(f.Upper95),
		Text(measure.Unit), Text(f.Basis), Text(f.Source), Text(strings.Join(f.Releases, "; ")),
		f.PublishedAt.Format(time.DateOnly), f.RetrievedAt.UTC().Format(time.RFC3339), Text(f.Note))
}

// Number is a value at full precision, or nothing where there is none. It is
// typed and never text, so a negative one is left a number.
func Number(v stats.Value) string {
	if !v.Known {
		return ""
	}
	return strconv.FormatFloat(v.Number, 'f', -1, 64)
}

// Text makes a text cell safe to open in a spreadsheet: one that starts as a
// formula does (=, +, -, @, tab, line end) gets a leading apostrophe. Line
// ends inside become the CRLF that the CSV has.
func Text(s string) string {
	s = lineEnds.Replace(s)
	if s != "" && strings.ContainsRune("=+-@\t\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

// lineEnds makes one kind of all line ends; the CSV writer drops a carriage
// return that stands alone.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func names(columns []Column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}
