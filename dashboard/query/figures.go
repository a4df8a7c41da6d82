package query

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// A Filter says which figures are wanted. An empty list means all.
type Filter struct {
	Measures []string  // measure IDs, counted or derived
	Areas    []string  // ONS codes; stats.EnglandAndWales is worked out from the forces
	Sources  []string  // source names
	From, To time.Time // periods that lie wholly between, both days included; zero: no bound
	AsAt     time.Time // figures as served at this moment; Latest: now
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
		measures, err := r.Measures(ctx, f.AsAt)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		rates, err := r.stockRates(ctx, f, measures)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		for figure, err := range r.observed(ctx, f, measures) {
			for err == nil && len(rates) > 0 && compareKeys(rates[0].Key, figure.Key) < 0 {
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

// observed is the figures that are worked out within one source.
func (r *Reader) observed(ctx context.Context, f Filter, measures *stats.Measures) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // a reader who stops early stops the question too
		rows, err := r.conn.Query(ctx, statement("figures.sql"), f.parameters()...)
		if err != nil {
			yield(stats.Figure{}, fmt.Errorf("ask for the figures: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			figure, err := scanFigure(rows, measures)
			if err != nil {
				yield(stats.Figure{}, fmt.Errorf("read a figure: %w", err))
				return
			}
			if !yield(figure, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(stats.Figure{}, fmt.Errorf("read the figures: %w", err))
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

func (f Filter) parameters() []any {
	from, to := f.From, f.To
	if from.IsZero() {
		from = stats.Day(1970, 1, 1)
	}
	if to.IsZero() {
		to = stats.Day(2149, 6, 6) // the last day that ClickHouse's Date holds
	}
	return []any{
		asAt(f.AsAt),
		clickhouse.Named("measures", list(f.Measures)), clickhouse.Named("areas", list(f.Areas)), clickhouse.Named("sources", list(f.Sources)),
		clickhouse.Named("from", from.Format(time.DateOnly)), clickhouse.Named("to", to.Format(time.DateOnly)),
		clickhouse.Named("england_and_wales", stats.EnglandAndWales),
	}
}

func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}

func scanFigure(rows driver.Rows, measures *stats.Measures) (stats.Figure, error) {
	var f stats.Figure
	var value, numerator, denominator *float64
	var valueNotes, notes, files, sheets, missing []string
	var sourceRows []uint32
	var members uint32
	err := rows.Scan(&f.Measure, &f.Area, &f.Source, &f.Basis, &f.Period.Start, &f.Period.End, &f.Breakdown, &f.BreakdownValue,
		&value, &valueNotes, &numerator, &denominator, &notes, &f.Releases, &f.PublishedAt, &f.RetrievedAt,
		&files, &sheets, &sourceRows, &missing, &members)
	if err != nil {
		return f, err
	}
	f.Period = stats.Period{Start: day(f.Period.Start), End: day(f.Period.End)}
	f.PublishedAt, f.RetrievedAt = f.PublishedAt.UTC(), f.RetrievedAt.UTC()
	f.Value = known(value)
	f.Numerator, f.Denominator = known(numerator), known(denominator)
	for _, note := range valueNotes {
		markers, err := stats.ParseMarkers(note)
		if err != nil {
			return f, err
		}
		f.Value.Markers = f.Value.Markers.And(markers)
	}
	f.Note = stats.JoinNotes(append(sorted(notes), missingNote(missing, members))...)
	for i := range files {
		f.Origins = append(f.Origins, stats.Origin{File: files[i], Sheet: sheets[i], Row: int(sourceRows[i])})
	}
	// ClickHouse gathers a sum's parts in whatever order its threads come.
	slices.Sort(f.Releases)
	if f.Area == stats.EnglandAndWales {
		sortOrigins(f.Origins)
	}
	if m, ok := measures.Of(f.Measure, f.Basis); ok {
		f.Lower95, f.Upper95 = analysis.Interval95(m, f)
	}
	return f, nil
}

func sortOrigins(origins []stats.Origin) {
	slices.SortFunc(origins, func(a, b stats.Origin) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Row, b.Row))
	})
}

func missingNote(missing []string, members uint32) string {
	if len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("sum of %d of %d forces, no figure from %s", members, int(members)+len(missing), strings.Join(missing, ", "))
}

// sorted makes a sum's notes come in the same order every time.
func sorted(notes []string) []string {
	slices.Sort(notes)
	return notes
}

func known(n *float64) stats.Value {
	if n == nil {
		return stats.Value{}
	}
	return stats.Number(*n)
}

// day is the day of a ClickHouse Date, in whatever zone the driver gave it.
func day(t time.Time) time.Time { return stats.Day(t.Year(), t.Month(), t.Day()) }
