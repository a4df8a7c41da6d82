package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ForgetActs begins to take out of the audit and of the log of downloads what is from
// before a moment. ClickHouse ends it by itself.
func ForgetActs(ctx context.Context, conn driver.Conn, before time.Time) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 0}))
	bound := clickhouse.DateNamed("before", before.UTC(), clickhouse.MicroSeconds)
	for _, in := range []struct{ table, where string }{{"audit", " WHERE at < {before:DateTime64(6, 'UTC')}"}, {"downloads", " WHERE began_at < {before:DateTime64(6, 'UTC')}"}} {
		var old uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM "+in.table+in.where, bound).Scan(&old); err != nil {
			return fmt.Errorf("look for what %s has kept long enough: %w", in.table, err)
		}
		if old == 0 {
			continue
		}
		if err := conn.Exec(ctx, "ALTER TABLE "+in.table+" DELETE"+in.where, bound); err != nil {
			return fmt.Errorf("take out of %s what it has kept long enough: %w", in.table, err)
		}
	}
	return nil
}
