package query

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// A RevisionFilter says which revisions are wanted. An empty list means all.
type RevisionFilter struct {
	Since    time.Time // published at this moment or later; zero: ever
	Sources  []string
	Measures []string // counted ones: nothing else is loaded, so nothing else is revised
	Areas    []string // ONS codes of forces, for the same reason
}

// RevisionCounts is how many figures published runs changed, took away and
// brought.
type RevisionCounts struct{ Changed, Gone, New uint64 }

// Revisions is every figure that a published run changed or took away, the
// newest run first, and within a run in order of change, measure, area, basis,
// period and breakdown. Figures that are new are no revision. What a run would
// have changed that was held, refused or a dry run is not in it. It streams;
// an error ends the sequence.
func (r *Reader) Revisions(ctx context.Context, f RevisionFilter) iter.Seq2[stats.PublishedRevision, error] {
	return func(yield func(stats.PublishedRevision, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // a reader who stops early stops the question too
		rows, err := r.conn.Query(ctx, statement("revisions.sql"), f.parameters()...)
		if err != nil {
			yield(stats.PublishedRevision{}, fmt.Errorf("ask for the revisions: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			revision, err := scanPublished(rows)
			if err != nil {
				yield(stats.PublishedRevision{}, fmt.Errorf("read a revision: %w", err))
				return
			}
			if !yield(revision, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(stats.PublishedRevision{}, fmt.Errorf("read the revisions: %w", err))
		}
	}
}

// CountRevisions counts what Revisions lists, and the figures that are new. Those
// of all areas are counted at once.
func (r *Reader) CountRevisions(ctx context.Context, f RevisionFilter) (counts RevisionCounts, err error) {
	areas := f.Areas
	f.Areas = nil
	byArea, err := kept(ctx, r, question{name: "revision_counts.sql", of: f.key()}, Latest, func(ctx context.Context, _ time.Time) (map[string]RevisionCounts, error) {
		return r.readCounts(ctx, f)
	})
	for area, n := range byArea {
		if len(areas) == 0 || slices.Contains(areas, area) {
			counts.Changed, counts.Gone, counts.New = counts.Changed+n.Changed, counts.Gone+n.Gone, counts.New+n.New
		}
	}
	return counts, err
}

func (r *Reader) readCounts(ctx context.Context, f RevisionFilter) (map[string]RevisionCounts, error) {
	byArea := map[string]RevisionCounts{}
	err := r.each(ctx, "revision_counts.sql", func(rows driver.Rows) error {
		var area string
		var n RevisionCounts
		err := rows.Scan(&area, &n.Changed, &n.Gone, &n.New)
		byArea[area] = n
		return err
	}, f.parameters()...)
	return byArea, err
}

// key is the filter as a question is kept under it.
func (f RevisionFilter) key() string {
	return fmt.Sprintf("%v %q %q %q", f.Since.UTC(), f.Sources, f.Measures, f.Areas)
}

func (f RevisionFilter) parameters() []any {
	since := f.Since
	if since.IsZero() {
		since = time.Unix(0, 0)
	}
	return []any{
		clickhouse.DateNamed("since", since.UTC(), clickhouse.MicroSeconds), clickhouse.Named("demonstration", stats.Demonstration),
		clickhouse.Named("sources", list(f.Sources)), clickhouse.Named("measures", list(f.Measures)), clickhouse.Named("areas", list(f.Areas)),
	}
}

// scanPublished reads the columns of revisions.sql, and what else the question
// asks for.
func scanPublished(rows driver.Rows, more ...any) (stats.PublishedRevision, error) {
	var v stats.PublishedRevision
	var kind string
	var err error
	v.Revision, err = scanRevision(rows, append([]any{&v.PublishedAt, &kind, &v.Demonstration}, more...)...)
	v.PublishedAt, v.Kind = v.PublishedAt.UTC(), stats.RunKind(kind)
	return v, err
}
