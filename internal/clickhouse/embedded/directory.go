package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile and statusFile are the names in the data directory of our lock and
// of the engine's own.
const (
	lockFile   = "stalkstats.lock"
	statusFile = "status"
)

// probeSize is how much must fit into the data directory, in bytes.
const probeSize = 1 << 16

// takeDirectory creates the data directory, tries that it can be written, and
// locks it for this process until the returned file is closed. The kernel
// gives the lock free when the process dies.
//
// The engine locks the directory itself, but says so on standard error only;
// looking first keeps its message off the user's terminal.
func takeDirectory(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, directoryError(dir, err)
	}
	if err := tryWriting(dir); err != nil {
		return nil, directoryError(dir, err)
	}
	lock, err := lockPath(filepath.Join(dir, lockFile), os.O_CREATE)
	if err != nil {
		return nil, directoryError(dir, err)
	}
	// Another program, clickhouse-local say, knows only the engine's lock.
	status, err := lockPath(filepath.Join(dir, statusFile), 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return lock, nil
	case err != nil:
		return nil, errors.Join(directoryError(dir, err), lock.Close())
	}
	if err := status.Close(); err != nil {
		return nil, errors.Join(directoryError(dir, err), lock.Close())
	}
	return lock, nil
}

// lockPath opens and locks a file without waiting.
func lockPath(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|flag, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// tryWriting writes and removes a small file.
func tryWriting(dir string) error {
	f, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// directoryError makes one plain sentence of what is wrong with the directory.
func directoryError(dir string, err error) error {
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return inUse(dir)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return sentence{ErrDirectory, fmt.Sprintf("data directory %s: the disk is full; make room, or use --data-dir to name another", dir)}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return sentence{ErrDirectory, fmt.Sprintf("data directory %s cannot be written by this user; change its permissions, or use --data-dir to name another", dir)}
	case errors.Is(err, syscall.ENOTDIR):
		return sentence{ErrDirectory, fmt.Sprintf("data directory %s is not a directory; use --data-dir to name another", dir)}
	}
	return sentence{ErrDirectory, fmt.Sprintf("data directory %s cannot be used: %v", dir, err)}
}

func inUse(dir string) error {
	return sentence{ErrInUse, fmt.Sprintf("data directory %s is in use by another stalkstats process; stop it first, or use --data-dir to name another", dir)}
}

// sentence is an error whose text is complete in itself and whose category is
// one of the package's sentinels.
type sentence struct {
	category error
	text     string
}

func (s sentence) Error() string { return s.text }

func (s sentence) Unwrap() error { return s.category }
