package clickhousetest

import (
	"context"
	"os"
	"sync"
	"testing"
)

// lasting is what is cleaned up after the last test of a package.
var lasting struct {
	sync.Mutex
	ends []func()
}

// Lasting makes what a test makes last until Main ends, for the other tests of its
// package: its temporary directories, its context and what it cleans up. Only a package
// whose TestMain calls Main may use it.
func Lasting(t testing.TB) testing.TB { return lastingTB{t} }

type lastingTB struct{ testing.TB }

func (l lastingTB) Cleanup(end func()) {
	lasting.Lock()
	defer lasting.Unlock()
	lasting.ends = append(lasting.ends, end)
}

func (l lastingTB) Context() context.Context { return context.Background() }

func (l lastingTB) TempDir() string {
	l.Helper()
	dir, err := os.MkdirTemp("", "stalkstats-lasting-*")
	if err != nil {
		l.Fatalf("make a directory for all tests: %v", err)
	}
	// What cannot be removed stays in the system's temporary directory.
	l.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// endLasting cleans up, the last first.
func endLasting() {
	for i := len(lasting.ends) - 1; i >= 0; i-- {
		lasting.ends[i]()
	}
}
