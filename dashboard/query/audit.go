package query

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// RecordAct adds to the audit what somebody did.
func (r *Reader) RecordAct(ctx context.Context, a stats.Act) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO audit (act_id, at, user_id, channel, action, about, outcome, made)")
	if err != nil {
		return fmt.Errorf("record who did what: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(a.ID, a.At.UTC(), a.User, string(a.Channel), string(a.Action), a.About, string(a.Outcome), a.Made); err != nil {
		return fmt.Errorf("record who did what: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record who did what: %w", err)
	}
	return nil
}

// Acts is what somebody did from one moment until before another, the newest first,
// downloads among them. A zero time is no bound; an empty user is everybody. It
// streams.
func (r *Reader) Acts(ctx context.Context, user string, from, until time.Time) iter.Seq2[stats.Act, error] {
	if until.IsZero() {
		until = endOfTime
	}
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	return func(yield func(stats.Act, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		err := r.each(ctx, "audit.sql", func(rows driver.Rows) error {
			var a stats.Act
			var channel, action, outcome string
			if err := rows.Scan(&a.ID, &a.At, &a.User, &channel, &action, &a.About, &outcome, &a.Made); err != nil {
				return err
			}
			a.At, a.Channel, a.Action, a.Outcome = a.At.UTC(), stats.Channel(channel), stats.Action(action), stats.ActOutcome(outcome)
			if !yield(a, nil) {
				cancel()
				return errEnough
			}
			return nil
		}, clickhouse.Named("user", user), clickhouse.DateNamed("from", from.UTC(), clickhouse.MicroSeconds), clickhouse.DateNamed("until", until.UTC(), clickhouse.MicroSeconds))
		if err != nil && !errors.Is(err, errEnough) {
			yield(stats.Act{}, err)
		}
	}
}
