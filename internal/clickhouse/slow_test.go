package clickhouse_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/clickhouse"
)

// TestSlowQuestions are told with the request, the statement and the plan, and without the values
// that were asked for; others are not.
func TestSlowQuestions(t *testing.T) {
	for name, after := range map[string]time.Duration{"slow": time.Nanosecond, "quick": time.Hour, "": 0} {
		t.Run(name, func(t *testing.T) {
			var told bytes.Buffer
			db, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: t.TempDir(), Slow: clickhouse.Slow{After: after,
				Log: slog.New(slog.NewTextHandler(&told, nil)), Request: func(context.Context) string { return "r7" }}})
			if err != nil {
				t.Fatal(err)
			}
			exec1(t, db, "CREATE TABLE people (name String) ENGINE = MergeTree ORDER BY name")
			exec1(t, db, "INSERT INTO people VALUES ('Ann Example')")
			rows, err := db.Query(t.Context(), "SELECT name\nFROM people WHERE name = {who:String}", chgo.Named("who", "Ann Example"))
			if err != nil {
				t.Fatal(err)
			}
			if !rows.Next() {
				t.Error("nobody is found")
			}
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
			var n uint64
			if err := db.QueryRow(t.Context(), "SELECT count() FROM people").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d people, %v", n, err)
			}
			if err := db.Close(); err != nil { // it waits for the plans
				t.Error(err)
			}
			says := told.String()
			if after != time.Nanosecond {
				if says != "" {
					t.Errorf("told: %s", says)
				}
				return
			}
			for _, want := range []string{"level=WARN", "request=r7", `statement="SELECT name FROM people WHERE name = {who:String}"`, "ReadFromMergeTree (", "Granules: 1/1", "took=", "SELECT count() FROM people"} {
				if !strings.Contains(says, want) {
					t.Errorf("%q is not told:\n%s", want, says)
				}
			}
			if strings.Contains(says, "Ann") {
				t.Errorf("a value is told:\n%s", says)
			}
		})
	}
}
