// Package source fetches the file of a source and keeps a snapshot of it: the
// bytes, under their sha256, so that any figure can be led back to what was
// received.
package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"stalkstats/internal/config"
)

// A Snapshot is a fetched file that is kept.
type Snapshot struct {
	Path        string // of the kept bytes
	File        string // base name of the file it was
	From        string // where it was fetched from
	SHA256      string // in hex
	Size        int64  // bytes
	RetrievedAt time.Time
}

// MaxSize is the largest file that is taken, in bytes: far above the largest
// Home Office table (44 MB).
const MaxSize = 1 << 30

// A Store is the folder of the kept files.
type Store struct {
	Dir string
	// Builtin holds the reference data inside the program.
	Builtin fs.FS
}

// Fetch reads the file of a source and keeps it. A file that was kept before
// is not written again.
func (s Store) Fetch(ctx context.Context, source, from string, now time.Time) (Snapshot, error) {
	in, err := s.open(from)
	if err != nil {
		return Snapshot{}, err
	}
	defer in.Close()
	snap, err := s.keep(source, contextReader{ctx, in}, now)
	if err != nil {
		return Snapshot{}, fmt.Errorf("keep %s: %w", from, plain(err))
	}
	snap.File, snap.From = filepath.Base(strings.TrimPrefix(from, config.BuiltinPrefix)), from
	return snap, nil
}

func (s Store) open(from string) (io.ReadCloser, error) {
	if name, ok := strings.CutPrefix(from, config.BuiltinPrefix); ok {
		text, err := fs.ReadFile(s.Builtin, name)
		if err != nil {
			return nil, fmt.Errorf("there is no reference data %q in the program: there are areas.csv, measures.csv and series_breaks.csv", name)
		}
		return io.NopCloser(bytes.NewReader(text)), nil
	}
	info, err := os.Stat(from)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file: name a file", from)
	}
	if err == nil && info.Size() > MaxSize {
		return nil, fmt.Errorf("%s is too large (%d bytes; the most is %d): check that it is the right file", from, info.Size(), int64(MaxSize))
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, plain(err)
	}
	return f, nil
}

// plain puts the commonest faults of a disk into words a data owner can act on.
func plain(err error) error {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s is not there: check the name and the folder", at.Path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read or written by this user: change its permissions", at.Path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("the disk of %s is full: free some room and run again", filepath.Dir(at.Path))
	case errors.Is(err, syscall.EFBIG):
		return errors.New("a file may not be as large as this under the limits of this user (ulimit -f): raise the limit and run again")
	}
	return err
}

// keep writes the bytes under a temporary name and renames them once they are
// safely on the disk, so that a name that is a hash never holds half a file.
func (s Store) keep(source string, in io.Reader, now time.Time) (Snapshot, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return Snapshot{}, err
	}
	tmp, err := os.CreateTemp(s.Dir, incoming(source))
	if err != nil {
		return Snapshot{}, err
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing left to remove
	defer tmp.Close()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(in, MaxSize+1))
	if err != nil {
		return Snapshot{}, err
	}
	if size > MaxSize {
		return Snapshot{}, fmt.Errorf("it is larger than %d bytes: check that it is the right file", int64(MaxSize))
	}
	snap := Snapshot{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size, RetrievedAt: now}
	snap.Path = s.Path(snap.SHA256)
	if info, err := os.Stat(snap.Path); err == nil && info.Size() == size {
		return snap, nil
	}
	if err := tmp.Sync(); err != nil {
		return Snapshot{}, err
	}
	if err := os.Rename(tmp.Name(), snap.Path); err != nil {
		return Snapshot{}, err
	}
	return snap, nil
}

// Path is where the file with that hash is kept.
func (s Store) Path(sha256Hex string) string { return filepath.Join(s.Dir, sha256Hex) }

// incoming is the pattern of the temporary names of one source's files, so
// that clearing up after it leaves alone what another source is fetching.
func incoming(source string) string { return "incoming-" + source + "-*" }

// CleanUp removes what a process that ended in the middle of keeping a file of
// the source left behind, and says how many files that were.
func (s Store) CleanUp(source string) (removed int, err error) {
	left, err := filepath.Glob(filepath.Join(s.Dir, incoming(source)))
	if err != nil {
		return 0, fmt.Errorf("look for unfinished snapshots: %w", err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, fmt.Errorf("remove an unfinished snapshot: %w", err)
		}
		removed++
	}
	return removed, nil
}

// contextReader stops reading when the context ends.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}
