package schemas_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// TestUpgradeKeepsEveryRowOfEveryState takes tables through every state that may be out
// there. Whatever could be written at one is there with the same values at every later one,
// and the figures that were published at each are what readers of the newest are shown.
//
// It is one database: rows are written into each table when it is made or changed, which is
// when a migration may treat them otherwise.
func TestUpgradeKeepsEveryRowOfEveryState(t *testing.T) {
	all, err := schemas.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	ctx, conn := context.Background(), clickhousetest.Open(t)
	tables := map[string]writtenTable{}
	written := 0
	for _, m := range all {
		if applied, err := schemas.ApplyUpTo(ctx, conn, m.Number); err != nil || applied != 1 {
			t.Fatalf("to state %d: %d steps, error %v", m.Number, applied, err)
		}
		if pending, err := schemas.Pending(ctx, conn); err != nil || pending != len(all)-int(m.Number) {
			t.Fatalf("at state %d: %d steps pending, error %v", m.Number, pending, err)
		}
		for name, now := range tallies(t, conn, tables) {
			if was := tables[name].tally; now != was {
				t.Fatalf("at state %d, %s: the rows of %s are not what they were: %+v became %+v", m.Number, m.Name, name, was, now)
			}
		}
		for name, structure := range structures(t, conn) {
			if name == "schema_migrations" || name == "uploads" || tables[name].structure == structure {
				continue // files that are sent are kept until they are run, and no longer
			}
			exec(t, conn, fmt.Sprintf("INSERT INTO %s SELECT * FROM generateRandom(%s, %d, 12, 3) LIMIT 20", name, quote(structure), m.Number))
			written++
			columns := strings.Join(namesOf(structure), ", ")
			tables[name] = writtenTable{structure, columns, tallyOf(t, conn, name, columns)}
		}
		publish(t, conn, m.Number, tables)
	}
	if len(tables) < 29 || written < len(tables)+7 {
		t.Errorf("rows were written %d times into %d tables", written, len(tables))
	}
	readBack(t, conn, all[3:])
}

// A writtenTable is one with rows, as it was last written to.
type writtenTable struct {
	structure string // its columns with their types
	columns   string
	tally     tally
}

type tally struct{ rows, sum, xor uint64 }

func tallyOf(t *testing.T, conn driver.Conn, table, columns string) tally {
	t.Helper()
	return tallies(t, conn, map[string]writtenTable{table: {columns: columns}})[table]
}

// tallies adds up the rows of tables over the columns that they had when they were written.
func tallies(t *testing.T, conn driver.Conn, tables map[string]writtenTable) map[string]tally {
	t.Helper()
	var parts []string
	for name, table := range tables {
		hash := "sipHash64(toString(tuple(" + table.columns + ")))"
		parts = append(parts, "SELECT '"+name+"', count(), sum("+hash+"), groupBitXor("+hash+") FROM "+name)
	}
	found := map[string]tally{}
	if len(parts) == 0 {
		return found
	}
	rows, err := conn.Query(t.Context(), strings.Join(parts, " UNION ALL "))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n tally
		if err := rows.Scan(&name, &n.rows, &n.sum, &n.xor); err != nil {
			t.Fatal(err)
		}
		found[name] = n
	}
	if err := rows.Err(); err != nil || len(found) != len(tables) {
		t.Fatalf("%d tables of %d were added up, %v", len(found), len(tables), err)
	}
	return found
}

// structures is the columns of every table that keeps rows on the disk.
func structures(t *testing.T, conn driver.Conn) map[string]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT table, arrayStringConcat(groupArray(name || ' ' || type), ', ') FROM (SELECT table, name, type FROM system.columns "+
		"WHERE database = currentDatabase() AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'MergeTree') ORDER BY table, position) GROUP BY table")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var table, columns string
		if err := rows.Scan(&table, &columns); err != nil {
			t.Fatal(err)
		}
		found[table] = columns
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// namesOf is the names in a list of columns: what stands before a type, outside brackets.
func namesOf(structure string) (names []string) {
	depth, start := 0, 0
	for i, c := range structure + "," {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			name, _, _ := strings.Cut(strings.TrimSpace(structure[start:min(i, len(structure))]), " ")
			names, start = append(names, name), i+1
		}
	}
	return names
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `\'`) + "'" }

func exec(t *testing.T, conn driver.Conn, sql string) {
	t.Helper()
	if err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// publish writes a figure, as that state allows, that tells the state, and publishes it.
func publish(t *testing.T, conn driver.Conn, state uint32, tables map[string]writtenTable) {
	t.Helper()
	if _, ok := tables["published"]; !ok {
		return
	}
	source := stateSource(state)
	exec(t, conn, fmt.Sprintf("INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, source_row) "+
		"VALUES ('%s', '%s', 'all', 'stalking_recorded', 'E23000026', '2024-04-01', '2024-04-30', %d, 'state.csv', %d)", source, source, state, state))
	exec(t, conn, fmt.Sprintf("INSERT INTO releases (release_id, source, file, retrieved_at, created_at) VALUES ('%s', '%s', 'state.csv', now64(6), now64(6))", source, source))
	exec(t, conn, fmt.Sprintf("INSERT INTO published (source, slice, release_id, published_at) VALUES ('%s', 'all', '%s', now64(6))", source, source))
	for _, name := range []string{"observations", "releases", "published"} {
		was := tables[name]
		was.tally = tallyOf(t, conn, name, was.columns)
		tables[name] = was
	}
}

func stateSource(state uint32) string { return fmt.Sprintf("state_%02d", state) }

// readBack looks at the figures as a reader of the newest version does.
func readBack(t *testing.T, conn driver.Conn, states []schemas.Migration) {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.ETL.Sources = []config.Source{{Name: "areas", Parser: "areas", From: "builtin:areas.csv"}, {Name: "measures", Parser: "measures", From: "builtin:measures.csv"}}
	reader := query.New(conn)
	load := etl.New(cfg, conn, reader, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	for _, src := range cfg.ETL.Sources {
		if runs, err := load.Run(t.Context(), src.Name, etl.Options{}); err != nil || runs[0].Outcome != stats.Published {
			t.Fatalf("%s: %+v, %v", src.Name, runs, err)
		}
	}
	want, got := map[string]float64{}, map[string]float64{}
	var sources []string
	for _, m := range states {
		sources = append(sources, stateSource(m.Number))
		want[stateSource(m.Number)] = float64(m.Number)
	}
	for f, err := range reader.Figures(t.Context(), query.Filter{Sources: sources, Measures: []string{"stalking_recorded"}, Areas: []string{"E23000026"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Origins) != 1 || f.Origins[0].File != "state.csv" || float64(f.Origins[0].Row) != f.Value.Number {
			t.Errorf("a figure of %s leads to %+v", f.Source, f.Origins)
		}
		got[f.Source] += f.Value.Number
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures by the state at which they were published (-want +got):\n%s", diff)
	}
}
