package schemas

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/clickhouse/clickhousetest"
)

func TestEachMigrationIsOneIdempotentStatement(t *testing.T) {
	all, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 12 {
		t.Fatalf("only %d migrations were found", len(all))
	}
	for _, m := range all {
		twice := strings.Contains(m.SQL, "IF NOT EXISTS") || strings.HasPrefix(m.SQL, "CREATE OR REPLACE") || strings.Contains(m.SQL, " MODIFY SETTING ")
		if strings.Contains(m.SQL, ";") || !twice {
			t.Errorf("%04d_%s is not one statement that may run twice", m.Number, m.Name)
		}
	}
}

// TestUpgradeAtOnce takes tables through many steps together, also from none.
// TestUpgradeKeepsEveryRowOfEveryState goes through every state.
func TestUpgradeAtOnce(t *testing.T) {
	all, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []int{0, 1, 12, 27, len(all)} {
		ctx, conn := context.Background(), clickhousetest.Open(t)
		if state > 0 {
			if _, err := applyUpTo(ctx, conn, uint32(state)); err != nil {
				t.Fatal(err)
			}
		}
		applied, err := Apply(ctx, conn)
		if err != nil || applied != len(all)-state {
			t.Errorf("from state %d: %d steps applied, error %v; want %d", state, applied, err, len(all)-state)
		}
		if again, err := Apply(ctx, conn); err != nil || again != 0 {
			t.Errorf("from state %d: the second run applied %d steps, error %v", state, again, err)
		}
		if pending, err := Pending(ctx, conn); err != nil || pending != 0 {
			t.Errorf("from state %d: %d steps pending, error %v", state, pending, err)
		}
	}
}

// TestUpgradeKeepsFigures: the table of figures is made anew with a finer index,
// and every figure of the old one is in it, once, however often that is done.
func TestUpgradeKeepsFigures(t *testing.T) {
	ctx, conn := context.Background(), clickhousetest.Open(t)
	if _, err := applyUpTo(ctx, conn, 23); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(ctx, "INSERT INTO observations (release_id, measure, area_code, value, value_note, source_row) "+
		"SELECT 'r', 'charges', toString(number % 43), if(number % 10 = 0, NULL, number), if(number % 10 = 0, 'x', ''), number FROM numbers(10000)"); err != nil {
		t.Fatal(err)
	}
	const all = "SELECT count(), sum(cityHash64(*)), groupBitXor(cityHash64(*)) FROM observations"
	type tally struct{ rows, sum, xor uint64 }
	look := func() (found tally) {
		if err := conn.QueryRow(ctx, all).Scan(&found.rows, &found.sum, &found.xor); err != nil {
			t.Fatal(err)
		}
		return found
	}
	before := look()
	if _, err := Apply(ctx, conn); err != nil {
		t.Fatal(err)
	}
	migrations, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(migrations, func(m Migration) bool { return m.Name == "finer_observations" })
	if err := conn.Exec(ctx, migrations[i].SQL); err != nil {
		t.Fatal(err)
	}
	if after := look(); after != before || after.rows != 10000 {
		t.Errorf("%+v became %+v", before, after)
	}
	var marks uint64
	if err := conn.QueryRow(ctx, "SELECT sum(marks) FROM system.parts WHERE database = currentDatabase() AND table = 'observations' AND active").Scan(&marks); err != nil || marks < 10000/512 {
		t.Errorf("%d marks, error %v", marks, err)
	}
}

func TestPendingBeforeTheFirstMigration(t *testing.T) {
	pending, err := Pending(context.Background(), clickhousetest.Open(t))
	if err != nil || pending < 12 {
		t.Errorf("%d pending, error %v", pending, err)
	}
}

func TestRefusesTablesOfAnotherVersion(t *testing.T) {
	for name, c := range map[string]struct{ insert, says string }{
		"newer":   {"INSERT INTO schema_migrations SELECT 999, 'later', 'x', now64(6)", "newer stalkstats"},
		"changed": {"INSERT INTO schema_migrations SELECT 2, 'observations', 'x', now64(6)", "not the one that was applied"},
	} {
		ctx, conn := context.Background(), clickhousetest.Open(t)
		if _, err := applyUpTo(ctx, conn, 1); err != nil {
			t.Fatal(err)
		}
		if err := conn.Exec(ctx, c.insert); err != nil {
			t.Fatal(err)
		}
		if _, err := Apply(ctx, conn); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v does not say %q", name, err, c.says)
		}
	}
}

// TestDictionary holds README.md to the tables: every column is there, in
// order, and nothing else is.
func TestDictionary(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string][]string{}
	table := ""
	heading, row := regexp.MustCompile(`^## (\w+)$`), regexp.MustCompile(`^\| (\w+) \| \S`)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if m := heading.FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if m := row.FindStringSubmatch(line); m != nil && m[1] != "column" {
			written[table] = append(written[table], m[1])
		}
	}
	if diff := cmp.Diff(columns(t), written); diff != "" {
		t.Errorf("columns against README.md (-want +got):\n%s", diff)
	}
}

func columns(t *testing.T) map[string][]string {
	t.Helper()
	ctx, conn := context.Background(), clickhousetest.Open(t)
	if _, err := Apply(ctx, conn); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(ctx, "SELECT table, name FROM system.columns WHERE database = currentDatabase() ORDER BY table, position")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		found[table] = append(found[table], column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	// A view with a parameter has no columns until it is called.
	found["served"] = []string{"source", "slice", "release_id", "slice_published_at", "publishing_run_id"}
	return found
}
