package query

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// holdings is which counts each release has figures of, so that a question does
// not look into releases that cannot answer it. It is nil where it was not
// asked for: at a past time nothing is kept, and asking would cost more than it
// saves.
type holdings map[string][]string

func (r *Reader) holdings(ctx context.Context, at time.Time) (holdings, error) {
	if !at.IsZero() {
		return nil, nil
	}
	return kept(ctx, r, question{name: "holdings.sql"}, at, r.readHoldings)
}

func (r *Reader) readHoldings(ctx context.Context, at time.Time) (holdings, error) {
	s, err := r.state(ctx, at)
	if err != nil {
		return nil, err
	}
	found := holdings{}
	err = r.each(ctx, "holdings.sql", func(rows driver.Rows) error {
		var id string
		var measures []string
		if err := rows.Scan(&id, &measures); err != nil {
			return err
		}
		found[id] = measures
		return nil
	}, clickhouse.Named("releases", list(s.releaseIDs())))
	return found, err
}

// may reports whether a release may have figures of any of the counts; none
// means all counts.
func (h holdings) may(release string, counts []string) bool {
	return h == nil || len(counts) == 0 || slices.ContainsFunc(h[release], func(measure string) bool { return slices.Contains(counts, measure) })
}
