package backup

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Kept is a backup of a folder.
type Kept struct {
	Name     string // of its manifest
	Manifest Manifest
	Err      error     // why the manifest cannot be read; nil where it can
	Verified time.Time // when it was last restored apart and found good; zero: never
}

// list is every backup, oldest first. One whose manifest cannot be read is among them.
func (f *Folder) list() ([]Kept, error) {
	entries, err := os.ReadDir(filepath.Join(f.dir, manifestsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, f.fault(err)
	}
	var all []Kept
	for _, entry := range entries { // by name, so by time
		if !strings.HasSuffix(entry.Name(), ".json") || strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		k := Kept{Name: entry.Name()}
		k.Manifest, k.Err = f.manifest(k.Name)
		if info, err := os.Stat(filepath.Join(f.dir, manifestsDir, k.Name+verifiedMark)); err == nil {
			k.Verified = info.ModTime().UTC()
		}
		all = append(all, k)
	}
	return all, nil
}

// mostManifest bounds what is read as a manifest, in bytes.
const mostManifest = 1 << 30

func (f *Folder) manifest(name string) (Manifest, error) {
	in, err := os.Open(filepath.Join(f.dir, manifestsDir, name))
	if err != nil {
		return Manifest{}, f.fault(err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, mostManifest))
	if err != nil {
		return Manifest{}, damaged("%s cannot be read (%v): use another backup", name, err)
	}
	return decode(name, text)
}

// readableOnes is those of a list whose manifest can be read.
func readableOnes(all []Kept) []Kept {
	return slices.DeleteFunc(slices.Clone(all), func(k Kept) bool { return k.Err != nil })
}

// markVerified notes that a backup was restored apart and gave every figure again.
func (f *Folder) markVerified(name string) error {
	return f.fault(writeWhole(filepath.Join(f.dir, manifestsDir, name+verifiedMark), nil))
}

// refuse takes a backup out of the list: it did not give the figures again.
func (f *Folder) refuse(name string) error {
	path := filepath.Join(f.dir, manifestsDir, name)
	return f.fault(errors.Join(os.Rename(path, path+refusedMark), syncDir(filepath.Dir(path))))
}

// forget removes a backup from the list. Its objects go with tidy.
func (f *Folder) forget(name string) error {
	path := filepath.Join(f.dir, manifestsDir, name)
	if err := os.Remove(path); err != nil {
		return f.fault(err)
	}
	if err := os.Remove(path + verifiedMark); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.fault(err)
	}
	return nil
}

// tidy removes the objects of no backup and says how many bytes that gave. While a manifest
// cannot be read nobody knows what belongs to it, and nothing is removed.
func (f *Folder) tidy() (freed int64, err error) {
	all, err := f.list()
	if err != nil {
		return 0, err
	}
	needed := map[string]bool{}
	for _, k := range all {
		if k.Err != nil {
			return 0, nil
		}
		for _, o := range k.Manifest.Objects() {
			needed[o.SHA256] = true
		}
	}
	root := filepath.Join(f.dir, objectsDir)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !sha256Hex.MatchString(entry.Name()) || needed[entry.Name()] {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		freed += info.Size()
		return os.Remove(path)
	})
	return freed, f.fault(err)
}
