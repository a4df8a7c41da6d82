package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/clickhouse/pieces"
)

// example is a manifest with one of everything.
func example() Manifest {
	object := Object{strings.Repeat("ab", 32), 12}
	return Manifest{Format: format, Program: "v1", Engine: "26.7", Owner: "me", Began: time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC), AsAt: time.Date(2026, 7, 1, 1, 0, 0, 5000, time.UTC),
		Migrations: []Migration{{1, "x"}, {2, "y"}},
		Tables:     []Table{{"published", []pieces.Column{{Name: "source", Type: "LowCardinality(String)"}}, []Piece{{"202607", 3, "h", object}}}},
		Files:      []File{{"owner", object}, {"snapshots/" + strings.Repeat("cd", 32), object}},
		Published:  []pieces.Figures{{Source: "s", Measure: "m", Figures: 3, WithValue: 2, Sum: "5", Hash: "h"}}}
}

func TestManifestComesBack(t *testing.T) {
	name, text, err := encode(example())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(name, "20260701T020000Z-") {
		t.Errorf("the name %s", name)
	}
	got, err := decode(name, text)
	if err != nil || !reflect.DeepEqual(got, example()) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestManifestDamaged: cut off anywhere, or with any byte changed, it is refused; so is one
// whose name says another hash.
func TestManifestDamaged(t *testing.T) {
	name, text, err := encode(example())
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		if _, err := decode(name, text[:i]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut off after %d bytes: %v", i, err)
		}
		changed := append([]byte{}, text...)
		changed[i] ^= 1
		if _, err := decode(name, changed); !errors.Is(err, ErrDamaged) {
			t.Fatalf("with byte %d changed: %v", i, err)
		}
	}
	for _, other := range []string{"", "x.json", "20260701T020000Z-0000000000000000.json", strings.ToUpper(name)} {
		if _, err := decode(other, text); !errors.Is(err, ErrDamaged) {
			t.Errorf("named %q: %v", other, err)
		}
	}
}

// TestManifestThatHangsNotTogether is of lists whose hash is right, as another program
// might write them.
func TestManifestThatHangsNotTogether(t *testing.T) {
	for what, change := range map[string]func(*Manifest){
		"a file outside":        func(m *Manifest) { m.Files[0].Path = "../owner" },
		"a file from the root":  func(m *Manifest) { m.Files[0].Path = "/etc/passwd" },
		"a file deeper down":    func(m *Manifest) { m.Files[0].Path = "a/b/c" },
		"a hidden file":         func(m *Manifest) { m.Files[0].Path = ".bashrc" },
		"a file twice":          func(m *Manifest) { m.Files[1].Path = "owner" },
		"a table of SQL":        func(m *Manifest) { m.Tables[0].Name = "x; DROP TABLE y" },
		"a table twice":         func(m *Manifest) { m.Tables = append(m.Tables, m.Tables[0]) },
		"a column of SQL":       func(m *Manifest) { m.Tables[0].Columns[0].Name = "a) FORMAT" },
		"an object of no hash":  func(m *Manifest) { m.Files[0].Object.SHA256 = "../../x" },
		"less than nothing":     func(m *Manifest) { m.Files[0].Object.Bytes = -1 },
		"a step left out":       func(m *Manifest) { m.Migrations[1].Number = 3 },
		"no steps":              func(m *Manifest) { m.Migrations = nil },
		"a format before these": func(m *Manifest) { m.Format = 0 },
	} {
		m := example()
		change(&m)
		name, text, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(name, text); !errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	m := example()
	m.Format, m.Program = format+1, "v99\x1b[2J"
	name, text, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(name, text); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "newer stalkstats (v99") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("a later format: %v", err)
	}
}

// FuzzManifest: whatever stands in a file, what is accepted hangs together and is written
// as it was read.
func FuzzManifest(f *testing.F) {
	_, text, err := encode(example())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":2,"program":"x"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := decode(nameOf(time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC), text), text)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Fatalf("an error without a category: %v", err)
			}
			return
		}
		for _, file := range m.Files {
			if !filepath.IsLocal(filepath.FromSlash(file.Path)) {
				t.Fatalf("%q leads out of the folder", file.Path)
			}
		}
		name, again, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decode(name, again)
		if err != nil {
			t.Fatal(err)
		}
		if _, third, err := encode(back); err != nil || !bytes.Equal(third, again) {
			t.Fatalf("%s became %s, %v", again, third, err)
		}
	})
}

// TestFolder keeps objects, clears up what was broken off, and removes what is of no backup.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	f, err := writable(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := example()
	var objects []Object
	for _, text := range []string{"one", "two", "two"} {
		o, added, err := f.put(copyOf(write(t, text)))
		if err != nil || added != (len(objects) == 0 || text != "two" || len(objects) == 1) {
			t.Fatalf("%s: %v, %v", text, added, err)
		}
		objects = append(objects, o)
	}
	m.Tables, m.Files = nil, []File{{"owner", objects[0]}}
	name, err := f.commit(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writable(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("a second at once: %v", err)
	}
	if _, err := readable(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("a reader meanwhile: %v", err)
	}
	left := filepath.Join(dir, manifestsDir, unfinished+"123")
	if err := errors.Join(os.WriteFile(left, []byte("half"), 0o600), f.Close()); err != nil {
		t.Fatal(err)
	}
	if f, err = writable(dir); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was broken off is there still: %v", err)
	}
	path := filepath.Join(dir, manifestsDir, "20260701T020001Z-0123456789abcdef.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if freed, err := f.tidy(); err != nil || freed != 0 || !f.whole(objects[1]) {
		t.Errorf("beside a list that cannot be read %d bytes were removed, %v", freed, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if freed, err := f.tidy(); err != nil || freed != 3 || f.whole(objects[1]) || !f.whole(objects[0]) {
		t.Errorf("%d bytes were removed, %v", freed, err)
	}
	if all, err := f.list(); err != nil || len(all) != 1 || all[0].Name != name || all[0].Err != nil {
		t.Errorf("%+v, %v", all, err)
	}
	if err := os.WriteFile(f.path(objects[0]), []byte("0ne"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.check(objects[0]); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), objects[0].SHA256) {
		t.Errorf("of a damaged object: %v", err)
	}
	if o, added, err := f.put(copyOf(write(t, "one"))); err != nil || !added || f.check(o) != nil {
		t.Errorf("it was not written anew: %v, %v", added, err)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNoFolder: a disk that is not mounted is not taken for an empty folder.
func TestNoFolder(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "not-there")
	for name, open := range map[string]func(string) (*Folder, error){"to write": writable, "to read": readable} {
		if _, err := open(missing); !errors.Is(err, ErrFolder) || !strings.Contains(err.Error(), missing) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := open(write(t, "x")); !errors.Is(err, ErrFolder) {
			t.Errorf("%s a file: %v", name, err)
		}
	}
	if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
}
