package etl

import (
	"context"
	"fmt"
	"slices"

	"stalkstats/etl/load"
	"stalkstats/etl/validate"
	"stalkstats/internal/stats"
)

// judge looks at a written release as a whole, and publishes it where it may.
func (e *ETL) judge(ctx context.Context, t *task, writer *load.Writer) error {
	run := t.run
	if writer.HasFigures() {
		changes, err := load.Compare(ctx, e.conn, run.Source, run.ID)
		if err != nil {
			return err
		}
		run.New, run.Changed, run.Gone = changes.New, changes.Changed, changes.Gone
		e.note(run, "figures: %d new, %d changed, %d gone", run.New, run.Changed, run.Gone)
		if err := e.lookAtLeftOut(ctx, t); err != nil {
			return err
		}
		if t.unended {
			e.found(run, stats.Check{Name: checkLastLine, Outcome: stats.CheckWarned, Says: "the last line has no line end: check that the file is whole"})
		}
		if err := e.check(ctx, t); err != nil {
			return err
		}
		if err := e.stillDue(ctx, t); err != nil {
			return err
		}
	}
	failed := failedChecks(*run)
	switch {
	case run.Kind == stats.CheckRun && failed != "":
		return problem{stats.Checked, "", "it would be held: " + run.File + ": " + failed}
	case run.Kind == stats.CheckRun:
		run.Outcome = stats.Checked
		return nil
	case failed != "":
		return problem{stats.Held, heldBy(*run), fmt.Sprintf("%s: %s; nothing was published: mend the file, or accept run %s", run.File, failed, run.ID)}
	}
	if _, err := writer.Publish(ctx, e.now()); err != nil {
		return err
	}
	run.Outcome, run.ReleaseID = stats.Published, run.ID
	return nil
}

// namedLeftOut is how many of the figures that a file leaves out are named.
const namedLeftOut = 3

// lookAtLeftOut tells of figures that stay served because the file, which
// corrects the one that brought them, does not hold them. Nothing is held by it:
// a file of the corrected rows alone is how a few figures are corrected. A dry run
// keeps them all, for whoever decides whether to publish.
func (e *ETL) lookAtLeftOut(ctx context.Context, t *task) error {
	left, err := load.LeftOut(ctx, e.conn, t.run.Source, t.run.ID, namedLeftOut)
	if err != nil || left.Older+left.Others == 0 {
		return err
	}
	c := stats.Check{Name: stats.CheckLeftOut}
	c.Outcome, c.Says = validate.LeftOut(left, t.areas, t.measures)
	e.found(t.run, c)
	if t.run.Kind != stats.CheckRun {
		return nil
	}
	return load.KeepLeftOut(ctx, e.conn, t.run.Source, t.run.ID)
}

// checkLastLine is the look at how a CSV ends.
const checkLastLine = "last line"

// The names of the looks at what people did with the file before.
const (
	checkSuperseded = "superseded"
	checkWithdrawn  = "withdrawn"
)

// stillDue holds a file that somebody has withdrawn, and one that was held
// and over which something newer was published before it was accepted.
func (e *ETL) stillDue(ctx context.Context, t *task) error {
	if !t.heldAt.IsZero() {
		since, err := load.PublishedSince(ctx, e.conn, t.run.Source, t.run.ID, t.heldAt)
		if err != nil {
			return err
		}
		if since != "" {
			e.found(t.run, stats.Check{Name: checkSuperseded, Outcome: stats.CheckFailed,
				Says: fmt.Sprintf("run %s has published figures that it holds since it was first read: look at what it would change now", since)})
		}
	}
	if t.again && len(t.accepts) == 0 {
		return nil
	}
	withdrawn, err := load.Withdrawn(ctx, e.conn, t.run.Source, t.snap.SHA256)
	if err != nil || withdrawn.ID == "" {
		return err
	}
	c := stats.Check{Name: checkWithdrawn, Outcome: stats.CheckFailed, Says: fmt.Sprintf("%s withdrew this file on %s (%s)",
		withdrawn.AskedBy, withdrawn.StartedAt.In(e.cfg.ETL.Location()).Format("2 January 2006"), withdrawn.Why)}
	if slices.Contains(t.accepts, checkWithdrawn) {
		c.Outcome = stats.CheckAccepted
	}
	e.found(t.run, c)
	return nil
}

// found keeps what a check came to with the run and tells its log.
func (e *ETL) found(run *stats.Run, c stats.Check) {
	run.Checks = append(run.Checks, c)
	if c.Says == "" {
		e.note(run, "check %s: %s", c.Name, c.Outcome)
	} else {
		e.note(run, "check %s: %s: %s", c.Name, c.Outcome, c.Says)
	}
}
