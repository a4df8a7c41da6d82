package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"stalkstats/schemas"
)

// A Backup is one that is open for reading. While it is, nothing of it is removed.
type Backup struct {
	Kept
	folder *Folder
}

// List is every backup of a folder, oldest first.
func List(dir string) ([]Kept, error) {
	f, err := readable(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.list()
}

// Open opens the newest backup of a folder, or the one whose manifest is named. It refuses
// one of a newer stalkstats, and one whose manifest is damaged; that the objects are as
// they were written is for Check.
func Open(path string) (*Backup, error) {
	dir, name, err := place(path)
	if err != nil {
		return nil, err
	}
	f, err := readable(dir)
	if err != nil {
		return nil, err
	}
	b := &Backup{folder: f}
	if b.Kept, err = f.choose(name); err == nil {
		err = b.fits()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return b, nil
}

// place takes the path of a manifest apart. The name is empty where a folder is named.
func place(path string) (dir, name string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", "", fmt.Errorf("find the folder of backups: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.Base(filepath.Dir(path)) == manifestsDir {
		return filepath.Dir(filepath.Dir(path)), filepath.Base(path), nil
	}
	return path, "", nil
}

// choose finds the named backup, or the newest. Where the newest cannot be read nobody is
// given an older one without knowing.
func (f *Folder) choose(name string) (Kept, error) {
	all, err := f.list()
	if err != nil {
		return Kept{}, err
	}
	if name != "" {
		i := slices.IndexFunc(all, func(k Kept) bool { return k.Name == name })
		if i < 0 {
			return Kept{}, damaged("%s is not the list of a backup: its name must end in .json, as it was given", name)
		}
		return all[i], all[i].Err
	}
	if len(all) == 0 {
		return Kept{}, sentence{ErrFolder, fmt.Sprintf("the folder %s holds no whole backup", f.dir)}
	}
	newest := all[len(all)-1]
	if whole := readableOnes(all); newest.Err != nil && !errors.Is(newest.Err, ErrNewer) && len(whole) > 0 {
		last := whole[len(whole)-1]
		return newest, damaged("%v; the newest that is whole is %s of %s", newest.Err, filepath.Join(f.dir, manifestsDir, last.Name), last.Manifest.Began.Format("2 January 2006, 15:04 MST"))
	}
	return newest, newest.Err
}

// fits refuses a backup whose tables this program does not know.
func (b *Backup) fits() error {
	err := schemas.Check(b.Manifest.steps())
	if errors.Is(err, schemas.ErrNewer) {
		return sentence{ErrNewer, fmt.Sprintf("%s is a backup of a newer stalkstats (%s, whose tables have taken %d steps): use that version; nothing was opened",
			b.Name, printable(b.Manifest.Program), len(b.Manifest.Migrations))}
	}
	if err != nil {
		return fmt.Errorf("%s cannot be restored by this stalkstats: %w", b.Name, err)
	}
	return nil
}

func (m Manifest) steps() (steps []schemas.Migration) {
	for _, s := range m.Migrations {
		steps = append(steps, schemas.Migration{Number: s.Number, SHA256Hex: s.SHA256})
	}
	return steps
}

// Path is where the backup's manifest is.
func (b *Backup) Path() string { return filepath.Join(b.folder.dir, manifestsDir, b.Name) }

// Close lets others at the folder.
func (b *Backup) Close() error { return b.folder.Close() }

// Check reads every object of the backup and names the first that is not what was written.
func (b *Backup) Check(ctx context.Context, tell func(Progress)) error {
	_, all := b.Manifest.Size()
	var read int64
	seen := map[string]bool{}
	for _, o := range b.Manifest.Objects() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if seen[o.SHA256] {
			continue
		}
		seen[o.SHA256] = true
		Options{Progress: tell}.tell("checking the backup", uint64(read), uint64(all))
		if err := b.folder.check(o); err != nil {
			return err
		}
		read += o.Bytes
	}
	return nil
}

// MarkVerified notes in the folder that the backup was restored apart and gave every figure
// again. On a medium that cannot be written there is nowhere to note it.
func (b *Backup) MarkVerified() error { return b.folder.markVerified(b.Name) }

// Refuse takes the backup whose manifest is named out of the list, because it did not give
// the figures again. The file stays, under another name.
func Refuse(path string) error {
	dir, name, err := place(path)
	if err != nil {
		return err
	}
	return (&Folder{dir: dir}).refuse(name)
}
