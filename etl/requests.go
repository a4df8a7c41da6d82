package etl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"stalkstats/etl/load"
	"stalkstats/internal/stats"
)

// lookEvery is how often the scheduler looks for what people have asked for on
// the pages. They wait for it, and the question costs a millisecond.
const lookEvery = time.Second

// waitForSource is how long what was asked for, and what is scheduled, waits for
// another run of the source.
const waitForSource = 15 * time.Minute

// TakeUp carries out what people ask for on the pages until the context ends,
// and comes back when what it took up has ended. work is the context of the
// runs themselves, which may outlive the first for a while.
func (e *ETL) TakeUp(ctx, work context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		waiting, err := load.Waiting(ctx, e.conn)
		if err != nil && ctx.Err() == nil {
			e.log.Error("what was asked for on the pages could not be looked up", "error", err)
		}
		if err == nil {
			e.catchUp(work)
		}
		for _, r := range waiting {
			if err := e.answer(ctx, stats.Answer{Request: r.ID, State: stats.RequestTaken}); err != nil {
				e.log.Error("a request could not be taken up", "request", r.ID, "error", err)
				continue
			}
			under.Go(func() { e.carryOut(work, r) })
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (e *ETL) answer(ctx context.Context, a stats.Answer) error {
	a.At = e.now().UTC()
	return load.Answer(ctx, e.conn, a)
}

// carryOut does what was asked for and answers.
func (e *ETL) carryOut(ctx context.Context, r stats.Request) {
	a := stats.Answer{Request: r.ID, State: stats.RequestDone}
	runs, err := e.safely(ctx, r)
	for _, run := range runs {
		a.Runs = append(a.Runs, run.ID)
	}
	if err != nil {
		a.State, a.Problem = stats.RequestRefused, err.Error()
	}
	if err := e.answer(context.WithoutCancel(ctx), a); err != nil {
		e.log.Error("a request could not be answered", "request", r.ID, "error", err)
		return
	}
	e.log.Info("answered", "request", r.ID, "kind", r.Kind, "source", r.Source, "state", a.State, "problem", a.Problem)
}

// safely answers a panic as an error: one request must not end the program.
func (e *ETL) safely(ctx context.Context, r stats.Request) (runs []stats.Run, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			e.log.Error("a request broke down", "request", r.ID, "fault", fault, "stack", string(debug.Stack()))
			err = errors.New("a fault of the program kept it from doing this; the log has the details")
		}
	}()
	return e.requested(ctx, r)
}

func (e *ETL) requested(ctx context.Context, r stats.Request) ([]stats.Run, error) {
	o := Options{DryRun: r.DryRun, AskedBy: r.Who, Why: r.Why, Wait: waitForSource}
	one := func(run stats.Run, err error) ([]stats.Run, error) {
		if run.ID == "" {
			return nil, err
		}
		return []stats.Run{run}, err
	}
	switch {
	case r.Who == "":
		return nil, errors.New("nobody's name stands under the request")
	case r.Kind == stats.RunRequest && r.Upload != "":
		return e.runUpload(ctx, r, o)
	case r.Kind == stats.RunRequest:
		return e.Run(ctx, r.Source, o)
	case r.Kind == stats.ReplayRequest:
		return one(e.Replay(ctx, r.Run, o))
	case r.Kind == stats.AcceptRequest:
		return one(e.Accept(ctx, r.Run, o))
	case r.Kind == stats.WithdrawRequest:
		return one(e.Withdraw(ctx, r.Release, o))
	}
	return nil, fmt.Errorf("nobody knows how to %q", r.Kind)
}

// runUpload runs an uploaded file, which then has done its duty: what is kept
// of it is the snapshot.
func (e *ETL) runUpload(ctx context.Context, r stats.Request, o Options) (runs []stats.Run, err error) {
	src, ok := e.cfg.ETL.Source(r.Source)
	if !ok {
		return nil, errUnknown(r.Source)
	}
	defer func() {
		err = errors.Join(err, load.RemoveUpload(context.WithoutCancel(ctx), e.conn, r.Upload))
	}()
	if t, err := e.task(src, o, "", ""); err != nil || t.parser.RecordLevel {
		return nil, errors.Join(err, errors.New("records about people are not taken from a page: put the file into its folder"))
	}
	dir := filepath.Join(e.cfg.DataDir, "uploads", filepath.Base(r.ID))
	defer os.RemoveAll(dir) // what is left is removed at the next start
	if o.File, err = e.unpack(ctx, r, dir); err != nil {
		return nil, err
	}
	runs, err = e.Run(ctx, r.Source, o)
	if len(runs) == 1 && runs[0].Outcome == stats.Skipped {
		return runs, fmt.Errorf("%s; then send the file again", runs[0].Problem)
	}
	return runs, err
}

// unpack writes an upload to a file of its own name.
func (e *ETL) unpack(ctx context.Context, r stats.Request, dir string) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make room for the uploaded file: %w", err)
	}
	path = filepath.Join(dir, filepath.Base(filepath.Clean("/"+r.File)))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("keep the uploaded file: %w", err)
	}
	size, err := load.Upload(ctx, e.conn, r.Upload, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("keep the uploaded file: %w", err)
	}
	if size == 0 {
		return "", errors.New("the uploaded file is empty, or is no longer there: upload it again")
	}
	return path, nil
}
