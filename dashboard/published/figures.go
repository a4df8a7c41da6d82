package published

import (
	"context"
	"iter"
	"slices"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// A Reader reads what the published audience may have. Each of its methods lets
// something through that tells no figure, lets figures through the gate, or
// answers that there is nothing: a method that it has not is no way around it.
type Reader struct {
	inner  *query.Reader
	keeper *Keeper
	some   bool // for people who may see some areas in detail
}

// NewReader makes a Reader of what a Keeper publishes.
func NewReader(inner *query.Reader, keeper *Keeper) *Reader {
	return &Reader{inner: inner, keeper: keeper}
}

// gate is the gate of the publication at a time, and when its figures were read.
func (r *Reader) gate(ctx context.Context, at time.Time) (disclosure.Gate, time.Time, error) {
	ctx = query.OneState(ctx)
	p, pattern, err := r.keeper.At(ctx, at)
	if err != nil {
		return disclosure.Gate{}, at, err
	}
	moment, err := r.inner.Moment(ctx)
	if err != nil {
		return disclosure.Gate{}, at, err
	}
	if at = p.AsAt; p.Stamp == moment.Stamp {
		at = query.Latest
	}
	measures, err := r.inner.Measures(ctx, at)
	return disclosure.Gate{Rules: r.keeper.rules, Pattern: pattern, Measures: measures, Some: r.detail(ctx)}, at, err
}

// Figures is what a filter asks for as it is published, in the order of
// query.Reader.Figures and streaming as it does. An error ends the sequence.
func (r *Reader) Figures(ctx context.Context, f query.Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		ctx := query.OneState(ctx)
		gate, at, err := r.gate(ctx, f.AsAt)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		f.AsAt = at
		for figure, err := range r.inner.Figures(ctx, f) {
			if err == nil {
				figure = gate.Through(figure)
			}
			if !yield(figure, err) || err != nil {
				return
			}
		}
	}
}

// Behind is the releases that the figures of a filter are of, by id.
func (r *Reader) Behind(ctx context.Context, f query.Filter) (map[string]bool, error) {
	ctx = query.OneState(ctx)
	_, at, err := r.gate(ctx, f.AsAt)
	if err != nil {
		return nil, err
	}
	f.AsAt = at
	return r.inner.Behind(ctx, f)
}

// Addable is Figures with those of longer periods that can be worked out of
// them, each through the gate by itself: a year may be shown where its months
// may not. It streams from one measure, area, source and basis to the next.
func (r *Reader) Addable(ctx context.Context, f query.Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		ctx := query.OneState(ctx)
		gate, at, err := r.gate(ctx, f.AsAt)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		f.AsAt = at
		areas, err := r.inner.Areas(ctx, at)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		for group, err := range groups(r.inner.Figures(ctx, f)) {
			if err != nil {
				yield(stats.Figure{}, err)
				return
			}
			for _, figure := range through(gate, group, areas) {
				if !yield(figure, nil) {
					return
				}
			}
		}
	}
}

// through is figures with those of longer periods, in order, as they are published.
func through(gate disclosure.Gate, figures []stats.Figure, areas *stats.Areas) []stats.Figure {
	all := withLonger(figures, gate.Measures, areas)
	for i := range all {
		all[i] = gate.Through(all[i])
	}
	slices.SortStableFunc(all, func(a, b stats.Figure) int { return stats.CompareKeys(a.Key, b.Key) })
	return all
}

// AllFigures is Addable read to the end.
func (r *Reader) AllFigures(ctx context.Context, f query.Filter) ([]stats.Figure, error) {
	ctx = query.OneState(ctx)
	gate, at, err := r.gate(ctx, f.AsAt)
	if err != nil {
		return nil, err
	}
	f.AsAt = at
	figures, err := r.inner.AllFigures(ctx, f)
	if err != nil {
		return nil, err
	}
	areas, err := r.inner.Areas(ctx, at)
	if err != nil {
		return nil, err
	}
	return through(gate, figures, areas), nil
}
