package query

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"stalkstats/internal/stats"
)

// A Filter says which figures are wanted. An empty list means all.
type Filter struct {
	Measures []string  // measure IDs, counted or derived
	Areas    []string  // ONS codes; stats.EnglandAndWales is worked out from the forces
	Sources  []string  // source names
	From, To time.Time // periods that lie wholly between, both days included; zero: no bound
	AsAt     time.Time // figures as served at this moment; Latest: now
	Totals   bool      // only totals, no part of a breakdown
	// Breakdown is the one whose parts are wanted beside the totals; empty: every one.
	Breakdown string
	// National is for England and Wales beside another area: of it only the
	// totals of these sources. None means all.
	National []string
	// Start is where in their order the figures begin: those of measures and areas
	// before it are left out.
	Start Start
	// Bare figures do not tell the rows behind them, of which a report has no use.
	Bare bool
}

// wide reports whether a filter may be of more figures than one question should.
func (f Filter) wide() bool {
	return len(f.Measures) != 1 && (len(f.Areas) == 0 || slices.Contains(f.Areas, stats.EnglandAndWales))
}

// A Start is a measure and an area of it. The zero Start is before all.
type Start struct{ Measure, Area string }

// before reports whether a figure comes before the start.
func (s Start) before(k stats.Key) bool {
	return cmp.Or(cmp.Compare(k.Measure, s.Measure), cmp.Compare(k.Area, s.Area)) < 0
}

// Figures is what was observed, the sums for England and Wales, and the
// rates, in order of measure, area, source, basis, period and breakdown. It
// streams: memory grows with the number of counts of one measure, and not with
// that of figures. An error ends the sequence.
//
// England and Wales is the sum over the territorial forces that have a
// figure; the note names those that have none, and where fewer than half have
// one there is no sum. A rate of England and Wales is the sum of numerators
// over the sum of denominators of the forces that have both. The few rates
// over a population (stockRates) are worked out before the stream begins.
func (r *Reader) Figures(ctx context.Context, f Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		ctx := OneState(ctx)
		known, err := r.reference(ctx, f.AsAt)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		if known.holdings == nil && f.wide() {
			if known.holdings, err = r.readHoldings(ctx, f.AsAt); err != nil {
				yield(stats.Figure{}, err)
				return
			}
		}
		rates, err := r.stockRates(ctx, f, known)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		for figure, err := range r.inPortions(ctx, f, known) {
			for err == nil && len(rates) > 0 && stats.CompareKeys(rates[0].Key, figure.Key) < 0 {
				if !yield(rates[0], nil) {
					return
				}
				rates = rates[1:]
			}
			if !yield(figure, err) || err != nil {
				return
			}
		}
		for _, rate := range rates {
			if !yield(rate, nil) {
				return
			}
		}
	}
}

// Addable is the figures from which those of longer periods are worked out: of
// true figures, all.
func (r *Reader) Addable(ctx context.Context, f Filter) iter.Seq2[stats.Figure, error] {
	return r.Figures(ctx, f)
}

// inPortions is the figures that are worked out within one source, of a question
// after the other. The next is asked while the figures of one are used.
func (r *Reader) inPortions(ctx context.Context, f Filter, known reference) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		read, used := make(chan *batch), make(chan *batch, 2)
		var asking sync.WaitGroup
		for range cap(used) {
			b := r.batch()
			defer r.batches.Put(b) // when nobody reads into it
			used <- b
		}
		defer asking.Wait()
		defer cancel() // a reader who stops early stops the questions too
		var failed error
		asking.Go(func() {
			defer close(read)
			defer func() { // nobody else stands above it who would keep the program up
				if cause := recover(); cause != nil {
					failed = fmt.Errorf("read the figures: panic: %v\n%s", cause, debug.Stack())
				}
			}()
			failed = r.readPortions(ctx, portions(f, known, r.portion), known, read, used)
		})
		for b := range read {
			if !b.figures(f.Bare, yield) {
				return
			}
			used <- b
		}
		if failed != nil {
			yield(stats.Figure{}, failed)
		}
	}
}

// batch is a batch that was used before, or a new one.
func (r *Reader) batch() *batch {
	if b, ok := r.batches.Get().(*batch); ok {
		return b
	}
	return &batch{}
}

// readPortions hands over what is read of one portion after the other, in batches
// that were used.
func (r *Reader) readPortions(ctx context.Context, all []portion, known reference, read chan<- *batch, used <-chan *batch) error {
	for _, portion := range all {
		var b *batch
		select {
		case b = <-used:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := b.read(ctx, r, portion, known); err != nil {
			return err
		}
		select {
		case read <- b:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// observed is the figures that are worked out within one source.
func (r *Reader) observed(ctx context.Context, f Filter, known reference) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		b := r.batch()
		defer r.batches.Put(b)
		if err := b.read(ctx, r, portion{Filter: f}, known); err != nil {
			yield(stats.Figure{}, err)
			return
		}
		b.figures(f.Bare, yield)
	}
}

func collect(all iter.Seq2[stats.Figure, error]) ([]stats.Figure, error) {
	var figures []stats.Figure
	for figure, err := range all {
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure)
	}
	return figures, nil
}

// reference is what figures are worked out with.
type reference struct {
	*state
	measures *stats.Measures
	areas    *stats.Areas
	forces   []stats.Area // the 43 whose figures make England and Wales, by name
	revised  revised
	holdings holdings
}

// reference reads it as it was at a time, all of it from one state.
func (r *Reader) reference(ctx context.Context, at time.Time) (known reference, err error) {
	if known.state, err = r.state(ctx, at); err != nil {
		return known, err
	}
	if known.measures, err = r.Measures(ctx, at); err != nil {
		return known, err
	}
	if known.areas, err = r.Areas(ctx, at); err != nil {
		return known, err
	}
	if known.revised, err = r.revisedAt(ctx, at); err != nil {
		return known, err
	}
	if known.holdings, err = r.holdings(ctx, at); err != nil {
		return known, err
	}
	known.forces = known.areas.Forces()
	return known, nil
}

func valueOf(n *float64) stats.Value {
	if n == nil {
		return stats.Value{}
	}
	return stats.Number(*n)
}

// day is the day of a ClickHouse Date, in whatever zone the driver gave it.
func day(t time.Time) time.Time { return stats.Day(t.Year(), t.Month(), t.Day()) }
