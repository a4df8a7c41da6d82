package backup_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stalkstats/internal/backup"
)

// TestDamagedObject: it is named, and nothing is opened. The next backup writes it anew,
// and the earlier one is whole again.
func TestDamagedObject(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 100)
	taken := b.take(t)
	for i, damage := range []func(string) error{
		func(path string) error { return os.Truncate(path, 10) },
		os.Remove,
		func(path string) error { return os.WriteFile(path, []byte("something else"), 0o600) },
	} {
		table := taken.Manifest.Tables[slices.IndexFunc(taken.Manifest.Tables, func(t backup.Table) bool { return t.Name == "observations" })]
		sum := table.Pieces[0].Object.SHA256
		if err := damage(filepath.Join(b.folder, "objects", sum[:2], sum)); err != nil {
			t.Fatal(err)
		}
		opened, err := backup.Open(filepath.Join(b.folder, "backups", taken.Name))
		if err != nil {
			t.Fatal(err)
		}
		if err := opened.Check(t.Context(), nil); !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), sum) {
			t.Errorf("damage %d: %v", i, err)
		}
		if err := opened.Close(); err != nil {
			t.Fatal(err)
		}
		if again := b.take(t); len(again.Warnings) != 1 || again.Added != 1 || !strings.Contains(again.Warnings[0], sum) {
			t.Errorf("damage %d: %d objects written anew, %q", i, again.Added, again.Warnings)
		}
		opened, err = backup.Open(filepath.Join(b.folder, "backups", taken.Name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(opened.Check(t.Context(), nil), opened.Close()); err != nil {
			t.Errorf("damage %d, after the next backup: %v", i, err)
		}
	}
}

// TestDamagedList: the newest is not passed over unseen, and what is whole is named.
func TestDamagedList(t *testing.T) {
	b := newBench(t)
	b.publish(t, "r1", 1)
	good, bad := b.take(t), b.take(t)
	path := filepath.Join(b.folder, "backups", bad.Name)
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	for _, open := range []string{b.folder, path} {
		if _, err := backup.Open(open); !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), bad.Name) || open == b.folder && !strings.Contains(err.Error(), good.Name) {
			t.Errorf("%s: %v", open, err)
		}
	}
	if third := b.take(t); len(third.Warnings) != 1 || !strings.Contains(third.Warnings[0], bad.Name) {
		t.Errorf("warnings %q", third.Warnings)
	}
	b.restore(t)
}
