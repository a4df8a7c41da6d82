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
		"fetched_from, sha256, read_rows, loaded_rows, excluded_rows, rejected_rows, exclusions, problem, owner, "+
		"kind, of_run, asked_by, why, new_figures, changed_figures, gone_figures, checks, log, pass, other_file, cause)")
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
	checks, log := make([][]any, 0, len(run.Checks)), make([][]any, 0, len(run.Log))
	for _, c := range run.Checks {
		checks = append(checks, []any{c.Name, string(c.Outcome), c.Says})
	}
	for _, l := range run.Log {
		log = append(log, []any{l.At, l.Says})
	}
	if err := batch.Append(run.ID, now, run.Source, string(run.Outcome), run.StartedAt, ended, run.ReleaseID, run.File,
		run.From, run.SHA256, run.Read, run.Loaded, run.Excluded, run.Rejected, exclusions, run.Problem, owner,
		string(run.Kind), run.Of, run.AskedBy, run.Why, run.New, run.Changed, run.Gone, checks, log, run.Pass, run.OtherFile, string(run.Cause)); err != nil {
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

// ForgetRejections removes what was kept of a run's rejected rows, before they
// are kept again.
func ForgetRejections(ctx context.Context, conn driver.Conn, run string) error {
	return removeRows(ctx, conn, "rejected_rows", "run_id", run)
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
		if err := removeRows(ctx, conn, name, "release_id", release); err != nil {
			return err
		}
	}
	return nil
}

// removing is how long to wait until removed rows are gone.
const removing = 30 * time.Second

// removeRows removes the rows of a table in which a column holds an id. The
// names of table and column are constants of this package. The statement itself
// is not made to wait: while the disk is full that would be for ever, and it
// could not be stopped.
func removeRows(ctx context.Context, conn driver.Conn, table, column, id string) error {
	return removeBy(ctx, conn, "DELETE FROM "+table, table, column, id)
}

// removeBy is removeRows by a statement of its own.
func removeBy(ctx context.Context, conn driver.Conn, statement, table, column, id string) error {
	where := " WHERE " + column + " = {id:String}"
	left := func() (rows uint64, err error) {
		if err := conn.QueryRow(ctx, "SELECT count() FROM "+table+where, clickhouse.Named("id", id)).Scan(&rows); err != nil {
			return 0, fmt.Errorf("look for rows to remove from %s: %w", table, err)
		}
		return rows, nil
	}
	rows, err := left()
	if err != nil || rows == 0 {
		return err
	}
	started := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"lightweight_deletes_sync": 0, "mutations_sync": 0}))
	if err := conn.Exec(started, statement+where, clickhouse.Named("id", id)); err != nil {
		return fmt.Errorf("remove rows from %s: %w", table, err)
	}
	ended := time.NewTimer(removing)
	defer ended.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if rows, err := left(); err != nil || rows == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("remove rows from %s: %w", table, ctx.Err())
		case <-ended.C:
			return fmt.Errorf("rows that nobody sees could not be removed from %s: look whether the disk is full, and run again", table)
		case <-tick.C:
		}
	}
}

// Unended is the runs of a source that have a start and no end and that the
// owner, a data directory, began; oldest first.
func Unended(ctx context.Context, conn driver.Conn, source, owner string) ([]stats.Run, error) {
	rows, err := conn.Query(ctx, `
		SELECT run_id, any(started_at), argMax(file, recorded_at), argMax(fetched_from, recorded_at), argMax(sha256, recorded_at),
		       any(kind), any(of_run), any(asked_by), any(why), any(other_file)
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
		var kind string
		if err := rows.Scan(&run.ID, &run.StartedAt, &run.File, &run.From, &run.SHA256, &kind, &run.Of, &run.AskedBy, &run.Why, &run.OtherFile); err != nil {
			return nil, fmt.Errorf("look for runs without an end: %w", err)
		}
		run.Kind = stats.RunKind(kind)
		runs = append(runs, run)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for runs without an end: %w", err)
	}
	return runs, nil
}

// LastStart is when the source's last scheduled run began that came to an end;
// the zero time if there was none. What a person ran meanwhile, a run that
// found the source busy and one that was cut off do not make up for it.
func LastStart(ctx context.Context, conn driver.Conn, source string) (time.Time, error) {
	var last time.Time
	row := conn.QueryRow(ctx, `
		SELECT max(started)
		FROM
		(
			SELECT any(started_at) AS started
			FROM runs
			WHERE source = {source:String} AND kind = 'load' AND of_run = '' AND asked_by = ''
			GROUP BY run_id
			HAVING argMax(outcome, recorded_at) NOT IN ('skipped', 'interrupted')
		)`, clickhouse.Named("source", source))
	if err := row.Scan(&last); err != nil {
		return time.Time{}, fmt.Errorf("look up the last run: %w", err)
	}
	if last.Unix() == 0 {
		return time.Time{}, nil
	}
	return last.UTC(), nil
}

// ErrNoRun says that there is no run with an id.
var ErrNoRun = errors.New("there is no such run: `stalkstats etl history` shows them")

// FindRun is what needs to be known of a run to run its file again.
func FindRun(ctx context.Context, conn driver.Conn, id string) (stats.Run, error) {
	run := stats.Run{ID: id}
	var names, outcomes []string
	var outcome, kind string
	var rows uint64
	row := conn.QueryRow(ctx, `
		SELECT count(), any(source), any(started_at), any(kind), argMax(outcome, recorded_at), argMax(file, recorded_at),
		       argMax(fetched_from, recorded_at), argMax(sha256, recorded_at),
		       argMax(arrayMap(c -> c.1, checks), recorded_at), argMax(arrayMap(c -> c.2, checks), recorded_at), any(other_file)
		FROM runs
		WHERE run_id = {run:String}`, clickhouse.Named("run", id))
	if err := row.Scan(&rows, &run.Source, &run.StartedAt, &kind, &outcome, &run.File, &run.From, &run.SHA256, &names, &outcomes, &run.OtherFile); err != nil {
		return run, fmt.Errorf("look up the run: %w", err)
	}
	if rows == 0 {
		return run, fmt.Errorf("run %q: %w", id, ErrNoRun)
	}
	run.Kind, run.Outcome, run.StartedAt = stats.RunKind(kind), stats.Outcome(outcome), run.StartedAt.UTC()
	for i, name := range names {
		run.Checks = append(run.Checks, stats.Check{Name: name, Outcome: stats.CheckOutcome(outcomes[i])})
	}
	return run, nil
}

// FirstFetched is when a run of the source first had the file with these bytes;
// zero where none had. A file that is read again gets no newer by it.
func FirstFetched(ctx context.Context, conn driver.Conn, source, sha256Hex string) (time.Time, error) {
	var runs uint64
	var first time.Time
	row := conn.QueryRow(ctx, "SELECT count(), min(started_at) FROM runs WHERE source = {source:String} AND sha256 = {sha256:String}",
		clickhouse.Named("source", source), clickhouse.Named("sha256", sha256Hex))
	if err := row.Scan(&runs, &first); err != nil {
		return first, fmt.Errorf("look up when the file was first fetched: %w", err)
	}
	if runs == 0 {
		return time.Time{}, nil
	}
	return first.UTC(), nil
}

// OtherRunsOf reports whether a run other than the one named is of a file with
// that hash and came as far as its rows, so that the file may be asked for again.
// Runs of the sources in without are left out: of their files nothing is kept.
func OtherRunsOf(ctx context.Context, conn driver.Conn, sha256Hex, run string, without []string) (bool, error) {
	var others uint64
	row := conn.QueryRow(ctx, "SELECT count() FROM runs WHERE sha256 = {sha256:String} AND run_id != {run:String} AND source NOT IN {without:Array(String)} "+
		"AND (outcome IN ('published', 'unchanged', 'held', 'checked') OR outcome = 'rejected' AND read_rows > 0)",
		clickhouse.Named("sha256", sha256Hex), clickhouse.Named("run", run), clickhouse.Named("without", list(without)))
	if err := row.Scan(&others); err != nil {
		return false, fmt.Errorf("look up other runs of the file: %w", err)
	}
	return others > 0, nil
}

// LastFetch is what a server said of a file when it was last fetched for a
// run that published it or found it unchanged.
func LastFetch(ctx context.Context, conn driver.Conn, source, address string) (etag, lastModified, sha256Hex string, err error) {
	row := conn.QueryRow(ctx, `
		SELECT argMax(etag, fetched_at), argMax(last_modified, fetched_at), argMax(sha256, fetched_at)
		FROM fetches
		WHERE source = {source:String} AND address = {address:String}`, clickhouse.Named("source", source), clickhouse.Named("address", address))
	if err := row.Scan(&etag, &lastModified, &sha256Hex); err != nil {
		return "", "", "", fmt.Errorf("look up the last fetch: %w", err)
	}
	return etag, lastModified, sha256Hex, nil
}

// RecordFetch keeps what a server said of a file that a run has read to its end.
func RecordFetch(ctx context.Context, conn driver.Conn, run stats.Run, address, etag, lastModified string, now time.Time) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO fetches (source, address, fetched_at, run_id, sha256, etag, last_modified)")
	if err != nil {
		return fmt.Errorf("record the fetch: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(run.Source, address, now, run.ID, run.SHA256, etag, lastModified); err != nil {
		return fmt.Errorf("record the fetch: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the fetch: %w", err)
	}
	return nil
}

// HasLoaded reports whether the source serves anything.
func HasLoaded(ctx context.Context, conn driver.Conn, source string) (bool, error) {
	var rows uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM published WHERE source = {source:String}", clickhouse.Named("source", source)).Scan(&rows); err != nil {
		return false, fmt.Errorf("look up what is served: %w", err)
	}
	return rows > 0, nil
}

// HasPublished reports whether a run published something: what it loaded, or,
// where it withdrew a release, the one before.
func HasPublished(ctx context.Context, conn driver.Conn, run string) (bool, error) {
	var rows uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM published WHERE run_id = {run:String}", clickhouse.Named("run", run)).Scan(&rows); err != nil {
		return false, fmt.Errorf("look up the publication: %w", err)
	}
	return rows > 0, nil
}
