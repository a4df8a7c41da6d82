package command

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/backup"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

type backupCommand struct {
	Folder   string `arg:"" optional:"" help:"The folder that it is put into, instead of backup.folder. It must be there."`
	NoVerify bool   `help:"Do not restore it apart to compare every published figure."`
}

// Run takes a backup, and tries it.
func (c *backupCommand) Run(s *session) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	folder := cfg.Backup.Folder
	if c.Folder != "" {
		folder = absolute(c.Folder)
	}
	if folder == "" {
		return usageError{errors.New("name the folder that the backup is put into: `stalkstats backup FOLDER`, or backup.folder in the configuration")}
	}
	if cfg.Inside(folder) {
		return usageError{fmt.Errorf("%s is in the data directory, and would be lost with it: name a folder on another disk", folder)}
	}
	// The tables are left at the version that they have: a backup is what one takes
	// before they are brought to another.
	db, err := s.connect(cfg, true)
	if err != nil {
		return err
	}
	defer s.stopWith(db)()
	done, progress := s.backupProgress()
	b := backups{session: s, cfg: cfg, db: db, reader: query.New(db)}
	taken, err := b.take(s.ctx, folder, cfg.Backup.Verify && !c.NoVerify, s.user(), progress)
	done()
	b.audit(s.ctx, stats.BackUpAct, folder, err)
	if db.Remote() && serverEnded(err) {
		err = errServerEnded
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return s.tookBackup(folder, taken)
}

// backups takes them, for a command or at their times.
type backups struct {
	*session
	cfg    config.Config
	db     *clickhouse.DB
	reader *query.Reader
}

// A backupTaken is a backup and what came of trying it.
type backupTaken struct {
	backup.Taken
	outcome stats.BackupOutcome
	problem string // why it was not tried; empty where it was, or was not to be
}

// take takes a backup, tries it where asked to, and records what came of it.
func (b *backups) take(ctx context.Context, folder string, try bool, by string, progress func(backup.Progress)) (backupTaken, error) {
	began := time.Now()
	src := backup.Source{DB: b.db, DataDir: b.cfg.DataDir, Program: b.Version, Beside: map[string]string{"config.yaml": absolute(b.flags.Config)}}
	if b.cfg.Auth.Users != "" {
		src.Beside["users.yaml"] = b.cfg.Auth.Users
	}
	if b.cfg.Auth.Programs != "" {
		src.Beside["programs.yaml"] = b.cfg.Auth.Programs
	}
	taken := backupTaken{outcome: stats.BackupUntried}
	var err error
	taken.Taken, err = backup.Take(ctx, src, backup.Options{Folder: folder, Kept: time.Duration(b.cfg.Backup.Kept), Now: time.Now, Progress: progress})
	if err == nil && try {
		progress(backup.Progress{Doing: "restoring it apart to compare the figures"})
		taken.outcome, taken.problem, err = b.try(ctx, filepath.Join(folder, "backups", taken.Name))
	}
	if ctx.Err() != nil || errors.Is(err, backup.ErrBusy) {
		return taken, err // nothing has been tried that failed
	}
	b.record(began, by, taken, err)
	return taken, err
}

// record adds what came of it to the tables, where they have a place for it: they may be
// of an earlier version, or out of reach.
func (b *backups) record(began time.Time, by string, taken backupTaken, failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), recordTakes)
	defer cancel()
	if pending, err := schemas.Pending(ctx, b.db); err != nil || pending > 0 {
		return
	}
	figures, _ := taken.Manifest.Figures()
	_, size := taken.Manifest.Size()
	a := stats.Backup{ID: strings.TrimSuffix(taken.Name, ".json"), Began: began, Ended: time.Now(), AskedBy: by, Outcome: taken.outcome,
		AsAt: taken.Manifest.AsAt, Figures: figures, Bytes: uint64(size), Added: uint64(taken.Bytes), Problem: cmp.Or(taken.problem, strings.Join(taken.Warnings, " "))}
	if failed != nil {
		a = stats.Backup{Began: began, Ended: a.Ended, AskedBy: by, Outcome: stats.BackupFailed, Problem: failed.Error()}
	}
	if err := b.reader.RecordBackup(ctx, a); err != nil {
		b.logger(b.cfg).Error("the backup could not be recorded", "backup", a.ID, "outcome", a.Outcome, "problem", a.Problem, "error", err)
	}
}

// recordTakes is how long it may take to record what was done.
const recordTakes = 10 * time.Second

// audit records who took or restored a backup, where the tables have a place for it.
func (b *backups) audit(ctx context.Context, action stats.Action, about string, err error) {
	if pending, failed := schemas.Pending(ctx, b.db); failed == nil && pending == 0 {
		b.session.record(job{cfg: b.cfg, reader: b.reader}, action, about, err)
	}
}

// try has another process of this program restore a backup into a directory of its own: an
// engine is open in a process for one directory only. A backup that does not give every
// figure again is taken out of the list, and is the error.
func (b *backups) try(ctx context.Context, path string) (stats.BackupOutcome, string, error) {
	if b.Child == nil {
		return stats.BackupUntried, "this process cannot start another to try the backup", nil
	}
	cmd := b.Child(ctx, "restore", "--check", "--json", "--config", b.flags.Config, "--data-dir", b.cfg.DataDir, path)
	cmd.Cancel = func() error { return cmd.Process.Signal(interrupt) }
	cmd.WaitDelay = grace
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	failed := cmd.Run()
	var answer restoreObject
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil && failed == nil {
		failed = fmt.Errorf("read its answer: %w", err)
	}
	if failed == nil {
		return stats.BackupGood, "", nil
	}
	lines := strings.Split(strings.TrimSpace(strings.TrimPrefix(says.String(), "stalkstats: ")), "\n")
	why := strings.TrimPrefix(lines[len(lines)-1], "stalkstats: ")
	if answer.Outcome == checkBad {
		if err := backup.Refuse(path); err != nil {
			why += "; " + err.Error()
		}
		return "", "", fmt.Errorf("the backup did not give every figure again and was taken out of the list: %s", why)
	}
	return stats.BackupUntried, fmt.Sprintf("the backup is whole and could not be tried: %s", cmp.Or(why, failed.Error())), nil
}

type backupObject struct {
	Backup   string   `json:"backup"` // the path of its list, for restore
	Began    string   `json:"began"`
	AsAt     string   `json:"as_at"`
	Outcome  string   `json:"outcome"`
	Figures  uint64   `json:"figures"`
	Sources  int      `json:"sources"`
	Rows     uint64   `json:"rows"`
	Files    int      `json:"files"`
	Bytes    int64    `json:"bytes"`
	Added    int64    `json:"added_bytes"`
	Removed  []string `json:"removed"`
	Freed    int64    `json:"freed_bytes"`
	Duration int64    `json:"duration_ms"`
	Warnings []string `json:"warnings"`
	Problem  string   `json:"problem"`
}

// tookBackup tells what was taken.
func (s *session) tookBackup(folder string, t backupTaken) error {
	figures, sources := t.Manifest.Figures()
	_, size := t.Manifest.Size()
	path := filepath.Join(folder, "backups", t.Name)
	if s.flags.JSON {
		return s.printJSON(backupObject{path, moment(t.Manifest.Began), moment(t.Manifest.AsAt), string(t.outcome), figures, sources, t.Manifest.Rows(),
			len(t.Manifest.Files), size, t.Bytes, notNil(t.Removed), t.Freed, t.Took.Milliseconds(), notNil(t.Warnings), t.problem})
	}
	fmt.Fprintf(s.Stdout, "%s: %s of %s%s; %s in all, %s new (%s)\n", path, numbered(figures, "published figure", "published figures"), numbered(uint64(sources), "source", "sources"),
		lastPublished(t.Manifest.AsAt), stats.SizeText(size), stats.SizeText(t.Bytes), t.Took.Round(time.Millisecond))
	switch {
	case t.outcome == stats.BackupGood:
		fmt.Fprintln(s.Stdout, "restored apart: every published figure is the same")
	case t.problem == "":
		fmt.Fprintln(s.Stdout, "not restored apart: that every figure comes back was not tried")
	}
	if n := len(t.Removed); n > 0 {
		fmt.Fprintf(s.Stdout, "%s older than backup.kept removed, which gave %s\n", numbered(uint64(n), "backup", "backups"), stats.SizeText(t.Freed))
	}
	for _, warning := range append(notNil(t.Warnings), t.problem) {
		if warning != "" {
			fmt.Fprintf(s.Stderr, "stalkstats: %s\n", printable(warning))
		}
	}
	return nil
}

func lastPublished(at time.Time) string {
	if at.IsZero() {
		return ", nothing published"
	}
	return ", last published on " + at.Format("2 January 2006, 15:04:05 MST")
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
