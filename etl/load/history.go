package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// LastRead is the hash of the file that was dealt with last at a place: the
// newest that a run published or found unchanged. A run that did not publish
// counts from its own time once its file was published by accepting or
// replaying it. Empty if there was none.
func LastRead(ctx context.Context, conn driver.Conn, source, from string) (sha256Hex string, err error) {
	runs := map[string]stats.Run{}
	err = each(ctx, conn, "what was read last", `
		SELECT run_id, any(started_at), any(kind), any(of_run), argMax(outcome, recorded_at), argMax(sha256, recorded_at)
		FROM runs
		WHERE source = {source:String} AND fetched_from = {from:String}
		GROUP BY run_id`, func(rows driver.Rows) error {
		var run stats.Run
		var kind, outcome string
		err := rows.Scan(&run.ID, &run.StartedAt, &kind, &run.Of, &outcome, &run.SHA256)
		run.Kind, run.Outcome = stats.RunKind(kind), stats.Outcome(outcome)
		runs[run.ID] = run
		return err
	}, clickhouse.Named("source", source), clickhouse.Named("from", from))
	var last stats.Run
	for _, run := range runs {
		if run.Kind != stats.LoadRun || run.Outcome != stats.Published && run.Outcome != stats.Unchanged {
			continue
		}
		for run.Of != "" {
			first, ok := runs[run.Of]
			if !ok {
				break
			}
			run = first
		}
		if later := run.StartedAt.Compare(last.StartedAt); last.ID == "" || later > 0 || later == 0 && run.ID > last.ID {
			last = run
		}
	}
	return last.SHA256, err
}

// Tried is what is known of a file at a place from earlier runs: when the first
// began, and the last of them. One that was accepted or replayed is left out.
func Tried(ctx context.Context, conn driver.Conn, source, from, sha256Hex string) (first time.Time, last stats.Run, err error) {
	var outcome string
	row := conn.QueryRow(ctx, `
		SELECT min(started), argMax(run_id, (started, run_id)), max(started), argMax(result, (started, run_id)), argMax(file, (started, run_id)), argMax(says, (started, run_id))
		FROM
		(
			SELECT run_id, any(started_at) AS started, argMax(outcome, recorded_at) AS result, argMax(file, recorded_at) AS file, argMax(problem, recorded_at) AS says
			FROM runs
			WHERE source = {source:String} AND fetched_from = {from:String} AND kind = 'load' AND of_run = ''
			GROUP BY run_id
			HAVING argMax(sha256, recorded_at) = {sha256:String} AND result NOT IN ('running', 'skipped')
			   AND run_id NOT IN (SELECT of_run FROM runs WHERE source = {source:String} AND outcome = 'published')
		)`, clickhouse.Named("source", source), clickhouse.Named("from", from), clickhouse.Named("sha256", sha256Hex))
	if err := row.Scan(&first, &last.ID, &last.StartedAt, &outcome, &last.File, &last.Problem); err != nil {
		return first, last, fmt.Errorf("look up earlier runs of the file: %w", err)
	}
	last.Source, last.From, last.SHA256, last.Outcome = source, from, sha256Hex, stats.Outcome(outcome)
	return first.UTC(), last, nil
}

// PublishedBefore is the newest run that published the file with these bytes
// from anywhere; its ID is empty if none did.
func PublishedBefore(ctx context.Context, conn driver.Conn, source, sha256Hex string) (run stats.Run, err error) {
	row := conn.QueryRow(ctx, `
		SELECT argMax(release_id, (retrieved_at, release_id)), argMax(file, (retrieved_at, release_id))
		FROM releases
		WHERE source = {source:String} AND sha256 = {sha256:String}
		  AND release_id IN (SELECT release_id FROM published WHERE source = {source:String})`,
		clickhouse.Named("source", source), clickhouse.Named("sha256", sha256Hex))
	if err := row.Scan(&run.ID, &run.File); err != nil {
		return run, fmt.Errorf("look up earlier releases: %w", err)
	}
	return run, nil
}

// Withdrawn is the newest withdrawal of a release of the file with these
// bytes, unless the file was published again since; its ID is empty if there
// is none.
func Withdrawn(ctx context.Context, conn driver.Conn, source, sha256Hex string) (run stats.Run, err error) {
	row := conn.QueryRow(ctx, `
		WITH
			mine AS (SELECT release_id FROM releases WHERE source = {source:String} AND sha256 = {sha256:String}),
			withdrawals AS
			(
				SELECT run_id, any(started_at) AS started, any(asked_by) AS who, any(why) AS reason
				FROM runs
				WHERE source = {source:String} AND kind = 'withdrawal' AND of_run IN (SELECT release_id FROM mine)
				GROUP BY run_id
				HAVING argMax(outcome, recorded_at) = 'published'
			)
		SELECT argMax(run_id, started), max(started), argMax(who, started), argMax(reason, started)
		FROM withdrawals
		WHERE started > (SELECT max(published_at) FROM published WHERE source = {source:String} AND run_id IN (SELECT release_id FROM mine))`,
		clickhouse.Named("source", source), clickhouse.Named("sha256", sha256Hex))
	if err := row.Scan(&run.ID, &run.StartedAt, &run.AskedBy, &run.Why); err != nil {
		return run, fmt.Errorf("look up withdrawals: %w", err)
	}
	return run, nil
}

// PublishedSince is the newest run that published something into the slices
// that a written release is to replace, after a moment; empty if none did.
func PublishedSince(ctx context.Context, conn driver.Conn, source, release string, since time.Time) (run string, err error) {
	var rows uint64
	row := conn.QueryRow(ctx, `
		SELECT count(), argMax(run_id, published_at)
		FROM published
		WHERE source = {source:String} AND published_at > {since:DateTime64(6, 'UTC')}
		  AND slice IN (SELECT DISTINCT slice FROM observations WHERE release_id = {release:String})`,
		clickhouse.Named("source", source), clickhouse.Named("release", release), clickhouse.DateNamed("since", since.UTC(), clickhouse.MicroSeconds))
	if err := row.Scan(&rows, &run); err != nil {
		return "", fmt.Errorf("look up what was published since: %w", err)
	}
	if rows == 0 {
		return "", nil
	}
	return run, nil
}

// ErrWithdrawsAll says that nothing served before the release to be withdrawn.
var ErrWithdrawsAll = errors.New("nothing was served before it")

// Leaves reports whether something serves in every slice once a release is
// withdrawn; ErrWithdrawsAll where it does not.
func Leaves(ctx context.Context, conn driver.Conn, source, release string) error {
	var empty uint64
	row := conn.QueryRow(ctx, "WITH "+servedNow+", "+withdrawnTarget+" SELECT countIf(release_id = '') FROM target",
		clickhouse.Named("source", source), clickhouse.Named("release", release))
	if err := row.Scan(&empty); err != nil {
		return fmt.Errorf("look up the release before: %w", err)
	}
	if empty > 0 {
		return ErrWithdrawsAll
	}
	return nil
}

// ForgetOlderHeld removes what earlier held runs of the same file from the same
// place would have changed: the newest tells it.
func ForgetOlderHeld(ctx context.Context, conn driver.Conn, newest stats.Run) error {
	var older []string
	row := conn.QueryRow(ctx, `
		SELECT groupArray(run_id)
		FROM
		(
			SELECT run_id FROM runs
			WHERE source = {source:String} AND fetched_from = {from:String} AND sha256 = {sha256:String} AND run_id != {run:String}
			GROUP BY run_id
			HAVING argMax(outcome, recorded_at) = 'held'
		)
		WHERE run_id IN (SELECT run_id FROM revisions WHERE source = {source:String})`,
		clickhouse.Named("source", newest.Source), clickhouse.Named("from", newest.From), clickhouse.Named("sha256", newest.SHA256), clickhouse.Named("run", newest.ID))
	if err := row.Scan(&older); err != nil {
		return fmt.Errorf("look up older held runs: %w", err)
	}
	for _, run := range older {
		if err := ForgetDifferences(ctx, conn, run); err != nil {
			return err
		}
	}
	return nil
}

// Made is the file of the release that a run made; its SHA256 is empty if the
// run made none.
func Made(ctx context.Context, conn driver.Conn, run string) (file, from, sha256Hex string, err error) {
	row := conn.QueryRow(ctx, "SELECT any(file), any(fetched_from), any(sha256) FROM releases WHERE release_id = {run:String}", clickhouse.Named("run", run))
	if err := row.Scan(&file, &from, &sha256Hex); err != nil {
		return "", "", "", fmt.Errorf("look up the release: %w", err)
	}
	return file, from, sha256Hex, nil
}
