package backup_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/backup"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/schemas"
)

// TestOlderTables: a backup of earlier tables is restored as it was and taken on.
func TestOlderTables(t *testing.T) {
	all, err := schemas.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []int{2, 4, 12, 27} {
		b := &bench{db: clickhousetest.Open(t), dataDir: t.TempDir(), folder: t.TempDir(), now: time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC)}
		for _, m := range all[:state] {
			exec(t, b.db, "%s", m.SQL)
			exec(t, b.db, "INSERT INTO schema_migrations VALUES (%d, '%s', '%s', now64(6))", m.Number, m.Name, m.SHA256Hex)
		}
		if state >= 4 {
			b.publish(t, "r1", 700)
		} else {
			b.load(t, "r1", 700)
		}
		b.take(t)
		db, _, restored := b.restore(t)
		if pending, err := schemas.Pending(t.Context(), db); err != nil || pending != 0 || restored.Migrated != len(all)-state {
			t.Errorf("from state %d: %d steps, %d pending, %v", state, restored.Migrated, pending, err)
		}
		var rows uint64
		var sum float64
		if err := db.QueryRow(t.Context(), "SELECT count(), sum(value) FROM observations").Scan(&rows, &sum); err != nil || rows != 700 || sum != 52425 {
			t.Errorf("from state %d: %d figures with the sum %v, %v", state, rows, sum, err)
		}
	}
}

// TestNewer: one sentence, and nothing is opened.
func TestNewer(t *testing.T) {
	b := newBench(t)
	exec(t, b.db, "INSERT INTO schema_migrations VALUES (%d, 'later', 'x', now64(6))", len(steps(t))+1)
	if _, err := b.tryToTake(t, 0); !errors.Is(err, schemas.ErrNewer) {
		t.Errorf("a backup of tables of a newer version: %v", err)
	}
}

func steps(t *testing.T) []schemas.Migration {
	t.Helper()
	all, err := schemas.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestBrokenOffRestore: what a restore that ended in the middle has left can be opened by
// nothing but another restore, which begins anew.
func TestBrokenOffRestore(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 100)
	b.take(t)
	db, dir := clickhousetest.Open(t), t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	opened, err := backup.Open(b.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	_, err = opened.Restore(ctx, db, dir, func(p backup.Progress) {
		if strings.HasPrefix(p.Doing, "restoring observations") {
			stop()
		}
	})
	if err == nil {
		t.Fatal("it was not stopped")
	}
	for what, try := range map[string]func() error{
		"migrate": func() error { _, err := schemas.Apply(t.Context(), db); return err },
		"look":    func() error { _, err := schemas.Pending(t.Context(), db); return err },
		"back up": func() error { _, err := schemas.Applied(t.Context(), db); return err },
	} {
		if err := try(); !errors.Is(err, schemas.ErrRestoring) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := backup.Empty(t.Context(), db, "it"); err != nil {
		t.Errorf("another restore is refused: %v", err)
	}
	if _, err := opened.Restore(t.Context(), db, dir, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everything(t, b.db), everything(t, db)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := backup.Empty(t.Context(), db, "it"); !errors.Is(err, backup.ErrHolds) || !strings.Contains(err.Error(), "it holds figures already: 100 rows of observations") ||
		!strings.Contains(err.Error(), "last published on "+time.Now().UTC().Format("2 January 2006")) {
		t.Errorf("what it holds: %v", err)
	}
}

// TestDifferenceIsFound: a row that is lost, doubled or changed on the way is no restore.
func TestDifferenceIsFound(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 1000)
	b.take(t)
	for what, sql := range map[string]string{
		"lost":    "ALTER TABLE observations DELETE WHERE area_code = '17' SETTINGS mutations_sync = 1",
		"doubled": "INSERT INTO observations SELECT * FROM observations WHERE area_code = '17'",
		"changed": "ALTER TABLE observations UPDATE value = 5 WHERE area_code = '17' SETTINGS mutations_sync = 1",
		"added":   "INSERT INTO observations (release_id, source, slice, measure, area_code, value) VALUES ('r1', 's', 'all', 'm2', 'x', 1)",
	} {
		opened, err := backup.Open(b.folder)
		if err != nil {
			t.Fatal(err)
		}
		db, done := clickhousetest.Open(t), false
		_, err = opened.Restore(t.Context(), db, t.TempDir(), func(p backup.Progress) {
			if !done && p.Doing == "comparing the rows" {
				done = true
				exec(t, db, "%s", sql)
			}
		})
		if !errors.Is(err, backup.ErrDiffers) || !done {
			t.Errorf("%s: %v", what, err)
		}
		if err := opened.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
