package query

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

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
// over the sum of denominators of the forces that have both.
func (r *Reader) Figures(ctx context.Context, f Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		ctx := OneState(ctx)
		known, err := r.reference(ctx, f.AsAt)
		if err != nil {
			yield(stats.Figure{}, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // a reader who stops early stops the question too
		rows, err := r.conn.Query(ctx, statement("figures.sql"), figuresParameters(f, known)...)
		if err != nil {
			yield(stats.Figure{}, fmt.Errorf("ask for the figures: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			figure, err := known.scanFigure(rows)
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

// reference is what figures are worked out with.
type reference struct {
	*state
	measures *stats.Measures
	areas    *stats.Areas
	forces   []stats.Area // the 43 whose figures make England and Wales, by name
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
	known.forces = known.areas.Forces()
	return known, nil
}

func (known reference) scanFigure(rows driver.Rows) (stats.Figure, error) {
	var f stats.Figure
	var value, numerator, denominator *float64
	var valueNotes, notes, files, sheets, missing []string
	var sourceRows []uint32
	var members uint32
	var published, retrieved int64
	err := rows.Scan(&f.Measure, &f.Area, &f.Source, &f.Basis, &f.Period.Start, &f.Period.End, &f.Breakdown, &f.BreakdownValue,
		&value, &valueNotes, &numerator, &denominator, &notes, &f.Releases, &published, &retrieved,
		&files, &sheets, &sourceRows, &missing, &members)
	if err != nil {
		return f, err
	}
	f.Period = stats.Period{Start: day(f.Period.Start), End: day(f.Period.End)}
	f.PublishedAt, f.RetrievedAt = time.UnixMicro(published).UTC(), time.UnixMicro(retrieved).UTC()
	f.Value, f.Numerator, f.Denominator = valueOf(value), valueOf(numerator), valueOf(denominator)
	for _, note := range valueNotes {
		markers, err := stats.ParseMarkers(note)
		if err != nil {
			return f, err
		}
		f.Value.Markers = f.Value.Markers.And(markers)
	}
	f.Note = stats.JoinNotes(append(sorted(notes), known.missingNote(missing, members))...)
	for i := range files {
		f.Origins = append(f.Origins, stats.Origin{File: files[i], Sheet: sheets[i], Row: int(sourceRows[i])})
	}
	// ClickHouse gathers a sum's parts in whatever order its threads come.
	slices.Sort(f.Releases)
	if f.Area == stats.EnglandAndWales {
		slices.SortFunc(f.Origins, func(a, b stats.Origin) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Row, b.Row))
		})
	}
	if m, ok := known.measures.Of(f.Measure, f.Basis); ok {
		f.Lower95, f.Upper95 = analysis.Interval95(m, f)
	}
	return f, nil
}

// missingNote names the forces that are not in a sum.
func (known reference) missingNote(codes []string, members uint32) string {
	if len(codes) == 0 {
		return ""
	}
	var missing []string
	for _, code := range codes {
		force, _ := known.areas.ByCode(code)
		missing = append(missing, force.Name)
	}
	return fmt.Sprintf("sum of %d of %d forces, no figure from %s", members, int(members)+len(missing), strings.Join(missing, ", "))
}

// sorted makes a sum's notes come in the same order every time.
func sorted(notes []string) []string {
	slices.Sort(notes)
	return notes
}

func valueOf(n *float64) stats.Value {
	if n == nil {
		return stats.Value{}
	}
	return stats.Number(*n)
}

// day is the day of a ClickHouse Date, in whatever zone the driver gave it.
func day(t time.Time) time.Time { return stats.Day(t.Year(), t.Month(), t.Day()) }
