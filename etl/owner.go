package etl

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// owner is the name of the data directory, made up at the first run and kept
// in it. Runs carry it, so that over one ClickHouse server a process clears up
// only after the processes that shared its locks.
func owner(dataDir string) (string, error) {
	path := filepath.Join(dataDir, "owner")
	name, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newOwner(path)
	}
	if err != nil {
		return "", fmt.Errorf("read the data directory's name: %w", err)
	}
	return string(name), nil
}

// newOwner writes the name beside its place and links it there: two processes
// that start together end up with one name, and nobody reads half of one.
func newOwner(path string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make the data directory: %w", err)
	}
	name := rand.Text()
	draft := path + "-" + name
	if err := os.WriteFile(draft, []byte(name), 0o600); err != nil {
		return "", fmt.Errorf("name the data directory: %w", err)
	}
	defer os.Remove(draft)
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("name the data directory: %w", err)
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the data directory's name: %w", err)
	}
	return string(kept), nil
}
