package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// files takes the kept files, the name of the data directory, and what belongs with it.
// They come after the tables: a file is kept before anything is published of it.
func (t *taking) files(ctx context.Context) error {
	t.manifest.Files = []File{}
	entries, err := os.ReadDir(filepath.Join(t.src.DataDir, snapshotsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for the kept files: %w", err)
	}
	for i, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.o.tell("reading kept files", uint64(i), uint64(len(entries)))
		if sha256Hex.MatchString(entry.Name()) {
			if err := t.snapshot(entry); err != nil {
				return err
			}
		}
	}
	beside := map[string]string{ownerFile: filepath.Join(t.src.DataDir, ownerFile)}
	for name, from := range t.src.Beside {
		beside[besideDir+"/"+name] = from
	}
	for name, from := range beside {
		object, err := t.put(copyOf(from))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		t.manifest.Files = append(t.manifest.Files, File{name, object})
	}
	slices.SortFunc(t.manifest.Files, func(a, b File) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return nil
}

// snapshot takes a kept file. Its name is its hash, so it is known whether the folder has
// it, and whether it is still what it was.
func (t *taking) snapshot(entry fs.DirEntry) error {
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // of a file that was refused no copy is kept
	}
	if err != nil {
		return fmt.Errorf("look at a kept file: %w", err)
	}
	object := Object{entry.Name(), info.Size()}
	if !t.folder.has(object) || !t.isSound(object) {
		got, err := t.put(copyOf(filepath.Join(t.src.DataDir, snapshotsDir, entry.Name())))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if got.SHA256 != entry.Name() {
			t.warn("the kept file %s is damaged in the data directory (its SHA-256 is %s) and was left out", entry.Name(), got.SHA256)
			return nil
		}
		object = got
	}
	t.manifest.Files = append(t.manifest.Files, File{snapshotsDir + "/" + entry.Name(), object})
	return nil
}

func copyOf(path string) func(io.Writer) error {
	return func(w io.Writer) error {
		in, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		defer in.Close()
		if _, err := io.Copy(w, in); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		return nil
	}
}
