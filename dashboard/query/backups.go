package query

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Backups is the newest attempts to take a backup, newest first.
func (r *Reader) Backups(ctx context.Context, limit int) ([]stats.Backup, error) {
	return r.backups(ctx, "backups.sql", clickhouse.Named("limit", limit))
}

// LastBackup is the newest backup that there is; its ID is empty where there is none.
func (r *Reader) LastBackup(ctx context.Context) (stats.Backup, error) {
	found, err := r.backups(ctx, "last_backup.sql")
	if err != nil || len(found) == 0 {
		return stats.Backup{}, err
	}
	return found[0], nil
}

func (r *Reader) backups(ctx context.Context, name string, parameters ...any) (all []stats.Backup, err error) {
	err = r.each(ctx, name, func(rows driver.Rows) error {
		var b stats.Backup
		var outcome string
		if err := rows.Scan(&b.ID, &b.Began, &b.Ended, &b.AskedBy, &outcome, &b.AsAt, &b.Figures, &b.Bytes, &b.Added, &b.Problem); err != nil {
			return err
		}
		b.Began, b.Ended, b.AsAt, b.Outcome = b.Began.UTC(), b.Ended.UTC(), zeroIfNever(b.AsAt), stats.BackupOutcome(outcome)
		all = append(all, b)
		return nil
	}, parameters...)
	return all, err
}

// RecordBackup adds what became of an attempt.
func (r *Reader) RecordBackup(ctx context.Context, b stats.Backup) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO backups (backup_id, began_at, ended_at, asked_by, outcome, as_at, figures, byte_count, added_bytes, problem)")
	if err != nil {
		return fmt.Errorf("record the backup: %w", err)
	}
	defer batch.Close()
	asAt := b.AsAt
	if asAt.IsZero() {
		asAt = time.Unix(0, 0)
	}
	if err := batch.Append(b.ID, b.Began.UTC(), b.Ended.UTC(), b.AskedBy, string(b.Outcome), asAt.UTC(), b.Figures, b.Bytes, b.Added, b.Problem); err != nil {
		return fmt.Errorf("record the backup: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the backup: %w", err)
	}
	return nil
}
