package etl

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"stalkstats/etl/load"
	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/source"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// runFiles runs what the source's place holds: one file, or the new ones of
// several. The runs come back in the order in which they were made.
func (e *ETL) runFiles(ctx context.Context, src config.Source, o Options) ([]stats.Run, error) {
	place := source.Place{From: e.cfg.Path(src.From), Pattern: src.Pattern}
	if o.File != "" {
		place = source.Place{From: o.File}
	}
	items, err := e.files.Locate(ctx, place, e.now().UTC())
	if err == nil {
		items, err = complete(items)
	}
	if err != nil {
		return e.notFound(ctx, src, o, place.From, err)
	}
	// A file of several is read once from its place: an older one must not come
	// back because a newer one has replaced it.
	several := o.File == "" && (src.Pattern != "" || strings.ContainsAny(filepath.Base(src.From), "*?["))
	o.OnlyNew = o.OnlyNew || several
	pass := newID(e.now())
	var runs []stats.Run
	for i, item := range items {
		quiet := len(items) > 1 && (i < len(items)-1 || len(runs) > 0)
		more, err := e.runItem(ctx, src, o, item, pass, quiet)
		runs = append(runs, more...)
		if err != nil || ctx.Err() != nil {
			return runs, err
		}
	}
	return runs, nil
}

// complete leaves out the files that are still being written. Where that
// leaves none there is nothing to run yet.
func complete(items []source.Item) ([]source.Item, error) {
	settled := slices.DeleteFunc(slices.Clone(items), func(i source.Item) bool { return !i.Settled })
	if len(settled) == 0 {
		return nil, problem{stats.Skipped, "", items[0].Name + " may still be being written: it is taken once it has stood unchanged"}
	}
	return settled, nil
}

func (e *ETL) runItem(ctx context.Context, src config.Source, o Options, item source.Item, pass string, quiet bool) ([]stats.Run, error) {
	t, err := e.task(src, o, source.Shown(item.Address), item.Name)
	if err != nil {
		return nil, err
	}
	t.quiet, t.address, t.run.Pass = quiet, item.Key(), pass
	t.fetch = func(ctx context.Context) (source.Snapshot, error) { return e.fetch(ctx, t, item) }
	recorded, err := e.attempt(ctx, t)
	if !recorded {
		return nil, err
	}
	return []stats.Run{*t.run}, err
}

// fetch brings the file, or reads it where it lies if it is one of records
// about people, of which nothing is kept.
func (e *ETL) fetch(ctx context.Context, t *task, item source.Item) (source.Snapshot, error) {
	if t.parser.RecordLevel {
		return e.files.InPlace(ctx, item, e.now().UTC())
	}
	if len(t.parser.Columns) > 0 {
		item.Look = func(in io.ReaderAt, size int64) error {
			t.looked = true
			return e.lookAt(t, in, size)
		}
	}
	if !config.Web(item.Address) {
		return e.files.Fetch(ctx, t.src.Name, item, source.Validators{}, e.now().UTC())
	}
	var known source.Validators
	var err error
	if known.ETag, known.LastModified, known.SHA256, err = load.LastFetch(ctx, e.conn, t.src.Name, item.Key()); err != nil {
		return source.Snapshot{}, err
	}
	return e.files.Fetch(ctx, t.src.Name, item, known, e.now().UTC())
}

// lookAt says what is wrong with a file that must not even be kept.
func (e *ETL) lookAt(t *task, in io.ReaderAt, size int64) error {
	book, err := sheet.Open(in, size, t.run.File, sheet.Limits{})
	if err == nil {
		defer book.Close()
		err = t.parser.Look(parse.Input{Book: book, File: t.run.File, Source: t.src.Name})
	}
	if err != nil {
		e.note(t.run, "the file was refused before its rows were read, and was not kept")
	}
	return err
}

// task begins a run of a file of a source.
func (e *ETL) task(src config.Source, o Options, from, file string) (*task, error) {
	parser, ok := parse.Find(src.Parser)
	if !ok {
		return nil, errors.New("no parser is named " + src.Parser)
	}
	run := e.newRun(src, o)
	run.From, run.File = from, file
	return &task{src: src, parser: parser, o: o, run: &run}, nil
}

// newRun is a run that begins now.
func (e *ETL) newRun(src config.Source, o Options) stats.Run {
	now := e.now()
	id := newID(now)
	run := stats.Run{ID: id, Pass: id, Source: src.Name, StartedAt: now.UTC(), Outcome: stats.Running, Kind: stats.LoadRun, AskedBy: o.AskedBy, Why: o.Why,
		OtherFile: o.File != "" && !e.holds(src, o.File)}
	if o.DryRun {
		run.Kind = stats.CheckRun
	}
	return run
}

// holds reports whether a file is one of those that the schedule would read.
func (e *ETL) holds(src config.Source, file string) bool {
	own := e.cfg.Path(src.From)
	fits, err := filepath.Match(own, file)
	return own == file || err == nil && fits
}

// notFound records that a place did not say which files it holds.
func (e *ETL) notFound(ctx context.Context, src config.Source, o Options, from string, err error) ([]stats.Run, error) {
	run := e.newRun(src, o)
	run.From, run.Outcome, run.Problem, run.Cause = source.Shown(from), outcomeOf(err), sentence(err), causeOf(err)
	run.File = filepath.Base(strings.TrimPrefix(run.From, config.BuiltinPrefix))
	if errors.Is(err, source.ErrNothing) {
		run.Outcome = stats.Skipped
	}
	run.EndedAt = e.end(run)
	return []stats.Run{run}, e.finish(context.WithoutCancel(ctx), &run)
}
