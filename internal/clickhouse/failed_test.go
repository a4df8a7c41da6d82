package clickhouse_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/clickhouse"
)

// TestFailedStatementLetsGoOfItsTables: a statement that fails while it reads
// a table must not keep the table from being dropped.
func TestFailedStatementLetsGoOfItsTables(t *testing.T) {
	db := open(t, clickhouse.Options{})
	exec1(t, db, "CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n")
	exec1(t, db, "INSERT INTO t SELECT 1")
	var n uint8
	err := db.QueryRow(t.Context(), "SELECT throwIf(count() = 1, 'refused') FROM t GROUP BY n").Scan(&n)
	if err == nil || !strings.Contains(err.Error(), "refused") {
		t.Fatalf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := db.Exec(ctx, "DROP TABLE t SYNC"); err != nil {
		t.Error(err)
	}
}
