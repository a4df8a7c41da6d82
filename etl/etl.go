// Package etl takes the file of a source through the stages
//
//	source → parse → validate → load
//
// to a published release, and records what happened. A run reads one file. It
// publishes all of it or nothing, and says which in its outcome. Whatever
// happens, the release that was served before goes on being served.
package etl

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"stalkstats/etl/load"
	"stalkstats/etl/parse"
	"stalkstats/etl/source"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// Reference reads the areas, measures and series breaks that are served now;
// files are checked against them.
type Reference interface {
	Areas(ctx context.Context, asAt time.Time) (*stats.Areas, error)
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
}

// ETL runs sources. It is safe for concurrent use.
type ETL struct {
	cfg       config.Config
	conn      load.Conn
	owner     func() (string, error)
	reference Reference
	store     source.Store
	files     *source.Fetcher
	log       *slog.Logger
	now       func() time.Time
	began     time.Time     // when this was made
	ended     chan struct{} // told of the end of runs, for whoever watches
	late      late
}

// New makes an ETL over an open connection. now is the clock, time.Now in life.
func New(cfg config.Config, conn load.Conn, reference Reference, log *slog.Logger, now func() time.Time) *ETL {
	store := source.Store{Dir: cfg.SnapshotDir(), Builtin: schemas.Reference()}
	return &ETL{cfg: cfg, owner: sync.OnceValues(func() (string, error) { return owner(cfg.DataDir) }), conn: conn, reference: reference, store: store, files: source.New(store, rules(cfg.ETL.Fetch)), log: log, now: now, began: now(), ended: make(chan struct{}, 1)}
}

// rules are the bounds of fetching, as configured.
func rules(f config.Fetch) source.Rules {
	return source.Rules{Hosts: f.Hosts, AllowPrivate: f.AllowPrivate, Timeout: time.Duration(f.Timeout), MaxSize: f.MaxSize, Settle: time.Duration(f.Settle)}
}

// Options are what may differ from one run to the next.
type Options struct {
	File     string         // instead of the configured one
	Progress func(Progress) // called now and then; may be nil
	// OnlyNew leaves a file alone that has not changed since it was last read
	// from the same place, even where another file has replaced it since: the
	// scheduler must not undo what a person has loaded by hand.
	OnlyNew bool
	// DryRun makes all the checks, records the difference that the file would
	// make, and publishes nothing.
	DryRun bool
	// AskedBy and Why say who asked for the run and why; empty where the
	// schedule did.
	AskedBy, Why string
	// Wait is how long to wait for another run of the source to end; then the
	// run is skipped.
	Wait time.Duration
}

// Run runs one source now. What goes wrong with a file is in the runs that
// come back, one for each file that was read; the error is for what kept a run
// from being recorded, and for a source that is not configured.
func (e *ETL) Run(ctx context.Context, name string, o Options) ([]stats.Run, error) {
	src, ok := e.cfg.ETL.Source(name)
	if !ok {
		return nil, errUnknown(name)
	}
	return e.alone(ctx, src, o, func() ([]stats.Run, error) { return e.runFiles(ctx, src, o) })
}

func errUnknown(source string) error {
	return fmt.Errorf("no source %q is configured: `stalkstats etl list` shows them", source)
}

// alone carries out runs of a source under its lock: a source never runs
// beside itself.
func (e *ETL) alone(ctx context.Context, src config.Source, o Options, do func() ([]stats.Run, error)) ([]stats.Run, error) {
	unlock, err := e.lockWithin(ctx, src.Name, o.Wait)
	if err == errBusy {
		run := e.newRun(src, o)
		run.Outcome, run.Problem, run.EndedAt = stats.Skipped, "the source was still running: wait for that run to end", e.end(run)
		return []stats.Run{run}, e.finish(context.WithoutCancel(ctx), &run)
	}
	if err != nil {
		return nil, told(err)
	}
	defer unlock()
	if err := e.recoverSource(ctx, src.Name); err != nil {
		return nil, told(err)
	}
	if err := e.loadReferenceFirst(ctx, src); err != nil {
		return nil, told(err)
	}
	runs, err := do()
	return runs, told(err)
}

// tryEvery is how often a source that is being run is looked at again.
const tryEvery = 100 * time.Millisecond

// lockWithin waits for the source's lock as long as it may.
func (e *ETL) lockWithin(ctx context.Context, source string, wait time.Duration) (unlock func(), err error) {
	limit := time.NewTimer(wait)
	defer limit.Stop()
	again := time.NewTicker(tryEvery)
	defer again.Stop()
	for {
		if unlock, err := lock(e.lockDir(), source); err != errBusy {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, errBusy
		case <-limit.C:
			return nil, errBusy
		case <-again.C:
		}
	}
}

func (e *ETL) lockDir() string { return filepath.Join(e.cfg.DataDir, "locks") }

// end is now, as the end of a run: never before its start, though the clock
// may have gone back.
func (e *ETL) end(run stats.Run) time.Time {
	if now := e.now().UTC(); now.After(run.StartedAt) {
		return now
	}
	return run.StartedAt
}

// newID sorts by time and does not repeat.
func newID(now time.Time) string {
	random := make([]byte, 4)
	rand.Read(random) // never fails, by its documentation
	return now.UTC().Format("20060102T150405") + "-" + hex.EncodeToString(random)
}

// fingerprint tells whether a file would give the same rows again: the bytes,
// the layout and its version, the source's settings, and the areas and measures
// that the rows are checked against.
func (e *ETL) fingerprint(ctx context.Context, snap source.Snapshot, src config.Source, p parse.Parser) (string, error) {
	edition := ""
	if !p.Reference {
		var err error
		if edition, err = load.Edition(ctx, e.conn, e.referenceSources()); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %v %s %v", snap.SHA256, p.Name, p.Version, src.RejectLimit, edition, e.settings(src)))
	return hex.EncodeToString(sum[:]), nil
}

// referenceSources is the sources that others are checked against.
func (e *ETL) referenceSources() []string {
	var names []string
	for _, src := range e.cfg.ETL.Sources {
		if p, ok := parse.Find(src.Parser); ok && p.Reference {
			names = append(names, src.Name)
		}
	}
	return names
}

// loadReferenceFirst loads the areas and measures that were never loaded, so
// that a run on a fresh directory has something to be checked against.
func (e *ETL) loadReferenceFirst(ctx context.Context, src config.Source) error {
	if p, _ := parse.Find(src.Parser); p.Reference {
		return nil
	}
	for _, other := range e.referenceSources() {
		loaded, err := load.HasLoaded(ctx, e.conn, other)
		if err != nil {
			return err
		}
		if loaded {
			continue
		}
		runs, err := e.Run(ctx, other, Options{})
		if err != nil {
			return err
		}
		if run := runs[len(runs)-1]; run.Outcome != stats.Published && run.Outcome != stats.Unchanged {
			return fmt.Errorf("%s must be loaded before %s: %s", other, src.Name, run.Problem)
		}
	}
	return nil
}

// Recover ends the runs of every source that a process left without an end,
// and removes what they had written. A run that is under way is left alone.
func (e *ETL) Recover(ctx context.Context) error {
	for _, src := range e.cfg.ETL.Sources {
		if err := e.recoverAlone(ctx, src.Name); err != nil {
			return told(err)
		}
	}
	return nil
}

// recoverAlone does so for a source that is not being run.
func (e *ETL) recoverAlone(ctx context.Context, source string) error {
	unlock, err := lock(e.lockDir(), source)
	if err == errBusy {
		return nil
	}
	if err != nil {
		return err
	}
	defer unlock()
	return e.recoverSource(ctx, source)
}

// recoverSource needs the source's lock: then a run without an end that this
// data directory owns is one whose process has ended, or could not record it.
// Runs of another data directory, over the same server, may be under way and
// are left alone. One that had published did its work and is recorded so; of
// any other the rows are removed. So is a file that was being fetched.
func (e *ETL) recoverSource(ctx context.Context, name string) error {
	removed, err := e.store.CleanUp(name)
	if err != nil {
		return err
	}
	if removed > 0 {
		e.log.Info("unfinished snapshots removed", "source", name, "files", removed)
	}
	owner, err := e.owner()
	if err != nil {
		return err
	}
	runs, err := load.Unended(ctx, e.conn, name, owner)
	if err != nil {
		return err
	}
	for _, late := range e.late.of(name, runs, e.end) {
		if err := e.endLate(ctx, late); err != nil {
			return err
		}
	}
	e.late.forget(name)
	return nil
}

// remember takes from the release what a run had not recorded of its file: the
// scheduler must know the file again.
func (e *ETL) remember(ctx context.Context, run *stats.Run) error {
	if run.Kind == stats.Withdrawal || run.SHA256 != "" {
		return nil
	}
	var err error
	run.File, run.From, run.SHA256, err = load.Made(ctx, e.conn, run.ID)
	return err
}

// endLate clears up after a run without an end and records its end.
func (e *ETL) endLate(ctx context.Context, late ended) error {
	run := late.run
	known := run.Outcome != stats.Interrupted
	if err := e.undo(ctx, &run); err != nil {
		return err
	}
	if run.Outcome == stats.Published && !known {
		run.Problem = "the process ended just after publishing; the rows read were not counted"
		if err := e.remember(ctx, &run); err != nil {
			return err
		}
	}
	if err := load.ForgetRejections(ctx, e.conn, run.ID); err != nil {
		return err
	}
	if err := load.KeepRejections(ctx, e.conn, run.ID, run.Source, late.rejections); err != nil {
		return err
	}
	if err := e.record(ctx, run); err != nil {
		return err
	}
	e.log.Warn("a run had no end", "run", run.ID, "source", run.Source, "outcome", run.Outcome)
	return nil
}
