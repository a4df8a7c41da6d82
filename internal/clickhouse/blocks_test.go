package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/clickhouse"
)

// table is columns of every kind that Blocks fills in.
type table struct {
	words   clickhouse.Texts
	numbers *clickhouse.Numbers
	days    clickhouse.Days
	rows    clickhouse.Whole
	hashes  clickhouse.Hashes
}

const everyKind = `SELECT toLowCardinality(if(number % 3 = 0, '', concat('wörd ', toString(number % {words:UInt32})))),
	if(number % 5 = 0, NULL, number / 8 - 100), toDate('1970-01-02') + number % 60000, toUInt32(number), cityHash64(number)
	FROM numbers({rows:UInt64})`

type blocks = func(ctx context.Context, conn driver.Conn, sql string, columns []clickhouse.Column, parameters ...any) iter.Seq2[int, error]

// read is every row in words.
func read(t *testing.T, read blocks, db *clickhouse.DB, words, rows int) (all []string) {
	t.Helper()
	in := table{numbers: clickhouse.NewNumbers()}
	columns := []clickhouse.Column{&in.words, in.numbers, &in.days, &in.rows, &in.hashes}
	for n, err := range read(t.Context(), db, everyKind, columns, chgo.Named("words", words), chgo.Named("rows", rows)) {
		if err != nil {
			t.Fatal(err)
		}
		for row := range n {
			number, known := in.numbers.At(row)
			if !known {
				number = 0
			}
			all = append(all, fmt.Sprintf("%s|%v|%t|%d|%d|%d", in.words.Text(int(in.words.Places[row])), number, known, in.days.At(row), in.rows.At(row), in.hashes.At(row)))
		}
	}
	return all
}

// TestBlocks: an answer is the same whether its columns are taken as the engine
// sends them or scanned, with few words and with more than 16 bits can number.
func TestBlocks(t *testing.T) {
	db := open(t, clickhouse.Options{})
	for _, c := range []struct{ words, rows int }{{1, 0}, {1, 1}, {7, 8192}, {300, 8193}, {100_000, 150_000}} {
		sent, scanned := read(t, clickhouse.Blocks, db, c.words, c.rows), read(t, clickhouse.Scanned, db, c.words, c.rows)
		if len(sent) != c.rows {
			t.Errorf("%d rows, want %d", len(sent), c.rows)
		}
		if diff := cmp.Diff(scanned, sent); diff != "" {
			t.Errorf("%+v (-scanned +sent):\n%.2000s", c, diff)
		}
	}
	first := read(t, clickhouse.Blocks, db, 7, 3)
	for i, want := range []string{"|0|false|1|0|", "wörd 1|-99.875|true|2|1|"} {
		if !strings.HasPrefix(first[i], want) {
			t.Errorf("row %d is %q, want %q", i, first[i], want)
		}
	}
}

// TestBlocksThroughSocket: another process's engine sends the same.
func TestBlocksThroughSocket(t *testing.T) {
	_, db, _ := serving(t)
	if diff := cmp.Diff(read(t, clickhouse.Scanned, db, 300, 70_000), read(t, clickhouse.Blocks, db, 300, 70_000)); diff != "" {
		t.Errorf("(-scanned +sent):\n%.2000s", diff)
	}
	testBrokenBlocks(t, db)
}

// TestBrokenBlocks: an error in the middle comes with its words and its code, and
// never passes for the end.
func TestBrokenBlocks(t *testing.T) { testBrokenBlocks(t, open(t, clickhouse.Options{Connections: 1})) }

func testBrokenBlocks(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	for name, read := range map[string]blocks{"sent": clickhouse.Blocks, "scanned": clickhouse.Scanned} {
		var column clickhouse.Hashes
		rows := 0
		var failed error
		for n, err := range read(t.Context(), db, "SELECT number + throwIf(number = 3000000, 'row of doom') FROM numbers(10000000)", []clickhouse.Column{&column}) {
			rows, failed = rows+n, err
		}
		var exception *chgo.Exception
		if !errors.As(failed, &exception) || exception.Code != 395 || !strings.Contains(exception.Message, "row of doom") {
			t.Errorf("%s: after %d rows: %v, want exception 395", name, rows, failed)
		}
		if rows == 0 || rows > 3_000_000 {
			t.Errorf("%s: %d rows before the error", name, rows)
		}
	}
	var column clickhouse.Hashes
	for _, err := range clickhouse.Blocks(t.Context(), db, "SELECT 1, 2", []clickhouse.Column{&column}) {
		if err == nil {
			t.Error("two columns pass for one")
		}
	}
}

// TestBlocksLeft: a caller who wants no more, and one whose time is over, is free
// at once, and so is the connection.
func TestBlocksLeft(t *testing.T) {
	db := open(t, clickhouse.Options{Connections: 1})
	for name, read := range map[string]blocks{"sent": clickhouse.Blocks, "scanned": clickhouse.Scanned} {
		var column clickhouse.Hashes
		for n, err := range read(t.Context(), db, "SELECT number FROM numbers(1000000000000)", []clickhouse.Column{&column}) {
			if n == 0 || err != nil {
				t.Errorf("%s: %d rows, %v", name, n, err)
			}
			break
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		var failed error
		begin := time.Now()
		for _, err := range read(ctx, db, "SELECT number FROM numbers(1000000000000)", []clickhouse.Column{&column}) {
			failed = err
		}
		cancel()
		if took := time.Since(begin); !errors.Is(failed, context.DeadlineExceeded) || took > promptly {
			t.Errorf("%s: %v after %v, want the context's", name, failed, took)
		}
		if n := scan1[uint8](t, db, "SELECT 1"); n != 1 {
			t.Errorf("afterwards: %d", n)
		}
	}
	awaitIdle(t, db)
}
