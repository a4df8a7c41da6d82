package load

import (
	"context"
	"fmt"
	"time"

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
			argMax(subject, (attempts, recorded_at)), argMax(text, (attempts, recorded_at)), argMax(problem, (attempts, recorded_at))
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
	var tried, sent *time.Time
	err := rows.Scan(&d.Source, &d.Number, &d.ID, &d.Channel, &d.Attempts, &d.Condition, &state,
		&d.RaisedAt, &tried, &sent, &d.RunID, &d.Subject, &d.Text, &d.Problem)
	d.Recovered = state == recovered
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
		"raised_at, tried_at, sent_at, run_id, subject, text, problem)")
	if err != nil {
		return fmt.Errorf("record the alerts: %w", err)
	}
	defer batch.Close()
	for _, d := range deliveries {
		state := raised
		if d.Recovered {
			state = recovered
		}
		if err := batch.Append(d.Source, d.Number, d.ID, d.Channel, d.Attempts, now, d.Condition, state,
			d.RaisedAt, day(d.TriedAt), day(d.SentAt), d.RunID, d.Subject, d.Text, d.Problem); err != nil {
			return fmt.Errorf("record the alerts: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the alerts: %w", err)
	}
	return nil
}

// LastRuns is what an alert is decided by: for each source its last run that
// ended, its last that succeeded and its last that published; newest first. A
// run that was skipped says nothing of its source and is left out.
func LastRuns(ctx context.Context, conn Conn) (map[string][]stats.Run, error) {
	rows, err := conn.Query(ctx, `
		WITH ended AS (
			SELECT run_id, any(source) AS source, argMax(outcome, recorded_at) AS outcome, any(started_at) AS started_at,
				assumeNotNull(max(ended_at)) AS ended_at, argMax(read_rows, recorded_at) AS read_rows, argMax(loaded_rows, recorded_at) AS loaded_rows,
				argMax(excluded_rows, recorded_at) AS excluded_rows, argMax(rejected_rows, recorded_at) AS rejected_rows, argMax(problem, recorded_at) AS problem
			FROM runs
			GROUP BY run_id
			HAVING outcome NOT IN ('running', 'skipped')
		)
		SELECT run_id, source, outcome, started_at, ended_at, read_rows, loaded_rows, excluded_rows, rejected_rows, problem
		FROM ended
		WHERE run_id IN (
			SELECT arrayJoin([argMax(run_id, (started_at, run_id)),
				argMaxIf(run_id, (started_at, run_id), outcome IN ('published', 'unchanged')),
				argMaxIf(run_id, (started_at, run_id), outcome = 'published')])
			FROM ended GROUP BY source)
		ORDER BY source, started_at DESC, run_id DESC`)
	if err != nil {
		return nil, fmt.Errorf("look up the last runs: %w", err)
	}
	defer rows.Close()
	last := map[string][]stats.Run{}
	for rows.Next() {
		var run stats.Run
		var outcome string
		if err := rows.Scan(&run.ID, &run.Source, &outcome, &run.StartedAt, &run.EndedAt, &run.Read, &run.Loaded, &run.Excluded, &run.Rejected, &run.Problem); err != nil {
			return nil, fmt.Errorf("look up the last runs: %w", err)
		}
		run.Outcome = stats.Outcome(outcome)
		last[run.Source] = append(last[run.Source], run)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up the last runs: %w", err)
	}
	return last, nil
}
