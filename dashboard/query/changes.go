package query

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Changes is the figures that a run changed or would change: those that have
// changed, then those that are gone, then the new ones, each in the order of
// measure, area, basis, period and breakdown. It streams; limit 0 is all. An
// error ends the sequence.
func (r *Reader) Changes(ctx context.Context, run string, limit int) iter.Seq2[stats.Revision, error] {
	return func(yield func(stats.Revision, error) bool) {
		most := uint64(limit)
		if limit == 0 {
			most = math.MaxUint64
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // a reader who stops early stops the question too
		rows, err := r.conn.Query(ctx, statement("changes.sql"), clickhouse.Named("run", run), clickhouse.Named("limit", most))
		if err != nil {
			yield(stats.Revision{}, fmt.Errorf("ask for the changes of a run: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			revision, err := scanRevision(rows)
			if err != nil {
				yield(stats.Revision{}, fmt.Errorf("read a change: %w", err))
				return
			}
			if !yield(revision, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(stats.Revision{}, fmt.Errorf("read the changes of a run: %w", err))
		}
	}
}

// scanRevision reads a revision's columns, and what else the question asks for.
func scanRevision(rows driver.Rows, more ...any) (stats.Revision, error) {
	var v stats.Revision
	var change, formerNote, note string
	var former, now *float64
	var from, place origin
	columns := []any{&v.Run, &v.Source, &change, &v.Measure, &v.Area, &v.Basis, &v.Period.Start, &v.Period.End, &v.Breakdown, &v.BreakdownValue,
		&v.FormerRelease, &former, &formerNote, &from.file, &from.sheet, &from.row, &now, &note, &place.file, &place.sheet, &place.row}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return v, err
	}
	v.Period = stats.Period{Start: day(v.Period.Start), End: day(v.Period.End)}
	v.Change, v.Former, v.Now = stats.Change(change), valueOf(former), valueOf(now)
	v.FormerOrigin, v.Origin = from.origin(), place.origin()
	var err error
	if v.Former.Markers, err = stats.ParseMarkers(formerNote); err != nil {
		return v, err
	}
	v.Now.Markers, err = stats.ParseMarkers(note)
	return v, err
}
