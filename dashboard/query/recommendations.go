package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Register is what is known of the 29 recommendations: by number, then those
// whose number is not known, by ref. The caller must not change it.
func (r *Reader) Register(ctx context.Context, at time.Time) ([]stats.Recommendation, error) {
	return kept(ctx, r, question{name: "register.sql"}, at, r.readRegister)
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

// Progress is everything that forces said of the recommendations by a time,
// loaded or entered on a page: by force and date, and of one date in the order
// in which it was said; area "" means all forces. Entries that were taken back
// are among it, and say so.
func (r *Reader) Progress(ctx context.Context, area string, at time.Time) ([]stats.Progress, error) {
	var history []stats.Progress
	for _, q := range []question{{name: "progress_loaded.sql"}, {name: "progress_entered.sql", entries: "progress_entries"}} {
		said, err := kept(ctx, r, q, at, func(ctx context.Context, at time.Time) ([]stats.Progress, error) {
			return r.readProgress(ctx, q.name, at)
		})
		if err != nil {
			return nil, err
		}
		for _, p := range said {
			if area == "" || p.Area == area {
				history = append(history, p)
			}
		}
	}
	slices.SortStableFunc(history, func(a, b stats.Progress) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), a.AsAt.Compare(b.AsAt), a.SaidAt.Compare(b.SaidAt), cmp.Compare(a.Recommendation, b.Recommendation))
	})
	return history, nil
}

func (r *Reader) readProgress(ctx context.Context, name string, at time.Time) ([]stats.Progress, error) {
	var history []stats.Progress
	err := r.each(ctx, name, func(rows driver.Rows) error {
		var p stats.Progress
		var status string
		var review *time.Time
		var o origin
		if err := rows.Scan(&p.Area, &p.Recommendation, &p.AsAt, &status, &p.Owner, &p.Update, &p.EvidenceURL, &review, &o.file, &o.sheet, &o.row,
			&p.Release, &p.SaidAt, &p.Entry, &p.Who, &p.TakenBack.At, &p.TakenBack.Who, &p.TakenBack.Why); err != nil {
			return err
		}
		p.AsAt, p.Status, p.ReviewDate, p.Origin = day(p.AsAt), stats.Status(status), dayOrZero(review), o.origin()
		p.SaidAt, p.TakenBack.At = p.SaidAt.UTC(), zeroIfNever(p.TakenBack.At)
		history = append(history, p)
		return nil
	}, asAt(at))
	return history, err
}

// Enter adds what somebody entered on a page to what a force said.
func (r *Reader) Enter(ctx context.Context, p stats.Progress) error { return r.addEntry(ctx, p, "") }

// TakeBack adds that somebody took an entry back: by gives its ID, when, who
// and, as its update, why. The entry itself stays.
func (r *Reader) TakeBack(ctx context.Context, entry, by stats.Progress) error {
	by.Area, by.Recommendation, by.AsAt = entry.Area, entry.Recommendation, entry.AsAt
	return r.addEntry(ctx, by, entry.Entry)
}

func (r *Reader) addEntry(ctx context.Context, p stats.Progress, takesBack string) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO progress_entries (entry_id, entered_at, who, area_code, recommendation, as_at, status, owner, "+
		"progress_update, evidence_url, review_date, takes_back)")
	if err != nil {
		return fmt.Errorf("write down the entry: %w", err)
	}
	defer batch.Close()
	var review *time.Time
	if !p.ReviewDate.IsZero() {
		review = &p.ReviewDate
	}
	if err := batch.Append(p.Entry, p.SaidAt.UTC(), p.Who, p.Area, p.Recommendation, p.AsAt, string(p.Status), p.Owner,
		p.Update, p.EvidenceURL, review, takesBack); err != nil {
		return fmt.Errorf("write down the entry: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("write down the entry: %w", err)
	}
	return nil
}

func dayOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return day(*t)
}
