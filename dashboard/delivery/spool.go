package delivery

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"stalkstats/dashboard"
	"stalkstats/internal/stats"
)

// spooled is a report that was made, in the program's own folder.
type spooled struct {
	path string
	made dashboard.Archived
	sent stats.Download // as it will be recorded
}

func (f spooled) remove() { _ = os.Remove(f.path) } // what stays is removed at the next start

// make writes the report to the spool, and tells the row of it.
func (d *Deliverer) make(ctx context.Context, r stats.SavedReport, row *stats.ReportDelivery) (f spooled, err error) {
	out, err := os.CreateTemp(d.o.Spool, "report-*.zip")
	if err != nil {
		return f, fmt.Errorf("make the report: %w", err)
	}
	f.path = out.Name()
	defer func() {
		if closing := out.Close(); err == nil && closing != nil {
			err = fmt.Errorf("make the report: %w", closing)
		}
		if err != nil {
			f.remove()
		}
	}()
	buffered := bufio.NewWriterSize(out, 1<<16)
	recorder := dashboard.NewRecorder(buffered, stats.Download{ID: dashboard.NewID(row.Began), BeganAt: row.Began, Channel: stats.ScheduleChannel,
		Report: dashboard.ArchiveReport, Filters: r.Filters, Audience: r.Audience})
	if f.made, err = d.o.Maker.Archive(ctx, recorder, r.Filters); err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return f, fmt.Errorf("make the report: %w", err)
	}
	f.sent = recorder.Ended(true, d.o.Now())
	f.sent.Rows = uint64(f.made.Rows)
	row.Rows, row.Bytes, row.SHA256, row.AsAt = f.sent.Rows, f.sent.Bytes, f.sent.SHA256, f.made.AsAt
	row.File = fileName(r, f.made.AsAt.In(d.o.Zone))
	return f, nil
}
