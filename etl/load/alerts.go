package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

const (
	raised    = "raised"
	recovered = "recovered"
)

// Alerts keeps what was told about the sources, so that it is told once
// whatever process looks, and what could not be delivered yet.
type Alerts struct{ Conn Conn }

// Deliveries is the last alert of each source, and every delivery that was
// not made, oldest first.
func (a Alerts) Deliveries(ctx context.Context) ([]stats.Delivery, error) {
	rows, err := a.Conn.Query(ctx, `
		SELECT source, number, alert_id, channel, max(attempts), argMax(condition, (attempts, recorded_at)), argMax(state, (attempts, recorded_at)),
			min(raised_at) AS first_raised, max(tried_at), max(sent_at) AS taken, argMax(run_id, (attempts, recorded_at)),
			argMax(causes, (attempts, recorded_at)), argMax(subject, (attempts, recorded_at)), argMax(text, (attempts, recorded_at)), argMax(problem, (attempts, recorded_at))
		FROM alerts
		LEFT JOIN (SELECT source, max(number) AS last FROM alerts GROUP BY source) AS newest USING (source)
		GROUP BY source, number, alert_id, channel
		HAVING taken IS NULL OR number = any(last)
		ORDER BY first_raised, source, number, alert_id, channel`)
	if err != nil {
		return nil, fmt.Errorf("look up the alerts: %w", err)
	}
	defer rows.Close()
	var all []stats.Delivery
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, fmt.Errorf("look up the alerts: %w", err)
		}
		all = append(all, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up the alerts: %w", err)
	}
	return all, nil
}

func scanDelivery(rows driver.Rows) (stats.Delivery, error) {
	var d stats.Delivery
	var state string
	var causes []string
	var tried, sent *time.Time
	err := rows.Scan(&d.Source, &d.Number, &d.ID, &d.Channel, &d.Attempts, &d.Condition, &state,
		&d.RaisedAt, &tried, &sent, &d.RunID, &causes, &d.Subject, &d.Text, &d.Problem)
	d.Recovered = state == recovered
	for _, cause := range causes {
		d.Causes = append(d.Causes, stats.Cause(cause))
	}
	if tried != nil {
		d.TriedAt = *tried
	}
	if sent != nil {
		d.SentAt = *sent
	}
	return d, err
}

// Record adds one row for each delivery, in one block: all are kept or none.
func (a Alerts) Record(ctx context.Context, now time.Time, deliveries []stats.Delivery) error {
	batch, err := a.Conn.PrepareBatch(ctx, "INSERT INTO alerts (source, number, alert_id, channel, attempts, recorded_at, condition, state, "+
		"raised_at, tried_at, sent_at, run_id, subject, text, problem, causes)")
	if err != nil {
		return fmt.Errorf("record the alerts: %w", err)
	}
	defer batch.Close()
	for _, d := range deliveries {
		state := raised
		if d.Recovered {
			state = recovered
		}
		causes := make([]string, 0, len(d.Causes))
		for _, cause := range d.Causes {
			causes = append(causes, string(cause))
		}
		if err := batch.Append(d.Source, d.Number, d.ID, d.Channel, d.Attempts, now, d.Condition, state,
			d.RaisedAt, day(d.TriedAt), day(d.SentAt), d.RunID, d.Subject, d.Text, d.Problem, causes); err != nil {
			return fmt.Errorf("record the alerts: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the alerts: %w", err)
	}
	return nil
}

// LastRuns is what an alert is decided by, for each source, newest first: its
// last run that tells how it stands (see the view telling_runs) and those that
// were made together with it, the scheduled runs that are held and wait, and the
// last run that published.
func LastRuns(ctx context.Context, conn Conn) (map[string][]stats.Run, error) {
	rows, err := conn.Query(ctx, `
		WITH ended AS (
			SELECT run_id, any(source) AS of_source, argMax(outcome, recorded_at) AS last_outcome, argMax(kind, recorded_at) AS last_kind,
				any(started_at) AS started, (started, run_id) AS at, max(ended_at) AS ended_last, argMax(read_rows, recorded_at) AS read,
				argMax(loaded_rows, recorded_at) AS loaded, argMax(excluded_rows, recorded_at) AS excluded,
				argMax(rejected_rows, recorded_at) AS rejected, argMax(problem, recorded_at) AS says, argMax(cause, recorded_at) AS of_cause,
				argMax(fetched_from, recorded_at) AS place, any(pass) AS together, any(asked_by) AS who,
				run_id IN (SELECT run_id FROM telling_runs) AS tells
			FROM runs
			GROUP BY run_id
			HAVING last_outcome != 'running' AND (tells OR last_outcome = 'published')
		)
		SELECT run_id, of_source, last_outcome, last_kind, started, assumeNotNull(ended_last), read, loaded, excluded, rejected, says, together, of_cause
		FROM ended
		WHERE run_id IN (
			SELECT arrayJoin([argMaxIf(run_id, at, tells),
				argMaxIf(run_id, at, last_outcome = 'published')])
			FROM ended
			GROUP BY of_source)
		   OR together != '' AND together IN (SELECT argMaxIf(together, at, tells) FROM ended GROUP BY of_source)
		   OR last_outcome = 'held' AND who = '' AND run_id NOT IN (SELECT of_run FROM runs WHERE outcome = 'published')
		      AND run_id IN (SELECT argMaxIf(run_id, at, tells) FROM ended GROUP BY of_source, place)
		ORDER BY of_source, at DESC`)
	if err != nil {
		return nil, fmt.Errorf("look up the last runs: %w", err)
	}
	defer rows.Close()
	last := map[string][]stats.Run{}
	for rows.Next() {
		var run stats.Run
		var outcome, kind, cause string
		if err := rows.Scan(&run.ID, &run.Source, &outcome, &kind, &run.StartedAt, &run.EndedAt, &run.Read, &run.Loaded, &run.Excluded, &run.Rejected, &run.Problem, &run.Pass, &cause); err != nil {
			return nil, fmt.Errorf("look up the last runs: %w", err)
		}
		run.Outcome, run.Kind, run.Cause = stats.Outcome(outcome), stats.RunKind(kind), stats.Cause(cause)
		last[run.Source] = append(last[run.Source], run)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up the last runs: %w", err)
	}
	return last, nil
}

// First is when the first run of each source started, whatever came of it: one
// that was skipped for want of a file counts, and a dry run does not.
func First(ctx context.Context, conn Conn) (map[string]time.Time, error) {
	return times(ctx, conn, "when the sources first ran", `
		SELECT source, min(started_at)
		FROM runs
		WHERE kind != 'check'
		GROUP BY source`)
}

// Newest is when the newest file was fetched of those that serve at least one
// slice now, by source. A source that serves nothing is left out.
func Newest(ctx context.Context, conn Conn) (map[string]time.Time, error) {
	return times(ctx, conn, "how old what is served is", `
		SELECT source, max(retrieved_at)
		FROM releases
		WHERE release_id IN (
			SELECT argMax(release_id, (published_at, release_id)) FROM published GROUP BY source, slice)
		GROUP BY source`)
}

// Covered is the last day that the known figures cover which each of the
// sources serves; one that serves none is left out.
func Covered(ctx context.Context, conn Conn, sources []string) (map[string]time.Time, error) {
	if len(sources) == 0 {
		return nil, nil
	}
	return times(ctx, conn, "what the figures cover", `
		WITH serving AS (
			SELECT source, slice, argMax(release_id, (published_at, release_id)) AS release_id
			FROM published WHERE source IN {sources:Array(String)} GROUP BY source, slice)
		SELECT source, max(period_end)
		FROM observations
		WHERE release_id IN (SELECT release_id FROM serving)
			AND (source, slice, release_id) IN (SELECT source, slice, release_id FROM serving)
			AND value IS NOT NULL
		GROUP BY source`, clickhouse.Named("sources", sources))
}

// times reads a moment of each source.
func times(ctx context.Context, conn Conn, what, query string, parameters ...any) (map[string]time.Time, error) {
	rows, err := conn.Query(ctx, query, parameters...)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", what, err)
	}
	defer rows.Close()
	found := map[string]time.Time{}
	for rows.Next() {
		var source string
		var at time.Time
		if err := rows.Scan(&source, &at); err != nil {
			return nil, fmt.Errorf("look up %s: %w", what, err)
		}
		found[source] = at.UTC()
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up %s: %w", what, err)
	}
	return found, nil
}
