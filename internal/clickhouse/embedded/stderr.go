package embedded

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// withStderr runs open and returns what was written to standard error
// meanwhile. The engine says why it refuses a directory nowhere else, and its
// words are not for the terminal as they are. When open succeeds, what others
// wrote meanwhile is passed on; without a temporary file nothing is caught.
func withStderr(open func() error) (string, error) {
	file, err := os.CreateTemp("", "stalkstats-engine-*")
	if err != nil {
		return "", open()
	}
	defer func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }()
	saved, err := unix.FcntlInt(uintptr(unix.Stderr), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return "", open()
	}
	if err := redirect(int(file.Fd()), unix.Stderr); err != nil {
		return "", errors.Join(open(), unix.Close(saved))
	}
	opened := open()
	if err := errors.Join(redirect(saved, unix.Stderr), unix.Close(saved)); err != nil {
		return "", errors.Join(opened, err)
	}
	written, err := caught(file)
	if opened == nil && err == nil {
		_, err = os.Stderr.WriteString(written)
	}
	return written, errors.Join(opened, err)
}

// caught reads a file from its beginning.
func caught(file *os.File) (string, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	all, err := io.ReadAll(file)
	return string(all), err
}
