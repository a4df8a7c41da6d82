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

	"golang.org/x/sys/unix"

	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// plainFile is the one file of a path. What is wrong with it is told when it
// is opened.
func plainFile(path string) ([]Item, error) {
	item := Item{Address: path, Name: filepath.Base(path), Size: -1, Settled: true}
	if info, err := os.Stat(path); err == nil {
		item.ModTime, item.Size = info.ModTime(), info.Size()
	}
	return []Item{item}, nil
}

// open opens a file of this machine, or reference data of the program.
func (f *Fetcher) open(item Item, now time.Time) (io.ReadCloser, error) {
	if name, ok := strings.CutPrefix(item.Address, config.BuiltinPrefix); ok {
		text, err := fs.ReadFile(f.store.Builtin, name)
		if err != nil {
			return nil, local(stats.FileMissing, "there is no reference data %q in the program: there are areas.csv, measures.csv and series_breaks.csv", name)
		}
		return io.NopCloser(bytes.NewReader(text)), nil
	}
	if strings.Contains(item.Address, "://") {
		return nil, errors.New("this is neither a file nor an http or https address: check how it is written")
	}
	file, err := f.openFile(item, now)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// openFile opens a file of this machine such that a change of it while it is
// read is told. It does not wait for the other end of a pipe, and does not
// follow a link out of a folder.
func (f *Fetcher) openFile(item Item, now time.Time) (*lying, error) {
	flags := os.O_RDONLY | syscall.O_NONBLOCK
	if item.inFolder {
		flags |= syscall.O_NOFOLLOW
	}
	in, err := os.OpenFile(item.Address, flags, 0)
	if err != nil {
		return nil, missing(item, err)
	}
	before, err := stateOf(in)
	if err == nil {
		err = f.refuse(item, before, now)
	}
	if err != nil {
		in.Close()
		return nil, plain(err)
	}
	return &lying{file: in, before: before}, nil
}

// refuse says why an open file is not taken, if it is not.
func (f *Fetcher) refuse(item Item, s state, now time.Time) error {
	switch {
	case s.info.IsDir():
		return local(stats.FileUnreadable, "%s is not a file: name a file, or the files in the folder by a pattern such as %s", item.Address, filepath.Join(item.Address, "*.csv"))
	case !s.info.Mode().IsRegular():
		return local(stats.FileUnreadable, "%s is not a file: name a file", item.Address)
	case s.info.Size() > f.rules.MaxSize:
		return local(stats.FileTooLarge, "%s is too large (%d bytes; the most is %d): check that it is the right file", item.Address, s.info.Size(), f.rules.MaxSize)
	case item.inFolder:
		return f.unsettled(item.Address, s, now)
	}
	return nil
}

// missing puts into words why a file did not open.
func missing(item Item, err error) error {
	switch dir := filepath.Dir(item.Address); {
	case errors.Is(err, syscall.ENXIO): // a socket
		return local(stats.FileUnreadable, "%s is not a file: name a file", item.Address)
	case item.inFolder && errors.Is(err, syscall.ELOOP):
		return local(stats.FileUnreadable, "%s is a link, and a folder's links are not followed: put the file itself there", item.Address)
	case item.inFolder && errors.Is(err, fs.ErrNotExist):
		if _, gone := os.Stat(dir); gone != nil {
			return noFolder(dir, gone)
		}
	}
	return plain(err)
}

// state is what tells one content of a file from another without reading it.
type state struct {
	info  fs.FileInfo
	inode time.Time // when anything of the file last changed, by the file system's clock
}

// stateOf looks at an open file.
func stateOf(f *os.File) (state, error) {
	info, err := f.Stat()
	if err != nil {
		return state{}, err
	}
	var raw unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &raw); err != nil {
		return state{}, &fs.PathError{Op: "look at", Path: f.Name(), Err: err}
	}
	return state{info: info, inode: time.Unix(raw.Ctim.Unix())}, nil
}

// stateAt looks at what has that name in its folder, be it a link.
func stateAt(path string) (state, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return state{}, err
	}
	var raw unix.Stat_t
	if err := unix.Lstat(path, &raw); err != nil {
		return state{}, &fs.PathError{Op: "look at", Path: path, Err: err}
	}
	return state{info: info, inode: time.Unix(raw.Ctim.Unix())}, nil
}

func (s state) same(other state) bool {
	return os.SameFile(s.info, other.info) && s.info.Size() == other.info.Size() &&
		s.info.ModTime().Equal(other.info.ModTime()) && s.inode.Equal(other.inode)
}

// lying is an open file of this machine that must not change while it is read.
type lying struct {
	file   *os.File
	before state
}

// Close implements io.Closer.
func (l *lying) Close() error { return l.file.Close() }

// Read implements io.Reader: the end of a file that has changed since it was
// opened is an error.
func (l *lying) Read(p []byte) (int, error) {
	n, err := l.file.Read(p)
	if err != io.EOF {
		return n, err
	}
	if after, failed := stateOf(l.file); failed != nil || !l.before.same(after) {
		return n, changedWhileRead(l.file.Name())
	}
	return n, io.EOF
}

func changedWhileRead(path string) error {
	return &fault{kind: stats.FileChanging, says: path + " changed while it was read: run again when it is complete"}
}

// InPlace reads a file of this machine where it lies and keeps nothing of it:
// files that hold records about people are read in this way. The caller reads
// the file at Path and then asks Unchanged.
func (f *Fetcher) InPlace(ctx context.Context, item Item, now time.Time) (Snapshot, error) {
	if strings.Contains(item.Address, "://") || strings.HasPrefix(item.Address, config.BuiltinPrefix) {
		return Snapshot{}, local(stats.AddressRefused, "%s cannot be read where it is: records about people are read from a file or a folder of this machine only", Shown(item.Address))
	}
	in, err := f.openFile(item, now)
	if err != nil {
		return Snapshot{}, err
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, contextReader{ctx, in})
	if err != nil {
		var own *fault
		if errors.As(err, &own) {
			return Snapshot{}, err
		}
		return Snapshot{}, fmt.Errorf("read %s: %w", item.Address, plain(err))
	}
	return Snapshot{Path: item.Address, File: item.Name, From: item.Address, SHA256: hex.EncodeToString(sum.Sum(nil)),
		Size: size, RetrievedAt: now, lies: in}, nil
}

// Unchanged says in a sentence that a file which is read in place is no longer
// the one that was hashed. Of a kept snapshot, nothing can be wrong.
func (s Snapshot) Unchanged() error {
	if s.lies == nil {
		return nil
	}
	in, err := os.OpenFile(s.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return changedWhileRead(s.Path)
	}
	defer in.Close()
	if after, err := stateOf(in); err != nil || !s.lies.before.same(after) {
		return changedWhileRead(s.Path)
	}
	return nil
}
