package etl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"stalkstats/etl/load"
	"stalkstats/etl/timetable"
	"stalkstats/internal/config"
)

// Start prepares, loads the sources of this machine and then those of the web.
func (e *ETL) Start(ctx context.Context) error {
	if err := e.Prepare(ctx); err != nil {
		return err
	}
	if err := e.LoadDue(ctx, Local); err != nil {
		return err
	}
	return e.LoadDue(ctx, Remote)
}

// Prepare clears up what an earlier process left. It comes before anything is
// run.
func (e *ETL) Prepare(ctx context.Context) error {
	if err := e.Recover(ctx); err != nil {
		return fmt.Errorf("clear up after an earlier process: %w", err)
	}
	if err := e.recoverRequests(ctx); err != nil {
		return fmt.Errorf("clear up after an earlier process: %w", err)
	}
	return nil
}

// Whereabouts tells sources of this machine from those of the web, for which
// nobody should have to wait.
type Whereabouts bool

// The whereabouts of sources.
const (
	Local  Whereabouts = false
	Remote Whereabouts = true
)

// LoadDue loads, in order, the sources that never loaded, those whose time
// passed while nothing ran, and the reference data that the program brought anew. One that cannot be loaded does not keep the
// others from being loaded: its run says why.
// When the context ends the run under way may go on for the configured grace
// time.
func (e *ETL) LoadDue(ctx context.Context, where Whereabouts) error {
	work, stop := e.graceful(ctx)
	defer stop()
	for _, src := range e.cfg.ETL.Sources {
		if Whereabouts(config.Web(src.From)) != where {
			continue
		}
		due, err := e.due(ctx, src)
		if err != nil {
			return err
		}
		if !due {
			continue
		}
		if _, err := e.Run(work, src.Name, Options{OnlyNew: true, Wait: waitForSource}); err != nil {
			e.log.Error("the first load failed", "source", src.Name, "error", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// recoverRequests ends what was taken up by a process that is no more, and
// removes uploads that nobody will run.
func (e *ETL) recoverRequests(ctx context.Context) error {
	if err := load.Abandoned(ctx, e.conn, e.now().UTC()); err != nil {
		return err
	}
	if err := load.RemoveOldUploads(ctx, e.conn, e.now().Add(-24*time.Hour)); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(e.cfg.DataDir, "uploads"))
}

// due reports whether a source is to run at start: it serves nothing yet, the
// program has other reference data than was last read from it, or a run was
// missed. However many were missed, one makes up for them.
func (e *ETL) due(ctx context.Context, src config.Source) (bool, error) {
	loaded, err := load.HasLoaded(ctx, e.conn, src.Name)
	if err != nil || !loaded {
		return err == nil, err
	}
	if upgraded, err := e.upgraded(ctx, src); err != nil || upgraded {
		return upgraded, err
	}
	if src.Schedule == "" || !e.cfg.ETL.CatchUp {
		return false, nil
	}
	schedule, err := timetable.Parse(src.Schedule, e.cfg.ETL.Location())
	if err != nil {
		return false, fmt.Errorf("schedule %s: %w", src.Name, err)
	}
	last, err := load.LastStart(ctx, e.conn, src.Name)
	if err != nil || last.IsZero() {
		return false, err
	}
	at, missed := timetable.Missed(schedule, last, e.now())
	if missed {
		e.log.Info("a missed run is made up", "source", src.Name, "was_due", at)
	}
	return missed, nil
}

// upgraded reports whether the program came with other reference data for a
// source than was last read from the program. A file that somebody loaded in
// its place stands until then.
func (e *ETL) upgraded(ctx context.Context, src config.Source) (bool, error) {
	name, ok := strings.CutPrefix(src.From, config.BuiltinPrefix)
	if !ok {
		return false, nil
	}
	text, err := fs.ReadFile(e.store.Builtin, name)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // its run says what there is
	}
	if err != nil {
		return false, fmt.Errorf("read reference data %s: %w", name, err)
	}
	last, err := load.LastRead(ctx, e.conn, src.Name, src.From)
	sum := sha256.Sum256(text)
	if err != nil || last == hex.EncodeToString(sum[:]) {
		return false, err
	}
	e.log.Info("the program brings other reference data than was last read from it", "source", src.Name)
	return true, nil
}

// Schedule runs the sources at their times and takes up what people ask for,
// until the context ends. Then it lets the runs under way go on for the
// configured grace time, stops them cleanly, and comes back when the last has
// ended. A panic in a run is logged and ends that run only.
func (e *ETL) Schedule(ctx context.Context) error {
	work, stop := e.graceful(ctx)
	defer stop()
	logger := cronLog{e.log}
	c := cron.New(cron.WithLocation(e.cfg.ETL.Location()), cron.WithLogger(logger), cron.WithChain(cron.Recover(logger)))
	for _, src := range e.cfg.ETL.Sources {
		if src.Schedule == "" {
			continue
		}
		schedule, err := timetable.Parse(src.Schedule, e.cfg.ETL.Location())
		if err != nil {
			return fmt.Errorf("schedule %s: %w", src.Name, err)
		}
		c.Schedule(schedule, cron.FuncJob(func() {
			if _, err := e.Run(work, src.Name, Options{OnlyNew: true, Wait: waitForSource}); err != nil {
				e.log.Error("a scheduled run failed", "source", src.Name, "error", err)
			}
		}))
	}
	c.Schedule(cron.Every(forgetEvery), cron.FuncJob(func() { e.forget(work) }))
	c.Start()
	var under errgroup.Group
	under.Go(func() error { e.forget(work); return nil })
	under.Go(func() error { e.TakeUp(ctx, work); return nil })
	<-ctx.Done()
	under.Go(func() error { <-c.Stop().Done(); return nil })
	return under.Wait()
}

// graceful is a context for runs, which ends the configured grace time after
// the given one. The caller ends it.
func (e *ETL) graceful(ctx context.Context) (work context.Context, stop context.CancelFunc) {
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	noticed := context.AfterFunc(ctx, func() {
		e.log.Info("stopping: runs under way may go on", "for", time.Duration(e.cfg.ETL.Grace))
		grace := time.AfterFunc(time.Duration(e.cfg.ETL.Grace), end)
		context.AfterFunc(work, func() { grace.Stop() })
	})
	return work, func() { noticed(); end() }
}

// cronLog hands cron's own messages to slog; its wake-ups are of no interest.
type cronLog struct{ log *slog.Logger }

// Info implements cron.Logger.
func (l cronLog) Info(msg string, keysAndValues ...any) { l.log.Debug(msg, keysAndValues...) }

// Error implements cron.Logger.
func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error(msg, append([]any{"error", err}, keysAndValues...)...)
}
