package clickhouse_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/clickhouse"
)

// The test binary also plays the other process: which part is in helperRole.
const (
	helperRole   = "STALKSTATS_TEST_HELPER"
	helperDir    = "STALKSTATS_TEST_HELPER_DIR"
	helperSocket = "STALKSTATS_TEST_HELPER_SOCKET"
	helperGrace  = "STALKSTATS_TEST_HELPER_GRACE" // none unless set
)

func TestMain(m *testing.M) {
	if role := os.Getenv(helperRole); role != "" {
		os.Exit(help(role))
	}
	os.Exit(m.Run())
}

// help plays a process that opens the engine and says what came of it, then
// does its part until its standard input ends.
func help(role string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	db, err := clickhouse.Open(ctx, clickhouse.Options{Dir: os.Getenv(helperDir)})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	served := make(chan error, 1)
	switch role {
	case "hold":
		served <- nil
		fmt.Println("open")
	case "serve":
		grace, _ := time.ParseDuration(os.Getenv(helperGrace))
		go func() {
			served <- db.ServeSocket(ctx, os.Getenv(helperSocket), grace, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		}()
		fmt.Println("open")
	case "insert":
		served <- nil
		insertForever(ctx, db)
	}
	bufio.NewScanner(os.Stdin).Scan()
	cancel()
	if err := <-served; err != nil {
		fmt.Println("error:", err)
		return 1
	}
	if err := db.Close(); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// insertForever prints how many rows have been acknowledged after each insert.
func insertForever(ctx context.Context, db *clickhouse.DB) {
	err := db.Exec(ctx, "CREATE TABLE acknowledged (n UInt64) ENGINE = MergeTree ORDER BY n")
	for n := uint64(0); err == nil; n++ {
		fmt.Println(n)
		err = insertNumber(ctx, db, n)
	}
	fmt.Println("error:", err)
}

func insertNumber(ctx context.Context, db *clickhouse.DB, n uint64) error {
	batch, err := db.PrepareBatch(ctx, "INSERT INTO acknowledged")
	if err != nil {
		return err
	}
	defer func() { _ = batch.Close() }()
	if err := batch.Append(n); err != nil {
		return err
	}
	return batch.Send()
}

// helper is a running helper process.
type helper struct {
	cmd    *exec.Cmd
	lines  *bufio.Scanner
	stderr *strings.Builder
	end    func() // lets it end by itself
}

// startHelper starts the test binary in a role; it is killed with the test.
func startHelper(t *testing.T, role, dir, socket string) *helper {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperRole+"="+role, helperDir+"="+dir, helperSocket+"="+socket)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h := &helper{cmd: cmd, lines: bufio.NewScanner(stdout), stderr: &strings.Builder{}, end: func() { _ = stdin.Close() }}
	cmd.Stderr = h.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return h
}

// line reads one line of the helper's output.
func (h *helper) line(t *testing.T) string {
	t.Helper()
	if !h.lines.Scan() {
		t.Fatalf("the helper ended early: %v\n%s", h.lines.Err(), h.stderr)
	}
	return h.lines.Text()
}

// open opens an engine for the test and closes it with it.
func open(t testing.TB, o clickhouse.Options) *clickhouse.DB {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	db, err := clickhouse.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func exec1(t testing.TB, db *clickhouse.DB, sql string, args ...any) {
	t.Helper()
	if err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// scan1 reads the one value of a query.
func scan1[T any](t testing.TB, db *clickhouse.DB, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}
