package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tear empties the files of the newest part of a table that say how to read it,
// as a disk does that is full at the wrong moment.
func tear(t *testing.T, conn *connection, table string) part {
	t.Helper()
	row, err := conn.text("SELECT database, table, name, path FROM system.parts WHERE table = " + quoteText(table) + " AND active ORDER BY max_block_number DESC LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	columns := strings.Split(strings.TrimSpace(row), "\t")
	p := part{columns[0], columns[1], columns[2], columns[3]}
	for _, name := range []string{"count.txt", "columns.txt"} {
		if err := os.Truncate(filepath.Join(p.path, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func oneConnection(t *testing.T) *connection {
	t.Helper()
	core := openEngine(t).core
	conn, err := core.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { core.release(conn) })
	return conn
}

func do(t *testing.T, conn *connection, sql string) string {
	t.Helper()
	answer, err := conn.text(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.TrimSpace(answer)
}

func TestWhatIsNotWrittenWholeIsTakenOut(t *testing.T) {
	conn := oneConnection(t)
	do(t, conn, "CREATE TABLE days (n UInt8) ENGINE = MergeTree ORDER BY n")
	began := time.Now()
	do(t, conn, "INSERT INTO days VALUES (1)")
	if err := conn.checkWritten("INSERT INTO days", began); err != nil {
		t.Fatal(err)
	}
	do(t, conn, "INSERT INTO days VALUES (2)")
	tear(t, conn, "days")
	if err := conn.checkWritten("INSERT INTO days", began); err == nil || !strings.Contains(err.Error(), "(NOT_ENOUGH_SPACE)") {
		t.Errorf("an insert that is not whole gives %v", err)
	}
	if n := do(t, conn, "SELECT groupArray(n) FROM days"); n != "[1]" {
		t.Errorf("there are %s, want only what is whole", n)
	}
	if err := conn.checkWritten("INSERT INTO days", began); err != nil {
		t.Errorf("once it is taken out: %v", err)
	}
}

// What an insert left torn, because the disk was too full to take it out too, must
// not make a later insert fail that is whole: its run would be told that nothing
// of it is there.
func TestATornPartIsNotTheNextInsertsFault(t *testing.T) {
	conn := oneConnection(t)
	do(t, conn, "CREATE TABLE runs (n UInt8) ENGINE = MergeTree ORDER BY n")
	began := time.Now()
	do(t, conn, "INSERT INTO runs VALUES (1)")
	conn.checked.torn(tear(t, conn, "runs")) // it could not be taken out
	do(t, conn, "INSERT INTO runs VALUES (2)")
	if err := conn.checkWritten("INSERT INTO runs", began); err != nil {
		t.Errorf("the next insert, which is whole, gives %v", err)
	}
	if n := do(t, conn, "SELECT groupArray(n) FROM runs"); n != "[2]" {
		t.Errorf("there are %s, want only what is whole", n)
	}
	if left := conn.checked.tornParts(); len(left) != 0 {
		t.Errorf("still to be taken out: %v", left)
	}
}

// Before each statement it is tried to take out what is torn.
func TestATornPartIsTakenOutBeforeTheNextStatement(t *testing.T) {
	engine := openEngine(t)
	conn, err := engine.core.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	do(t, conn, "CREATE TABLE areas (n UInt8) ENGINE = MergeTree ORDER BY n")
	do(t, conn, "INSERT INTO areas VALUES (1)")
	conn.checked.torn(tear(t, conn, "areas"))
	engine.core.release(conn)
	status, body, err := ask(t, engine, "default_format=TSV", "SELECT count() FROM areas")
	if err != nil || status != 200 || strings.TrimSpace(body) != "0" {
		t.Errorf("%d %q %v", status, body, err)
	}
}

// Until a torn part can be taken out, nobody reads its table, nor a view over it:
// what the part holds may be readable, and will be gone.
func TestWhileATornPartStaysItsTableIsRefused(t *testing.T) {
	engine := openEngine(t)
	conn, err := engine.core.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"CREATE TABLE shown (n UInt8) ENGINE = MergeTree ORDER BY n", "CREATE TABLE shown_not (n UInt8) ENGINE = MergeTree ORDER BY n",
		"CREATE VIEW newest AS SELECT max(n) AS n FROM shown", "CREATE VIEW newer AS SELECT n FROM newest",
		"INSERT INTO shown VALUES (1)", "INSERT INTO shown_not VALUES (2)",
	} {
		do(t, conn, sql)
	}
	torn := tear(t, conn, "shown")
	whole := torn.name
	torn.name = "all_99_99_0" // there is none: it cannot be taken out
	conn.checked.torn(torn)
	engine.core.release(conn)
	for _, sql := range []string{"SELECT n FROM shown", "SELECT n FROM newest", "SELECT n FROM newer", "INSERT INTO shown SELECT 3"} {
		if status, body, err := ask(t, engine, "default_format=TSV", sql); err != nil || status == 200 || !strings.Contains(body, "NOT_ENOUGH_SPACE") {
			t.Errorf("%s: %d %q %v", sql, status, body, err)
		}
	}
	if status, body, err := ask(t, engine, "default_format=TSV", "SELECT n FROM shown_not"); err != nil || status != 200 || strings.TrimSpace(body) != "2" {
		t.Errorf("another table: %d %q %v", status, body, err)
	}
	conn.checked.takenOut(torn)
	torn.name = whole
	conn.checked.torn(torn) // there is room again
	if status, body, err := ask(t, engine, "default_format=TSV", "SELECT count() FROM newer"); err != nil || status != 200 {
		t.Errorf("once it is taken out: %d %q %v", status, body, err)
	}
}
