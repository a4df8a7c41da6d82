package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// A RatePeriod is for how many territorial forces a source has both counts of
// a rate in a period.
type RatePeriod struct {
	Measure, Basis, Source string
	Period                 stats.Period
	Forces                 int
}

// RatePeriods is every rate that a force has, by measure, basis and source, the
// newest period first; of two that end on one day, the longer. The caller must
// not change them.
func (r *Reader) RatePeriods(ctx context.Context, at time.Time) ([]RatePeriod, error) {
	return kept(ctx, r, question{name: "rates.sql"}, at, r.readRatePeriods)
}

func (r *Reader) readRatePeriods(ctx context.Context, at time.Time) ([]RatePeriod, error) {
	var found []RatePeriod
	err := r.each(ctx, "rates.sql", func(rows driver.Rows) error {
		var p RatePeriod
		var forces uint64
		if err := rows.Scan(&p.Measure, &p.Basis, &p.Source, &p.Period.Start, &p.Period.End, &forces); err != nil {
			return err
		}
		p.Period = stats.Period{Start: day(p.Period.Start), End: day(p.Period.End)}
		p.Forces = int(forces)
		found = append(found, p)
		return nil
	}, asAt(at))
	return found, err
}

// Similar is a force's most similar group as it was on a day, without the force
// itself; empty where no group is served, or none from that day or before. The
// caller must not change it.
func (r *Reader) Similar(ctx context.Context, area string, on, at time.Time) ([]stats.SimilarArea, error) {
	q := question{name: "similar.sql", of: on.Format(time.DateOnly)}
	groups, err := kept(ctx, r, q, at, func(ctx context.Context, at time.Time) (map[string][]stats.SimilarArea, error) {
		return r.readSimilar(ctx, on, at)
	})
	return groups[area], err
}

// readSimilar reads the groups of all forces.
func (r *Reader) readSimilar(ctx context.Context, on, at time.Time) (map[string][]stats.SimilarArea, error) {
	groups := map[string][]stats.SimilarArea{}
	err := r.each(ctx, "similar.sql", func(rows driver.Rows) error {
		var s stats.SimilarArea
		var o origin
		if err := rows.Scan(&s.Area, &s.Similar, &s.From, &s.Source, &o.file, &o.sheet, &o.row); err != nil {
			return err
		}
		s.From, s.Origin = day(s.From), o.origin()
		groups[s.Area] = append(groups[s.Area], s)
		return nil
	}, asAt(at), clickhouse.Named("day", on.Format(time.DateOnly)))
	return groups, err
}
