package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"stalkstats/internal/stats"
)

// A Store is the folder of the kept files.
type Store struct {
	Dir string
	// Builtin holds the reference data inside the program.
	Builtin fs.FS
}

// keep writes the bytes under a temporary name and renames them once they are
// safely on the disk, so that a name that is a hash never holds half a file.
// A file that was kept before is not written again, and one that look refuses
// has no other name than the temporary one.
func (s Store) keep(source string, in io.Reader, limit int64, look func(io.ReaderAt, int64) error, now time.Time) (Snapshot, error) {
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
	size, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(in, limit+1))
	if err != nil {
		return Snapshot{}, err
	}
	if size > limit {
		return Snapshot{}, local(stats.FileTooLarge, "it is larger than %d bytes: check that it is the right file", limit)
	}
	if look != nil {
		if err := look(tmp, size); err != nil {
			return Snapshot{}, unfit{err}
		}
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

// kept is the snapshot with that hash, if its bytes are all still there.
func (s Store) kept(sha256Hex string) (Snapshot, bool) {
	if len(sha256Hex) != 2*sha256.Size {
		return Snapshot{}, false
	}
	in, err := os.Open(s.Path(sha256Hex))
	if err != nil {
		return Snapshot{}, false
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, in)
	if err != nil || hex.EncodeToString(sum.Sum(nil)) != sha256Hex {
		return Snapshot{}, false
	}
	return Snapshot{Path: in.Name(), SHA256: sha256Hex, Size: size}, true
}

// Kept is the snapshot with that hash, as it was fetched at a time from a place.
func (s Store) Kept(sha256Hex, file, from string, at time.Time) (Snapshot, error) {
	snap, ok := s.kept(sha256Hex)
	if !ok {
		return Snapshot{}, local(stats.FileMissing, "the kept copy of %s is no longer in %s, or was changed: load the file anew", file, s.Dir)
	}
	snap.File, snap.From, snap.RetrievedAt = file, from, at
	return snap, nil
}

// Forget removes the kept file with that hash, if there is one.
func (s Store) Forget(sha256Hex string) error {
	if err := os.Remove(s.Path(sha256Hex)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a kept file: %w", plain(err))
	}
	return nil
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

// keeping says what was being done when a file could not be kept. What is
// wrong with the file itself says so already.
func keeping(shown string, err error) error {
	var own *fault
	var no unfit
	switch {
	case errors.As(err, &own):
		return err
	case errors.As(err, &no):
		return no.error
	}
	return fmt.Errorf("keep %s: %w", shown, plain(err))
}

// unfit is what Item.Look said of a file that is not to be kept.
type unfit struct{ error }

// plain puts the commonest faults of a disk into words a data owner can act on.
func plain(err error) error {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return local(stats.FileMissing, "%s is not there: check the name and the folder", at.Path)
	case errors.Is(err, fs.ErrPermission):
		return local(stats.FileUnreadable, "%s may not be read or written by this user: change its permissions", at.Path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return local(stats.DiskFull, "the disk of %s is full: free some room and run again", filepath.Dir(at.Path))
	case errors.Is(err, syscall.EFBIG):
		return local(stats.DiskFull, "a file may not be as large as this under the limits of this user (ulimit -f): raise the limit and run again")
	}
	return err
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
