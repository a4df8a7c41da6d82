package query

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Counts names counted figures of one source by every part of their keys: each
// of the measures, of the areas and of the periods.
type Counts struct {
	Measures, Areas                          []string
	Source, Basis, Breakdown, BreakdownValue string
	Periods                                  []stats.Period
}

// FigureRevisions is what published runs did to some figures, the oldest first:
// when each came new, was changed and was taken away. Rates and sums are not
// revised themselves: ask for the counts behind them. The caller must not change
// the answer.
func (r *Reader) FigureRevisions(ctx context.Context, of Counts) ([]stats.PublishedRevision, error) {
	q := question{name: "figure_revisions.sql", of: fmt.Sprintf("%q", of)}
	return kept(ctx, r, q, Latest, func(ctx context.Context, _ time.Time) ([]stats.PublishedRevision, error) {
		return r.readFigureRevisions(ctx, of)
	})
}

func (r *Reader) readFigureRevisions(ctx context.Context, of Counts) ([]stats.PublishedRevision, error) {
	var revisions []stats.PublishedRevision
	periods := []string{}
	for _, p := range of.Periods {
		periods = append(periods, p.Range())
	}
	err := r.each(ctx, "figure_revisions.sql", func(rows driver.Rows) error {
		revision, err := scanPublished(rows)
		revisions = append(revisions, revision)
		return err
	}, clickhouse.Named("source", of.Source), clickhouse.Named("basis", of.Basis), clickhouse.Named("demonstration", stats.Demonstration),
		clickhouse.Named("breakdown", of.Breakdown), clickhouse.Named("breakdown_value", of.BreakdownValue),
		clickhouse.Named("measures", list(of.Measures)), clickhouse.Named("areas", list(of.Areas)), clickhouse.Named("periods", periods))
	return revisions, err
}
