package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// The names in a folder of backups.
const (
	manifestsDir = "backups"
	objectsDir   = "objects"
	lockName     = "lock"
	readmeName   = "README.txt"
	unfinished   = "incoming-" // how the name of a file begins that is being written
	verifiedMark = ".verified" // of the file that says when a backup was tried
	refusedMark  = ".refused"  // of a manifest whose backup did not give the figures again
)

var (
	// ErrFolder: the folder of backups cannot be used.
	ErrFolder = errors.New("the folder of backups cannot be used")
	// ErrBusy: another process is at work in the folder.
	ErrBusy = errors.New("the folder of backups is in use")
)

// A Folder holds backups. Each is a manifest, written last and at once, and objects, which
// several share: an object has the hash of its bytes for a name and never changes.
type Folder struct {
	dir  string
	lock *os.File // nil where it cannot be locked, which only readers may go on with
}

// writable opens the folder for one process that writes to it, and clears up what one that
// ended in the middle has left. The folder must be there: a disk that is not mounted must
// not be taken for an empty folder.
func writable(dir string) (*Folder, error) {
	if err := isFolder(dir); err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	for _, name := range []string{"", objectsDir, manifestsDir} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return nil, f.fault(err)
		}
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, f.fault(err)
	}
	f.lock = lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(f.lockFault(err), lock.Close())
	}
	if err := errors.Join(f.explain(), f.clearUp()); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return f, nil
}

// readable opens the folder for a process that only reads it. While it does, nothing is
// taken away. A folder on a medium that cannot be written is read without a lock.
func readable(dir string) (*Folder, error) {
	if err := isFolder(dir); err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	lock, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return f, nil // a copy of the folder may have been made without it
	}
	f.lock = lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(f.lockFault(err), lock.Close())
	}
	return f, nil
}

func isFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sentence{ErrFolder, fmt.Sprintf("there is no folder %s: make it, or mount the disk that it is on", dir)}
	case err != nil:
		return (&Folder{dir: dir}).fault(err)
	case !info.IsDir():
		return sentence{ErrFolder, fmt.Sprintf("%s is not a folder of backups: name the folder, or the list of one backup in its folder %s", dir, manifestsDir)}
	}
	return nil
}

func (f *Folder) lockFault(err error) error {
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return sentence{ErrBusy, fmt.Sprintf("another stalkstats is at work in the folder of backups %s: wait until it has ended, and run again", f.dir)}
	}
	return fmt.Errorf("lock the folder of backups %s: %w", f.dir, err)
}

// fault is one plain sentence of what is wrong with the folder.
func (f *Folder) fault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return sentence{ErrFolder, fmt.Sprintf("the disk of the folder of backups %s is full: free some room and run again; the backups that it has are as they were", f.dir)}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return sentence{ErrFolder, fmt.Sprintf("this user may not read or write in the folder of backups %s: change its permissions", f.dir)}
	}
	return fmt.Errorf("the folder of backups %s: %w", f.dir, err)
}

// Close lets others at the folder.
func (f *Folder) Close() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// explain leaves a text for whoever finds the folder and does not know it.
func (f *Folder) explain() error {
	path := filepath.Join(f.dir, readmeName)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return f.fault(os.WriteFile(path, []byte(readme), 0o600))
}

const readme = `Backups of stalkstats.

To see what is here:             stalkstats restore --list FOLDER
To restore the newest:           stalkstats restore FOLDER --data-dir NEW_DIRECTORY
To restore an older one:         stalkstats restore FOLDER/backups/NAME.json --data-dir NEW_DIRECTORY
To try whether one is good:      stalkstats restore --check FOLDER

backups/   the list of each backup: what it consists of. Its name ends in the
           first 16 digits of its own SHA-256.
objects/   what they consist of. Each file has its SHA-256 for a name, so
           "sha256sum" finds one that is damaged. Rows of tables are in
           ClickHouse's format Native, packed with zstd; kept files and the
           configuration are as they were.

These are the force's true figures. Who may read this folder may read them all.
Several backups share files: do not remove any by hand. stalkstats removes what
is older than backup.kept.
`

// clearUp removes what was being written when a process ended.
func (f *Folder) clearUp() error {
	for _, pattern := range []string{
		filepath.Join(f.dir, unfinished+"*"), filepath.Join(f.dir, manifestsDir, unfinished+"*"), filepath.Join(f.dir, objectsDir, unfinished+"*"),
	} {
		left, err := filepath.Glob(pattern)
		if err != nil {
			return f.fault(err)
		}
		for _, path := range left {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return f.fault(err)
			}
		}
	}
	return nil
}

func (f *Folder) path(o Object) string {
	return filepath.Join(f.dir, objectsDir, o.SHA256[:2], o.SHA256)
}

// put keeps what fill writes as an object, and says whether it was new. Until it is on the
// disk it has another name, so that a name that is a hash never holds half a file.
func (f *Folder) put(fill func(io.Writer) error) (o Object, added bool, err error) {
	tmp, err := os.CreateTemp(filepath.Join(f.dir, objectsDir), unfinished+"*")
	if err != nil {
		return o, false, f.fault(err)
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing left to remove
	defer tmp.Close()
	sum := sha256.New()
	out := &counting{to: io.MultiWriter(folderWriter{tmp, f}, sum)}
	if err := fill(out); err != nil {
		var own sentence
		if errors.As(err, &own) { // it is this disk that failed, whatever was read
			return o, false, own
		}
		return o, false, err
	}
	o = Object{hex.EncodeToString(sum.Sum(nil)), out.n}
	if f.whole(o) {
		return o, false, nil
	}
	if err := tmp.Sync(); err != nil {
		return o, false, f.fault(err)
	}
	if err := os.MkdirAll(filepath.Dir(f.path(o)), 0o700); err != nil {
		return o, false, f.fault(err)
	}
	return o, true, f.fault(os.Rename(tmp.Name(), f.path(o)))
}

// folderWriter puts what a disk says into words, so that whoever fills an object can tell
// it from what it reads.
type folderWriter struct {
	to *os.File
	f  *Folder
}

// Write implements io.Writer.
func (w folderWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	return n, w.f.fault(err)
}

// counting counts the bytes that were written.
type counting struct {
	to io.Writer
	n  int64
}

// Write implements io.Writer.
func (c *counting) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// whole reports whether an object is there and all its bytes are as they were written.
func (f *Folder) whole(o Object) bool { return f.check(o) == nil }

// has reports whether there is a file of an object's name, whatever is in it.
func (f *Folder) has(o Object) bool {
	_, err := os.Stat(f.path(o))
	return err == nil
}

// check reads all of an object and says what is wrong with it.
func (f *Folder) check(o Object) error {
	in, err := os.Open(f.path(o))
	if errors.Is(err, fs.ErrNotExist) {
		return damaged("the backup is damaged: %s is missing: use another backup", f.path(o))
	}
	if err != nil {
		return f.fault(err)
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	if err != nil {
		return damaged("the backup is damaged: %s cannot be read (%v): use another backup", f.path(o), err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != o.Bytes || got != o.SHA256 {
		return damaged("the backup is damaged: %s has %d bytes with the SHA-256 %s; %d bytes were written: use another backup", f.path(o), n, got, o.Bytes)
	}
	return nil
}

// commit makes a backup of what was put: from the rename on it is one, and before it none.
func (f *Folder) commit(m Manifest) (name string, err error) {
	name, text, err := encode(m)
	if err != nil {
		return "", err
	}
	if err := f.syncObjects(m); err != nil {
		return "", f.fault(err)
	}
	dir := filepath.Join(f.dir, manifestsDir)
	if err := writeWhole(filepath.Join(dir, name), text); err != nil {
		return "", f.fault(err)
	}
	return name, nil
}

// syncObjects makes sure that the names of the objects are on the disk too.
func (f *Folder) syncObjects(m Manifest) error {
	dirs := map[string]bool{filepath.Join(f.dir, objectsDir): true}
	for _, o := range m.Objects() {
		dirs[filepath.Dir(f.path(o))] = true
	}
	for dir := range dirs {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole writes a file beside its place, and puts it there once it is on the disk.
func writeWhole(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), unfinished+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // some network shares cannot
	}
	return errors.Join(err, d.Close())
}
