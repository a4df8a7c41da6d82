package query

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// holdings is how many figures of each count each release has, so that a question
// does not look into releases that cannot answer it, and none is of more figures
// than can be put in order at once. It is nil where it was not
// asked for: at a past time nothing is kept, and asking costs more than it saves
// but for a wide filter.
type holdings map[string]map[string]uint64

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
	ids := idsServed(s.slices, func(v servedSlice) string { return v.release.ID })
	r.lasting.mu.Lock()
	found, missing := knownOf(r.lasting.holdings, ids)
	r.lasting.mu.Unlock()
	if len(missing) > 0 {
		for _, id := range missing {
			found[id] = nil // of one without figures there is no row
		}
		err = r.each(ctx, "holdings.sql", func(rows driver.Rows) error {
			var id, measure string
			var figures uint64
			if err := rows.Scan(&id, &measure, &figures); err != nil {
				return err
			}
			if found[id] == nil {
				found[id] = map[string]uint64{}
			}
			found[id][measure] = figures
			return nil
		}, clickhouse.Named("releases", missing))
		if err != nil {
			return nil, err
		}
	}
	if at.IsZero() {
		r.lasting.mu.Lock()
		defer r.lasting.mu.Unlock()
		r.lasting.holdings = found
	}
	return found, nil
}

// may reports whether a release may have figures of any of the counts; none
// means all counts.
func (h holdings) may(release string, counts []string) bool {
	return h == nil || len(counts) == 0 || slices.ContainsFunc(counts, func(measure string) bool { return h[release][measure] > 0 })
}
