package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Differences counts what a release changes against what is served.
type Differences struct{ New, Changed, Gone uint64 }

// servedNow is the release that serves each slice of a source.
const servedNow = `served_now AS
	(
		SELECT slice, argMax(release_id, (published_at, release_id)) AS release_id
		FROM published
		WHERE source = {source:String}
		GROUP BY slice
	)`

// writtenTarget is the slices of a release that is written and not published.
const writtenTarget = `target AS
	(
		SELECT DISTINCT slice, release_id FROM observations WHERE release_id = {release:String}
	)`

// withdrawnTarget is, for each slice that a release serves, the release that
// served it before that one first did; empty where there was none.
const withdrawnTarget = `serving AS
	(
		SELECT slice, min(published_at) AS since
		FROM published
		WHERE source = {source:String} AND release_id = {release:String}
		  AND slice IN (SELECT slice FROM served_now WHERE release_id = {release:String})
		GROUP BY slice
	),
	target AS
	(
		SELECT p.slice AS slice, argMaxIf(p.release_id, (p.published_at, p.release_id), p.published_at < s.since) AS release_id
		FROM published AS p
		INNER JOIN serving AS s ON s.slice = p.slice
		WHERE p.source = {source:String}
		GROUP BY p.slice
	)`

const figureKey = "measure, area_code, basis, period_start, period_end, breakdown, breakdown_value"

// difference writes every figure that is new, changed or gone between what is
// served and the target, under a run's id.
func difference(target string) string {
	return `INSERT INTO revisions
	WITH ` + servedNow + `, ` + target + `,
	former AS
	(
		SELECT 1 AS there, * FROM observations
		WHERE source = {source:String} AND (slice, release_id) IN (
			SELECT slice, release_id FROM served_now WHERE slice IN (SELECT slice FROM target))
	),
	next AS
	(
		SELECT 1 AS there, * FROM observations
		WHERE source = {source:String} AND (slice, release_id) IN (SELECT slice, release_id FROM target)
	)
	SELECT
		{run:String}, {source:String}, if(n.there = 1, n.slice, f.slice),
		multiIf(f.there = 0, 'new', n.there = 0, 'gone', 'changed'),
		` + figureKey + `,
		f.release_id, f.value, f.value_note, f.file, f.sheet, f.source_row,
		n.value, n.value_note, n.file, n.sheet, n.source_row
	FROM former AS f
	FULL OUTER JOIN next AS n USING (` + figureKey + `)
	WHERE f.there != n.there OR ifNull(toString(f.value), '') != ifNull(toString(n.value), '') OR f.value_note != n.value_note
	SETTINGS join_use_nulls = 0`
}

// Compare records what a written release would change, under its own id.
func Compare(ctx context.Context, conn driver.Conn, source, release string) (Differences, error) {
	return compareWith(ctx, conn, writtenTarget, source, release, release)
}

// CompareWithdrawal records what withdrawing a release would change, under the
// withdrawal's run.
func CompareWithdrawal(ctx context.Context, conn driver.Conn, source, release, run string) (Differences, error) {
	return compareWith(ctx, conn, withdrawnTarget, source, release, run)
}

func compareWith(ctx context.Context, conn driver.Conn, target, source, release, run string) (Differences, error) {
	var d Differences
	named := []any{clickhouse.Named("source", source), clickhouse.Named("release", release), clickhouse.Named("run", run)}
	if err := conn.Exec(ctx, difference(target), named...); err != nil {
		return d, fmt.Errorf("compare with what is served: %w", err)
	}
	row := conn.QueryRow(ctx, "SELECT countIf(change = 'new'), countIf(change = 'changed'), countIf(change = 'gone') FROM revisions WHERE run_id = {run:String}",
		clickhouse.Named("run", run))
	if err := row.Scan(&d.New, &d.Changed, &d.Gone); err != nil {
		return d, fmt.Errorf("count what changes: %w", err)
	}
	return d, nil
}

// ForgetDifferences removes what was recorded of a run that came to nothing.
func ForgetDifferences(ctx context.Context, conn driver.Conn, run string) error {
	return removeRows(ctx, conn, "revisions", "run_id", run)
}

// A Withdrawal is a release that is to serve no longer.
type Withdrawal struct {
	Conn            driver.Conn
	Source, Release string
	Run             string // the run that withdraws it
	Now             time.Time
}

// Publish publishes again, in every slice that a release serves, the release
// that served it before; where there was none, nothing serves the slice from
// then on. The release must serve something.
func (w Withdrawal) Publish(ctx context.Context) error {
	rows, err := w.Conn.Query(ctx, "WITH "+servedNow+", "+withdrawnTarget+" SELECT slice, release_id FROM target ORDER BY slice",
		clickhouse.Named("source", w.Source), clickhouse.Named("release", w.Release))
	if err != nil {
		return fmt.Errorf("look up the release before: %w", err)
	}
	defer rows.Close()
	var serves []serving
	for rows.Next() {
		var s serving
		if err := rows.Scan(&s.slice, &s.release); err != nil {
			return fmt.Errorf("look up the release before: %w", err)
		}
		serves = append(serves, s)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look up the release before: %w", err)
	}
	_, err = publish(ctx, w.Conn, w.Source, w.Run, serves, w.Now)
	return err
}

// Released is the source of a release that was ever published, and in how many
// slices it serves now.
func Released(ctx context.Context, conn driver.Conn, release string) (source string, slices uint64, err error) {
	row := conn.QueryRow(ctx, `
		SELECT any(source), countIf(release_id = {release:String})
		FROM
		(
			SELECT source, slice, argMax(release_id, (published_at, release_id)) AS release_id
			FROM published
			WHERE (source, slice) IN (SELECT source, slice FROM published WHERE release_id = {release:String})
			GROUP BY source, slice
		)`, clickhouse.Named("release", release))
	if err := row.Scan(&source, &slices); err != nil {
		return "", 0, fmt.Errorf("look up the release: %w", err)
	}
	return source, slices, nil
}
