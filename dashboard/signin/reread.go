package signin

import (
	"os"
	"sync"
	"time"
)

// reread is what a file says, which is read again when it has changed.
type reread[T any] struct {
	path string
	read func(path string) (T, error)

	mu   sync.Mutex
	seen fileState
	says T
}

// fileState tells one writing of a file from another.
type fileState struct {
	changed time.Time
	size    int64
}

// current is what the file says now. While it is broken it says nothing: a slip in it
// must not keep somebody in who was to be shut out.
func (f *reread[T]) current() (says T, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err == nil && f.seen == (fileState{info.ModTime(), info.Size()}) {
		return f.says, nil
	}
	read, err := f.read(f.path)
	if err != nil {
		f.says, f.seen = says, fileState{}
		return says, err
	}
	f.says = read
	if info != nil {
		f.seen = fileState{info.ModTime(), info.Size()}
	}
	return f.says, nil
}
