package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// meddling is a context that does something at the second read of a file: it
// is asked whether it has ended before each.
type meddling struct {
	context.Context
	asked int
	do    func()
}

// Err implements context.Context.
func (m *meddling) Err() error {
	if m.asked++; m.asked == 2 {
		m.do()
	}
	return m.Context.Err()
}

// changes are ways in which another program spoils the reading of a file.
func changes(t *testing.T, path string) map[string]func() {
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	return map[string]func(){
		"grows": func() {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			must(err)
			_, err = f.WriteString("more")
			must(errors.Join(err, f.Close()))
		},
		"shrinks": func() { must(os.Truncate(path, 10)) },
		"is written over": func() {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			must(err)
			_, err = f.WriteAt([]byte("y"), 0)
			must(errors.Join(err, f.Close()))
		},
		"is written over and dated back": func() {
			before, err := stateAt(path)
			must(err)
			must(os.WriteFile(path, []byte(strings.Repeat("y", 1<<16)), 0o600))
			for after := before; after.inode.Equal(before.inode); { // the clock of old file systems is coarse
				must(os.Chtimes(path, before.info.ModTime(), before.info.ModTime()))
				after, err = stateAt(path)
				must(err)
			}
		},
	}
}

// aged writes a file of some length that says it is old.
func aged(t *testing.T, path string) {
	t.Helper()
	write(t, path, strings.Repeat("x", 1<<16))
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

// TestChangedWhileRead: half of one file and half of another are never kept,
// nor taken for a whole one where a file is read in place.
func TestChangedWhileRead(t *testing.T) {
	for _, inPlace := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "return.csv")
		want := path + " changed while it was read: run again when it is complete"
		for name, change := range changes(t, path) {
			aged(t, path)
			f := files(Store{Dir: t.TempDir()})
			item := file(t, f, path)
			ctx := &meddling{Context: t.Context(), do: change}
			var err error
			if inPlace {
				_, err = f.InPlace(ctx, item, now)
			} else {
				_, err = f.Fetch(ctx, "test", item, Validators{}, now)
			}
			if err == nil || err.Error() != want || ctx.asked < 2 {
				t.Errorf("a file that %s (in place: %t): %v after %d reads, want %s", name, inPlace, err, ctx.asked, want)
			}
			empty(t, f)
		}
	}
}

// empty fails where anything was kept or left behind.
func empty(t *testing.T, f *Fetcher) {
	t.Helper()
	entries, err := os.ReadDir(f.store.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left behind", e.Name())
	}
}

// TestInPlace: the file is hashed and nothing of it is kept; what changes
// after it was hashed is told.
func TestInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "charges.csv")
	for name, change := range changes(t, path) {
		aged(t, path)
		f := files(Store{Dir: t.TempDir()})
		got, err := f.InPlace(t.Context(), file(t, f, path), now)
		if err != nil || got.Path != path || got.File != "charges.csv" || got.Size != 1<<16 || !got.RetrievedAt.Equal(now) ||
			got.SHA256 != "1f8745f0d2d1387ec1af2211a3cf417b2e9e885e853472649c1d979d0e9370e3" {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := got.Unchanged(); err != nil {
			t.Errorf("before anything: %v", err)
		}
		change()
		if err := got.Unchanged(); err == nil || !strings.Contains(err.Error(), "charges.csv changed while it was read") {
			t.Errorf("a file that %s: %v", name, err)
		}
		empty(t, f)
	}
}

// TestInPlaceReplaced: another file under the name is another file, however
// like it is.
func TestInPlaceReplaced(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "charges.csv"), "abc")
	f := files(Store{Dir: t.TempDir()})
	got, err := f.InPlace(t.Context(), file(t, f, path), now)
	if err != nil {
		t.Fatal(err)
	}
	other := write(t, filepath.Join(dir, "other"), "abc")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chtimes(other, info.ModTime(), info.ModTime()), os.Rename(other, path)); err != nil {
		t.Fatal(err)
	}
	if err := got.Unchanged(); err == nil {
		t.Error("another file passes for it")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := got.Unchanged(); err == nil {
		t.Error("no file passes for it")
	}
	if err := (Snapshot{Path: path}).Unchanged(); err != nil {
		t.Errorf("a kept snapshot: %v", err)
	}
}

// TestNotInPlace: nothing about people comes from elsewhere.
func TestNotInPlace(t *testing.T) {
	f := files(Store{Dir: t.TempDir()})
	for address, want := range map[string]string{
		"https://records.example/charges.csv?key=hidden": "https://records.example/charges.csv?… cannot be read where it is: records about people are read from a file or a folder of this machine only",
		"builtin:areas.csv":    "builtin:areas.csv cannot be read where it is: records about people are read from a file or a folder of this machine only",
		"/nowhere/charges.csv": "/nowhere/charges.csv is not there: check the name and the folder",
	} {
		if _, err := f.InPlace(t.Context(), Item{Address: address}, now); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := f.InPlace(ctx, file(t, f, write(t, filepath.Join(t.TempDir(), "a"), "abc")), time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
