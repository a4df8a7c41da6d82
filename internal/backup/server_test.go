package backup_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/backup"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
)

// asServer is a database as a server that a DSN names has it: over the network, and read row
// by row. The engine behind it is the test's own.
func asServer(t *testing.T, db *clickhouse.DB) *clickhouse.DB {
	t.Helper()
	if dsn := os.Getenv(clickhousetest.ServerVariable); dsn != "" {
		return db
	}
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- db.ServeSocket(ctx, socket, 0, slog.New(slog.DiscardHandler)) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go pass(listener, socket)
	t.Cleanup(func() {
		stop()
		_ = listener.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	var name string
	if err := db.QueryRow(t.Context(), "SELECT currentDatabase()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for {
		server, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: "http://" + listener.Addr().String() + "/" + name})
		if err == nil {
			t.Cleanup(func() { _ = server.Close() })
			return server
		}
		select {
		case <-deadline:
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond): // the socket is not there yet
		}
	}
}

// pass hands connections on to a socket.
func pass(listener net.Listener, socket string) {
	for {
		in, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer in.Close()
			out, err := net.Dial("unix", socket)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { _, _ = io.Copy(out, in) }()
			_, _ = io.Copy(in, out)
		}()
	}
}

// TestServer: a backup of a server comes back into another one, and into an embedded engine.
func TestServer(t *testing.T) {
	b := newBench(t)
	fillAll(t, b.db)
	want := everything(t, b.db)
	embedded := b.db
	b.db = asServer(t, embedded)
	if !b.db.Server() {
		t.Fatal("it is no server")
	}
	b.take(t)
	db, _, _ := b.restore(t)
	if diff := cmp.Diff(want, everything(t, db)); diff != "" {
		t.Errorf("into an engine (-want +got):\n%s", diff)
	}
	b.db = embedded
	if again := b.take(t); again.Added != 0 {
		t.Errorf("the same tables, not as a server: %d objects were written anew", again.Added)
	}
	target := clickhousetest.Open(t)
	opened, err := backup.Open(b.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	server := asServer(t, target)
	if err := backup.Empty(t.Context(), server, "it"); err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Restore(t.Context(), server, t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, everything(t, target)); diff != "" {
		t.Errorf("into a server (-want +got):\n%s", diff)
	}
}
