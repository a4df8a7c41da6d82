package source

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// ErrNothing is wrapped by the error of a folder that has no file to take.
var ErrNothing = errors.New("there is nothing to load")

// wildcards are what makes a pattern of a name.
const wildcards = "*?["

// isPattern reports whether a path is a folder with a pattern. A file whose
// very name looks like one is a file.
func isPattern(from string) bool {
	if !strings.ContainsAny(filepath.Base(from), wildcards) {
		return false
	}
	_, err := os.Lstat(from)
	return err != nil
}

// checkPath says what is wrong with the way a path is written.
func checkPath(from string) error {
	if strings.Contains(from, "://") {
		return errors.New("this is neither a file nor an http or https address: check how it is written")
	}
	base := filepath.Base(from)
	if _, err := path.Match(base, ""); err != nil && isPattern(from) {
		return fmt.Errorf("%q is not a pattern of names: write one such as *.csv", base)
	}
	return nil
}

// folder lists the files of a folder whose names are like the last part of
// from. Folders in it, links, hidden files and the half files that other
// programs leave while they write are not among them.
func (f *Fetcher) folder(from string, now time.Time) ([]Item, error) {
	dir, pattern := filepath.Dir(from), filepath.Base(from)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, noFolder(dir, err)
	}
	if len(entries) == 0 {
		return nil, nothing{fmt.Sprintf("the folder %s is empty: put the file there", dir)}
	}
	var items []Item
	for _, entry := range entries {
		if !entry.Type().IsRegular() || isHalf(entry.Name()) || !like(pattern, entry.Name()) {
			continue
		}
		item, err := f.inFolder(filepath.Join(dir, entry.Name()), now)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken away since it was listed
		}
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return nil, nothing{fmt.Sprintf("no file in %s is named like %s: put the file there, or change the pattern", dir, pattern)}
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(a.ModTime.Compare(b.ModTime), cmp.Compare(a.Name, b.Name))
	})
	return items, nil
}

// inFolder is what is known of one file in a folder.
func (f *Fetcher) inFolder(at string, now time.Time) (Item, error) {
	s, err := stateAt(at)
	if err != nil {
		return Item{}, err
	}
	return Item{Address: at, Name: filepath.Base(at), ModTime: s.info.ModTime(), Size: s.info.Size(),
		Settled: f.unsettled(at, s, now) == nil, inFolder: true}, nil
}

// unsettled says why a file in a folder may still be being written. Its age
// counts from the later of two times: the one that its writer gave it, which
// can be old in a fresh copy, and the one that the file system keeps of any
// change. One that lies in the future tells nothing of the age, and is left
// out; where both do, the clocks disagree and no age is known.
func (f *Fetcher) unsettled(at string, s state, now time.Time) error {
	var last time.Time
	for _, t := range []time.Time{s.info.ModTime(), s.inode} {
		if !t.After(now) && t.After(last) {
			last = t
		}
	}
	switch {
	case f.rules.Settle <= 0:
		return nil
	case last.IsZero():
		return &fault{kind: stats.FileChanging, says: fmt.Sprintf("%s is dated ahead of this machine's clock, so that it cannot be told whether it is complete: set the clocks right, or wait until then", at)}
	case now.Sub(last) < f.rules.Settle:
		return &fault{kind: stats.FileChanging, says: fmt.Sprintf("%s may still be being written: it is taken once it has stood unchanged for %s", at, words(f.rules.Settle))}
	}
	return nil
}

// noFolder puts into words why a folder could not be read.
func noFolder(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return local(stats.FileMissing, "the folder %s is not there: check its name, and that its drive is connected", dir)
	}
	return plain(err)
}

// nothing is an ErrNothing with its sentence.
type nothing struct{ says string }

// Error implements error.
func (n nothing) Error() string { return n.says }

// Unwrap makes it an ErrNothing.
func (n nothing) Unwrap() error { return ErrNothing }

// half are the endings of names under which browsers, copying programs and
// editors write a file that is not complete.
var half = []string{"~", ".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp"}

// isHalf reports whether a name is a hidden file's, or one that is not the
// data owner's own: Excel puts a file ~$x beside x while it is open.
func isHalf(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") {
		return true
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(half, func(end string) bool { return strings.HasSuffix(name, end) })
}

// like matches a name with a pattern. Small and capital letters are the same:
// what Windows users drop as RETURN.CSV is meant by *.csv.
func like(pattern, name string) bool {
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return err == nil && ok
}
