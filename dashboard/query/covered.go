package query

import (
	"context"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Covered is the last day that the known figures cover which each of the
// sources serves; one that serves none is left out. The caller must not change
// it.
func (r *Reader) Covered(ctx context.Context, sources []string) (map[string]time.Time, error) {
	if len(sources) == 0 {
		return nil, nil
	}
	return kept(ctx, r, question{name: "covered.sql", of: strings.Join(sources, ",")}, Latest, func(ctx context.Context, at time.Time) (map[string]time.Time, error) {
		covered := map[string]time.Time{}
		err := r.each(ctx, "covered.sql", func(rows driver.Rows) error {
			var source string
			var last time.Time
			if err := rows.Scan(&source, &last); err != nil {
				return err
			}
			covered[source] = day(last)
			return nil
		}, asAt(at), clickhouse.Named("sources", sources))
		return covered, err
	})
}
