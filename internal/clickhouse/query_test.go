package clickhouse_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"stalkstats/internal/clickhouse"
)

func TestHello(t *testing.T) {
	db := open(t, clickhouse.Options{})
	if !db.Embedded() || db.Remote() {
		t.Errorf("Embedded() = %v, Remote() = %v", db.Embedded(), db.Remote())
	}
	server, err := db.ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	want := db.Version()
	if got := scan1[string](t, db, "SELECT version()"); got != want {
		t.Errorf("version() = %s, Version() = %s", got, want)
	}
	if !strings.HasPrefix(want, server.Version.String()) || server.Timezone.String() != "UTC" {
		t.Errorf("ServerVersion() = %v, want %s in UTC", server, want)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if got := scan1[string](t, db, "SELECT currentDatabase()"); got != clickhouse.DefaultDatabase {
		t.Errorf("database = %s", got)
	}
}

// everyType is a row with each type the tables use.
type everyType struct {
	S   string     `ch:"s"`
	LC  string     `ch:"lc"`
	NF  *float64   `ch:"nf"`
	U8  uint8      `ch:"u8"`
	U32 uint32     `ch:"u32"`
	U64 uint64     `ch:"u64"`
	I64 int64      `ch:"i64"`
	D   time.Time  `ch:"d"`
	D32 time.Time  `ch:"d32"`
	ND  *time.Time `ch:"nd"`
	DT  time.Time  `ch:"dt"`
	B   bool       `ch:"b"`
	A   []string   `ch:"a"`
	ID  uuid.UUID  `ch:"id"`
}

func TestEveryTypeThereAndBack(t *testing.T) {
	db := open(t, clickhouse.Options{})
	exec1(t, db, `CREATE TABLE every (s String, lc LowCardinality(String), nf Nullable(Float64), u8 UInt8,
		u32 UInt32, u64 UInt64, i64 Int64, d Date, d32 Date32, nd Nullable(Date), dt DateTime64(6), b Bool,
		a Array(String), id UUID) ENGINE = MergeTree ORDER BY u64`)
	day := func(y int) time.Time { return time.Date(y, 3, 31, 0, 0, 0, 0, time.UTC) }
	value, published := 12.75, day(2025)
	want := []everyType{
		{S: "a\x00b\n'\"\\\t€", LC: "K04000001", NF: &value, U8: 255, U32: 1 << 31, U64: 1, I64: -1 << 62,
			D: day(2024), D32: day(1901), ND: &published, DT: time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC),
			B: true, A: []string{"", "x"}, ID: uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0")},
		{U64: 1<<64 - 1, D: day(1970), D32: day(2299), DT: day(1999), A: []string{}},
	}
	batch, err := db.PrepareBatch(t.Context(), "INSERT INTO every")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = batch.Close() }()
	for i := range want {
		if err := batch.AppendStruct(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	var got []everyType
	if err := db.Select(t.Context(), &got, "SELECT * FROM every ORDER BY u64"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestParameters(t *testing.T) {
	db := open(t, clickhouse.Options{})
	exec1(t, db, "CREATE TABLE kept (v String) ENGINE = MergeTree ORDER BY v")
	for _, want := range []string{
		"", "plain", `'`, `"`, "`", `\`, `\'`, "a\x00b", "line\nline\r\n", "tab\tstop", "naïve € 数 \U0001F4C8",
		"'; DROP TABLE kept; --", "{other:String}", "\\N", "%27&a=b?c#d", strings.Repeat("long ", 20000),
	} {
		if got := scan1[string](t, db, "SELECT {v:String}", chgo.Named("v", want)); got != want {
			t.Errorf("{v:String} = %.60q, want %.60q", got, want)
		}
		exec1(t, db, "INSERT INTO kept SELECT {v:String}", chgo.Named("v", want))
		if n := scan1[uint64](t, db, "SELECT count() FROM kept WHERE v = {v:String}", chgo.Named("v", want)); n != 1 {
			t.Errorf("%.60q found %d times", want, n)
		}
	}
	list := []string{"E'1", `b\`, "c\td", "", "数"}
	if diff := cmp.Diff(list, scan1[[]string](t, db, "SELECT {v:Array(String)}", chgo.Named("v", list))); diff != "" {
		t.Errorf("array (-want +got):\n%s", diff)
	}
	if got := scan1[*string](t, db, "SELECT {v:Nullable(String)}", chgo.Named("v", nil)); got != nil {
		t.Errorf("NULL = %q", *got)
	}
	if n := scan1[int64](t, db, "SELECT {a:Int64} + {b:Int64}", chgo.Named("a", 40), chgo.Named("b", 2)); n != 42 {
		t.Errorf("sum = %d", n)
	}
}

func TestExceptionsAreTyped(t *testing.T) {
	db := open(t, clickhouse.Options{})
	for _, tc := range []struct {
		sql  string
		code int32
	}{
		{"SELECT * FROM no_such_table", 60},
		{"SELEC 1", 62},
		{"SELECT 1; SELECT 2", 62},
		{"", 62},
		{"SELECT no_such_column", 47},
		{"DROP TABLE no_such_table", 60},
		{"SELECT {v:String}", 456},
		{"SELECT throwIf(1, 'at once')", 395},
	} {
		err := db.Exec(t.Context(), tc.sql)
		var exception *chgo.Exception
		if !errors.As(err, &exception) || exception.Code != tc.code {
			t.Errorf("%q: %v, want code %d", tc.sql, err, tc.code)
		}
	}
	var exception *chgo.Exception
	if _, err := db.PrepareBatch(t.Context(), "INSERT INTO no_such_table"); !errors.As(err, &exception) || exception.Code != 60 {
		t.Errorf("batch into no table: %v", err)
	}
	if n := scan1[uint8](t, db, "SELECT 1"); n != 1 {
		t.Errorf("after errors: %d", n)
	}
}

func TestStatements(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 1})
	exec1(t, db, "CREATE TABLE t (n UInt64, note String) ENGINE = MergeTree ORDER BY n")
	exec1(t, db, "ALTER TABLE t ADD COLUMN late Date DEFAULT '2026-01-01'")
	exec1(t, db, "INSERT INTO t (n, note) VALUES (1, 'one'), (2, 'it''s two')")
	exec1(t, db, "INSERT INTO t (n, note) SELECT number, '' FROM numbers(10, 90)")
	exec1(t, db, "ALTER TABLE t DELETE WHERE n = 1 SETTINGS mutations_sync = 1")
	exec1(t, db, "OPTIMIZE TABLE t FINAL")
	if n := scan1[uint64](t, db, "SELECT count() FROM t -- and a comment"); n != 91 {
		t.Errorf("count = %d, want 91", n)
	}
	if got := scan1[string](t, db, "SELECT note FROM t WHERE n = 2"); got != "it's two" {
		t.Errorf("note = %q", got)
	}
	rows, err := db.Query(t.Context(), "SELECT n FROM t WHERE n > 1000000")
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next() || rows.Err() != nil {
		t.Errorf("no rows: %v", rows.Err())
	}
	if text := scan1[string](t, db, "SHOW CREATE TABLE t"); !strings.Contains(text, "MergeTree") {
		t.Errorf("SHOW CREATE TABLE = %s", text)
	}
	exec1(t, db, "RENAME TABLE t TO u")
	exec1(t, db, "DROP TABLE u SYNC")
	if n := scan1[uint64](t, db, "SELECT count() FROM system.tables WHERE database = currentDatabase()"); n != 0 {
		t.Errorf("%d tables left", n)
	}
}

func TestInsertManyRows(t *testing.T) {
	db := open(t, clickhouse.Options{})
	exec1(t, db, observations)
	insertObservations(t, db, 500_000)
	type sums struct {
		Count uint64  `ch:"n"`
		Rows  uint64  `ch:"rows"`
		Value float64 `ch:"value"`
	}
	var got []sums
	if err := db.Select(t.Context(), &got, "SELECT count() AS n, sum(line) AS rows, sum(value) AS value FROM observations"); err != nil {
		t.Fatal(err)
	}
	const n = 500_000
	if diff := cmp.Diff([]sums{{n, n * (n - 1) / 2, n * (n - 1) / 4}}, got); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}

// observations is a table like the project's largest.
const observations = `CREATE TABLE observations (area LowCardinality(String), measure LowCardinality(String),
	period Date, value Nullable(Float64), line UInt32) ENGINE = MergeTree ORDER BY (measure, area, period)`

func insertObservations(t testing.TB, db *clickhouse.DB, n int) {
	t.Helper()
	batch, err := db.PrepareBatch(t.Context(), "INSERT INTO observations")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = batch.Close() }()
	start := time.Date(2015, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		value := float64(i) / 2
		err := batch.Append(fmt.Sprintf("E230000%02d", i%43), fmt.Sprintf("measure_%d", i%17), start.AddDate(0, i%120, 0), &value, uint32(i))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}
