package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Register is what is known of the 29 recommendations: by number, then those
// whose number is not known, by ref. The caller must not change it.
func (r *Reader) Register(ctx context.Context, at time.Time) ([]stats.Recommendation, error) {
	return kept(ctx, r, question{"register.sql", ""}, at, r.readRegister)
}

func (r *Reader) readRegister(ctx context.Context, at time.Time) ([]stats.Recommendation, error) {
	var register []stats.Recommendation
	err := r.each(ctx, "register.sql", func(rows driver.Rows) error {
		var rec stats.Recommendation
		var number uint8
		var deadline *time.Time
		var o origin
		if err := rows.Scan(&number, &rec.Ref, &rec.Addressee, &deadline, &rec.Ask, &rec.Confidence, &rec.Source, &o.file, &o.sheet, &o.row); err != nil {
			return err
		}
		rec.Number, rec.Deadline, rec.Origin = int(number), dayOrZero(deadline), o.origin()
		register = append(register, rec)
		return nil
	}, asAt(at))
	return register, err
}

// Progress is everything that a force said of the recommendations, oldest
// first; area "" means all forces. The caller must not change it.
func (r *Reader) Progress(ctx context.Context, area string, at time.Time) ([]stats.Progress, error) {
	return kept(ctx, r, question{"progress.sql", area}, at, func(ctx context.Context, at time.Time) ([]stats.Progress, error) {
		return r.readProgress(ctx, area, at)
	})
}

func (r *Reader) readProgress(ctx context.Context, area string, at time.Time) ([]stats.Progress, error) {
	var history []stats.Progress
	err := r.each(ctx, "progress.sql", func(rows driver.Rows) error {
		var p stats.Progress
		var status string
		var review *time.Time
		var o origin
		if err := rows.Scan(&p.Area, &p.Recommendation, &p.AsAt, &status, &p.Owner, &p.Update, &p.EvidenceURL, &review, &o.file, &o.sheet, &o.row); err != nil {
			return err
		}
		p.AsAt, p.Status, p.ReviewDate, p.Origin = day(p.AsAt), stats.Status(status), dayOrZero(review), o.origin()
		history = append(history, p)
		return nil
	}, asAt(at), clickhouse.Named("area", area))
	return history, err
}

func dayOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return day(*t)
}
