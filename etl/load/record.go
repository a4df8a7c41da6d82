package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// RecordRun writes what is known of a run now; of several rows for one run
// the newest counts (owner is the data directory whose process runs it), so a row is never recorded before an earlier one, though
// the clock may have gone back.
func RecordRun(ctx context.Context, conn driver.Conn, run stats.Run, owner string, now time.Time) error {
	var last time.Time
	if err := conn.QueryRow(ctx, "SELECT max(recorded_at) FROM runs WHERE run_id = {run:String}", clickhouse.Named("run", run.ID)).Scan(&last); err != nil {
		return fmt.Errorf("look up the run: %w", err)
	}
	now = later(now, last)
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, release_id, file, "+
		"fetched_from, sha256, read_rows, loaded_rows, excluded_rows, rejected_rows, exclusions, problem, owner)")
	if err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	defer batch.Close()
	var ended *time.Time
	if !run.EndedAt.IsZero() {
		ended = &run.EndedAt
	}
	exclusions := make([][]any, 0, len(run.Exclusions))
	for _, e := range run.Exclusions {
		exclusions = append(exclusions, []any{e.Reason, e.Rows})
	}
	if err := batch.Append(run.ID, now, run.Source, string(run.Outcome), run.StartedAt, ended, run.ReleaseID, run.File,
		run.From, run.SHA256, run.Read, run.Loaded, run.Excluded, run.Rejected, exclusions, run.Problem, owner); err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	return nil
}

// KeepRejections keeps the rejected rows of a run.
func KeepRejections(ctx context.Context, conn driver.Conn, run, source string, rows []stats.Rejection) error {
	if len(rows) == 0 {
		return nil
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO rejected_rows (run_id, source, file, sheet, source_row, column_name, value, reason)")
	if err != nil {
		return fmt.Errorf("keep the rejected rows: %w", err)
	}
	defer batch.Close()
	for _, r := range rows {
		if err := batch.Append(run, source, r.File, r.Sheet, uint32(r.Row), r.Column, r.Value, r.Reason); err != nil {
			return fmt.Errorf("keep the rejected rows: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("keep the rejected rows: %w", err)
	}
	return nil
}

// Serves reports whether what the source serves is the file with that
// fingerprint already: a former release of it still serves every slice that
// it brought.
func Serves(ctx context.Context, conn driver.Conn, source, fingerprint string) (bool, error) {
	var slices, current uint64
	row := conn.QueryRow(ctx, `
		SELECT count(), countIf(fingerprint = {fingerprint:String})
		FROM (
			SELECT slice, argMax(release_id, (published_at, release_id)) AS release_id
			FROM published
			WHERE source = {source:String} AND slice IN (
				SELECT slice FROM published WHERE source = {source:String} AND release_id IN (
					SELECT release_id FROM releases WHERE source = {source:String} AND fingerprint = {fingerprint:String}))
			GROUP BY slice
		) AS now
		LEFT JOIN (SELECT release_id, any(fingerprint) AS fingerprint FROM releases WHERE source = {source:String} GROUP BY release_id) AS r USING (release_id)`,
		clickhouse.Named("source", source), clickhouse.Named("fingerprint", fingerprint))
	if err := row.Scan(&slices, &current); err != nil {
		return false, fmt.Errorf("look up what is served: %w", err)
	}
	return slices > 0 && slices == current, nil
}

// LastRead is the hash of the file that the source's last run read from a
// place and published or found unchanged; empty if there was none.
func LastRead(ctx context.Context, conn driver.Conn, source, from string) (sha256Hex string, err error) {
	row := conn.QueryRow(ctx, `
		SELECT argMax(sha, started)
		FROM (
			SELECT argMax(sha256, recorded_at) AS sha, (any(started_at), run_id) AS started
			FROM runs
			WHERE source = {source:String} AND fetched_from = {from:String}
			GROUP BY run_id
			HAVING argMax(outcome, recorded_at) IN ('published', 'unchanged')
		)`, clickhouse.Named("source", source), clickhouse.Named("from", from))
	if err := row.Scan(&sha256Hex); err != nil {
		return "", fmt.Errorf("look up what was read last: %w", err)
	}
	return sha256Hex, nil
}

// Edition names the releases that the sources serve now.
func Edition(ctx context.Context, conn driver.Conn, sources []string) (string, error) {
	var edition string
	row := conn.QueryRow(ctx, `
		SELECT arrayStringConcat(arraySort(groupUniqArray(release_id)), ' ')
		FROM (
			SELECT argMax(release_id, (published_at, release_id)) AS release_id
			FROM published
			WHERE source IN {sources:Array(String)}
			GROUP BY source, slice
		)`, clickhouse.Named("sources", list(sources)))
	if err := row.Scan(&edition); err != nil {
		return "", fmt.Errorf("look up the served reference data: %w", err)
	}
	return edition, nil
}

// Discard removes every row that stands under a release that was not published,
// and the record of the release itself.
func Discard(ctx context.Context, conn driver.Conn, release string) error {
	var names []string
	for _, t := range tables {
		names = append(names, t.name)
	}
	for _, name := range append(names, "releases") {
		var rows uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM "+name+" WHERE release_id = {release:String}", clickhouse.Named("release", release)).Scan(&rows); err != nil {
			return fmt.Errorf("look for unpublished rows in %s: %w", name, err)
		}
		if rows == 0 {
			continue
		}
		if err := conn.Exec(ctx, "DELETE FROM "+name+" WHERE release_id = {release:String}", clickhouse.Named("release", release)); err != nil {
			return fmt.Errorf("remove unpublished rows from %s: %w", name, err)
		}
	}
	return nil
}

// Unended is the runs of a source that have a start and no end and that the
// owner, a data directory, began; oldest first.
func Unended(ctx context.Context, conn driver.Conn, source, owner string) ([]stats.Run, error) {
	rows, err := conn.Query(ctx, `
		SELECT run_id, any(started_at), argMax(file, recorded_at), argMax(fetched_from, recorded_at), argMax(sha256, recorded_at)
		FROM runs
		WHERE source = {source:String} AND owner = {owner:String}
		GROUP BY run_id
		HAVING argMax(outcome, recorded_at) = 'running'
		ORDER BY run_id`, clickhouse.Named("source", source), clickhouse.Named("owner", owner))
	if err != nil {
		return nil, fmt.Errorf("look for runs without an end: %w", err)
	}
	defer rows.Close()
	var runs []stats.Run
	for rows.Next() {
		run := stats.Run{Source: source, Outcome: stats.Running}
		if err := rows.Scan(&run.ID, &run.StartedAt, &run.File, &run.From, &run.SHA256); err != nil {
			return nil, fmt.Errorf("look for runs without an end: %w", err)
		}
		runs = append(runs, run)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for runs without an end: %w", err)
	}
	return runs, nil
}

// HasLoaded reports whether the source serves anything.
func HasLoaded(ctx context.Context, conn driver.Conn, source string) (bool, error) {
	var rows uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM published WHERE source = {source:String}", clickhouse.Named("source", source)).Scan(&rows); err != nil {
		return false, fmt.Errorf("look up what is served: %w", err)
	}
	return rows > 0, nil
}

// IsPublished reports whether a release serves, or once served, a slice.
func IsPublished(ctx context.Context, conn driver.Conn, release string) (bool, error) {
	var rows uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM published WHERE release_id = {release:String}", clickhouse.Named("release", release)).Scan(&rows); err != nil {
		return false, fmt.Errorf("look up the publication: %w", err)
	}
	return rows > 0, nil
}
