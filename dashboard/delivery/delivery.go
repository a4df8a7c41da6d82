// Package delivery makes saved reports at their times and puts them where they
// are wanted: into a folder, or into the mail.
//
// One is made at a time. What came of it is a row in the store, and by those rows
// it is known what is due: so neither a restart nor a clock that stood still
// delivers a report twice for one time, and several times that were missed are
// made up by one delivery. Where the program ends between the file and its row,
// the same file is found and the row added. A mail has a row before it is sent:
// where nothing follows that, it is not sent again.
package delivery

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"stalkstats/dashboard"
	"stalkstats/internal/mail"
	"stalkstats/internal/stats"
)

// A Store keeps what was saved and what was delivered. query.Reader is one, in
// ClickHouse.
type Store interface {
	SavedReports(ctx context.Context, limit int) ([]stats.SavedReport, error)
	SavedReport(ctx context.Context, id string) (stats.SavedReport, error)
	RecordDelivery(ctx context.Context, d stats.ReportDelivery) error
	RecordDownload(ctx context.Context, d stats.Download) error
}

// A Maker writes the zip of a report. dashboard.Archiver is one.
type Maker interface {
	Archive(ctx context.Context, w io.Writer, filters string) (dashboard.Archived, error)
}

// A Packer makes the mail of a board pack. dashboard.Packer is one.
type Packer interface {
	Mail(ctx context.Context, filters string, wish dashboard.PackWish) (dashboard.PackMail, error)
}

// Options is what deliveries need.
type Options struct {
	Store    Store
	Maker    Maker
	Packer   Packer
	Saving   dashboard.Saving // when and where, as the pages have it
	Markings dashboard.Markings
	Mail     *mail.Server // nil: nothing is mailed
	Spool    string       // a folder of this program's own, for files in the making
	Zone     *time.Location
	CatchUp  bool // whether what was missed while nothing ran is made up
	Log      *slog.Logger
	Now      func() time.Time // time.Now in life
	Longest  time.Duration    // that one delivery may take; 0: ten minutes
}

// A Deliverer delivers saved reports.
type Deliverer struct {
	o       Options
	started time.Time
}

const (
	lookEvery      = 30 * time.Second
	longestDefault = 10 * time.Minute
	// afterwards is how long the record of a delivery, and the mail that was begun,
	// may take once the program is told to end.
	afterwards = 30 * time.Second
)

// New makes a deliverer, and clears up what an earlier process left half done.
func New(o Options) (*Deliverer, error) {
	if o.Longest == 0 {
		o.Longest = longestDefault
	}
	d := &Deliverer{o: o, started: o.Now()}
	if err := os.RemoveAll(o.Spool); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Spool, 0o700); err != nil {
		return nil, err
	}
	if o.Saving.Folder != "" {
		removeHalfFiles(o.Saving.Folder)
	}
	return d, nil
}

// Run delivers what is due until the context ends.
func (d *Deliverer) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := d.Look(ctx); err != nil && ctx.Err() == nil {
			d.o.Log.Error("the saved reports could not be looked at", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Look delivers, one after the other, what is due now, the longest saved first.
// Its error is of the store alone: a delivery that fails is a row in it, and keeps
// none of the others from being made.
func (d *Deliverer) Look(ctx context.Context) error {
	reports, err := d.o.Store.SavedReports(ctx, dashboard.MostSaved)
	if err != nil {
		return err
	}
	var all []error
	for _, r := range slices.Backward(reports) {
		if ctx.Err() != nil {
			return nil // the program is ending: the next one goes on
		}
		due, is := d.due(r)
		if !is {
			continue
		}
		// It may have been removed while another was made.
		if r, err = d.o.Store.SavedReport(ctx, r.ID); err == nil && r.Stands() {
			err = d.deliver(ctx, r, due)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// due is the time for which a report is to be delivered now, if it is. What failed
// since this process began waits for its next time.
func (d *Deliverer) due(r stats.SavedReport) (due time.Time, is bool) {
	if r.Schedule == "" {
		return due, false
	}
	next, err := d.o.Saving.Schedule(r.Schedule)
	if err != nil {
		d.o.Log.Error("a saved report has a schedule that cannot be read", "report", r.ID, "error", err)
		return due, false
	}
	last := later(r.SavedAt, r.LastTaken)
	if !d.o.CatchUp {
		last = later(last, d.started)
	}
	for at := next(last); !at.IsZero() && !at.After(d.o.Now()); at = next(at) {
		due = at // of several that were missed the last counts
	}
	if due.IsZero() {
		return due, false
	}
	tried := r.Last.Outcome == stats.DeliveryFailed && !r.Last.Due.Before(due) && !r.Last.Began.Before(d.started)
	return due, !tried
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// deliver makes one report, puts it where it is wanted, and records what came of
// it. Its error is of the store alone.
func (d *Deliverer) deliver(ctx context.Context, r stats.SavedReport, due time.Time) error {
	row := &stats.ReportDelivery{Report: r.ID, Due: due, Began: d.o.Now(), Place: r.Place}
	limited, cancel := context.WithTimeout(ctx, d.o.Longest)
	defer cancel()
	err := d.attempt(limited, r, row)
	if errors.Is(err, errStore) || err != nil && ctx.Err() != nil && row.Outcome != stats.Sending {
		return err // the next look, or the next process, goes on
	}
	row.Outcome = stats.Delivered
	if err != nil {
		row.Outcome, row.Problem = stats.DeliveryFailed, d.sentence(err)
		d.o.Log.Warn("a saved report could not be delivered", "report", r.ID, "due", due, "error", err)
	} else {
		d.o.Log.Info("saved report delivered", "report", r.ID, "due", due, "place", r.Place, "audience", r.Audience, "file", row.File, "rows", row.Rows, "bytes", row.Bytes, "sha256", row.SHA256)
	}
	return d.record(ctx, row)
}

// attempt is a delivery of which a panic is an error.
func (d *Deliverer) attempt(ctx context.Context, r stats.SavedReport, row *stats.ReportDelivery) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			d.o.Log.Error("panic in a delivery", "report", r.ID, "panic", fault, "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	to, err := d.destination(r)
	if err != nil {
		return err
	}
	if r.Kind == stats.SavedPack {
		return d.pack(ctx, r, to, row)
	}
	file, err := d.make(ctx, r, row)
	if err != nil {
		return err
	}
	defer file.remove()
	if to == "" {
		if row.File, err = put(d.o.Saving.Folder, file, row.File); err != nil {
			return err
		}
		d.recordDownload(ctx, file.sent, true)
		return nil
	}
	return d.mail(ctx, r, to, file, row)
}

var (
	errPanic = errors.New("panic in a delivery")
	errStore = errors.New("what was delivered could not be recorded")
)

// record adds the row, also where the program is ending.
func (d *Deliverer) record(ctx context.Context, row *stats.ReportDelivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	row.RecordedAt = d.o.Now()
	if err := d.o.Store.RecordDelivery(ctx, *row); err != nil {
		return errors.Join(errStore, err)
	}
	return nil
}

func (d *Deliverer) recordDownload(ctx context.Context, sent stats.Download, complete bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	sent.Complete = complete
	if err := d.o.Store.RecordDownload(ctx, sent); err != nil {
		d.o.Log.Error("download not recorded", "report", sent.Report, "filters", sent.Filters, "audience", sent.Audience, "rows", sent.Rows, "bytes", sent.Bytes, "sha256", sent.SHA256, "error", err)
	}
}
