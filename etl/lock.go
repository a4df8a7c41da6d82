package etl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// errBusy says that another run of the same source is under way.
var errBusy = errors.New("the source is being run already")

// lock makes sure that a source never runs beside itself, in this process or
// another on this machine. The kernel lets go of the lock when the process
// ends, however it ends.
func lock(dir, source string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of locks: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, source+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of %s: %w", source, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errBusy
		}
		return nil, fmt.Errorf("lock %s: %w", source, err)
	}
	return func() { f.Close() }, nil
}
