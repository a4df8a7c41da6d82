// Package report writes figures as CSV, by RFC 4180: UTF-8, CRLF, one header,
// one figure to a row, full precision, the same order every time. It knows
// nothing of HTTP or ClickHouse.
package report

import (
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
	known := rowWriter{named: named{areas: areas, measures: measures}}
	text := make([]byte, 0, atOnce+4096)
	for i, name := range names(ObservationColumns) {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, known.cells.of(name)...)
	}
	text = append(text, lineEnd...)
	for f, err := range figures {
		if err != nil {
			return rows, err
		}
		if text = known.append(text, &f); len(text) >= atOnce {
			if _, err := w.Write(text); err != nil {
				return rows, fmt.Errorf("write row %d: %w", rows+1, err)
			}
			text = text[:0]
		}
		rows++
	}
	if _, err := w.Write(text); err != nil {
		return rows, fmt.Errorf("write the report: %w", err)
	}
	return rows, nil
}

// atOnce is how many bytes are written at once, or some more: of a transfer that
// breaks off no rows are counted that are far from what was sent.
const atOnce = 4 << 10

// named is what the keys of figures are called, as it was last looked up: the
// figures of one measure, area or moment follow on each other.
type named struct {
	areas    *stats.Areas
	measures *stats.Measures

	key                 stats.Key
	measure             stats.Measure
	area                stats.Area
	period              [3]string // in words, and its two days
	periods             map[stats.Period][3]string
	published, fetched  time.Time
	publishedOn, readAt string
}

func (n *named) look(f *stats.Figure) {
	if n.periods == nil || n.key.Measure != f.Measure || n.key.Basis != f.Basis {
		n.measure, _ = n.measures.Of(f.Measure, f.Basis)
	}
	if n.periods == nil || n.key.Area != f.Area {
		n.area, _ = n.areas.ByCode(f.Area)
	}
	if n.periods == nil || len(n.periods) > mostPeriods {
		n.periods = map[stats.Period][3]string{}
	}
	if n.period[0] == "" || n.key.Period != f.Period {
		words, ok := n.periods[f.Period]
		if !ok {
			words = [3]string{f.Period.Label(), f.Period.Start.Format(time.DateOnly), f.Period.End.Format(time.DateOnly)}
			n.periods[f.Period] = words
		}
		n.period = words
	}
	if n.publishedOn == "" || !n.published.Equal(f.PublishedAt) {
		n.published, n.publishedOn = f.PublishedAt, f.PublishedAt.Format(time.DateOnly)
	}
	if n.readAt == "" || !n.fetched.Equal(f.RetrievedAt) {
		n.fetched, n.readAt = f.RetrievedAt, f.RetrievedAt.UTC().Format(time.RFC3339)
	}
	n.key = f.Key
}

// mostPeriods is how many periods are remembered in words.
const mostPeriods = 10_000

// Number is a value at full precision, or nothing where there is none. It is
// typed and never text, so a negative one is left a number.
func Number(v stats.Value) string { return string(appendNumber(nil, v)) }

func appendNumber(b []byte, v stats.Value) []byte {
	if !v.Known {
		return b
	}
	if whole := int64(v.Number); float64(whole) == v.Number && -exact < v.Number && v.Number < exact {
		return strconv.AppendInt(b, whole, 10)
	}
	return strconv.AppendFloat(b, v.Number, 'f', -1, 64)
}

// exact is up to where every whole number has a float64 of its own.
const exact = 1 << 53

// Text makes a text cell safe to open in a spreadsheet: one that starts as a
// formula does (=, +, -, @, tab, line end) gets a leading apostrophe. Line
// ends inside become the CRLF that the CSV has.
func Text(s string) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = lineEnds.Replace(s)
	}
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
