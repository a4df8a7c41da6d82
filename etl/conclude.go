package etl

import (
	"context"
	"fmt"

	"stalkstats/etl/load"
	"stalkstats/internal/stats"
)

// conclude clears up after a run and records its end.
func (e *ETL) conclude(ctx context.Context, t *task, rejections []stats.Rejection) error {
	run := t.run
	if run.Outcome == stats.Published || run.Outcome == stats.Unchanged {
		if err := e.recordFetch(ctx, t); err != nil {
			return err
		}
	}
	if run.Outcome != stats.Published {
		if err := e.undo(ctx, run); err != nil {
			return err
		}
	}
	if run.Outcome == stats.Held {
		if err := load.ForgetOlderHeld(ctx, e.conn, *run); err != nil {
			return err
		}
	}
	if err := load.KeepRejections(ctx, e.conn, run.ID, run.Source, rejections); err != nil {
		return err
	}
	return e.finish(ctx, run)
}

// stillWaits ends a run of a file that is held already: nothing has happened,
// and the run that waits to be accepted goes on standing for it.
func (e *ETL) stillWaits(ctx context.Context, t *task) (recorded bool, err error) {
	if t.quiet {
		return false, nil
	}
	t.run.Outcome = stats.Skipped
	t.run.Problem = fmt.Sprintf("it is the file of run %s, which is held: accept that run, or put a mended file in its place", t.waits)
	return true, e.finish(context.WithoutCancel(ctx), t.run)
}

// recordFetch keeps what a server said of a file that needs not be sent again.
func (e *ETL) recordFetch(ctx context.Context, t *task) error {
	if t.address == "" || t.snap.NotModified || t.snap.ETag == "" && t.snap.LastModified == "" {
		return nil
	}
	return load.RecordFetch(ctx, e.conn, *t.run, t.address, t.snap.ETag, t.snap.LastModified, e.now().UTC())
}

// finish records the end of a run and tells it to the log.
func (e *ETL) finish(ctx context.Context, run *stats.Run) error {
	e.note(run, "%s", endOf(*run))
	if err := e.record(ctx, *run); err != nil {
		return err
	}
	e.log.Info("run ended", "run", run.ID, "source", run.Source, "kind", run.Kind, "outcome", run.Outcome, "read", run.Read,
		"loaded", run.Loaded, "excluded", run.Excluded, "rejected", run.Rejected, "took", run.EndedAt.Sub(run.StartedAt), "cause", run.Cause, "problem", run.Problem)
	select {
	case e.ended <- struct{}{}:
	default: // it is to look already
	}
	return nil
}

func endOf(run stats.Run) string {
	if run.Problem != "" {
		return string(run.Outcome) + ": " + run.Problem
	}
	return string(run.Outcome)
}

// note adds a line to the run's log.
func (e *ETL) note(run *stats.Run, format string, args ...any) {
	run.Log = append(run.Log, stats.LogLine{At: e.now().UTC(), Says: fmt.Sprintf(format, args...)})
}

// undo removes the rows of a run that did not publish. An insert that answered
// with an error may have been carried out all the same: if it was the one that
// publishes, the figures are served, and the run did its work. What the
// release would have changed is kept where a person is to look at it.
func (e *ETL) undo(ctx context.Context, run *stats.Run) error {
	published, err := load.HasPublished(ctx, e.conn, run.ID)
	if err != nil {
		return err
	}
	if published {
		run.Outcome, run.Problem, run.Cause = stats.Published, "", ""
		if run.Kind != stats.Withdrawal { // which publishes a release of another run
			run.ReleaseID = run.ID
		}
		return nil
	}
	if run.Outcome != stats.Held && run.Outcome != stats.Checked {
		if err := load.ForgetDifferences(ctx, e.conn, run.ID); err != nil {
			return err
		}
	}
	return load.Discard(ctx, e.conn, run.ID)
}
