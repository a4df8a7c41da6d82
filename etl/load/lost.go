package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// manyAreas is how many areas make a period that cannot rightly vanish: one
// that only a few areas answered for may come again with other days.
const manyAreas = 10

// Lost compares a written release with what its source serves in the same
// slices. A figure that is there with another value is not lost; one that was a
// number and is a marker now is.
func Lost(ctx context.Context, conn driver.Conn, source, release string) (stats.Losses, error) {
	var l stats.Losses
	var measures []string
	var starts, ends []time.Time
	row := conn.QueryRow(ctx, `
		WITH
			written AS (SELECT * FROM observations WHERE release_id = {release:String}),
			now AS
			(
				SELECT slice, argMax(release_id, (published_at, release_id)) AS release_id
				FROM published
				WHERE source = {source:String} AND slice IN (SELECT slice FROM written)
				GROUP BY slice
			),
			former AS
			(
				SELECT measure, basis, breakdown, breakdown_value, period_start, period_end,
				       (`+figureKey+`) IN (SELECT `+figureKey+` FROM written WHERE value IS NOT NULL)
				       OR value IS NULL AND (`+figureKey+`) IN (SELECT `+figureKey+` FROM written) AS kept,
				       value > 0 AND (`+figureKey+`) IN (SELECT `+figureKey+` FROM written WHERE value = 0) AS zeroed
				FROM observations
				WHERE source = {source:String} AND (slice, release_id) IN (SELECT slice, release_id FROM now)
			),
			periods AS
			(
				SELECT measure, period_start, period_end, count() AS figures, countIf(NOT kept) AS gone, countIf(ifNull(zeroed, false)) AS zeros
				FROM former
				GROUP BY measure, basis, breakdown, breakdown_value, period_start, period_end
				ORDER BY measure, period_start, period_end
			)
		SELECT sum(figures), sum(gone), sum(zeros),
		       groupArrayIf(toString(measure), whole), groupArrayIf(period_start, whole), groupArrayIf(period_end, whole)
		FROM (SELECT *, gone = figures AND figures >= {many:UInt64} AS whole FROM periods)`,
		clickhouse.Named("many", manyAreas), clickhouse.Named("source", source), clickhouse.Named("release", release))
	if err := row.Scan(&l.Served, &l.Figures, &l.Zeros, &measures, &starts, &ends); err != nil {
		return l, fmt.Errorf("compare with what is served: %w", err)
	}
	if len(measures) > 0 {
		l.Measure = measures[0]
		l.Period = stats.Period{Start: dayOf(starts[0]), End: dayOf(ends[0])}
	}
	return l, nil
}
