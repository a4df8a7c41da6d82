package etl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"stalkstats/etl/load"
	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/source"
	"stalkstats/etl/validate"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// problem is a run that ended without publishing, and why.
type problem struct {
	outcome stats.Outcome
	reason  string
}

// Error implements error.
func (p problem) Error() string { return p.reason }

// attempt is one run from its record to its record.
func (e *ETL) attempt(ctx context.Context, run stats.Run, src config.Source, o Options) (stats.Run, error) {
	run.Outcome, run.From = stats.Running, e.cfg.Path(src.From)
	if o.File != "" {
		run.From = o.File
	}
	run.File = filepath.Base(strings.TrimPrefix(run.From, config.BuiltinPrefix))
	if err := e.record(ctx, run); err != nil {
		return run, err
	}
	out := &parse.Output{Progress: o.Progress}
	err := e.stages(ctx, &run, src, o, out)
	run.Read, run.Loaded, run.Rejected = out.Read, out.Loaded, out.Rejected
	run.Excluded, run.Exclusions = out.Excluded(), out.Exclusions()
	run.EndedAt = e.end(run)
	if err != nil {
		run.Outcome, run.Problem, run.ReleaseID = outcomeOf(err), sentence(err), ""
	}
	// What ended the run must not keep its record from being written.
	ctx = context.WithoutCancel(ctx)
	if run.Outcome != stats.Published {
		if err := e.withdraw(ctx, &run); err != nil {
			return run, err
		}
	}
	if err := load.KeepRejections(ctx, e.conn, run.ID, run.Source, out.Rejections); err != nil {
		return run, err
	}
	if err := e.record(ctx, run); err != nil {
		return run, err
	}
	e.log.Info("run ended", "run", run.ID, "source", run.Source, "outcome", run.Outcome, "read", run.Read,
		"loaded", run.Loaded, "excluded", run.Excluded, "rejected", run.Rejected, "took", run.EndedAt.Sub(run.StartedAt), "problem", run.Problem)
	return run, nil
}

// withdraw removes the rows of a run that did not publish. An insert that
// answered with an error may have been carried out all the same: if it was the
// one that publishes, the figures are served, and the run did its work.
func (e *ETL) withdraw(ctx context.Context, run *stats.Run) error {
	published, err := load.IsPublished(ctx, e.conn, run.ID)
	if err != nil {
		return err
	}
	if published {
		run.Outcome, run.Problem, run.ReleaseID = stats.Published, "", run.ID
		return nil
	}
	return load.Discard(ctx, e.conn, run.ID)
}

// stages takes the file from where it is to a published release.
func (e *ETL) stages(ctx context.Context, run *stats.Run, src config.Source, o Options, out *parse.Output) error {
	parser, ok := parse.Find(src.Parser)
	if !ok {
		return fmt.Errorf("no parser is named %q", src.Parser)
	}
	items, err := e.files.Locate(ctx, source.Place{From: run.From, Pattern: src.Pattern}, e.now().UTC())
	if err != nil {
		return err
	}
	snap, err := e.files.Fetch(ctx, src.Name, items[0], source.Validators{}, e.now().UTC())
	if err != nil {
		return err
	}
	run.SHA256 = snap.SHA256
	print, err := e.fingerprint(ctx, snap, src, parser)
	if err != nil {
		return err
	}
	same, err := e.unchanged(ctx, src, snap, print, o)
	if err != nil {
		return err
	}
	if same {
		run.Outcome = stats.Unchanged
		return nil
	}
	release := load.Release{Fingerprint: print, Release: stats.Release{
		ID: run.ID, Source: src.Name, File: snap.File, From: snap.From, SHA256: snap.SHA256, RetrievedAt: snap.RetrievedAt,
	}}
	writer := load.Begin(e.conn, release)
	defer writer.Close()
	if err := e.read(ctx, snap, src, parser, writer, out); err != nil {
		return err
	}
	if err := tolerate(out, src.RejectLimit); err != nil {
		return err
	}
	if err := writer.Verify(ctx); err != nil {
		return err
	}
	if err := e.keepsFigures(ctx, run); err != nil {
		return err
	}
	if _, err := writer.Publish(ctx, e.now()); err != nil {
		return err
	}
	run.Outcome, run.ReleaseID = stats.Published, run.ID
	return nil
}

// read parses and checks the file, and writes its rows where nobody sees them.
func (e *ETL) read(ctx context.Context, snap source.Snapshot, src config.Source, parser parse.Parser, writer *load.Writer, out *parse.Output) error {
	areas, err := e.reference.Areas(ctx, time.Time{})
	if err != nil {
		return err
	}
	measures, err := e.reference.Measures(ctx, time.Time{})
	if err != nil {
		return err
	}
	f, err := os.Open(snap.Path)
	if err != nil {
		return fmt.Errorf("open the kept file: %w", err)
	}
	defer f.Close()
	book, err := sheet.Open(f, snap.Size, snap.File, sheet.Limits{})
	if err != nil {
		return err
	}
	defer book.Close()
	checker := validate.New(areas, measures, snap.RetrievedAt)
	out.Take = func(row any) (*stats.Fault, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if fault := checker.Row(row); fault != nil {
			return fault, nil
		}
		return nil, writer.Append(ctx, row)
	}
	if err := parser.Parse(parse.Input{Book: book, File: snap.File, Source: src.Name, Areas: areas}, out); err != nil {
		return err
	}
	if wrong := checker.File(); wrong != "" && out.Rejected == 0 {
		return problem{stats.RejectedRun, snap.File + ": " + wrong}
	}
	return nil
}

// unchanged reports whether there is nothing to load.
func (e *ETL) unchanged(ctx context.Context, src config.Source, snap source.Snapshot, print string, o Options) (bool, error) {
	if o.OnlyNew {
		last, err := load.LastRead(ctx, e.conn, src.Name, snap.From)
		if err != nil || last == snap.SHA256 {
			return err == nil, err
		}
	}
	return load.Serves(ctx, e.conn, src.Name, print)
}

// keepsFigures refuses a file that would take away figures which are served
// and does not hold them itself: one that was cut off between two rows looks
// whole in every other way.
func (e *ETL) keepsFigures(ctx context.Context, run *stats.Run) error {
	lost, err := load.Lost(ctx, e.conn, run.Source, run.ID)
	if err != nil {
		return err
	}
	if lost.Period != (stats.Period{}) {
		return problem{stats.RejectedRun, fmt.Sprintf("%s: %s of %s is served and is not in the file: the file may be cut short; fetch it again", run.File, lost.Measure, lost.Period.Label())}
	}
	if lost.Figures*10 > lost.Served {
		return problem{stats.RejectedRun, fmt.Sprintf("%s: %d of the %d figures that it would replace are not in it: the file may be cut short; fetch it again", run.File, lost.Figures, lost.Served)}
	}
	return nil
}

// record writes what is known of a run now.
func (e *ETL) record(ctx context.Context, run stats.Run) error {
	owner, err := e.owner()
	if err != nil {
		return err
	}
	return load.RecordRun(ctx, e.conn, run, owner, e.now().UTC())
}

// tolerate refuses a file of which more rows were rejected than the source
// allows. It names the first, which is where whoever mends the file begins.
func tolerate(out *parse.Output, limit float64) error {
	if out.Rejected == 0 || float64(out.Rejected) <= limit*float64(out.Read) {
		if out.Loaded == 0 {
			return problem{stats.RejectedRun, "no row of the file belongs to this source: check that it is the right file"}
		}
		return nil
	}
	first := out.Rejections[0]
	at := (&sheet.Error{File: first.File, Sheet: first.Sheet, Row: first.Row}).Error()
	where := strings.TrimSuffix(at, ": ")
	if first.Column != "" {
		where += fmt.Sprintf(", column %q", first.Column)
	}
	if first.Value != "" {
		where += fmt.Sprintf(", %q", first.Value)
	}
	reason := where + ": " + first.Reason
	if out.Rejected > 1 {
		reason += fmt.Sprintf(" (and %s)", moreRows(out.Rejected-1))
	}
	return problem{stats.RejectedRun, reason}
}

func outcomeOf(err error) stats.Outcome {
	var p problem
	var fault *sheet.Error
	switch {
	case errors.As(err, &p):
		return p.outcome
	case errors.As(err, &fault) && fault.Cause == nil:
		return stats.RejectedRun
	case errors.Is(err, context.Canceled):
		return stats.Interrupted
	}
	return stats.Failed
}

// sentence is the problem as a data owner reads it.
func sentence(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "the run was stopped; nothing of it is shown: run the source again"
	case isFull(err):
		return errFull.Error()
	}
	return err.Error()
}

var errFull = errors.New("the disk is full: free some room in the data directory and run again")

// isFull reports whether the disk is full. ClickHouse refuses to begin an
// insert with a code of its own, and where the room ends in the middle it
// tells only in words what the system told it.
func isFull(err error) bool {
	return err != nil && (errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "(NOT_ENOUGH_SPACE)") ||
		strings.Contains(err.Error(), "No space left on device"))
}

func moreRows(n uint64) string {
	if n == 1 {
		return "1 more row"
	}
	return fmt.Sprintf("%d more rows", n)
}
