package clickhousetest_test

import (
	"os"
	"testing"

	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/clickhouse/embedded"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// TestDatabasesAreApart: two tests may have tables of the same name.
func TestDatabasesAreApart(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := clickhousetest.Open(t)
			if err := db.Exec(t.Context(), "CREATE TABLE t (v String) ENGINE = MergeTree ORDER BY v"); err != nil {
				t.Fatal(err)
			}
			batch, err := db.PrepareBatch(t.Context(), "INSERT INTO t")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = batch.Close() }()
			if err := batch.Append(name); err != nil {
				t.Fatal(err)
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			var got string
			if err := db.QueryRow(t.Context(), "SELECT arrayStringConcat(groupArray(v)) FROM t").Scan(&got); err != nil || got != name {
				t.Errorf("t holds %q, %v", got, err)
			}
		})
	}
}

func TestNothingStays(t *testing.T) {
	t.Run("use", func(t *testing.T) { clickhousetest.Open(t) })
	db := clickhousetest.Open(t)
	var n uint64
	if err := db.QueryRow(t.Context(), "SELECT count() FROM system.databases WHERE name LIKE 'test\\_%'").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d test databases, %v", n, err)
	}
	if os.Getenv(clickhousetest.ServerVariable) == "" && embedded.OpenConnections() == 0 {
		t.Error("the engine is not open")
	}
}
