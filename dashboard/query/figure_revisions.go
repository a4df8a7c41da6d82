package query

import (
	"context"

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
// revised themselves: ask for the counts behind them.
func (r *Reader) FigureRevisions(ctx context.Context, of Counts) ([]stats.PublishedRevision, error) {
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
