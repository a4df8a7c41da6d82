package clickhouse_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/clickhouse"
)

// endless is a statement that returns no row for hours.
const endless = "SELECT count() FROM numbers_mt(1000000000000000) WHERE number % 7 = 3"

// promptly is how soon a caller must be free whose context has ended. It is
// generous for loaded machines; the usual time is far below a millisecond.
const promptly = 2 * time.Second

func TestCancelFreesCallerAndStopsStatement(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 2})
	for name, run := range map[string]func(context.Context) error{
		"no row yet": func(ctx context.Context) error { return db.Exec(ctx, endless) },
		"not a SELECT": func(ctx context.Context) error {
			return db.Exec(ctx, "INSERT INTO FUNCTION null('n UInt64') "+endless)
		},
		"rows arriving": func(ctx context.Context) error {
			rows, err := db.Query(ctx, "SELECT number FROM numbers(1000000000000)")
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			return rows.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 6 { // more than there are connections
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
				begin := time.Now()
				err := run(ctx)
				cancel()
				if took := time.Since(begin); took > promptly {
					t.Errorf("the caller was free after %v", took)
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error = %v, want the context's", err)
				}
			}
			if n := scan1[uint8](t, db, "SELECT 1"); n != 1 {
				t.Errorf("afterwards: %d", n)
			}
		})
	}
	awaitIdle(t, db)
}

// awaitIdle waits until the engine runs nothing but the question itself.
func awaitIdle(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		var n uint64
		if err := db.QueryRow(ctx, "SELECT count() FROM system.processes").Scan(&n); err != nil {
			t.Fatalf("statements still running: %v", err)
		}
		if n == 1 {
			return
		}
	}
}

func TestWaitForConnectionRespectsContext(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 1})
	busy, release := context.WithCancel(t.Context())
	rows, err := db.Query(busy, "SELECT number FROM numbers(1000000000)")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := db.Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for the one connection: %v", err)
	}
	release()
	if err := rows.Close(); err == nil {
		t.Error("a result that was cut short gave no error")
	}
	if n := scan1[uint8](t, db, "SELECT 1"); n != 1 {
		t.Errorf("afterwards: %d", n)
	}
}

func TestCallersShareConnections(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 2})
	exec1(t, db, "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			for i := range 20 {
				want := uint64(caller*1000 + i)
				var got uint64
				if err := db.QueryRow(t.Context(), "SELECT {n:UInt64}", chgo.Named("n", want)).Scan(&got); err != nil || got != want {
					t.Errorf("caller %d got %d, %v; want %d", caller, got, err, want)
				}
			}
			if err := db.Exec(t.Context(), "INSERT INTO t SELECT number FROM numbers(100)"); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := scan1[uint64](t, db, "SELECT count() FROM t"); n != 800 {
		t.Errorf("count = %d, want 800", n)
	}
}

func TestErrorInMidStream(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 1})
	testErrorInMidStream(t, db)
}

func testErrorInMidStream(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	rows, err := db.Query(t.Context(), "SELECT number, throwIf(number = 3000000, 'row of doom') FROM numbers(10000000)")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for rows.Next() {
		count++
	}
	var exception *chgo.Exception
	if err := rows.Err(); !errors.As(err, &exception) || exception.Code != 395 || !strings.Contains(exception.Message, "row of doom") {
		t.Errorf("after %d rows: %v, want exception 395", count, err)
	}
	if count == 0 || count > 3_000_000 {
		t.Errorf("%d rows before the error", count)
	}
	if n := scan1[uint8](t, db, "SELECT 1"); n != 1 {
		t.Errorf("afterwards: %d", n)
	}
}

func TestAbandonedResultFreesConnection(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 1})
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := db.Query(ctx, "SELECT number FROM numbers(1000000000)")
		if err != nil {
			t.Fatal(err)
		}
		rows.Next()
		cancel()
		_ = rows.Close()
	}
	if n := scan1[uint8](t, db, "SELECT 1"); n != 1 {
		t.Errorf("afterwards: %d", n)
	}
}

func TestNothingLeaksToTheNextStatement(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 1})
	before := scan1[uint64](t, db, "SELECT toUInt64(getSetting('max_block_size'))")
	ctx := chgo.Context(t.Context(), chgo.WithSettings(chgo.Settings{"max_block_size": 1234, "wait_end_of_query": 1}))
	var during uint64
	if err := db.QueryRow(ctx, "SELECT toUInt64(getSetting('max_block_size'))").Scan(&during); err != nil || during != 1234 {
		t.Errorf("setting = %d, %v", during, err)
	}
	exec1(t, db, "SET max_block_size = 4321")
	exec1(t, db, "USE system")
	exec1(t, db, "CREATE TEMPORARY TABLE passing (n UInt8)")
	if after := scan1[uint64](t, db, "SELECT toUInt64(getSetting('max_block_size'))"); after != before {
		t.Errorf("setting afterwards = %d, want %d", after, before)
	}
	if name := scan1[string](t, db, "SELECT currentDatabase()"); name != clickhouse.DefaultDatabase {
		t.Errorf("database afterwards = %s", name)
	}
	if err := db.Exec(t.Context(), "SELECT * FROM passing"); err == nil {
		t.Error("a temporary table outlived its statement")
	}
	wrong := chgo.Context(t.Context(), chgo.WithSettings(chgo.Settings{"no_such_setting": 1}))
	var exception *chgo.Exception
	if err := db.Exec(wrong, "SELECT 1"); !errors.As(err, &exception) || exception.Code != 115 {
		t.Errorf("unknown setting: %v", err)
	}
}
