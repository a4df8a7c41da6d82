package clickhouse_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/embedded"
)

func TestCloseAndOpenAgain(t *testing.T) {
	dir := t.TempDir()
	db := open(t, clickhouse.Options{Dir: dir})
	exec1(t, db, "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
	exec1(t, db, "INSERT INTO t SELECT number FROM numbers(1000)")
	if n := embedded.OpenConnections(); n != 5 {
		t.Errorf("%d engine connections, want 4 and one for control", n)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := embedded.OpenConnections(); n != 0 {
		t.Errorf("%d engine connections after Close", n)
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("a closed DB answers")
	}
	other := open(t, clickhouse.Options{Dir: t.TempDir()})
	if n := scan1[uint64](t, other, "SELECT count() FROM system.tables WHERE database = currentDatabase()"); n != 0 {
		t.Errorf("%d tables in a fresh directory", n)
	}
	if _, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "close it before opening "+dir) {
		t.Errorf("two directories at once: %v", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, clickhouse.Options{Dir: dir})
	if n := scan1[uint64](t, again, "SELECT count() FROM t"); n != 1000 {
		t.Errorf("count after reopening = %d", n)
	}
}

func TestSameDirectoryIsShared(t *testing.T) {
	dir := t.TempDir()
	one := open(t, clickhouse.Options{Dir: dir, Database: "one"})
	two := open(t, clickhouse.Options{Dir: dir, Database: "two"})
	exec1(t, one, "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if n := scan1[uint64](t, two, "SELECT count() FROM one.t"); n != 0 {
		t.Errorf("count = %d", n)
	}
	if name := scan1[string](t, two, "SELECT currentDatabase()"); name != "two" {
		t.Errorf("database = %s", name)
	}
}

func TestCloseStopsWhatNobodyReads(t *testing.T) {
	db := open(t, clickhouse.Options{})
	rows, err := db.Query(t.Context(), "SELECT number FROM numbers(1000000000000)")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if n := embedded.OpenConnections(); n != 0 {
		t.Errorf("%d engine connections after Close", n)
	}
	for rows.Next() {
	}
	if !errors.Is(rows.Err(), embedded.ErrClosed) {
		t.Errorf("the reader got %v", rows.Err())
	}
}

func TestMissingLibrary(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(embedded.LibraryVariable, "")
	_, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: t.TempDir()})
	if !errors.Is(err, clickhouse.ErrNoLibrary) {
		t.Fatalf("error = %v, want ErrNoLibrary", err)
	}
	want := "the ClickHouse engine library libchdb is not installed: run `npm install` in the project's folder (or `make run`), or name it in STALKSTATS_LIBCHDB or clickhouse.library"
	if err.Error() != want {
		t.Errorf("sentence:\n%s\nwant:\n%s", err, want)
	}
	missing := filepath.Join(t.TempDir(), "libchdb.so")
	t.Setenv(embedded.LibraryVariable, missing)
	if _, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: t.TempDir()}); !errors.Is(err, clickhouse.ErrNoLibrary) || !strings.Contains(err.Error(), missing) {
		t.Errorf("named and missing: %v", err)
	}
}

func TestUnusableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	corrupt := t.TempDir()
	if err := os.MkdirAll(filepath.Join(corrupt, "metadata"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(corrupt, "metadata", "broken.sql"), []byte("NONSENSE"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		file:                      "is not a directory",
		filepath.Join(file, "in"): "is not a directory",
		corrupt:                   "Syntax error (in file metadata/broken.sql)",
	} {
		_, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: dir})
		if !errors.Is(err, clickhouse.ErrDirectory) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", dir, err, want)
		}
	}
}

func TestDirectoryMode(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "clickhouse")
	open(t, clickhouse.Options{Dir: dir})
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("mode = %v", info.Mode())
	}
}

// TestServerByDSN puts the engine behind a TCP port, as a server is.
func TestServerByDSN(t *testing.T) {
	engine, err := embedded.Open(embedded.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "embedded" },
		Transport:     engine,
		FlushInterval: -1,
	})
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	db := open(t, clickhouse.Options{DSN: "http://user:secret@127.0.0.1:1/default?dial_timeout=1s&alt_hosts=" + address})
	if db.Embedded() || db.Remote() || !strings.HasPrefix(engine.Version(), db.Version()) {
		t.Errorf("Embedded() = %v, Remote() = %v, Version() = %s", db.Embedded(), db.Remote(), db.Version())
	}
	if name := scan1[string](t, db, "SELECT currentDatabase()"); name != "default" {
		t.Errorf("database = %s, want the DSN's", name)
	}
	if err := db.ServeSocket(t.Context(), filepath.Join(t.TempDir(), "s"), 0, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a server's DB served a socket")
	}
	other := open(t, clickhouse.Options{DSN: "http://" + address + "/default", Database: "system"})
	if name := scan1[string](t, other, "SELECT currentDatabase()"); name != "system" {
		t.Errorf("database = %s, want the option's", name)
	}
}

func TestDSNErrorsHidePassword(t *testing.T) {
	const secret = "hunter2-secret"
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for _, dsn := range []string{
		"clickhouse://user:" + secret + "@",
		"clickhouse://user:" + secret + "/x@host:port",
		"clickhouse://user:" + secret + "%zz@host:9000",
		"clickhouse://host:9000?dial_timeout=" + secret + "&password=" + secret,
		"clickhouse://user:" + secret + "@127.0.0.1:1/db?dial_timeout=200ms",
		"http://user:" + secret + "@127.0.0.1:1/db?dial_timeout=200ms",
		"http://127.0.0.1:1/db?dial_timeout=200ms&username=u&password=" + secret,
		"http://user:pa#" + secret + "@127.0.0.1:1/db",
	} {
		_, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
