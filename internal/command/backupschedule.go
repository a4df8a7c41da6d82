package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/schollz/progressbar/v3"

	"stalkstats/dashboard"
	"stalkstats/dashboard/query"
	"stalkstats/etl/timetable"
	"stalkstats/internal/backup"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
)

// lookForBackups is how long it is waited at most until it is looked again whether a
// backup is due: another process may take it, and clocks are set.
const lookForBackups = 30 * time.Second

// backUpOnSchedule takes backups at their times until the context ends. What came of each
// is a row, by which it is known what is due: a restart takes none twice, and several that
// were missed are made up by one.
func (s *session) backUpOnSchedule(ctx context.Context, cfg config.Config, db *clickhouse.DB, reader *query.Reader, log *slog.Logger) error {
	if cfg.Backup.Schedule == "" {
		return nil
	}
	schedule, err := timetable.Parse(cfg.Backup.Schedule, cfg.ETL.Location())
	if err != nil {
		return fmt.Errorf("schedule the backup: %w", err)
	}
	b := scheduledBackups{backups{session: s, cfg: cfg, db: db, reader: reader}, schedule, log, time.Now()}
	for {
		wait := time.NewTimer(b.look(ctx))
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-wait.C:
		}
	}
}

type scheduledBackups struct {
	backups
	schedule cron.Schedule
	log      *slog.Logger
	started  time.Time
}

// look takes a backup where one is due, and says when to look again. A disk that does not
// answer must not keep the program from ending.
func (b *scheduledBackups) look(ctx context.Context) (again time.Duration) {
	due, err := b.due(ctx)
	if err != nil && ctx.Err() == nil {
		b.log.Error("it could not be found out whether a backup is due", "error", err)
	}
	if err != nil || due.IsZero() {
		return lookForBackups
	}
	if wait := time.Until(due); wait > 0 {
		return min(wait, lookForBackups)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.takeOne(ctx)
	}()
	select {
	case <-ended:
		return time.Second
	case <-ctx.Done():
	}
	select {
	case <-ended:
	case <-time.After(grace):
		b.log.Warn("a backup did not stop: its disk does not answer")
	}
	return lookForBackups
}

func (b *scheduledBackups) takeOne(ctx context.Context) {
	taken, err := b.take(ctx, b.cfg.Backup.Folder, b.cfg.Backup.Verify, "", func(backup.Progress) {})
	switch {
	case ctx.Err() != nil:
		b.log.Info("a backup was stopped: it is none, and the next one clears it up")
	case errors.Is(err, backup.ErrBusy):
		b.log.Warn("a backup waits for its folder", "problem", err)
	case err != nil:
		b.log.Error("a backup failed", "problem", err)
	default:
		figures, sources := taken.Manifest.Figures()
		_, size := taken.Manifest.Size()
		b.log.Info("backup taken", "backup", taken.Name, "outcome", taken.outcome, "figures", figures, "sources", sources, "bytes", size, "added", taken.Bytes,
			"removed", len(taken.Removed), "took", taken.Took, "warnings", taken.Warnings, "problem", taken.problem)
	}
}

// due is the first time after the last attempt, by whomever; zero where none comes.
func (b *scheduledBackups) due(ctx context.Context) (time.Time, error) {
	tried, err := b.reader.Backups(ctx, 1)
	if err != nil {
		return time.Time{}, err
	}
	last := b.started
	if len(tried) > 0 && (b.cfg.ETL.CatchUp || tried[0].Began.After(last)) {
		last = tried[0].Began
	}
	return b.schedule.Next(last), nil
}

// backupsOf is what the pages are told of the schedule.
func backupsOf(cfg config.Config) (dashboard.Backups, error) {
	if cfg.Backup.Schedule == "" {
		return dashboard.Backups{}, nil
	}
	schedule, err := timetable.Parse(cfg.Backup.Schedule, cfg.ETL.Location())
	if err != nil {
		return dashboard.Backups{}, fmt.Errorf("schedule the backup: %w", err)
	}
	return dashboard.Backups{Next: schedule.Next}, nil
}

// backupProgress shows how far a backup or a restore has come: a bar on a terminal,
// elsewhere a plain line now and then.
func (s *session) backupProgress() (done func(), show func(backup.Progress)) {
	if !s.Terminal {
		return func() {}, s.backupLines(time.Now)
	}
	const whole = 1000
	bar := progressbar.NewOptions64(whole, progressbar.OptionSetWriter(s.Stderr), progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	show = func(p backup.Progress) {
		bar.Describe(p.Doing)
		_ = bar.Set64(int64(p.Done * whole)) // a bar that cannot be drawn must not end the work
	}
	return sync.OnceFunc(func() { _ = bar.Finish() }), show
}

// backupLines tells a log.
func (s *session) backupLines(clock func() time.Time) func(backup.Progress) {
	last := clock()
	return func(p backup.Progress) {
		if now := clock(); now.Sub(last) >= lineEvery {
			last = now
			fmt.Fprintf(s.Stderr, "stalkstats: %s, %.0f%% done\n", p.Doing, 100*p.Done)
		}
	}
}
