package load

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// leftOut is the figures that a written release leaves as they are, though it
// corrects the file that brought them: they are served by a release that was
// published for a slice which the written one replaces, in a slice that it does
// not hold. A month that an earlier file brought, and that has nothing to do with
// this one, is not among them.
const leftOut = `WITH ` + servedNow + `,
	held AS
	(
		SELECT DISTINCT slice FROM observations WHERE release_id = {release:String}
	),
	corrected AS
	(
		SELECT DISTINCT release_id FROM published
		WHERE source = {source:String} AND release_id != '' AND slice IN (SELECT slice FROM held)
	),
	stays AS
	(
		SELECT * FROM observations
		WHERE source = {source:String} AND (slice, release_id) IN
		(
			SELECT slice, release_id FROM served_now
			WHERE slice NOT IN (SELECT slice FROM held) AND release_id IN (SELECT release_id FROM corrected)
		)
	)`

// LeftOut is the figures that stay served though the written release corrects
// the file that brought them and does not hold them, and the first few. Those
// that are older than all of the release are counted apart: a file that begins a
// month later each month leaves the oldest out and means nothing by it.
func LeftOut(ctx context.Context, conn driver.Conn, source, release string, few int) (left stats.LeftOut, err error) {
	rows, err := conn.Query(ctx, leftOut+`,
	begins AS
	(
		SELECT min((period_start, period_end)) FROM observations WHERE release_id = {release:String}
	)
	SELECT `+figureKey+`, countIf(older) OVER (), countIf(NOT older) OVER (), (SELECT * FROM begins).1, (SELECT * FROM begins).2, period_end < (SELECT * FROM begins).1 AS older
	FROM stays
	ORDER BY older, `+figureKey+`
	LIMIT {few:UInt64}`, clickhouse.Named("source", source), clickhouse.Named("release", release), clickhouse.Named("few", few))
	if err != nil {
		return left, fmt.Errorf("look up what the file leaves out: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		k := stats.Key{Source: source}
		var older bool
		if err := rows.Scan(&k.Measure, &k.Area, &k.Basis, &k.Period.Start, &k.Period.End, &k.Breakdown, &k.BreakdownValue,
			&left.Older, &left.Others, &left.Begins.Start, &left.Begins.End, &older); err != nil {
			return left, fmt.Errorf("look up what the file leaves out: %w", err)
		}
		k.Period = stats.Period{Start: dayOf(k.Period.Start), End: dayOf(k.Period.End)}
		if !older || left.Others == 0 {
			left.First = append(left.First, k)
		}
	}
	left.Begins = stats.Period{Start: dayOf(left.Begins.Start), End: dayOf(left.Begins.End)}
	if err := rows.Err(); err != nil {
		return left, fmt.Errorf("look up what the file leaves out: %w", err)
	}
	return left, nil
}

// KeepLeftOut records those figures under the id of a dry run, beside what it
// would change. The revision log reads published runs alone, and has none of them.
func KeepLeftOut(ctx context.Context, conn driver.Conn, source, release string) error {
	err := conn.Exec(ctx, `INSERT INTO revisions
	`+leftOut+`
	SELECT {release:String}, {source:String}, slice, {stays:String}, `+figureKey+`, release_id, value, value_note, file, sheet, source_row, NULL, '', '', '', 0
	FROM stays`, clickhouse.Named("source", source), clickhouse.Named("release", release), clickhouse.Named("stays", string(stats.StayingFigure)))
	if err != nil {
		return fmt.Errorf("record what the file leaves out: %w", err)
	}
	return nil
}
