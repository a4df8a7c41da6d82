package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/backup"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/clickhouse/pieces"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// bench is a database that is backed up into a folder.
type bench struct {
	db      *clickhouse.DB
	dataDir string
	folder  string
	now     time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{db: clickhousetest.Open(t), dataDir: t.TempDir(), folder: t.TempDir(), now: time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC)}
	if _, err := schemas.Apply(t.Context(), b.db); err != nil {
		t.Fatal(err)
	}
	return b
}

// take takes a backup, a day after the last one.
func (b *bench) take(t *testing.T) backup.Taken {
	t.Helper()
	taken, err := b.tryToTake(t, 0)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func (b *bench) tryToTake(t *testing.T, kept time.Duration) (backup.Taken, error) {
	t.Helper()
	b.now = b.now.AddDate(0, 0, 1)
	return backup.Take(t.Context(), backup.Source{DB: b.db, DataDir: b.dataDir, Program: "test"}, backup.Options{Folder: b.folder, Kept: kept, Now: func() time.Time { return b.now }})
}

// restore restores the newest backup into a database and a directory of their own.
func (b *bench) restore(t *testing.T) (*clickhouse.DB, string, backup.Restored) {
	t.Helper()
	db, dir := clickhousetest.Open(t), t.TempDir()
	opened, err := backup.Open(b.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if err := opened.Check(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	restored, err := opened.Restore(t.Context(), db, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return db, dir, restored
}

func exec(t *testing.T, db *clickhouse.DB, sql string, args ...any) {
	t.Helper()
	if err := db.Exec(t.Context(), fmt.Sprintf(sql, args...)); err != nil {
		t.Fatalf("%s: %v", fmt.Sprintf(sql, args...), err)
	}
}

// publish publishes a release of so many figures.
func (b *bench) publish(t *testing.T, release string, figures int) {
	t.Helper()
	b.load(t, release, figures)
	exec(t, b.db, "INSERT INTO releases (release_id, source, retrieved_at, created_at) VALUES ('%s', 's', now64(6), now64(6))", release)
	exec(t, b.db, "INSERT INTO published (source, slice, release_id, published_at) VALUES ('s', 'all', '%s', now64(6))", release)
}

// load writes figures that nobody sees.
func (b *bench) load(t *testing.T, release string, figures int) {
	t.Helper()
	exec(t, b.db, "INSERT INTO observations (release_id, source, slice, measure, area_code, value, source_row) SELECT '%s', 's', 'all', 'm', toString(number), if(number %% 7 = 3, NULL, number / 4), number FROM numbers(%d)", release, figures)
}

// everything is all rows of all tables, by table.
func everything(t *testing.T, db *clickhouse.DB) map[string][]pieces.Piece {
	t.Helper()
	tables, err := pieces.Tables(t.Context(), db, backup.ReadFirst)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]pieces.Piece{}
	for _, table := range tables {
		found, err := table.Pieces(t.Context(), db, pieces.Moment{Time: time.Date(2290, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			all[table.Name] = found
		}
	}
	return all
}

// TestEveryTableIsBackedUp: a table that a migration adds must be given its place in the
// order of reading, unless what it holds is lost with the process anyway.
func TestEveryTableIsBackedUp(t *testing.T) {
	b := newBench(t)
	var names []string
	if err := b.db.QueryRow(t.Context(), "SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND engine NOT IN ('View', 'Memory') AND name != 'schema_migrations'").Scan(&names); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(backup.ReadFirst))
	slices.Sort(names)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("read for a backup (-) and there (+):\n%s", diff)
	}
}

// fillAll writes made-up rows of every shape into every table.
func fillAll(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	tables, err := pieces.Tables(t.Context(), db, backup.ReadFirst)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(tables, func(a, b pieces.Table) int { return strings.Compare(rank(a.Name)+a.Name, rank(b.Name)+b.Name) })
	for i, table := range tables {
		var structure, columns []string
		for _, c := range table.Columns {
			structure = append(structure, c.Name+" "+c.Type)
			switch {
			case c.Name == "release_id" && table.Name != "published" && table.Name != "runs":
				columns = append(columns, "(SELECT any(release_id) FROM published)")
			case strings.HasPrefix(c.Type, "DateTime64"):
				columns = append(columns, "toDateTime64('2020-01-01 00:00:00', 6, 'UTC') + toIntervalMicrosecond(rand64(1) % 2500000000000)")
			default:
				columns = append(columns, c.Name)
			}
		}
		exec(t, db, "INSERT INTO %s SELECT %s FROM generateRandom('%s', %d, 30, 4) LIMIT 50", table.Name, strings.Join(columns, ", "), strings.ReplaceAll(strings.Join(structure, ", "), "'", `\'`), i)
	}
}

// rank puts the publications first: other rows name what they publish.
func rank(table string) string {
	if table == "published" {
		return "0"
	}
	return "1"
}

// TestEveryRowComesBack is of rows of every shape in every table, read as the engine sends
// them and as a server's are read.
func TestEveryRowComesBack(t *testing.T) {
	b := newBench(t)
	fillAll(t, b.db)
	want := everything(t, b.db)
	if len(want) != len(backup.ReadFirst) {
		t.Fatalf("rows in %d of %d tables", len(want), len(backup.ReadFirst))
	}
	taken := b.take(t)
	db, _, restored := b.restore(t)
	if diff := cmp.Diff(want, everything(t, db)); diff != "" {
		t.Errorf("what was there (-) and what came back (+):\n%s", diff)
	}
	if rows := taken.Manifest.Rows(); rows != 50*uint64(len(backup.ReadFirst)) || restored.Rows != rows || restored.Migrated != 0 {
		t.Errorf("%d rows were taken; %+v", rows, restored)
	}
}

// TestOnlyWhatIsNew: a second backup writes nothing that the first has, and the next one
// what was published since. An older one still gives what there was then.
func TestOnlyWhatIsNew(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 20_000)
	first := b.take(t)
	if second := b.take(t); second.Added != 0 || second.Bytes != 0 {
		t.Errorf("%d objects were written anew", second.Added)
	}
	b.publish(t, "r2", 100)
	third := b.take(t)
	if third.Added != 3 || third.Bytes > first.Bytes/10 { // the release's figures, and a month of releases and publications
		t.Errorf("%d objects with %d bytes were written after the first had %d", third.Added, third.Bytes, first.Bytes)
	}
	figures, sources := third.Manifest.Figures()
	if figures != 100 || sources != 1 || third.Manifest.Published[0].WithValue != 86 || third.Manifest.Published[0].Sum != "1067.75" {
		t.Errorf("%+v", third.Manifest.Published)
	}
	db, _, _ := b.restore(t)
	if diff := cmp.Diff(everything(t, b.db), everything(t, db)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	opened, err := backup.Open(filepath.Join(b.folder, "backups", first.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	db = clickhousetest.Open(t)
	if _, err := opened.Restore(t.Context(), db, t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	if found, err := pieces.Published(t.Context(), db, pieces.Moment{Time: b.now.AddDate(1, 0, 0)}); err != nil || len(found) != 1 || found[0].Figures != 20_000 {
		t.Errorf("the first gives %+v, %v", found, err)
	}
}

// TestNothingUnpublished: rows of a release that was not published are in no backup.
func TestNothingUnpublished(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 10)
	b.load(t, "r2", 10)
	b.take(t)
	db, _, _ := b.restore(t)
	var rows uint64
	if err := db.QueryRow(t.Context(), "SELECT count() FROM observations").Scan(&rows); err != nil || rows != 10 {
		t.Errorf("%d figures, %v", rows, err)
	}
}

// TestOneMomentAtOnce: while a backup is taken, releases are published and what people do is
// recorded. The backup is of one moment: every publication in it has all its figures.
func TestOneMomentAtOnce(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r0", 50_000)
	ctx, stop := context.WithCancel(t.Context())
	published := make(chan int)
	go func() {
		n := 0
		defer func() { published <- n }()
		for n = 1; ctx.Err() == nil; n++ {
			b.publish(t, fmt.Sprintf("r%d", n), 100+n)
			exec(t, b.db, "INSERT INTO audit (act_id, at) VALUES ('%d', now64(6))", n)
		}
	}()
	for range 5 {
		b.take(t)
		db, _, _ := b.restore(t)
		rows, err := db.Query(t.Context(), "SELECT release_id, count() FROM observations GROUP BY release_id")
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]uint64{}
		for rows.Next() {
			var release string
			var n uint64
			if err := rows.Scan(&release, &n); err != nil {
				t.Fatal(err)
			}
			found[release] = n
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		var names []string
		if err := db.QueryRow(t.Context(), "SELECT groupArray(release_id) FROM published").Scan(&names); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			var n uint64
			_, _ = fmt.Sscanf(name, "r%d", &n)
			if n > 0 && found[name] != 100+n {
				t.Errorf("%s has %d figures", name, found[name])
			}
		}
		if len(found) != len(names) {
			t.Errorf("%d releases have figures and %d are published", len(found), len(names))
		}
	}
	stop()
	if n := <-published; n < 10 {
		t.Errorf("only %d releases were published meanwhile", n)
	}
}

// TestFiles: kept files come back under their hash. One that is not what its name says is
// told and left out.
func TestFiles(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 1)
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of hello
	for path, text := range map[string]string{
		"owner": "me", "snapshots/" + sum: "hello", "snapshots/incoming-x-1": "half", "stalkstats.sock": "", "uploads/u": "u",
		"snapshots/" + strings.Repeat("0", 64): "damaged",
	} {
		path = filepath.Join(b.dataDir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	taken := b.take(t)
	if len(taken.Warnings) != 1 || !strings.Contains(taken.Warnings[0], strings.Repeat("0", 64)+" is damaged") {
		t.Errorf("warnings %q", taken.Warnings)
	}
	if err := os.WriteFile(filepath.Join(b.folder, "objects", sum[:2], sum), []byte("jello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if healed := b.take(t); len(healed.Warnings) != 2 || !strings.Contains(strings.Join(healed.Warnings, " "), "the object "+sum+" of an earlier backup was missing or damaged") {
		t.Errorf("after damage %d objects were written anew, warnings %q", healed.Added, healed.Warnings)
	}
	_, dir, restored := b.restore(t)
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		found[rel] = string(text)
		return err
	})
	if diff := cmp.Diff(map[string]string{"owner": "me", "snapshots/" + sum: "hello"}, found); diff != "" || err != nil || restored.Files != 2 {
		t.Errorf("files (-want +got), %v:\n%s", err, diff)
	}
}

// TestRetention: what is older than allowed goes, and what it alone consisted of. The newest
// seven stay however old they are, and a backup that fails removes nothing.
func TestRetention(t *testing.T) {
	b := newBench(t)
	var removed []string
	for n := range 12 {
		b.publish(t, fmt.Sprintf("r%d", n), 10)
		taken, err := b.tryToTake(t, 3*24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		removed = append(removed, taken.Removed...)
		all, err := backup.List(b.folder)
		if err != nil || len(all) != min(n+1, 7) {
			t.Fatalf("after %d there are %d, %v", n+1, len(all), err)
		}
	}
	if len(removed) != 5 {
		t.Errorf("removed %q", removed)
	}
	all, err := backup.List(b.folder)
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{}
	for _, k := range all {
		for _, o := range k.Manifest.Objects() {
			needed[o.SHA256] = true
		}
	}
	objects, err := filepath.Glob(filepath.Join(b.folder, "objects", "*", "*"))
	if err != nil || len(objects) != len(needed) {
		t.Errorf("%d objects for %d that are needed, %v", len(objects), len(needed), err)
	}
	b.now = b.now.AddDate(1, 0, 0)
	exec(t, b.db, "DROP TABLE schema_migrations SYNC")
	if _, err := b.tryToTake(t, 24*time.Hour); err == nil {
		t.Error("a backup without a record of migrations was taken")
	}
	if all, err := backup.List(b.folder); err != nil || len(all) != 7 {
		t.Errorf("after one that failed there are %d, %v", len(all), err)
	}
}
