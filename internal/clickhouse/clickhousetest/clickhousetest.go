// Package clickhousetest gives tests a real ClickHouse with a database of
// their own: the server that STALKSTATS_TEST_DSN names, else the embedded
// engine in a temporary directory, one for the test process. A test whose
// ClickHouse cannot be opened fails; it is never skipped.
package clickhousetest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"testing"

	"stalkstats/internal/clickhouse"
)

// ServerVariable is the environment variable that names a server to test with.
const ServerVariable = "STALKSTATS_TEST_DSN"

// shared is the embedded engine's directory while some test or Main needs it.
var shared struct {
	sync.Mutex
	dir  string
	refs int
}

// Main runs a package's tests and keeps one engine open throughout, which
// saves starting it for every test. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }
func Main(m *testing.M) int {
	defer endLasting()
	if os.Getenv(ServerVariable) != "" {
		return m.Run()
	}
	dir, err := hold()
	if err != nil {
		// Each test that needs the engine fails with its own message.
		return m.Run()
	}
	defer release()
	db, err := clickhouse.Open(context.Background(), clickhouse.Options{Dir: dir})
	if err != nil {
		return m.Run()
	}
	defer func() { _ = db.Close() }()
	return m.Run()
}

// Open gives a connection whose default database is new and empty, and is
// dropped when the test ends.
func Open(t testing.TB) *clickhouse.DB {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	o := clickhouse.Options{Database: name, DSN: os.Getenv(ServerVariable)}
	if o.DSN == "" {
		dir, err := hold()
		if err != nil {
			t.Fatalf("make a directory for the test's ClickHouse: %v", err)
		}
		t.Cleanup(release)
		o.Dir = dir
	} else {
		createOnServer(t, o.DSN, name)
	}
	db, err := clickhouse.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the test's ClickHouse: %v", err)
	}
	// Not t.Context: it has ended when cleanup runs.
	t.Cleanup(func() {
		if err := db.Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" SYNC"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close the test's ClickHouse: %v", err)
		}
	})
	return db
}

// createOnServer makes the database, which Open does not do on a server.
func createOnServer(t testing.TB, dsn, name string) {
	t.Helper()
	admin, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: dsn})
	if err != nil {
		t.Fatalf("open the test's ClickHouse: %v", err)
	}
	defer func() { _ = admin.Close() }()
	if err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
}

// hold returns the engine's directory, making it for the first user.
func hold() (string, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.refs == 0 {
		dir, err := os.MkdirTemp("", "stalkstats-clickhouse-*")
		if err != nil {
			return "", err
		}
		shared.dir = dir
	}
	shared.refs++
	return shared.dir, nil
}

// release removes the directory after its last user. What cannot be removed
// stays in the system's temporary directory.
func release() {
	shared.Lock()
	defer shared.Unlock()
	if shared.refs--; shared.refs == 0 {
		_ = os.RemoveAll(shared.dir)
	}
}
