package query

import (
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// history is a database with four years of outcomes in two editions, 2.7
// million figures, and the measures that are made of them.
func history(t *testing.T) (driver.Conn, *Reader, []string) {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	codes, err := schemas.ForceCodes()
	if err != nil || len(codes) < 43 {
		t.Fatal(codes, err)
	}
	for _, sql := range []string{
		"INSERT INTO measures (release_id, source, slice, measure, basis, numerator, denominator, per, source_row) VALUES " +
			"('m','measures','all','stalking_charges','','','',0,2),('m','measures','all','stalking_outcomes','','','',0,3)," +
			"('m','measures','all','charge_rate','outcomes','stalking_charges','stalking_outcomes',100,4)",
		"INSERT INTO published (source, slice, release_id, published_at) VALUES ('measures','all','m','2024-01-01'),('areas','all','a','2024-01-01')",
	} {
		if err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Exec(t.Context(), "INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) "+
		"SELECT 'a', 'areas', 'all', arrayJoin({codes:Array(String)}) AS code, code, 'territorial_force', 2", clickhouse.Named("codes", codes[:43])); err != nil {
		t.Fatal(err)
	}
	outcomes := clickhousetest.Outcomes{Forces: codes[:43], Years: 4, Offences: 43, Editions: 2}
	if err := outcomes.Fill(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var kept uint64
	if err := db.QueryRow(t.Context(), "SELECT count() FROM observations").Scan(&kept); err != nil || kept != uint64(outcomes.Rows()) || kept < 2_500_000 {
		t.Fatal(kept, err)
	}
	return db, New(db), codes
}

// TestFiguresReadNoMoreThanTheyMust: of 2.7 million figures a page's question
// reads some thousands, found by the primary key. The engine is held to a limit
// of rows, and refuses to go beyond it.
func TestFiguresReadNoMoreThanTheyMust(t *testing.T) {
	conn, reader, codes := history(t)
	own, all := codes[:1], []string{codes[0], stats.EnglandAndWales}
	const mark = 512 // rows that are read at least, wherever one is
	for name, c := range map[string]struct {
		filter  Filter
		reads   int // rows of observations at most
		figures int
	}{
		"a count of one area":       {Filter{Measures: []string{"stalking_charges"}, Areas: own}, 4 * 3 * mark, 32},
		"a rate of one area":        {Filter{Measures: []string{"charge_rate"}, Areas: own}, 4 * 6 * mark, 32},
		"a count and that of all":   {Filter{Measures: []string{"stalking_charges"}, Areas: all}, 4 * 4 * mark, 64},
		"a total beside breakdowns": {Filter{Measures: []string{"stalking_outcomes"}, Areas: own, Totals: true}, 4 * 4 * mark, 32},
		"no England and Wales of another source": {
			Filter{Measures: []string{"stalking_outcomes"}, Areas: all, National: []string{"other"}}, 4 * 5 * mark, 23 * 32},
		"another source": {Filter{Sources: []string{"other"}}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			estimate, keys := planOf(t, conn, reader, c.filter)
			if estimate > c.reads {
				t.Errorf("%d rows would be read, want at most %d", estimate, c.reads)
			}
			if want := "release_id measure area_code "; c.reads > 0 && !strings.HasPrefix(keys, want) {
				t.Errorf("found by %q, want %q first", keys, want)
			}
			if n, err := count(t, reader, c.filter, c.reads); err != nil || n != c.figures {
				t.Errorf("%d figures, want %d; error %v", n, c.figures, err)
			}
			if c.reads == 0 {
				return
			}
			if n, err := count(t, reader, c.filter, 1); err == nil || !strings.Contains(err.Error(), "Limit for rows") {
				t.Errorf("the engine keeps no limit: %d figures, error %v", n, err)
			}
		})
	}
}

// count is how many figures there are, where no more rows than limit are read
// for them.
func count(t *testing.T, reader *Reader, f Filter, limit int) (n int, err error) {
	t.Helper()
	known, err := reader.reference(t.Context(), f.AsAt)
	if err != nil {
		t.Fatal(err)
	}
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_rows_to_read": max(limit, 1), "read_overflow_mode": "throw"}))
	var b batch
	if err := b.read(ctx, reader, portion{Filter: f}, known); err != nil {
		return 0, err
	}
	b.figures(false, func(_ stats.Figure, e error) bool {
		n, err = n+1, e
		return e == nil
	})
	return n, err
}

// planOf is how many rows of observations the engine means to read, and the
// columns of the primary key by which it finds them.
func planOf(t *testing.T, conn driver.Conn, reader *Reader, f Filter) (rows int, keys string) {
	t.Helper()
	known, err := reader.reference(t.Context(), f.AsAt)
	if err != nil {
		t.Fatal(err)
	}
	parameters := figuresParameters(f, known, partsOf(f, known.measures))
	estimated, err := conn.Query(t.Context(), "EXPLAIN ESTIMATE "+statement("figures.sql"), parameters...)
	if err != nil {
		t.Fatal(err)
	}
	defer estimated.Close()
	for estimated.Next() {
		var database, table string
		var parts, n, marks uint64
		if err := estimated.Scan(&database, &table, &parts, &n, &marks); err != nil {
			t.Fatal(err)
		}
		rows += int(n)
	}
	if err := estimated.Err(); err != nil {
		t.Fatal(err)
	}
	return rows, keysOf(t, conn, parameters)
}

func keysOf(t *testing.T, conn driver.Conn, parameters []any) string {
	t.Helper()
	plan, err := conn.Query(t.Context(), "EXPLAIN indexes = 1 "+statement("figures.sql"), parameters...)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	var keys []string
	listing := false
	for plan.Next() {
		var line string
		if err := plan.Scan(&line); err != nil {
			t.Fatal(err)
		}
		line = strings.TrimSpace(line)
		switch {
		case line == "Keys:":
			listing = true
		case strings.HasPrefix(line, "Condition:"):
			listing = false
		case listing:
			keys = append(keys, line)
		}
	}
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(keys, " ")
}

// TestNoPageTakesAllFigures: a page that would take figures without end fails,
// and the machine stands.
func TestNoPageTakesAllFigures(t *testing.T) {
	_, reader, _ := history(t)
	if figures, err := reader.AllFigures(t.Context(), Filter{}); err == nil || !strings.Contains(err.Error(), "more than 500000 figures") {
		t.Errorf("%d figures, error %v", len(figures), err)
	}
}
