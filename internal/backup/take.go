package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"stalkstats/internal/clickhouse/pieces"
	"stalkstats/schemas"
)

// Taken is a backup that was taken.
type Taken struct {
	Name     string // of its manifest
	Manifest Manifest
	Took     time.Duration
	Added    int      // objects that the folder did not have yet
	Bytes    int64    // that these have
	Removed  []string // backups that were old enough
	Freed    int64    // bytes that this gave
	Warnings []string // one sentence each
}

// Take adds a backup to the folder. Its errors are sentences; the backups that are there
// already stay as they are whatever happens.
func Take(ctx context.Context, src Source, o Options) (Taken, error) {
	start := time.Now()
	f, err := writable(o.Folder)
	if err != nil {
		return Taken{}, err
	}
	defer f.Close()
	t := taking{src: src, o: o, folder: f, reused: map[string]Object{}, sound: map[string]bool{}}
	if err := t.begin(); err != nil {
		return Taken{}, err
	}
	if err := t.tables(ctx); err != nil {
		return Taken{}, err
	}
	if err := t.files(ctx); err != nil {
		return Taken{}, err
	}
	if t.taken.Name, err = f.commit(t.manifest); err != nil {
		return Taken{}, err
	}
	t.taken.Manifest = t.manifest
	if err := t.retire(); err != nil { // the backup is whole all the same
		t.warn("older backups could not be cleared up: %v", err)
	}
	t.taken.Took = time.Since(start)
	return t.taken, nil
}

// taking is a backup while it is taken.
type taking struct {
	src      Source
	o        Options
	folder   *Folder
	manifest Manifest
	taken    Taken
	kept     []Kept
	reused   map[string]Object // of the last backup, by what is in them
	sound    map[string]bool   // objects that were read again now and are as they were written
	rows     uint64            // of all tables, about
	seen     uint64            // of them
}

func (t *taking) warn(text string, args ...any) {
	t.taken.Warnings = append(t.taken.Warnings, fmt.Sprintf(text, args...))
}

// begin looks at the backups that are there. The newest gives what needs not be written
// again.
func (t *taking) begin() error {
	owner, err := os.ReadFile(filepath.Join(t.src.DataDir, ownerFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the data directory's name: %w", err)
	}
	if t.kept, err = t.folder.list(); err != nil {
		return err
	}
	began := t.o.Now().UTC().Truncate(time.Second)
	for _, k := range t.kept {
		if k.Err != nil {
			t.warn("%v; until it is moved away nothing older is removed", k.Err)
			continue
		}
		if last := k.Manifest.Began; !began.After(last) { // the clock may have gone back
			began = last.Add(time.Second)
		}
		if other := k.Manifest.Owner; other != "" && len(owner) > 0 && other != string(owner) {
			return sentence{ErrFolder, fmt.Sprintf("the folder %s holds backups of another stalkstats (data directory %s; this one is %s): name another folder", t.folder.dir, other, owner)}
		}
	}
	if whole := readableOnes(t.kept); len(whole) > 0 {
		for _, table := range whole[len(whole)-1].Manifest.Tables {
			for _, p := range table.Pieces {
				t.reused[contents(table.Name, table.Columns, pieces.Piece{Key: p.Key, Rows: p.Rows, Hash: p.Hash})] = p.Object
			}
		}
	}
	t.manifest = Manifest{Format: format, Program: t.src.Program, Engine: t.src.DB.Version(), Owner: string(owner), Began: began}
	return nil
}

// mostAttempts is how often tables are read anew where something was published in the
// middle.
const mostAttempts = 5

// tables reads all of them, at one moment.
func (t *taking) tables(ctx context.Context) error {
	for range mostAttempts {
		same, err := t.attempt(ctx)
		if same || err != nil {
			return err
		}
	}
	return errors.New("the tables were changed all the while that they were read: run the backup again")
}

// attempt answers false where the moment has moved: a publication may be written a little
// after the time that it bears.
func (t *taking) attempt(ctx context.Context) (same bool, err error) {
	db := t.src.DB
	steps, err := schemas.Applied(ctx, db)
	if err != nil {
		return false, err
	}
	if len(steps) == 0 {
		return false, errors.New("there are no tables yet, so there is nothing to back up: `stalkstats serve` makes them")
	}
	t.manifest.Migrations, t.manifest.Tables, t.seen = nil, nil, 0
	for _, s := range steps {
		t.manifest.Migrations = append(t.manifest.Migrations, Migration{s.Number, s.SHA256Hex})
	}
	all, err := pieces.Tables(ctx, db, readFirst)
	if err != nil {
		return false, err
	}
	if t.rows, err = pieces.Rows(ctx, db); err != nil {
		return false, err
	}
	var moment pieces.Moment
	var publications []pieces.Piece
	at := slices.IndexFunc(all, func(table pieces.Table) bool { return table.Name == "published" })
	for i, table := range all {
		if i == at {
			if moment, err = pieces.Newest(ctx, db); err != nil {
				return false, err
			}
		}
		found, err := t.table(ctx, table, moment)
		if err != nil {
			return false, err
		}
		if i == at {
			publications = found
		}
	}
	t.manifest.AsAt = moment.Time
	if at < 0 { // from before there were publications
		return t.sameSteps(ctx, steps)
	}
	if t.manifest.Published, err = pieces.Published(ctx, db, moment); err != nil {
		return false, err
	}
	again, err := all[at].Pieces(ctx, db, moment)
	if err != nil || !slices.Equal(publications, again) {
		return false, err
	}
	return t.sameSteps(ctx, steps)
}

func (t *taking) sameSteps(ctx context.Context, steps []schemas.Migration) (bool, error) {
	again, err := schemas.Applied(ctx, t.src.DB)
	return err == nil && slices.Equal(steps, again), err
}

// table reads one and gives what it consisted of. Rows may be added while it is read, though
// none is changed: a piece that was the same before and after is what was written.
func (t *taking) table(ctx context.Context, table pieces.Table, moment pieces.Moment) ([]pieces.Piece, error) {
	found, err := table.Pieces(ctx, t.src.DB, moment)
	if err != nil {
		return nil, err
	}
	objects, missing := map[pieces.Piece]Object{}, found
	for n := 0; len(missing) > 0; n++ {
		if n == mostLooks {
			return nil, fmt.Errorf("rows were added to %s all the while that it was read: run the backup again", table.Name)
		}
		var written []string
		for _, p := range missing {
			t.o.tell("reading "+table.Name, t.seen, t.rows)
			t.seen += p.Rows
			object, ok := t.reused[contents(table.Name, table.Columns, p)]
			if !ok || !t.isSound(object) {
				if object, err = t.write(ctx, table, p, moment); err != nil {
					return nil, err
				}
				written = append(written, p.Key)
			}
			objects[p] = object
		}
		if len(written) == 0 {
			break
		}
		again, err := table.Pieces(ctx, t.src.DB, moment, written...)
		if err != nil {
			return nil, err
		}
		found, missing = newer(found, again, written, objects)
	}
	entry := Table{Name: table.Name, Columns: table.Columns, Pieces: []Piece{}}
	for _, p := range found {
		entry.Pieces = append(entry.Pieces, Piece{p.Key, p.Rows, p.Hash, objects[p]})
	}
	t.manifest.Tables = append(t.manifest.Tables, entry)
	return found, nil
}

// mostLooks is how often the pieces of a table are written that change meanwhile.
const mostLooks = 20

// newer puts pieces as they are now in the place of what they were before they were written,
// and says which must be written again.
func newer(found, again []pieces.Piece, written []string, objects map[pieces.Piece]Object) (now, missing []pieces.Piece) {
	for _, p := range found {
		if !slices.Contains(written, p.Key) {
			now = append(now, p)
			continue
		}
		i := slices.IndexFunc(again, func(a pieces.Piece) bool { return a.Key == p.Key })
		if i < 0 { // all its rows are gone
			continue
		}
		now = append(now, again[i])
		if again[i] != p {
			delete(objects, p)
			missing = append(missing, again[i])
		}
	}
	return now, missing
}

// contents tells rows from others, whatever object they are in.
func contents(table string, columns []pieces.Column, p pieces.Piece) string {
	return fmt.Sprintf("%s %v %q %d %s", table, columns, p.Key, p.Rows, p.Hash)
}

// write keeps the rows of a piece as they are now.
func (t *taking) write(ctx context.Context, table pieces.Table, p pieces.Piece, moment pieces.Moment) (Object, error) {
	return t.put(func(w io.Writer) error {
		return packed(w, func(w io.Writer) error { return table.Export(ctx, t.src.DB, p.Key, moment, w) })
	})
}

// isSound reads an object again before it is taken to be what it was: a disk that goes bad
// would else be in every backup from then on. One that is not is written anew.
func (t *taking) isSound(o Object) bool {
	sound, known := t.sound[o.SHA256]
	if !known {
		sound = t.folder.whole(o)
		t.sound[o.SHA256] = sound
		if !sound {
			t.warn("the object %s of an earlier backup was missing or damaged, and has been written anew from what is here", o.SHA256)
		}
	}
	return sound
}

// put keeps an object and counts what is new.
func (t *taking) put(fill func(io.Writer) error) (Object, error) {
	o, added, err := t.folder.put(fill)
	if err != nil {
		return o, err
	}
	if added {
		t.taken.Added++
		t.taken.Bytes += o.Bytes
	}
	t.sound[o.SHA256] = true
	return o, nil
}

// packed passes what fill writes through zstd.
func packed(w io.Writer, fill func(io.Writer) error) error {
	out, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("pack rows: %w", err)
	}
	if err := fill(out); err != nil {
		_ = out.Close() // what was written of it is of no use
		return err
	}
	return out.Close()
}

// retire removes the backups that are old enough, and the objects of none.
func (t *taking) retire() error {
	whole := readableOnes(t.kept)
	if n := len(whole) - (leastKept - 1); t.o.Kept > 0 && n > 0 {
		for _, k := range whole[:n] {
			if t.manifest.Began.Sub(k.Manifest.Began) <= t.o.Kept {
				break
			}
			if err := t.folder.forget(k.Name); err != nil {
				return err
			}
			t.taken.Removed = append(t.taken.Removed, k.Name)
		}
	}
	var err error
	t.taken.Freed, err = t.folder.tidy()
	return err
}
