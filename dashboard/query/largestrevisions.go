package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// LargestRevisions is those of what Revisions lists that changed figures most,
// the largest first, and whether any of all of them is of made-up figures.
type LargestRevisions struct {
	Largest       []stats.PublishedRevision
	Demonstration bool
}

// largeRevision is one of the largest of its area, and whether any of the area is
// of made-up figures.
type largeRevision struct {
	stats.PublishedRevision
	anyDemonstration bool
}

// LargestRevisions is at most so many. The log is read once for each state, and
// those of all areas at once.
func (r *Reader) LargestRevisions(ctx context.Context, f RevisionFilter, most int) (l LargestRevisions, err error) {
	areas := f.Areas
	f.Areas = nil
	q := question{name: "largest_revisions.sql", of: fmt.Sprint(most, " ", f.key())}
	all, err := kept(ctx, r, q, Latest, func(ctx context.Context, _ time.Time) ([]largeRevision, error) {
		return r.readLargest(ctx, f, most)
	})
	for _, v := range all {
		if len(areas) > 0 && !slices.Contains(areas, v.Area) {
			continue
		}
		l.Demonstration = l.Demonstration || v.anyDemonstration
		if len(l.Largest) < most {
			l.Largest = append(l.Largest, v.PublishedRevision)
		}
	}
	return l, err
}

// readLargest is the largest of each area, in the order of all of them.
func (r *Reader) readLargest(ctx context.Context, f RevisionFilter, most int) ([]largeRevision, error) {
	var all []largeRevision
	sql := "WITH revised AS (\n" + statement("revisions.sql") + ")\n" + statement("largest_revisions.sql")
	err := r.eachOf(ctx, "largest_revisions.sql", sql, func(rows driver.Rows) error {
		var v largeRevision
		var err error
		v.PublishedRevision, err = scanPublished(rows, &v.anyDemonstration)
		all = append(all, v)
		return err
	}, append(f.parameters(), clickhouse.Named("most", uint64(most)))...)
	return all, err
}
