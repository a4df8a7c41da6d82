package source

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// settling is a fetcher for folders whose files must have stood for a minute.
func settling(t *testing.T) *Fetcher {
	return New(Store{Dir: t.TempDir()}, Rules{Settle: time.Minute})
}

// dated writes a file that was last written at a time, by its own account.
func dated(t *testing.T, path string, at time.Time) string {
	t.Helper()
	write(t, path, "abc")
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

func itemNames(items []Item) []string {
	var all []string
	for _, i := range items {
		all = append(all, i.Name)
	}
	return all
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	clock := time.Now().Add(time.Hour)
	at := func(name string, ago time.Duration) { dated(t, filepath.Join(dir, name), clock.Add(-ago)) }
	at("b.csv", 3*time.Hour)
	at("c.csv", 3*time.Hour)
	at("a.csv", 2*time.Hour)
	at("RETURN.CSV", 4*time.Hour)
	for _, other := range []string{"d.xlsx", ".hidden.csv", "~$a.csv", "a.csv.part", "b.csv.crdownload", "c.csv.tmp", "a.csv~", "~$RETURN.CSV"} {
		at(other, 5*time.Hour)
	}
	outside := dated(t, filepath.Join(t.TempDir(), "secret.csv"), clock.Add(-5*time.Hour))
	if err := errors.Join(os.Symlink(outside, filepath.Join(dir, "link.csv")), os.Mkdir(filepath.Join(dir, "folder.csv"), 0o700),
		syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600)); err != nil {
		t.Fatal(err)
	}
	f := settling(t)
	got, err := f.Locate(t.Context(), Place{From: filepath.Join(dir, "*.csv")}, clock)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"RETURN.CSV", "b.csv", "c.csv", "a.csv"}, itemNames(got)); diff != "" {
		t.Errorf("oldest first (-want +got):\n%s", diff)
	}
	want := Item{Address: filepath.Join(dir, "a.csv"), Name: "a.csv", ModTime: clock.Add(-2 * time.Hour), Size: 3, Settled: true}
	if diff := cmp.Diff(want, got[3], unexported); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	snap, err := f.Fetch(t.Context(), "test", got[3], Validators{}, clock)
	if err != nil || snap.File != "a.csv" || snap.From != got[3].Address || snap.Size != 3 {
		t.Errorf("%+v, %v", snap, err)
	}
}

// TestSettled: the age of a file counts from the later of what it says of
// itself and what the file system says of it.
func TestSettled(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	real := time.Now()
	young := path + " may still be being written: it is taken once it has stood unchanged for 1 minute"
	ahead := path + " is dated ahead of this machine's clock, so that it cannot be told whether it is complete: set the clocks right, or wait until then"
	for name, tt := range map[string]struct {
		written, clock time.Time
		refused        string
	}{
		"written long ago":                        {real, real.Add(time.Hour), ""},
		"written just now":                        {real, real.Add(30 * time.Second), young},
		"a fresh copy with the date of old":       {real.Add(-24 * time.Hour), real.Add(30 * time.Second), young},
		"dated ahead, and written long ago":       {real.Add(48 * time.Hour), real.Add(time.Hour), ""},
		"dated ahead, and written just now":       {real.Add(48 * time.Hour), real.Add(30 * time.Second), young},
		"the clock of the file system is ahead":   {real, real.Add(-time.Hour), ahead},
		"dated back where the clock is ahead too": {real.Add(-24 * time.Hour), real.Add(-time.Hour), ""},
	} {
		dated(t, path, tt.written)
		f := settling(t)
		items, err := f.Locate(t.Context(), Place{From: filepath.Join(dir, "*.csv")}, tt.clock)
		if err != nil || len(items) != 1 || items[0].Settled != (tt.refused == "") {
			t.Errorf("%s: %+v, %v", name, items, err)
			continue
		}
		_, err = f.Fetch(t.Context(), "test", items[0], Validators{}, tt.clock)
		if (err == nil) != (tt.refused == "") || err != nil && err.Error() != tt.refused {
			t.Errorf("%s: %v, want %q", name, err, tt.refused)
		}
		if tt.refused != "" {
			empty(t, f)
		}
		if _, err := f.InPlace(t.Context(), items[0], tt.clock); (err == nil) != (tt.refused == "") {
			t.Errorf("%s, in place: %v", name, err)
		}
	}
}

func TestFolderHasNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.xlsx"), "x")
	none := filepath.Join(dir, "none")
	bare := t.TempDir()
	for from, want := range map[string]struct {
		says    string
		nothing bool
	}{
		filepath.Join(dir, "*.csv"):  {"no file in " + dir + " is named like *.csv: put the file there, or change the pattern", true},
		filepath.Join(bare, "*.csv"): {"the folder " + bare + " is empty: put the file there", true},
		filepath.Join(none, "*.csv"): {"the folder " + none + " is not there: check its name, and that its drive is connected", false},
		filepath.Join(dir, "[.csv"):  {`"[.csv" is not a pattern of names: write one such as *.csv`, false},
		"":                           {"no file, folder or address is named", false},
		"ftp://host/x":               {"this is neither a file nor an http or https address: check how it is written", false},
	} {
		got, err := settling(t).Locate(t.Context(), Place{From: from}, time.Now())
		if err == nil || err.Error() != want.says || errors.Is(err, ErrNothing) != want.nothing {
			t.Errorf("%s: %+v, %v, want %s", from, got, err, want.says)
		}
	}
}

// TestNameLikeAPattern: a file that is really called so is that file.
func TestNameLikeAPattern(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "return [1].csv"), "abc")
	f := settling(t)
	if got, err := fetch(t, f, path); err != nil || got.File != "return [1].csv" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestGoneSinceLocated: what is no longer there, or no longer a file, when it
// is fetched.
func TestGoneSinceLocated(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(dir, path string) error
		want string
	}{
		"the folder": {func(dir, path string) error { return os.RemoveAll(dir) }, "the folder DIR is not there: check its name, and that its drive is connected"},
		"the file":   {func(dir, path string) error { return os.Remove(path) }, "DIR/a.csv is not there: check the name and the folder"},
		"for a link": {func(dir, path string) error { return errors.Join(os.Remove(path), os.Symlink("/etc/passwd", path)) },
			"DIR/a.csv is a link, and a folder's links are not followed: put the file itself there"},
		"for a pipe": {func(dir, path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) }, "DIR/a.csv is not a file: name a file"},
	} {
		dir := filepath.Join(t.TempDir(), "inbox")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := write(t, filepath.Join(dir, "a.csv"), "abc")
		f := settling(t)
		clock := time.Now().Add(time.Hour)
		items, err := f.Locate(t.Context(), Place{From: filepath.Join(dir, "*")}, clock)
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.do(dir, path); err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(tt.want, "DIR", dir)
		if _, err := f.Fetch(t.Context(), "test", items[0], Validators{}, clock); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		empty(t, f)
	}
}
