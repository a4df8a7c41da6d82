package etl

import (
	"context"
	"errors"
	"fmt"

	"stalkstats/etl/load"
	"stalkstats/etl/parse"
	"stalkstats/etl/source"
	"stalkstats/internal/stats"
)

// Replay reads the file of an earlier run again and publishes what comes of
// it, though it be what is served: after a mapping was mended, or to publish
// what a dry run has shown. The file of a record-level source was not kept and
// must be given.
func (e *ETL) Replay(ctx context.Context, id string, o Options) (stats.Run, error) {
	former, err := load.FindRun(ctx, e.conn, id)
	if err != nil {
		return stats.Run{}, err
	}
	return e.runAgain(ctx, former, o, nil)
}

// Accept publishes the file of a held run. The checks that held it are let
// through, in the name and for the reason given; another that fails holds it
// again.
func (e *ETL) Accept(ctx context.Context, id string, o Options) (stats.Run, error) {
	if o.AskedBy == "" || o.Why == "" {
		return stats.Run{}, errors.New("who accepts the release and why must both be given")
	}
	held, err := load.FindRun(ctx, e.conn, id)
	if err != nil {
		return stats.Run{}, err
	}
	if held.Outcome != stats.Held {
		return stats.Run{}, fmt.Errorf("run %s was not held (its outcome is %s): only a held release can be accepted", id, held.Outcome)
	}
	var let []string
	for _, c := range held.Checks {
		if c.Outcome == stats.CheckFailed || c.Outcome == stats.CheckAccepted {
			let = append(let, c.Name)
		}
	}
	return e.runAgain(ctx, held, o, let)
}

// runAgain runs the file of a former run. accepts is the checks let through.
func (e *ETL) runAgain(ctx context.Context, former stats.Run, o Options, accepts []string) (stats.Run, error) {
	src, ok := e.cfg.ETL.Source(former.Source)
	if !ok {
		return stats.Run{}, errUnknown(former.Source)
	}
	if former.SHA256 == "" {
		return stats.Run{}, fmt.Errorf("run %s did not get as far as having a file: run the source instead", former.ID)
	}
	runs, err := e.alone(ctx, src, o, func() ([]stats.Run, error) {
		t, err := e.task(src, o, former.From, former.File)
		if err != nil {
			return nil, err
		}
		t.run.Of, t.run.OtherFile, t.again, t.accepts = former.ID, former.OtherFile, true, accepts
		if len(accepts) > 0 {
			t.heldAt = former.StartedAt
		}
		t.fetch = func(ctx context.Context) (source.Snapshot, error) { return e.kept(ctx, t, former) }
		_, err = e.attempt(ctx, t)
		return []stats.Run{*t.run}, err
	})
	if len(runs) == 0 {
		return stats.Run{}, err
	}
	return runs[0], err
}

// kept is the snapshot of a former run's file, or the file given instead of
// one that was not kept: it must be the same one.
func (e *ETL) kept(ctx context.Context, t *task, former stats.Run) (source.Snapshot, error) {
	if !t.parser.RecordLevel {
		return e.store.Kept(former.SHA256, former.File, former.From, former.StartedAt)
	}
	if t.o.File == "" {
		return source.Snapshot{}, errors.New("records about people are not kept: give the file again with --file")
	}
	items, err := e.files.Locate(ctx, source.Place{From: t.o.File}, e.now().UTC())
	if err != nil {
		return source.Snapshot{}, err
	}
	snap, err := e.files.InPlace(ctx, items[0], former.StartedAt)
	if err == nil && snap.SHA256 != former.SHA256 {
		return snap, fmt.Errorf("%s is not the file of run %s: give the same file, or run the source instead", snap.File, former.ID)
	}
	return snap, err
}

// Withdraw publishes again the release that was served before the given one,
// wherever that one serves now. Where there was none, nothing is served.
func (e *ETL) Withdraw(ctx context.Context, release string, o Options) (stats.Run, error) {
	if o.AskedBy == "" || o.Why == "" {
		return stats.Run{}, errors.New("who withdraws the release and why must both be given")
	}
	name, slices, err := load.Released(ctx, e.conn, release)
	if err != nil {
		return stats.Run{}, err
	}
	if slices == 0 {
		return stats.Run{}, fmt.Errorf("release %q serves nothing now: `stalkstats etl list` shows what is served", release)
	}
	src, ok := e.cfg.ETL.Source(name)
	if !ok {
		return stats.Run{}, errUnknown(name)
	}
	if p, _ := parse.Find(src.Parser); p.Reference {
		if err := load.Leaves(ctx, e.conn, name, release); errors.Is(err, load.ErrWithdrawsAll) {
			return stats.Run{}, fmt.Errorf("release %s cannot be withdrawn: without %s nothing could be checked or shown; load another file first", release, name)
		} else if err != nil {
			return stats.Run{}, err
		}
	}
	runs, err := e.alone(ctx, src, o, func() ([]stats.Run, error) {
		run := e.newRun(src, o)
		run.Kind, run.Of = stats.Withdrawal, release
		err := e.withdraw(ctx, &run)
		return []stats.Run{run}, err
	})
	if len(runs) == 0 {
		return stats.Run{}, err
	}
	return runs[0], err
}

// withdraw is one withdrawal from its record to its record.
func (e *ETL) withdraw(ctx context.Context, run *stats.Run) error {
	if err := e.record(ctx, *run); err != nil {
		return err
	}
	changes, err := load.CompareWithdrawal(ctx, e.conn, run.Source, run.Of, run.ID)
	if err == nil {
		run.New, run.Changed, run.Gone = changes.New, changes.Changed, changes.Gone
		e.note(run, "figures: %d new, %d changed, %d gone", run.New, run.Changed, run.Gone)
		err = load.Withdrawal{Conn: e.conn, Source: run.Source, Release: run.Of, Run: run.ID, Now: e.now()}.Publish(ctx)
	}
	run.Outcome, run.EndedAt = stats.Published, e.end(*run)
	if err != nil {
		run.Outcome, run.Problem, run.Cause = outcomeOf(err), sentence(err), causeOf(err)
		if err := e.undo(context.WithoutCancel(ctx), run); err != nil {
			e.late.keep(ended{run: *run})
			return err
		}
	}
	if err := e.finish(context.WithoutCancel(ctx), run); err != nil {
		e.late.keep(ended{run: *run})
		return err
	}
	return nil
}
