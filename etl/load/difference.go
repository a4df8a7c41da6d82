package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
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
// served it before that one first did; empty where there was none. A release
// that was withdrawn itself does not come back.
const withdrawnTarget = `serving AS
	(
		SELECT slice, min(published_at) AS since
		FROM published
		WHERE source = {source:String} AND release_id = {release:String}
		  AND slice IN (SELECT slice FROM served_now WHERE release_id = {release:String})
		GROUP BY slice
	),
	withdrawn AS
	(
		SELECT of_run FROM runs
		WHERE source = {source:String} AND kind = 'withdrawal'
		  AND run_id IN (SELECT run_id FROM published WHERE source = {source:String})
	),
	target AS
	(
		SELECT p.slice AS slice,
		       argMaxIf(p.release_id, (p.published_at, p.release_id), p.published_at < s.since AND p.release_id NOT IN (SELECT of_run FROM withdrawn)) AS release_id
		FROM published AS p
		INNER JOIN serving AS s ON s.slice = p.slice
		WHERE p.source = {source:String}
		GROUP BY p.slice
	)`

const figureKey = "measure, area_code, basis, period_start, period_end, breakdown, breakdown_value"

// difference writes every figure that is new, changed or gone between what is
// served and the target, under a run's id. Where nothing serves a slice any
// more, since all of it was withdrawn, the figures that served it last are those
// that the target's have changed from; but those of them that stay away are told
// as gone already, and one that comes back as it was is new. A figure that is made
// up and becomes real, or the other way about, has changed though it is the same number.
func difference(target string) string {
	return `INSERT INTO revisions
	WITH ` + servedNow + `, ` + target + `,
	served_last AS
	(
		SELECT slice, argMaxIf(release_id, (published_at, release_id), release_id != '') AS release_id
		FROM published
		WHERE source = {source:String} AND slice IN (SELECT slice FROM target)
		GROUP BY slice
	),
	former AS
	(
		SELECT 1 AS there, slice IN (SELECT slice FROM served_now WHERE release_id != '') AS served, * FROM observations
		WHERE source = {source:String} AND (slice, release_id) IN (SELECT slice, release_id FROM served_last)
	),
	next AS
	(
		SELECT 1 AS there, * FROM observations
		WHERE source = {source:String} AND (slice, release_id) IN (SELECT slice, release_id FROM target)
	),
	differs AS
	(
		SELECT f.there AND n.there AND (ifNull(toString(f.value), '') != ifNull(toString(n.value), '') OR f.value_note != n.value_note
		           OR has(splitByString('; ', f.note), {demonstration:String}) != has(splitByString('; ', n.note), {demonstration:String})) AS changed,
		       n.there AND NOT changed AND NOT f.served AS added,
		       f.served AND NOT n.there AS gone,
		       if(n.there, n.slice, f.slice) AS slice, ` + figureKey + `,
		       if(added, '', f.release_id) AS former_release_id, if(added, NULL, f.value) AS former_value, if(added, '', f.value_note) AS former_value_note,
		       if(added, '', f.file) AS former_file, if(added, '', f.sheet) AS former_sheet, if(added, 0, f.source_row) AS former_row,
		       n.value AS value, n.value_note AS value_note, n.file AS file, n.sheet AS sheet, n.source_row AS source_row
		FROM former AS f
		FULL OUTER JOIN next AS n USING (` + figureKey + `)
	)
	SELECT
		{run:String}, {source:String}, slice, multiIf(added, 'new', gone, 'gone', 'changed'), ` + figureKey + `,
		former_release_id, former_value, former_value_note, former_file, former_sheet, former_row,
		value, value_note, file, sheet, source_row
	FROM differs
	WHERE added OR gone OR changed
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
	named := []any{clickhouse.Named("source", source), clickhouse.Named("release", release), clickhouse.Named("run", run), clickhouse.Named("demonstration", stats.Demonstration)}
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
