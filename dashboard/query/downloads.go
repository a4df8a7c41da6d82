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

// RecordDownload adds a download to the log.
func (r *Reader) RecordDownload(ctx context.Context, d stats.Download) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO downloads (download_id, began_at, user_id, channel, report, filters, audience, row_count, byte_count, sha256, complete, took_us)")
	if err != nil {
		return fmt.Errorf("record the download: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(d.ID, d.BeganAt.UTC(), d.User, string(d.Channel), d.Report, d.Filters, d.Audience, d.Rows, d.Bytes, d.SHA256, d.Complete,
		uint64(d.Took.Microseconds())); err != nil {
		return fmt.Errorf("record the download: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the download: %w", err)
	}
	return nil
}

// errEnough ends a question whose answer is not wanted any further.
var errEnough = errors.New("enough")

// Downloads is what was downloaded from one moment until before another, the
// newest first; a zero time is no bound. It streams.
func (r *Reader) Downloads(ctx context.Context, from, until time.Time) iter.Seq2[stats.Download, error] {
	if until.IsZero() {
		until = endOfTime
	}
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	return func(yield func(stats.Download, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		err := r.each(ctx, "downloads.sql", func(rows driver.Rows) error {
			var d stats.Download
			var channel string
			var took uint64
			if err := rows.Scan(&d.ID, &d.BeganAt, &d.User, &channel, &d.Report, &d.Filters, &d.Audience, &d.Rows, &d.Bytes, &d.SHA256, &d.Complete, &took); err != nil {
				return err
			}
			d.BeganAt, d.Channel, d.Took = d.BeganAt.UTC(), stats.Channel(channel), time.Duration(took)*time.Microsecond
			if !yield(d, nil) {
				cancel()
				return errEnough
			}
			return nil
		}, clickhouse.DateNamed("from", from.UTC(), clickhouse.MicroSeconds), clickhouse.DateNamed("until", until.UTC(), clickhouse.MicroSeconds))
		if err != nil && !errors.Is(err, errEnough) {
			yield(stats.Download{}, err)
		}
	}
}
