package query

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

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
}

// A Start is a measure and an area of it. The zero Start is before all.
type Start struct{ Measure, Area string }

// before reports whether a figure comes before the start.
func (s Start) before(k stats.Key) bool {
	return cmp.Or(cmp.Compare(k.Measure, s.Measure), cmp.Compare(k.Area, s.Area)) < 0
}

// Figures is what was observed, the sums for England and Wales, and the
// rates, in order of measure, area, source, basis, period and breakdown. It
// streams: memory does not grow with the number of figures. An error ends the
// sequence.
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
// after the other.
func (r *Reader) inPortions(ctx context.Context, f Filter, known reference) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		for _, portion := range portions(f, known) {
			for figure, err := range r.observed(ctx, portion, known) {
				if !yield(figure, err) || err != nil {
					return
				}
			}
		}
	}
}

// observed is the figures that are worked out within one source.
func (r *Reader) observed(ctx context.Context, f Filter, known reference) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		parts := partsOf(f, known.measures)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // a reader who stops early stops the question too
		rows, err := r.conn.Query(ctx, statement("figures.sql"), figuresParameters(f, known, parts)...)
		if err != nil {
			yield(stats.Figure{}, fmt.Errorf("ask for the figures: %w", err))
			return
		}
		defer rows.Close()
		for group, err := range known.groups(rows) {
			if err != nil {
				yield(stats.Figure{}, err)
				return
			}
			figure, ok, err := known.figure(parts, group)
			if err != nil {
				yield(stats.Figure{}, fmt.Errorf("work out a figure: %w", err))
				return
			}
			if ok && !yield(figure, nil) {
				return
			}
		}
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

// groups is the parts of one figure after the other. A group is used again for
// the next.
func (known reference) groups(rows driver.Rows) iter.Seq2[[]part, error] {
	return func(yield func([]part, error) bool) {
		var group []part
		for rows.Next() {
			p, err := known.scanPart(rows)
			if err != nil {
				yield(nil, fmt.Errorf("read a figure: %w", err))
				return
			}
			if len(group) > 0 && group[0].key != p.key {
				if !yield(group, nil) {
					return
				}
				group = group[:0]
			}
			group = append(group, p)
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read the figures: %w", err))
			return
		}
		if len(group) > 0 {
			yield(group, nil)
		}
	}
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
