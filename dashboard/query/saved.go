package query

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// SavedReports is the saved reports that were not removed, the newest first, at
// most limit, each with how its deliveries stand.
func (r *Reader) SavedReports(ctx context.Context, limit int) ([]stats.SavedReport, error) {
	return r.savedReports(ctx, "", limit)
}

// SavedReport is one saved report, removed or not, else ErrNotFound.
func (r *Reader) SavedReport(ctx context.Context, id string) (stats.SavedReport, error) {
	if id == "" {
		return stats.SavedReport{}, fmt.Errorf("a saved report without an id: %w", ErrNotFound)
	}
	found, err := r.savedReports(ctx, id, 1)
	if err != nil {
		return stats.SavedReport{}, err
	}
	if len(found) == 0 {
		return stats.SavedReport{}, fmt.Errorf("saved report %q: %w", id, ErrNotFound)
	}
	return found[0], nil
}

func (r *Reader) savedReports(ctx context.Context, id string, limit int) ([]stats.SavedReport, error) {
	var found []stats.SavedReport
	err := r.each(ctx, "saved_reports.sql", func(rows driver.Rows) error {
		var s stats.SavedReport
		var kind, outcome string
		last := &s.Last
		if err := rows.Scan(&s.ID, &s.SavedAt, &s.Who, &s.Name, &kind, &s.Filters, &s.InWords, &s.Audience, &s.Schedule, &s.Place, &s.Removed.At, &s.Removed.Who, &s.Removed.Why,
			&last.Due, &last.RecordedAt, &last.Began, &last.Place, &outcome, &last.File, &last.Rows, &last.Bytes, &last.SHA256, &last.AsAt, &last.Problem, &s.LastTaken); err != nil {
			return err
		}
		s.Kind = stats.SavedKind(kind)
		if last.Outcome = stats.DeliveryOutcome(outcome); outcome != "" {
			last.Report = s.ID
		}
		s.SavedAt = s.SavedAt.UTC()
		for _, at := range []*time.Time{&s.Removed.At, &last.Due, &last.RecordedAt, &last.Began, &last.AsAt, &s.LastTaken} {
			*at = zeroIfNever(*at)
		}
		found = append(found, s)
		return nil
	}, clickhouse.Named("report", id), clickhouse.Named("limit", uint32(limit)))
	return found, err
}

// SaveReport adds a saved report.
func (r *Reader) SaveReport(ctx context.Context, s stats.SavedReport) error {
	return r.addRow(ctx, "save the report", "INSERT INTO saved_reports (report_id, saved_at, who, name, kind, filters, in_words, audience, schedule, place)",
		s.ID, s.SavedAt.UTC(), s.Who, s.Name, string(cmp.Or(s.Kind, stats.SavedObservations)), s.Filters, s.InWords, s.Audience, s.Schedule, s.Place)
}

// RemoveSavedReport adds that somebody removed a saved report.
func (r *Reader) RemoveSavedReport(ctx context.Context, id string, by stats.TakenBack) error {
	return r.addRow(ctx, "remove the saved report", "INSERT INTO saved_report_removals (report_id, removed_at, who, why)", id, by.At.UTC(), by.Who, by.Why)
}

// RecordDelivery adds what a delivery of a saved report came to.
func (r *Reader) RecordDelivery(ctx context.Context, d stats.ReportDelivery) error {
	asAt := d.AsAt
	if asAt.IsZero() {
		asAt = time.Unix(0, 0)
	}
	return r.addRow(ctx, "record the delivery", "INSERT INTO report_deliveries (report_id, due_at, recorded_at, began_at, place, outcome, file, row_count, byte_count, sha256, as_at, problem)",
		d.Report, d.Due.UTC(), d.RecordedAt.UTC(), d.Began.UTC(), d.Place, string(d.Outcome), d.File, d.Rows, d.Bytes, d.SHA256, asAt.UTC(), d.Problem)
}

// addRow adds one row; doing says what for.
func (r *Reader) addRow(ctx context.Context, doing, insert string, values ...any) error {
	batch, err := r.conn.PrepareBatch(ctx, insert)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer batch.Close()
	if err := batch.Append(values...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
