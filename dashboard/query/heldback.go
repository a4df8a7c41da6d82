package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/dashboard/disclosure"
	"stalkstats/internal/stats"
)

// HeldBack is the counts of one measure and source that are shown to nobody outside the force,
// since no choice of hidden counts protects them.
type HeldBack struct {
	Source  string
	Measure string
	Counts  int          // longer periods and breakdowns among them
	Span    stats.Period // from the first day to the last that they are of
	Areas   int          // how many areas they are of
	Area    string       // ONS code of one of these
	Since   time.Time    // when the first of those that still are was held back
}

// HeldBack is what the newest publication under some rules holds back, by source and measure. It
// tells where counts are small: it is for nobody outside the force.
func (r *Reader) HeldBack(ctx context.Context, rules disclosure.Rules) ([]HeldBack, error) {
	chain, err := r.Publications(ctx, rules)
	if err != nil || len(chain) == 0 {
		return nil, err
	}
	var all []HeldBack
	err = r.each(ctx, "held_back.sql", func(rows driver.Rows) error {
		var h HeldBack
		var counts, areas uint64
		if err := rows.Scan(&h.Source, &h.Measure, &counts, &h.Span.Start, &h.Span.End, &areas, &h.Area, &h.Since); err != nil {
			return err
		}
		h.Counts, h.Areas, h.Since = int(counts), int(areas), h.Since.UTC()
		h.Span = stats.Period{Start: day(h.Span.Start), End: day(h.Span.End)}
		all = append(all, h)
		return nil
	}, clickhouse.Named("publications", idsOf(chain)))
	return all, err
}
