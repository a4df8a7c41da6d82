package etl

import (
	"context"
	"fmt"
	"os"
	"time"

	"stalkstats/etl/load"
	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/source"
	"stalkstats/etl/validate"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// A task is one run of one file while it is carried out.
type task struct {
	src    config.Source
	parser parse.Parser
	o      Options
	run    *stats.Run
	fetch  func(ctx context.Context) (source.Snapshot, error)
	// again says that the file is loaded even where it is what is served.
	again bool
	// quiet says that nothing is recorded where there is nothing to load: of the
	// many files of a folder only the new ones are worth a line of history.
	quiet   bool
	accepts []string  // checks that were let through
	heldAt  time.Time // when the file was first run, where it was not published then
	waits   string    // the held run of the same file, which still waits

	address  string // what a server said of the file is kept under it; empty where nothing was asked
	snap     source.Snapshot
	unended  bool // its last line has no line end
	looked   bool // it was looked at before it was kept
	areas    *stats.Areas
	measures *stats.Measures
}

// attempt is one run from its record to its record. It answers false where a
// quiet run found nothing to load.
func (e *ETL) attempt(ctx context.Context, t *task) (recorded bool, err error) {
	if !t.quiet {
		if err := e.record(ctx, *t.run); err != nil {
			e.broke(t.run, err)
			e.late.keep(ended{run: *t.run})
			return false, err
		}
	}
	out := &parse.Output{}
	err = e.stages(ctx, t, out)
	run := t.run
	run.Read, run.Loaded, run.Rejected = out.Read, out.Loaded, out.Rejected
	run.Excluded, run.Exclusions = out.Excluded(), out.Exclusions()
	run.EndedAt = e.end(*run)
	if err != nil {
		e.broke(run, err)
	}
	if run.Outcome == stats.RejectedRun && run.Read == 0 {
		if err := e.doNotKeep(ctx, t); err != nil {
			return false, err
		}
	}
	if t.waits != "" {
		return e.stillWaits(ctx, t)
	}
	if t.quiet && run.Outcome == stats.Unchanged {
		return false, nil
	}
	// What ended the run must not keep its record from being written.
	after := context.WithoutCancel(ctx)
	if isFull(err) { // and rows cannot be removed before there is room
		var stop context.CancelFunc
		after, stop = context.WithTimeout(after, waitForRoom)
		defer stop()
	}
	if unrecorded := e.conclude(after, t, out.Rejections); unrecorded != nil {
		e.late.keep(ended{*run, out.Rejections})
		if isFull(err) {
			return true, clickhouse.ErrFull
		}
		return true, unrecorded
	}
	return true, nil
}

// waitForRoom is how long it is tried to clear up while the disk is full. What
// is left then is for the next run.
const waitForRoom = 3 * time.Second

// broke ends a run that an error ended.
func (e *ETL) broke(run *stats.Run, err error) {
	run.EndedAt, run.Outcome, run.Problem, run.Cause, run.ReleaseID = e.end(*run), outcomeOf(err), sentence(err), causeOf(err), ""
}

// doNotKeep removes the copy of a file that was refused before its rows were
// read: it has not the columns of its layout, or personal text in a cell. To read
// it again would tell nothing new, and it may be anything: an extract of records
// that was sent to the wrong source has people's names in it. Where another run
// is of the same bytes they stay.
func (e *ETL) doNotKeep(ctx context.Context, t *task) error {
	run := t.run
	if run.SHA256 == "" {
		return nil
	}
	others, err := load.OtherRunsOf(context.WithoutCancel(ctx), e.conn, run.SHA256, run.ID, e.keptNothing())
	if err != nil || others {
		return err
	}
	if err := e.store.Forget(run.SHA256); err != nil {
		return err
	}
	e.note(run, "the file was refused before its rows were read, and was not kept")
	return nil
}

// keptNothing is the sources of records, of whose files no copy is kept.
func (e *ETL) keptNothing() (names []string) {
	for _, src := range e.cfg.ETL.Sources {
		if p, _ := parse.Find(src.Parser); p.RecordLevel {
			names = append(names, src.Name)
		}
	}
	return names
}

// stages takes the file from where it is to a published release.
func (e *ETL) stages(ctx context.Context, t *task, out *parse.Output) error {
	run := t.run
	snap, err := t.fetch(ctx)
	if err != nil {
		return err
	}
	t.snap, run.SHA256 = snap, snap.SHA256
	e.note(run, "fetched %s: %d bytes, SHA-256 %s", snap.File, snap.Size, snap.SHA256)
	print, err := e.fingerprint(ctx, snap, t.src, t.parser)
	if err != nil {
		return err
	}
	found, err := e.unchanged(ctx, t, snap, print)
	if err != nil {
		return err
	}
	if found.same {
		run.Outcome, run.Problem = stats.Unchanged, found.says
		t.quiet = t.quiet && found.known
		t.waits = found.waits
		return nil
	}
	if t.quiet {
		if err := e.record(ctx, *run); err != nil {
			return err
		}
	}
	fetched, err := e.firstFetched(ctx, t.src.Name, snap)
	if err != nil {
		return err
	}
	release := load.Release{Fingerprint: print, Release: stats.Release{
		ID: run.ID, Source: t.src.Name, File: snap.File, From: snap.From, SHA256: snap.SHA256, RetrievedAt: fetched,
	}}
	writer := load.Begin(e.conn, release)
	defer writer.Close()
	if err := e.read(ctx, t, writer, out); err != nil {
		return err
	}
	if err := snap.Unchanged(); err != nil {
		return err
	}
	e.note(run, "read %d rows: %d in order, %d excluded, %d rejected", out.Read, out.Loaded, out.Excluded(), out.Rejected)
	if err := tolerate(out, t.src.RejectLimit); err != nil {
		return err
	}
	if err := writer.Verify(ctx); err != nil {
		return err
	}
	return e.judge(ctx, t, writer)
}

// firstFetched is when the bytes of a file were first fetched for its source.
// Figures are as old as that, though the file be read again: because somebody
// asked, or because the areas or the settings have changed since.
func (e *ETL) firstFetched(ctx context.Context, source string, snap source.Snapshot) (time.Time, error) {
	first, err := load.FirstFetched(ctx, e.conn, source, snap.SHA256)
	if err != nil || first.IsZero() || first.After(snap.RetrievedAt) {
		return snap.RetrievedAt, err
	}
	return first, nil
}

// read parses and checks the file, and writes its rows where nobody sees them.
func (e *ETL) read(ctx context.Context, t *task, writer *load.Writer, out *parse.Output) (err error) {
	snap := t.snap
	if t.areas, err = e.reference.Areas(ctx, time.Time{}); err != nil {
		return err
	}
	if t.measures, err = e.reference.Measures(ctx, time.Time{}); err != nil {
		return err
	}
	f, err := os.Open(snap.Path)
	if err != nil {
		return fmt.Errorf("open the kept file: %w", err)
	}
	defer f.Close()
	if len(t.parser.Columns) > 0 && !t.looked { // a copy from before files were looked at
		if err := e.lookAt(t, f, snap.Size); err != nil {
			return err
		}
	}
	position := &positioned{r: f}
	book, err := sheet.Open(position, snap.Size, snap.File, sheet.Limits{BlankControls: t.parser.OfOthers()})
	if err != nil {
		return t.parser.Clean(err)
	}
	defer book.Close()
	checker := validate.New(t.areas, t.measures, snap.RetrievedAt)
	out.Take = func(row any) (*stats.Fault, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if fault := checker.Row(row); fault != nil {
			return fault, nil
		}
		return nil, writer.Append(ctx, row)
	}
	if t.o.Progress != nil {
		out.Progress = func(read uint64) {
			t.o.Progress(Progress{Rows: read, Done: float64(position.reached()) / float64(max(snap.Size, 1))})
		}
	}
	in := parse.Input{Book: book, File: snap.File, Source: t.src.Name, Areas: t.areas, Settings: e.settings(t.src), Today: snap.RetrievedAt}
	if err := t.parser.Parse(in, out); err != nil {
		return err
	}
	t.unended = book.Unended()
	if wrong := checker.File(); wrong != "" && out.Rejected == 0 {
		return problem{stats.RejectedRun, stats.Incomplete, snap.File + ": " + wrong}
	}
	return nil
}

// settings is what the configuration says to the source's parser.
func (e *ETL) settings(src config.Source) parse.Settings {
	area := src.Area
	if area == "" {
		area = e.cfg.Force
	}
	return parse.Settings{Area: area, Kind: src.Kind, Offences: src.Offences}
}

// record writes what is known of a run now.
func (e *ETL) record(ctx context.Context, run stats.Run) error {
	owner, err := e.owner()
	if err != nil {
		return err
	}
	return load.RecordRun(ctx, e.conn, run, owner, e.now().UTC())
}
