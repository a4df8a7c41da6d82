package load

import (
	"time"

	"stalkstats/internal/stats"
)

// boxes spares the memory that handing a value over as an interface takes:
// most columns of an observation hold the same as in the row before, and the
// value that was handed over then serves again. The driver keeps none of it.
type boxes struct {
	texts  [12]box[string]
	days   [2]box[time.Time]
	values []any
}

// A box is the value that a column held last.
type box[T comparable] struct {
	last  T
	boxed any
}

func (b *box[T]) put(value T) any {
	if b.boxed == nil || b.last != value {
		b.last, b.boxed = value, value
	}
	return b.boxed
}

// observation is the columns of an observation, valid until the next.
func (w *Writer) observation(o stats.Observation) []any {
	b := &w.boxes
	values := b.values[:0]
	for i, text := range [...]string{w.release.ID, w.release.Source, o.Slice, o.Measure, o.Area, o.Basis} {
		values = append(values, b.texts[i].put(text))
	}
	values = append(values, b.days[0].put(o.Period.Start), b.days[1].put(o.Period.End))
	for i, text := range [...]string{o.Breakdown, o.BreakdownValue} {
		values = append(values, b.texts[6+i].put(text))
	}
	if o.Value.Known {
		values = append(values, o.Value.Number)
	} else {
		values = append(values, nil)
	}
	for i, text := range [...]string{string(o.Value.Markers), o.Note, o.Origin.File, o.Origin.Sheet} {
		values = append(values, b.texts[8+i].put(text))
	}
	b.values = append(values, uint32(o.Origin.Row))
	return b.values
}
