package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/clickhouse/pieces"
)

// format is the layout of backups that this program writes. One that it does not know is
// refused.
const format = 1

// A Manifest is one backup: everything it consists of, by the hashes of the objects.
type Manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // the version of stalkstats that made it
	Engine  string    `json:"engine"`  // the version of ClickHouse
	Owner   string    `json:"owner"`   // the name of the data directory
	Began   time.Time `json:"began"`
	AsAt    time.Time `json:"as_at"` // the newest publication in it; zero where nothing was published

	Migrations []Migration `json:"migrations"` // that had been applied, in order
	Tables     []Table     `json:"tables"`
	Files      []File      `json:"files"`
	// Published is every figure that was served, by source and measure.
	Published []pieces.Figures `json:"published"`
}

// A Migration is a step that the tables had taken.
type Migration struct {
	Number uint32 `json:"number"`
	SHA256 string `json:"sha256"`
}

// A Table is the rows of one, by piece.
type Table struct {
	Name    string          `json:"name"`
	Columns []pieces.Column `json:"columns"`
	Pieces  []Piece         `json:"pieces"`
}

// A Piece is some rows of a table.
type Piece struct {
	Key    string `json:"key"`
	Rows   uint64 `json:"rows"`
	Hash   string `json:"hash"` // of the rows
	Object Object `json:"object"`
}

// A File is one of the data directory, or one that belongs with it.
type File struct {
	Path   string `json:"path"` // below the data directory, with slashes
	Object Object `json:"object"`
}

// An Object is a file in the folder of backups, which has its hash for a name.
type Object struct {
	SHA256 string `json:"sha256"` // of its bytes
	Bytes  int64  `json:"bytes"`
}

// Errors of reading a backup; each comes in a sentence that says which and what to do.
var (
	// ErrNewer: a newer stalkstats made the backup.
	ErrNewer = errors.New("the backup is of a newer stalkstats")
	// ErrDamaged: a file of the backup is missing, or is not what was written.
	ErrDamaged = errors.New("the backup is damaged")
)

// sentence is an error whose text is complete in itself and whose category is one of the
// package's sentinels.
type sentence struct {
	category error
	text     string
}

func (s sentence) Error() string { return s.text }

func (s sentence) Unwrap() error { return s.category }

func damaged(text string, args ...any) error { return sentence{ErrDamaged, fmt.Sprintf(text, args...)} }

// stamp is the time in a backup's name.
const stamp = "20060102T150405Z"

var manifestName = regexp.MustCompile(`^(\d{8}T\d{6}Z)-([0-9a-f]{16})\.json$`)

// nameOf is the name of a manifest: when the backup began, and the start of its own hash,
// by which one that was cut off or changed is known.
func nameOf(began time.Time, text []byte) string {
	sum := sha256.Sum256(text)
	return began.UTC().Format(stamp) + "-" + hex.EncodeToString(sum[:8]) + ".json"
}

// encode writes a manifest and gives its name.
func encode(m Manifest) (name string, text []byte, err error) {
	var out bytes.Buffer
	in := json.NewEncoder(&out)
	in.SetEscapeHTML(false)
	in.SetIndent("", " ")
	if err := in.Encode(m); err != nil {
		return "", nil, fmt.Errorf("write the list of the backup: %w", err)
	}
	return nameOf(m.Began, out.Bytes()), out.Bytes(), nil
}

// decode reads the manifest of a name. What it gives is whole and hangs together; nothing
// in it leads out of a folder.
func decode(name string, text []byte) (Manifest, error) {
	var m Manifest
	parts := manifestName.FindStringSubmatch(name)
	if parts == nil {
		return m, damaged("%s is not the list of a backup: its name must be as it was given", name)
	}
	sum := sha256.Sum256(text)
	if hex.EncodeToString(sum[:8]) != parts[2] {
		return m, damaged("%s is damaged: it is not what was written (its SHA-256 is %x): use another backup", name, sum)
	}
	var head struct {
		Format  int    `json:"format"`
		Program string `json:"program"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return m, damaged("%s is not the list of a backup: %v", name, err)
	}
	if head.Format > format {
		return m, sentence{ErrNewer, fmt.Sprintf("%s is a backup of a newer stalkstats (%s): use that version; nothing was opened", name, printable(head.Program))}
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&m); err != nil {
		return m, damaged("%s is not the list of a backup: %v", name, err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return m, damaged("%s is not the list of a backup: something follows it", name)
	}
	if wrong := m.wrong(); wrong != "" {
		return m, damaged("%s is not the list of a backup: %s", name, wrong)
	}
	return m, nil
}

var (
	sqlName    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	sha256Hex  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	simpleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// wrong says what does not hang together; empty where all does.
func (m Manifest) wrong() string {
	switch {
	case m.Format != format:
		return fmt.Sprintf("the format %d is not known", m.Format)
	case len(m.Migrations) == 0:
		return "it does not say which tables there were"
	}
	for i, step := range m.Migrations {
		if step.Number != uint32(i+1) {
			return fmt.Sprintf("step %d of the tables does not follow step %d", step.Number, i)
		}
	}
	for _, o := range m.Objects() {
		if !sha256Hex.MatchString(o.SHA256) || o.Bytes < 0 {
			return fmt.Sprintf("%q is no SHA-256 of a file", o.SHA256)
		}
	}
	seen := map[string]bool{}
	for _, t := range m.Tables {
		if !sqlName.MatchString(t.Name) || seen[t.Name] {
			return fmt.Sprintf("the table %q", t.Name)
		}
		seen[t.Name] = true
		for _, c := range t.Columns {
			if !sqlName.MatchString(c.Name) {
				return fmt.Sprintf("the column %q", c.Name)
			}
		}
	}
	for _, f := range m.Files {
		parts := strings.Split(f.Path, "/")
		if path.Clean(f.Path) != f.Path || len(parts) > 2 || slices.ContainsFunc(parts, func(p string) bool { return !simpleName.MatchString(p) }) || seen["/"+f.Path] {
			return fmt.Sprintf("the file %q", f.Path)
		}
		seen["/"+f.Path] = true
	}
	return ""
}

// Objects is every object of the backup. One may come several times.
func (m Manifest) Objects() (all []Object) {
	for _, t := range m.Tables {
		for _, p := range t.Pieces {
			all = append(all, p.Object)
		}
	}
	for _, f := range m.Files {
		all = append(all, f.Object)
	}
	return all
}

// Size is the objects of the backup and how many bytes they have, each counted once.
func (m Manifest) Size() (objects int, bytes int64) {
	seen := map[string]bool{}
	for _, o := range m.Objects() {
		if !seen[o.SHA256] {
			seen[o.SHA256] = true
			bytes += o.Bytes
		}
	}
	return len(seen), bytes
}

// Figures is how many figures were served, and of how many sources.
func (m Manifest) Figures() (figures uint64, sources int) {
	named := map[string]bool{}
	for _, f := range m.Published {
		figures += f.Figures
		named[f.Source] = true
	}
	return figures, len(named)
}

// Rows is how many rows all tables had.
func (m Manifest) Rows() (rows uint64) {
	for _, t := range m.Tables {
		for _, p := range t.Pieces {
			rows += p.Rows
		}
	}
	return rows
}

// printable keeps what a file says from obeying on a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, text)
}
