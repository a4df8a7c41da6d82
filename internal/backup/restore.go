package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"

	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/pieces"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// Restored is what came of a restore.
type Restored struct {
	Migrated int // steps that the tables took from the version of the backup
	Rows     uint64
	Files    int
	Beside   []string // paths of the files that were not put into use
	Took     time.Duration
}

// ErrHolds: what is restored to holds something already.
var ErrHolds = errors.New("it holds figures already")

// ErrDiffers: what was restored is not what was backed up.
var ErrDiffers = errors.New("what was restored is not what was backed up")

// Empty makes sure that a database holds nothing that could be lost. What an earlier
// restore that was broken off has left counts as nothing. The words say what it holds.
func Empty(ctx context.Context, db *clickhouse.DB, called string) error {
	holds, err := schemas.Holding(ctx, db)
	if err != nil {
		return err
	}
	if len(holds) == 0 {
		return nil
	}
	var what []string
	for _, t := range slices.SortedFunc(maps.Keys(holds), func(a, b string) int { return cmp.Compare(holds[b], holds[a]) }) {
		what = append(what, fmt.Sprintf("%d rows of %s", holds[t], t))
	}
	if len(what) > 3 {
		what = append(what[:3], "others")
	}
	says := called + " holds figures already: " + strings.Join(what, ", ")
	if holds["published"] > 0 {
		newest, err := pieces.Newest(ctx, db)
		if err != nil {
			return err
		}
		says += ", last published on " + newest.Format("2 January 2006, 15:04 MST")
	}
	return sentence{ErrHolds, says + ". Nothing was changed: restore into a new directory with --data-dir, or move this one away"}
}

// Room makes sure that a disk has room for what is restored. Rows take about as much as in
// the backup; while they are put together, twice that.
func (b *Backup) Room(dir string, tables bool) error {
	var need int64
	for _, t := range b.Manifest.Tables {
		for _, p := range t.Pieces {
			need += 3 * p.Object.Bytes
		}
	}
	if !tables {
		need = 0
	}
	for _, f := range b.Manifest.Files {
		need += f.Object.Bytes
	}
	need += 128 << 20 // what the engine keeps free, and its own files
	for there := dir; ; there = filepath.Dir(there) {
		var disk syscall.Statfs_t
		if err := syscall.Statfs(there, &disk); err == nil {
			if free := int64(disk.Bavail) * int64(disk.Bsize); free < need {
				return sentence{ErrFolder, fmt.Sprintf("the disk of %s has %s free and the restore needs about %s: free some room, or name another directory with --data-dir; nothing was opened", dir, stats.SizeText(free), stats.SizeText(need))}
			}
			return nil
		}
		if there == filepath.Dir(there) {
			return nil
		}
	}
}

// Restore puts the backup into a database that holds nothing and a data directory, takes
// the tables to this version, and makes sure that every row and every published figure is
// what it was. Until the end nobody can open the tables for anything but a restore.
func (b *Backup) Restore(ctx context.Context, db *clickhouse.DB, dataDir string, tell func(Progress)) (Restored, error) {
	start := time.Now()
	r := restoring{Backup: b, db: db, o: Options{Progress: tell}, dir: dataDir}
	var err error
	r.done.Migrated, err = schemas.Restore(ctx, db, b.Manifest.steps(), func() error { return r.fill(ctx) }, func() error {
		if err := r.samePublished(ctx); err != nil {
			return err
		}
		return r.files(ctx)
	})
	r.done.Took = time.Since(start)
	return r.done, err
}

// restoring is a restore under way.
type restoring struct {
	*Backup
	db   *clickhouse.DB
	o    Options
	dir  string
	done Restored
}

// fill puts every row into its table, and makes sure that they are all there.
func (r *restoring) fill(ctx context.Context) error {
	var names []string
	for _, t := range r.Manifest.Tables {
		names = append(names, t.Name)
	}
	tables, err := pieces.Tables(ctx, r.db, names)
	if err != nil {
		return err
	}
	if len(tables) != len(names) {
		return fmt.Errorf("%s has %d tables, of which these steps make %d", r.Name, len(names), len(tables))
	}
	all := r.Manifest.Rows()
	for i, t := range tables {
		if !slices.Equal(t.Columns, r.Manifest.Tables[i].Columns) {
			return fmt.Errorf("%s has other columns in the table %s than these steps make", r.Name, t.Name)
		}
		if len(r.Manifest.Tables[i].Pieces) == 0 {
			continue
		}
		if err := t.Import(ctx, r.db, &unpacked{ctx: ctx, r: r, doing: "restoring " + t.Name, all: all, left: r.Manifest.Tables[i].Pieces}); err != nil {
			return err
		}
	}
	r.o.tell("comparing the rows", all, all)
	for i, t := range tables {
		if err := r.same(ctx, t, r.Manifest.Tables[i].Pieces); err != nil {
			return err
		}
	}
	return r.samePublished(ctx)
}

// unpacked is the rows of the pieces of a table, one after the other.
type unpacked struct {
	ctx   context.Context
	r     *restoring
	doing string
	all   uint64
	left  []Piece
	file  *os.File
	rows  *zstd.Decoder // of the first piece that is left; nil: it is not open yet
}

// Read implements io.Reader.
func (u *unpacked) Read(p []byte) (int, error) {
	for {
		if err := u.ctx.Err(); err != nil {
			return 0, errors.Join(err, u.close())
		}
		if len(u.left) == 0 {
			return 0, io.EOF
		}
		if u.rows == nil {
			if err := u.open(); err != nil {
				return 0, err
			}
		}
		n, err := u.rows.Read(p)
		if errors.Is(err, io.EOF) {
			u.r.done.Rows += u.left[0].Rows
			u.left = u.left[1:]
			err = u.close()
		}
		if err != nil {
			return n, errors.Join(fmt.Errorf("unpack rows of the backup: %w", err), u.close())
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (u *unpacked) open() (err error) {
	u.r.o.tell(u.doing, u.r.done.Rows, u.all)
	if u.file, err = os.Open(u.r.folder.path(u.left[0].Object)); err != nil {
		return u.r.folder.fault(err)
	}
	u.rows, err = zstd.NewReader(u.file, zstd.WithDecoderConcurrency(1))
	return err
}

func (u *unpacked) close() error {
	if u.rows == nil {
		return nil
	}
	u.rows.Close()
	u.rows = nil
	return u.file.Close()
}

// same makes sure that a table has the rows of the backup, each once, and no other.
func (r *restoring) same(ctx context.Context, t pieces.Table, want []Piece) error {
	found, err := t.Pieces(ctx, r.db, pieces.Moment{Time: r.Manifest.AsAt})
	if err != nil {
		return err
	}
	got := map[string]pieces.Piece{}
	for _, p := range found {
		got[p.Key] = p
	}
	for _, p := range want {
		if g := got[p.Key]; g.Rows != p.Rows || g.Hash != p.Hash {
			return sentence{ErrDiffers, fmt.Sprintf("the table %s differs from the backup in %q: %d rows with the hash %s were backed up, %d with %s are there", t.Name, p.Key, p.Rows, p.Hash, g.Rows, g.Hash)}
		}
	}
	if len(found) != len(want) {
		return sentence{ErrDiffers, fmt.Sprintf("the table %s has rows that were not backed up", t.Name)}
	}
	return nil
}

// samePublished makes sure that every figure that was served is served, and no other. It
// names the first source and measure where that is not so.
func (r *restoring) samePublished(ctx context.Context) error {
	if len(r.Manifest.Published) == 0 {
		return nil
	}
	r.o.tell("comparing the figures", 1, 1)
	found, err := pieces.Published(ctx, r.db, pieces.Moment{Time: r.Manifest.AsAt})
	if err != nil {
		return err
	}
	return differ(r.Manifest.Published, found)
}

func differ(want, found []pieces.Figures) error {
	got := map[[2]string]pieces.Figures{}
	for _, f := range found {
		got[[2]string{f.Source, f.Measure}] = f
	}
	for _, w := range want {
		if g := got[[2]string{w.Source, w.Measure}]; g != w {
			return sentence{ErrDiffers, fmt.Sprintf("the figures of %s from %s differ: %d, of which %d with a value and the sum %s, were backed up; %d, of which %d with a value and the sum %s, came back",
				w.Measure, w.Source, w.Figures, w.WithValue, w.Sum, g.Figures, g.WithValue, g.Sum)}
		}
	}
	if len(found) != len(want) {
		return sentence{ErrDiffers, "figures came back that were not backed up"}
	}
	return nil
}

// files puts the kept files where they were, and beside the data directory's own what
// somebody has to look at.
func (r *restoring) files(ctx context.Context) error {
	left, err := filepath.Glob(filepath.Join(r.dir, "*", halfRestored+"*"))
	if err != nil {
		return fmt.Errorf("look for what an earlier restore has left: %w", err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove what an earlier restore has left: %w", err)
		}
	}
	for i, f := range r.Manifest.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.o.tell("restoring kept files", uint64(i), uint64(len(r.Manifest.Files)))
		path := filepath.Join(r.dir, filepath.FromSlash(f.Path))
		if err := r.file(path, f.Object); err != nil {
			return err
		}
		r.done.Files++
		if strings.HasPrefix(f.Path, besideDir+"/") {
			r.done.Beside = append(r.done.Beside, path)
		}
	}
	return nil
}

// halfRestored is how the name of a file begins that is being restored.
const halfRestored = unfinished + "restore-"

// file copies an object beside its place and puts it there when it is on the disk.
func (r *restoring) file(path string, o Object) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("restore %s: %w", path, err)
	}
	in, err := os.Open(r.folder.path(o))
	if err != nil {
		return r.folder.fault(err)
	}
	defer in.Close()
	tmp, err := os.CreateTemp(filepath.Dir(path), halfRestored+"*")
	if err != nil {
		return fmt.Errorf("restore %s: %w", path, err)
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, in)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", path, err)
	}
	if err := errors.Join(os.Rename(tmp.Name(), path), syncDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("restore %s: %w", path, err)
	}
	return nil
}
