package delivery

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stalkstats/internal/stats"
)

const (
	extension   = ".zip"
	longestName = 120 // bytes of the name of a report in that of its file
	halfPrefix  = ".stalkstats-"
	halfSuffix  = ".part"
	mostNames   = 99 // files of one name and day
)

// fileName is the name of a report's file, with the audience and the date of the
// figures. Nothing of what somebody called the report can lead out of a folder or
// hide what kind of file it is.
func fileName(r stats.SavedReport, asAt time.Time) string {
	return safeName(r.Name) + " " + r.Audience + " " + asAt.Format(time.DateOnly) + extension
}

// safeName keeps letters, digits, spaces and hyphens.
func safeName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c == '-' || unicode.IsLetter(c) && c != utf8.RuneError || unicode.IsDigit(c) {
			return c
		}
		return ' '
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if len(name) > longestName {
		cut := longestName
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut]
	}
	if name = strings.Trim(name, " -"); name == "" {
		return "Report"
	}
	return name
}

var errManyNames = errors.New("too many files of one name")

// put copies a file into a folder under a name that no other file has, all of it
// or nothing. A file that is there already with the same bytes is left as it is.
func put(folder string, f spooled, name string) (placed string, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", folderFault{err}
	}
	defer root.Close()
	for n := 1; n <= mostNames; n++ {
		placed = name
		if n > 1 {
			placed = fmt.Sprintf("%s %d%s", strings.TrimSuffix(name, extension), n, extension)
		}
		there, same, err := compare(root, placed, f.sent)
		switch {
		case err != nil:
			return "", folderFault{err}
		case same:
			return placed, nil
		case there:
			continue
		}
		if err := write(root, f.path, placed); err != nil {
			return "", folderFault{err}
		}
		return placed, nil
	}
	return "", folderFault{errManyNames}
}

// compare says whether there is something of a name, and whether it is the file.
func compare(root *os.Root, name string, want stats.Download) (there, same bool, err error) {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	if err != nil || !info.Mode().IsRegular() || uint64(info.Size()) != want.Bytes {
		return err == nil, false, err
	}
	file, err := root.Open(name)
	if err != nil {
		return true, false, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return true, false, err
	}
	return true, hex.EncodeToString(sum.Sum(nil)) == want.SHA256, nil
}

// write copies the file to a name that readers pass over, and gives it its own
// once it is whole and on the disk.
func write(root *os.Root, from, name string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	half := halfPrefix + rand.Text() + halfSuffix
	out, err := root.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = root.Remove(half)
		}
	}()
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return root.Rename(half, name)
}

// removeHalfFiles removes what a process that was killed was writing. A folder
// that is not there is told where something is to be put into it.
func removeHalfFiles(folder string) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, halfPrefix) && strings.HasSuffix(name, halfSuffix) {
			_ = root.Remove(name)
		}
	}
}
