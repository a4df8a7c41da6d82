package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Breakdowns is the names by which the figures served at a time are broken
// down, in order.
func (r *Reader) Breakdowns(ctx context.Context, at time.Time) ([]string, error) {
	return kept(ctx, r, question{name: "breakdowns.sql"}, at, r.readBreakdowns)
}

func (r *Reader) readBreakdowns(ctx context.Context, at time.Time) ([]string, error) {
	s, err := r.state(ctx, at)
	if err != nil {
		return nil, err
	}
	var names []string
	err = r.each(ctx, "breakdowns.sql", func(rows driver.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
		return nil
	}, clickhouse.Named("releases", idsServed(s.slices, func(v servedSlice) string { return v.release.ID })))
	return names, err
}
