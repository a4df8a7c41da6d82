package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// figures is rows of observations on their way, by column: there are millions
// of them, and row by row the driver boxes each cell.
type figures struct {
	texts      [textColumns]*dictionary
	start, end []time.Time
	numbers    []float64
	known      []bool
	rows       []uint32
}

// textColumns is how many columns of observations are texts; they come first.
const textColumns = 12

const figureInsert = "INSERT INTO observations (release_id, source, slice, measure, area_code, basis, breakdown, breakdown_value, " +
	"value_note, note, file, sheet, period_start, period_end, value, source_row)"

func newFigures() *figures {
	f := &figures{}
	for i := range f.texts {
		f.texts[i] = newDictionary()
	}
	return f
}

func (f *figures) append(r *Release, o *stats.Observation) {
	for i, text := range [textColumns]string{r.ID, r.Source, o.Slice, o.Measure, o.Area, o.Basis, o.Breakdown, o.BreakdownValue,
		string(o.Value.Markers), o.Note, o.Origin.File, o.Origin.Sheet} {
		f.texts[i].append(text)
	}
	f.start, f.end = append(f.start, o.Period.Start), append(f.end, o.Period.End)
	f.numbers, f.known = append(f.numbers, o.Value.Number), append(f.known, o.Value.Known)
	f.rows = append(f.rows, uint32(o.Origin.Row))
}

// clear empties the columns and keeps their memory for the next rows.
func (f *figures) clear() {
	for _, texts := range f.texts {
		texts.clear()
	}
	f.start, f.end, f.numbers, f.known, f.rows = f.start[:0], f.end[:0], f.numbers[:0], f.known[:0], f.rows[:0]
}

// insert writes the rows.
func (f *figures) insert(ctx context.Context, conn driver.Conn) error {
	batch, err := conn.PrepareBatch(ctx, figureInsert)
	if err != nil {
		return fmt.Errorf("begin to write %s: %w", observations.name, err)
	}
	defer batch.Close()
	if err := f.fill(batch); err != nil {
		return fmt.Errorf("add rows to %s: %w", observations.name, err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("write %s: %w", observations.name, err)
	}
	return nil
}

func (f *figures) fill(batch driver.Batch) error {
	columns := batch.Columns()
	for i, texts := range f.texts {
		if err := texts.fill(columns[i]); err != nil {
			return err
		}
	}
	values := make([]*float64, len(f.numbers))
	for i := range f.numbers {
		if f.known[i] {
			values[i] = &f.numbers[i]
		}
	}
	for i, column := range []any{f.start, f.end, values, f.rows} {
		if err := batch.Column(textColumns + i).Append(column); err != nil {
			return err
		}
	}
	return nil
}

// observe takes one figure. Full blocks are sent while the next is filled.
func (w *Writer) observe(ctx context.Context, o stats.Observation) error {
	if w.filling == nil {
		w.filling = newFigures()
	}
	w.filling.append(&w.release, &o)
	w.count(observations.name, o.Measure, o.Slice, o.Value.Number)
	if len(w.filling.rows) < blockRows {
		return nil
	}
	return w.sendFigures(ctx)
}

// sendFigures begins to send what was filled, once what was sent before is there.
func (w *Writer) sendFigures(ctx context.Context) error {
	sent, err := w.await()
	if err != nil {
		return err
	}
	full := w.filling
	w.filling = sent
	done := make(chan error, 1)
	w.sending, w.done = full, done
	go func() { done <- full.insert(ctx, w.conn) }()
	return nil
}

// await waits until the block under way is there and gives it back, empty; nil
// where none is.
func (w *Writer) await() (*figures, error) {
	if w.sending == nil {
		return nil, nil
	}
	sent, err := w.sending, <-w.done
	w.sending = nil
	sent.clear()
	return sent, err
}

// flushFigures sends what is left and waits until all is there.
func (w *Writer) flushFigures(ctx context.Context) error {
	if w.filling != nil && len(w.filling.rows) > 0 {
		if err := w.sendFigures(ctx); err != nil {
			return err
		}
	}
	_, err := w.await()
	return err
}

// count keeps the account by which the release is verified.
func (w *Writer) count(table, group, slice string, number float64) {
	if w.last.table != table || w.last.group != group {
		if w.sent[table] == nil {
			w.sent[table] = map[string]*tally{}
		}
		if w.sent[table][group] == nil {
			w.sent[table][group] = &tally{}
		}
		w.last = counted{table, group, w.sent[table][group]}
	}
	w.last.tally.Rows++
	w.last.tally.Sum += number
	if !w.slices[slice] {
		w.slices[slice] = true
	}
}

// counted is the account that the last row went to: the next mostly goes there
// too.
type counted struct {
	table, group string
	tally        *tally
}

// tallies is the account of a table as it stands.
func (w *Writer) tallies(table string) map[string]tally {
	all := map[string]tally{}
	for group, t := range w.sent[table] {
		all[group] = *t
	}
	return all
}
