package embedded

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func openEngine(t *testing.T) *Engine {
	t.Helper()
	engine, err := Open(Config{Dir: t.TempDir(), Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

// ask sends a request as the driver does and returns status and body.
func ask(t *testing.T, engine *Engine, query, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://embedded/?"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := engine.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func TestDirectorySentences(t *testing.T) {
	for _, tc := range []struct {
		err      error
		category error
		want     string
	}{
		{syscall.ENOSPC, ErrDirectory, "data directory /d: the disk is full; make room, or use --data-dir to name another"},
		{syscall.EACCES, ErrDirectory, "data directory /d cannot be written by this user; change its permissions, or use --data-dir to name another"},
		{syscall.EROFS, ErrDirectory, "data directory /d cannot be written by this user; change its permissions, or use --data-dir to name another"},
		{syscall.EWOULDBLOCK, ErrInUse, "data directory /d is in use by another stalkstats process; stop it first, or use --data-dir to name another"},
		{syscall.EIO, ErrDirectory, "data directory /d cannot be used: input/output error"},
	} {
		err := directoryError("/d", tc.err)
		if diff := cmp.Diff(tc.want, err.Error()); diff != "" || !errors.Is(err, tc.category) {
			t.Errorf("%v (-want +got):\n%s", tc.err, diff)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	engine := openEngine(t)
	for query, want := range map[string]string{
		"compress=1":              "Code: 48.",
		"a%20b=1":                 "Code: 115.",
		"x%3D1%2Cy=1":             "Code: 115.",
		"query=INSERT+INTO+t":     "Code: 62.",
		"database=no_such":        "Code: 81.",
		"max_threads=many":        "Code: 27.",
		"default_format=NoFormat": "Code: 73.",
	} {
		status, body, err := ask(t, engine, query, "SELECT 1")
		if err != nil || status != http.StatusInternalServerError || !strings.HasPrefix(body, want) {
			t.Errorf("%s: %d %q %v, want 500 %s", query, status, body, err, want)
		}
	}
	if status, body, err := ask(t, engine, "default_format=CSV&max_threads=1", "SELECT 1, 'a'"); status != 200 || body != "1,\"a\"\n" || err != nil {
		t.Errorf("afterwards: %d %q %v", status, body, err)
	}
}

// TestUnfinishedInsertIsNotCommitted: the rows' reader fails as a network
// connection does that breaks, and nothing may be kept.
func TestUnfinishedInsertIsNotCommitted(t *testing.T) {
	engine := openEngine(t)
	if status, body, err := ask(t, engine, "", "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n"); status != 200 {
		t.Fatal(status, body, err)
	}
	rows := io.MultiReader(strings.NewReader("1\n2\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://embedded/?query=INSERT+INTO+t+FORMAT+TSV", rows)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := engine.RoundTrip(req); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("RoundTrip = %v, %v", resp, err)
	}
	if status, body, _ := ask(t, engine, "query=INSERT+INTO+t+FORMAT+Native", ""); status != 500 || !strings.HasPrefix(body, "Code: 108.") {
		t.Errorf("no rows: %d %s", status, body)
	}
	if _, count, err := ask(t, engine, "default_format=TSV", "SELECT count() FROM t"); count != "0\n" || err != nil {
		t.Errorf("count = %q, %v", count, err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	engine := openEngine(t)
	file := t.TempDir() + "/b.tar"
	for _, sql := range []string{
		"CREATE DATABASE d", "CREATE TABLE d.t (n UInt64) ENGINE = MergeTree ORDER BY n", "INSERT INTO d.t VALUES (7)",
		"BACKUP DATABASE d TO File('" + file + "')", "DROP DATABASE d SYNC", "RESTORE DATABASE d FROM File('" + file + "')",
	} {
		if status, body, err := ask(t, engine, "", sql); status != 200 || err != nil {
			t.Fatalf("%s: %d %s %v", sql, status, body, err)
		}
	}
	if _, n, err := ask(t, engine, "default_format=TSV", "SELECT n FROM d.t"); n != "7\n" || err != nil {
		t.Errorf("restored %q, %v", n, err)
	}
}

func TestClosedEngine(t *testing.T) {
	engine := openEngine(t)
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t, engine, "", "SELECT 1"); !errors.Is(err, ErrClosed) {
		t.Errorf("error = %v, want ErrClosed", err)
	}
}

func TestCancelledBeforeItBegins(t *testing.T) {
	engine := openEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://embedded/", strings.NewReader("SELECT 1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}
