package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/backup"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

type restoreCommand struct {
	From  string `arg:"" name:"from" optional:"" help:"A folder of backups, of which the newest is taken; or the list of one, in its folder backups. Left out: backup.folder."`
	List  bool   `help:"Show the backups of the folder and restore none."`
	Check bool   `help:"Restore it into a directory of its own, compare every published figure, and remove that directory again."`
}

// interrupt is how a process is told to end.
const interrupt = syscall.SIGTERM

// Run restores a backup into a directory or a database that holds nothing.
func (c *restoreCommand) Run(s *session) error {
	cfg, err := s.configOrNone()
	if err != nil {
		return err
	}
	from := cfg.Backup.Folder
	if c.From != "" {
		from = absolute(c.From)
	}
	switch {
	case from == "":
		return usageError{errors.New("name the folder of backups, or the list of one: `stalkstats restore FOLDER`")}
	case c.List && c.Check:
		return usageError{errors.New("--list and --check are two different things: give one")}
	case c.List:
		return s.listBackups(from)
	}
	b, err := backup.Open(from)
	if err != nil {
		return err
	}
	defer b.Close()
	if c.Check {
		return s.checkBackup(cfg, b)
	}
	return s.restore(cfg, b)
}

// configOrNone is the configuration. On a new machine there may be none yet: then the data
// directory has to be named, and everything else is as it is without one.
func (s *session) configOrNone() (config.Config, error) {
	if _, err := os.Stat(s.flags.Config); !errors.Is(err, fs.ErrNotExist) || s.flags.DataDir == "" {
		return s.config()
	}
	cfg := config.Default()
	cfg.DataDir = absolute(s.flags.DataDir)
	cfg.ClickHouse.DSN, _ = s.Env(config.DSNVariable)
	return cfg, nil
}

// restore puts a backup into the data directory, or the server's database.
func (s *session) restore(cfg config.Config, b *backup.Backup) error {
	embedded := cfg.ClickHouse.DSN == ""
	if err := b.Room(cfg.DataDir, embedded); err != nil {
		return err
	}
	done, progress := s.backupProgress()
	defer done()
	if err := b.Check(s.ctx, progress); err != nil {
		return err
	}
	db, err := s.connect(cfg, false)
	if err != nil {
		return err
	}
	called := "the data directory " + cfg.DataDir
	if !embedded {
		called = "the database of clickhouse.dsn"
	}
	restored, err := restoreInto(s.ctx, db, b, called, cfg.DataDir, progress)
	done()
	if err == nil {
		(&backups{session: s, cfg: cfg, db: db, reader: query.New(db)}).audit(s.ctx, stats.RestoreAct, b.Name, nil)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return s.restored(b, cfg.DataDir, restored, "restored")
}

func restoreInto(ctx context.Context, db *clickhouse.DB, b *backup.Backup, called, dataDir string, progress func(backup.Progress)) (backup.Restored, error) {
	if err := backup.Empty(ctx, db, called); err != nil {
		return backup.Restored{}, err
	}
	restored, err := b.Restore(ctx, db, dataDir, progress)
	if ctx.Err() != nil {
		err = errors.New("the restore was stopped, and what it has written is shown to nobody: run it again, which begins anew")
	}
	return restored, err
}

// What came of trying a backup.
const (
	checkGood = "good"
	checkBad  = "bad"
)

// checkBackup restores a backup apart. Whatever ClickHouse is configured, that is the
// embedded engine.
func (s *session) checkBackup(cfg config.Config, b *backup.Backup) (err error) {
	done, progress := s.backupProgress()
	defer done()
	dir, release, err := checkingPlace(cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := b.Room(dir, true); err != nil {
		return err
	}
	err = b.Check(s.ctx, progress)
	var restored backup.Restored
	if err == nil {
		restored, err = s.restoreApart(cfg, b, dir, progress)
	}
	done()
	if errors.Is(err, backup.ErrDamaged) || errors.Is(err, backup.ErrDiffers) {
		return errors.Join(err, s.checkedBad())
	}
	if err != nil {
		return err
	}
	if err := b.MarkVerified(); err != nil {
		fmt.Fprintf(s.Stderr, "stalkstats: that the backup is good could not be noted beside it: %v\n", err)
	}
	return s.restored(b, "", restored, checkGood)
}

func (s *session) checkedBad() error {
	if s.flags.JSON {
		return s.printJSON(restoreObject{Outcome: checkBad})
	}
	return nil
}

func (s *session) restoreApart(cfg config.Config, b *backup.Backup, dir string, progress func(backup.Progress)) (backup.Restored, error) {
	db, err := clickhouse.Open(s.ctx, clickhouse.Options{Dir: filepath.Join(dir, "clickhouse"), Library: cfg.ClickHouse.Library, Connections: 1})
	if err != nil {
		return backup.Restored{}, err
	}
	restored, err := restoreInto(s.ctx, db, b, dir, dir, progress)
	return restored, errors.Join(err, db.Close())
}

// checkingPlace is a directory for one restore at a time, below the data directory because
// the figures of that are known to find room there. What a process that ended in the
// middle has left is removed.
func checkingPlace(dataDir string) (dir string, release func() error, err error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make a place to try the backup: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dataDir, "checking.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, fmt.Errorf("make a place to try the backup: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("another backup is being tried in %s: wait until that has ended", dataDir)
		}
		return "", nil, errors.Join(err, lock.Close())
	}
	dir = filepath.Join(dataDir, "checking")
	release = func() error { return errors.Join(os.RemoveAll(dir), lock.Close()) }
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return "", nil, errors.Join(fmt.Errorf("make a place to try the backup: %w", err), lock.Close())
	}
	return dir, release, nil
}

type restoreObject struct {
	Backup   string   `json:"backup"`
	Outcome  string   `json:"outcome"` // restored, good or bad
	Began    string   `json:"began"`
	AsAt     string   `json:"as_at"`
	Program  string   `json:"program"`
	Figures  uint64   `json:"figures"`
	Sources  int      `json:"sources"`
	Rows     uint64   `json:"rows"`
	Files    int      `json:"files"`
	Migrated int      `json:"migrated"`
	Beside   []string `json:"not_in_use"`
	DataDir  string   `json:"data_dir"`
	Duration int64    `json:"duration_ms"`
}

// restored tells what was restored.
func (s *session) restored(b *backup.Backup, dataDir string, r backup.Restored, outcome string) error {
	m := b.Manifest
	figures, sources := m.Figures()
	if s.flags.JSON {
		return s.printJSON(restoreObject{b.Path(), outcome, moment(m.Began), moment(m.AsAt), m.Program, figures, sources, r.Rows, r.Files, r.Migrated, notNil(r.Beside), dataDir, r.Took.Milliseconds()})
	}
	held := fmt.Sprintf("%s of %s%s, every one as it was backed up; %s, %s (%s)", numbered(figures, "published figure", "published figures"), numbered(uint64(sources), "source", "sources"),
		lastPublished(m.AsAt), numbered(r.Rows, "row", "rows"), numbered(uint64(r.Files), "file", "files"), r.Took.Round(time.Millisecond))
	if outcome == checkGood {
		fmt.Fprintf(s.Stdout, "%s is good: restored apart it gives %s\n", b.Name, held)
		return nil
	}
	fmt.Fprintf(s.Stdout, "restored %s of %s into %s: %s\n", b.Name, m.Began.Format("2 January 2006, 15:04 MST"), dataDir, held)
	if r.Migrated > 0 {
		fmt.Fprintf(s.Stdout, "the tables were of stalkstats %s and took %s to this version\n", printable(m.Program), numbered(uint64(r.Migrated), "step", "steps"))
	}
	if len(r.Beside) > 0 {
		fmt.Fprintf(s.Stdout, "not put into use, for you to look at and copy to its place: %s\n", strings.Join(r.Beside, ", "))
	}
	fmt.Fprintf(s.Stdout, "what the published audience was shown after %s is forgotten too: load the same files that came since, as they were and in their order, before any corrected one, "+
		"with `stalkstats report --audience published` after each, or a hidden count may be worked out from what was shown before (docs/backup.md)\n", m.Began.Format("2 January 2006, 15:04 MST"))
	fmt.Fprintln(s.Stdout, "passwords and keys of the environment, and the key of dashboard.tls, are in no backup: set them anew, then start `stalkstats serve`")
	return nil
}

type keptObject struct {
	Backup   string `json:"backup"`
	Began    string `json:"began"`
	AsAt     string `json:"as_at"`
	Program  string `json:"program"`
	Figures  uint64 `json:"figures"`
	Bytes    int64  `json:"bytes"`
	Verified string `json:"verified"`
	Problem  string `json:"problem"`
}

// listBackups shows the backups of a folder, newest first.
func (s *session) listBackups(dir string) error {
	all, err := backup.List(dir)
	if err != nil {
		return err
	}
	list := []keptObject{}
	for i := len(all) - 1; i >= 0; i-- {
		k := all[i]
		figures, _ := k.Manifest.Figures()
		_, size := k.Manifest.Size()
		o := keptObject{Backup: filepath.Join(dir, "backups", k.Name), Began: moment(k.Manifest.Began), AsAt: moment(k.Manifest.AsAt), Program: k.Manifest.Program, Figures: figures, Bytes: size, Verified: moment(k.Verified)}
		if k.Err != nil {
			o = keptObject{Backup: o.Backup, Problem: k.Err.Error()}
		}
		list = append(list, o)
	}
	if s.flags.JSON {
		return s.printJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintf(s.Stderr, "stalkstats: the folder %s holds no whole backup\n", dir)
	}
	return s.table("BACKUP\tBEGAN\tLAST PUBLISHED\tFIGURES\tSIZE\tRESTORED APART\tPROBLEM", len(list), func(i int) string {
		o := list[i]
		return strings.Join([]string{o.Backup, orDash(o.Began), orDash(o.AsAt), fmt.Sprint(o.Figures), stats.SizeText(o.Bytes), orDash(o.Verified), orDash(o.Problem)}, "\t")
	})
}
