package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// A Fresh is a count of a period that was published lately.
type Fresh struct {
	Measure, Source, Basis string
	Period                 stats.Period
	New                    bool // it was not served before; else only changed
}

// Fresh is every count that Revisions lists as changed and those that came
// new, once for each measure, source, basis and period. The caller must not
// change it.
func (r *Reader) Fresh(ctx context.Context, f RevisionFilter) ([]Fresh, error) {
	return kept(ctx, r, question{name: "fresh.sql", of: f.key()}, Latest, func(ctx context.Context, _ time.Time) ([]Fresh, error) {
		return r.readFresh(ctx, f)
	})
}

func (r *Reader) readFresh(ctx context.Context, f RevisionFilter) ([]Fresh, error) {
	var found []Fresh
	err := r.each(ctx, "fresh.sql", func(rows driver.Rows) error {
		var v Fresh
		if err := rows.Scan(&v.Measure, &v.Source, &v.Basis, &v.Period.Start, &v.Period.End, &v.New); err != nil {
			return err
		}
		v.Period = stats.Period{Start: day(v.Period.Start), End: day(v.Period.End)}
		found = append(found, v)
		return nil
	}, f.parameters()...)
	return found, err
}
