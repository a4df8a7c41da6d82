package signin

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"go.yaml.in/yaml/v3"
)

// forOthers is the permissions that a file of users or programs must not have: what it
// holds could be guessed at by every account of the computer.
const forOthers fs.FileMode = 0o007

// missing says that there is no such file, and what makes it.
type missing string

// Error implements error.
func (m missing) Error() string { return string(m) }

// Is tells that it is a file that does not exist.
func (m missing) Is(target error) bool { return target == fs.ErrNotExist }

// readFile reads a file that says who may come in. Of is what it is of, such as "users",
// and makes is the command that makes it.
func readFile(path, of, makes string, into any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return missing(fmt.Sprintf("there is no file of %s %s: `%s` makes it", of, path, makes))
	}
	if err != nil {
		return fmt.Errorf("read the file of %s: %w", of, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read the file of %s: %w", of, err)
	}
	if info.Mode().Perm()&forOthers != 0 {
		return fmt.Errorf("every account of this computer can open the file of %s %s: `chmod o= %s` ends that", of, path, path)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && len(bytes.TrimSpace(text)) > 0 {
		return fmt.Errorf("the file of %s %s cannot be read: %w", of, path, err)
	}
	return nil
}

// writeFile writes such a file whole or not at all, for its owner alone.
func writeFile(path, of, writes string, what any) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	text, err := yaml.Marshal(what)
	if err != nil {
		return fmt.Errorf("write the file of %s: %w", of, err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the file of %s: %w", of, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the file of %s: %w", of, errors.Join(err, os.Remove(temporary.Name())))
		}
	}()
	_, err = temporary.Write(append([]byte("# The "+of+" of stalkstats. `"+writes+"` writes this file.\n"), text...))
	if err = errors.Join(err, keepOwner(temporary, path), temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// changeFile reads such a file, and writes it as change gives it back; the first change
// makes it. Two changes at once follow each other: one that began with what was there
// before the other would undo it, and let somebody in again who was taken out.
func changeFile[T any](path string, read func(string) (T, error), write func(string, T) error, change func(T) (T, error)) error {
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("change %s: %w", path, err)
	}
	defer unlock()
	all, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if all, err = change(all); err != nil {
		return err
	}
	return write(path, all)
}

// lockFolder waits until no other process has a folder. The kernel lets go of it when
// the process ends.
func lockFolder(path string) (unlock func(), err error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return func() { _ = folder.Close() }, nil
}

// keepOwner gives a new file to whoever owns the one that it replaces: a file of root's
// could not be read by the program that serves the pages.
func keepOwner(file *os.File, path string) error {
	before, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := file.Stat()
	if err != nil {
		return err
	}
	is, was := now.Sys().(*syscall.Stat_t), before.Sys().(*syscall.Stat_t)
	if is.Uid == was.Uid && is.Gid == was.Gid {
		return nil
	}
	return file.Chown(int(was.Uid), int(was.Gid))
}
