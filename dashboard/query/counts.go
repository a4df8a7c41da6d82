package query

import (
	"context"
	"fmt"
	"time"

	"stalkstats/internal/clickhouse"
	"stalkstats/internal/stats"
)

// counted is a row of observations. Its texts are numbers of words, so that it has
// 64 bytes, and a hundred thousand of them are held without a thought.
type counted struct {
	measure, area, source, basis, breakdown, breakdownValue uint32
	markers, note, file, sheet, row                         uint32
	served                                                  uint32 // in counts.served
	value                                                   float64
	start, end                                              uint16 // days since 1970
	isKnown, isRevised                                      bool
}

// counts is the counts of one question.
type counts struct {
	words
	all     []counted
	served  []servedSlice
	alone   [][]string // of each that serves, its release alone
	markers map[uint32]stats.Markers

	columns columns
}

// columns is a block of figures.sql, in its order.
type columns struct {
	texts      [textColumns]clickhouse.Texts
	start, end clickhouse.Days
	value      *clickhouse.Numbers
	row        clickhouse.Whole
	figure     clickhouse.Hashes

	numbers [textColumns][]uint32 // of the words in each of texts
	serving map[[3]uint32]uint32  // by the words of source, release and slice
}

// The places of the texts in columns.
const (
	measureText = iota
	areaText
	sourceText
	basisText
	breakdownText
	breakdownValueText
	markersText
	noteText
	releaseText
	sliceText
	fileText
	sheetText
	textColumns
)

// list is the columns as figures.sql has them.
func (c *columns) list() []clickhouse.Column {
	var all []clickhouse.Column
	for i := range c.texts {
		all = append(all, &c.texts[i])
	}
	return append(all, &c.start, &c.end, c.value, &c.row, &c.figure)
}

// read fills in the counts that a question finds.
func (c *counts) read(ctx context.Context, r *Reader, known reference, parameters []any) error {
	c.forget()
	for n, err := range clickhouse.Blocks(ctx, r.conn, statement("figures.sql"), c.columns.list(), parameters...) {
		if err == nil {
			err = c.take(known, n)
		}
		if err != nil {
			return fmt.Errorf("read the figures: %w", err)
		}
	}
	return nil
}

func (c *counts) forget() {
	c.reset()
	c.all, c.served, c.alone = c.all[:0], c.served[:0], c.alone[:0]
	if c.markers == nil {
		c.markers, c.columns.serving, c.columns.value = map[uint32]stats.Markers{}, map[[3]uint32]uint32{}, clickhouse.NewNumbers()
	}
	clear(c.markers)
	clear(c.columns.serving)
}

// take takes over a block of n rows.
func (c *counts) take(known reference, n int) error {
	in := &c.columns
	for i := range in.texts {
		in.numbers[i] = c.addAll(in.numbers[i][:0], &in.texts[i])
	}
	if err := c.parseMarkers(in.numbers[markersText]); err != nil {
		return err
	}
	for row := range n {
		word := func(text int) uint32 { return in.numbers[text][in.texts[text].Places[row]] }
		o := counted{
			measure: word(measureText), area: word(areaText), source: word(sourceText), basis: word(basisText),
			breakdown: word(breakdownText), breakdownValue: word(breakdownValueText),
			markers: word(markersText), note: word(noteText), file: word(fileText), sheet: word(sheetText), row: in.row.At(row),
			start: in.start.At(row), end: in.end.At(row),
		}
		o.served = c.serving(known, [3]uint32{o.source, word(releaseText), word(sliceText)})
		o.value, o.isKnown = in.value.At(row)
		o.isRevised = known.revised.has(c.served[o.served].run, in.figure.At(row))
		c.all = append(c.all, o)
	}
	return nil
}

func (c *counts) parseMarkers(numbers []uint32) error {
	for _, n := range numbers {
		if _, ok := c.markers[n]; ok || n == 0 {
			continue
		}
		markers, err := stats.ParseMarkers(c.text[n])
		if err != nil {
			return err
		}
		c.markers[n] = markers
	}
	return nil
}

// serving is the place in served of what a count is of.
func (c *counts) serving(known reference, words [3]uint32) uint32 {
	n, ok := c.columns.serving[words]
	if !ok {
		v := known.serving(c.text[words[0]], c.text[words[1]], c.text[words[2]])
		n = uint32(len(c.served))
		c.served, c.alone = append(c.served, v), append(c.alone, []string{v.release.ID})
		c.columns.serving[words] = n
	}
	return n
}

func (c *counts) origin(o *counted) stats.Origin {
	return stats.Origin{File: c.text[o.file], Sheet: c.text[o.sheet], Row: int(o.row)}
}

// dayOf is the day of a ClickHouse Date.
func dayOf(days uint16) time.Time { return time.Unix(int64(days)*24*60*60, 0).UTC() }
