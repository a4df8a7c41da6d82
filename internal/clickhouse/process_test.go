package clickhouse_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/clickhouse"
)

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, clickhouse.Options{Dir: dir})
	second := startHelper(t, "hold", dir, "")
	want := "error: data directory " + dir + " is in use by another stalkstats process; stop it first, or use --data-dir to name another"
	if got := second.line(t); got != want {
		t.Errorf("second process:\n%s\nwant:\n%s", got, want)
	}
	_ = second.cmd.Wait()
	if second.stderr.Len() > 0 {
		t.Errorf("on standard error: %s", second.stderr)
	}
}

func TestInUseByAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	owner := startHelper(t, "hold", dir, "")
	if got := owner.line(t); got != "open" {
		t.Fatal(got)
	}
	for _, socket := range []string{"", filepath.Join(dir, "none")} {
		_, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: dir, Socket: socket})
		if !errors.Is(err, clickhouse.ErrInUse) {
			t.Errorf("socket %q: %v, want ErrInUse", socket, err)
		}
	}
	owner.end()
	if err := owner.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	open(t, clickhouse.Options{Dir: dir})
}

// serving starts a process that serves an engine and opens it by the socket.
func serving(t *testing.T) (*helper, *clickhouse.DB, clickhouse.Options) {
	t.Helper()
	dir := t.TempDir()
	o := clickhouse.Options{Dir: dir, Socket: filepath.Join(dir, "s")}
	owner := startHelper(t, "serve", dir, o.Socket)
	if got := owner.line(t); got != "open" {
		t.Fatal(got)
	}
	return owner, open(t, o), o
}

func TestWorkThroughSocket(t *testing.T) {
	owner, db, o := serving(t)
	if !db.Remote() || db.Embedded() || !strings.HasPrefix(db.Version(), "2") {
		t.Errorf("Remote() = %v, Embedded() = %v, Version() = %s", db.Remote(), db.Embedded(), db.Version())
	}
	info, err := os.Stat(o.Socket)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("socket's mode = %v", info.Mode())
	}
	exec1(t, db, observations)
	insertObservations(t, db, 100_000)
	if n := scan1[uint64](t, db, "SELECT count() FROM observations"); n != 100_000 {
		t.Errorf("count = %d", n)
	}
	testErrorInMidStream(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := db.Exec(ctx, endless); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > promptly {
		t.Errorf("cancelled after %v with %v", time.Since(begin), err)
	}
	awaitIdle(t, db)
	owner.end()
	if err := owner.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(o.Socket); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	if err := db.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a statement worked without the owner")
	}
}

func TestClientGoneInMidInsert(t *testing.T) {
	_, db, o := serving(t)
	exec1(t, db, "CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n")
	conn, err := net.Dial("unix", o.Socket)
	if err != nil {
		t.Fatal(err)
	}
	// One chunk of a Native block with three rows, and then no more.
	head := "POST /?database=stalkstats&query=INSERT+INTO+t+FORMAT+Native HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	block := "\x01\x03\x01n\x05UInt8\x01\x02\x03"
	if _, err := conn.Write([]byte(head + strconv.FormatInt(int64(len(block)), 16) + "\r\n" + block + "\r\n")); err != nil {
		t.Fatal(err)
	}
	awaitInsert(t, db)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	awaitIdle(t, db)
	if n := scan1[uint64](t, db, "SELECT count() FROM t"); n != 0 {
		t.Errorf("%d rows of an insert that never ended", n)
	}
}

// awaitInsert waits until the engine runs an insert.
func awaitInsert(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	for t.Context().Err() == nil {
		if scan1[uint64](t, db, "SELECT countIf(query_kind = 'Insert') FROM system.processes") > 0 {
			return
		}
	}
}

func TestStaleSocket(t *testing.T) {
	owner, _, o := serving(t)
	if err := owner.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.cmd.Wait()
	if _, err := os.Stat(o.Socket); err != nil {
		t.Fatalf("no stale socket to try with: %v", err)
	}
	db := open(t, o)
	if db.Remote() || !db.Embedded() {
		t.Errorf("Remote() = %v, Embedded() = %v", db.Remote(), db.Embedded())
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- db.ServeSocket(ctx, o.Socket, time.Hour, slog.New(slog.DiscardHandler)) }()
	cancel()
	if err := <-served; err != nil {
		t.Errorf("serve over a stale socket: %v", err)
	}
}

func TestAcknowledgedRowsSurviveKill(t *testing.T) {
	dir := t.TempDir()
	writer := startHelper(t, "insert", dir, "")
	acknowledged := uint64(0)
	for acknowledged < 50 {
		n, err := strconv.ParseUint(writer.line(t), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		acknowledged = n
	}
	if err := writer.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for writer.lines.Scan() { // what it had said before it died
		if n, err := strconv.ParseUint(writer.lines.Text(), 10, 64); err == nil {
			acknowledged = n
		}
	}
	_ = writer.cmd.Wait()
	db := open(t, clickhouse.Options{Dir: dir})
	var got []struct {
		N uint64 `ch:"n"`
	}
	if err := db.Select(t.Context(), &got, "SELECT n FROM acknowledged WHERE n < "+strconv.FormatUint(acknowledged, 10)+" ORDER BY n"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(int(acknowledged), len(got)); diff != "" {
		t.Errorf("rows (-acknowledged +found):\n%s", diff)
	}
}
