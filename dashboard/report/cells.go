package report

import (
	"bytes"
	"encoding/csv"
	"strings"

	"stalkstats/internal/stats"
)

// lineEnd ends each row of a CSV.
const lineEnd = "\r\n"

// cells is texts as the CSV has them, quoted where they must be. The figures of
// a report have few texts, and each of them many times, so that each is put into
// its form once.
type cells struct {
	written map[string]string
	buffer  bytes.Buffer
	out     *csv.Writer
}

// mostCells is how many texts are remembered.
const mostCells = 10_000

// of is a text as the CSV has it.
func (c *cells) of(text string) string {
	if text == "" {
		return ""
	}
	cell, ok := c.written[text]
	if ok {
		return cell
	}
	if c.written == nil || len(c.written) >= mostCells {
		c.written = map[string]string{}
		c.out = csv.NewWriter(&c.buffer)
		c.out.UseCRLF = true
	}
	c.buffer.Reset()
	_ = c.out.Write([]string{Text(text)}) // a buffer takes everything
	c.out.Flush()
	cell = strings.TrimSuffix(c.buffer.String(), lineEnd)
	c.written[text] = cell
	return cell
}

// rowWriter writes figures as rows of the report of figures.
type rowWriter struct {
	named
	cells
	last [13]struct{ text, cell string } // of each column that has a text
}

// text appends a text of a column, which is often that of the row before.
func (r *rowWriter) text(b []byte, column int, text string) []byte {
	last := &r.last[column]
	if last.text != text {
		last.text, last.cell = text, r.of(text)
	}
	return append(append(b, last.cell...), ',')
}

// append appends a row.
func (r *rowWriter) append(b []byte, f *stats.Figure) []byte {
	r.look(f)
	b = r.text(b, 0, f.Measure)
	b = r.text(b, 1, r.measure.Name)
	b = r.text(b, 2, f.Area)
	b = r.text(b, 3, r.area.Name)
	b = r.text(b, 4, r.period[0])
	b = append(append(b, r.period[1]...), ',')
	b = append(append(b, r.period[2]...), ',')
	b = r.text(b, 5, f.Breakdown)
	b = r.text(b, 6, f.BreakdownValue)
	b = append(appendNumber(b, f.Value), ',')
	b = r.text(b, 7, string(f.Value.Markers))
	b = append(appendNumber(b, f.Numerator), ',')
	b = append(appendNumber(b, f.Denominator), ',')
	b = append(appendNumber(b, f.Lower95), ',')
	b = append(appendNumber(b, f.Upper95), ',')
	b = r.text(b, 8, r.measure.Unit)
	b = r.text(b, 9, f.Basis)
	b = r.text(b, 10, f.Source)
	b = r.text(b, 11, joined(f.Releases))
	b = append(append(b, r.publishedOn...), ',')
	b = append(append(b, r.readAt...), ',')
	b = r.text(b, 12, f.Note)
	return append(b[:len(b)-1], lineEnd...)
}

// joined is the releases behind a figure in one cell.
func joined(releases []string) string { return strings.Join(releases, "; ") }
