package delivery

import (
	"context"
	"fmt"
	"io"

	"stalkstats/dashboard"
	"stalkstats/internal/stats"
)

// pack makes a board pack and mails it. What the pack tells of changes is since the
// mail before it.
func (d *Deliverer) pack(ctx context.Context, r stats.SavedReport, to string, row *stats.ReportDelivery) error {
	made, err := d.o.Packer.Mail(ctx, r.Filters, dashboard.PackWish{Name: r.Name, Since: r.LastTaken, Foot: d.closing(r, row)})
	if err != nil {
		return fmt.Errorf("make the board pack: %w", err)
	}
	if made.Audience != r.Audience { // by which it was judged whether it may be mailed
		return fmt.Errorf("the board pack %s was saved for the %s audience, and its filters ask for the %s one", r.ID, r.Audience, made.Audience)
	}
	letter := made.Letter(letterID(r, row), row.Began)
	recorder := dashboard.NewRecorder(io.Discard, stats.Download{ID: dashboard.NewID(row.Began), BeganAt: row.Began, Channel: stats.ScheduleChannel,
		Report: dashboard.PackReport, Filters: r.Filters, Audience: r.Audience})
	if err := letter.Write(recorder); err != nil {
		return fmt.Errorf("make the board pack: %w", err)
	}
	sent := recorder.Ended(true, d.o.Now())
	sent.Rows = uint64(made.Rows)
	row.Rows, row.Bytes, row.SHA256, row.AsAt = sent.Rows, sent.Bytes, sent.SHA256, made.AsAt
	if letter.To = to; row.Bytes > largestAttached {
		return refusal("The mail would have more than 10 MB: choose fewer pages for the pack.")
	}
	return d.send(ctx, letter, sent, row)
}
