package query

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/stats"
)

// TestRevisionsReadNoMoreThanTheyMust: what is asked about revisions reads those
// of the runs since, and never the history of figures; which rates there are
// reads the counts that they are made of, a fortieth of all. The engine is held to a limit of rows, and refuses to go beyond it.
func TestRevisionsReadNoMoreThanTheyMust(t *testing.T) {
	conn, reader, codes := history(t)
	var revisions uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM revisions").Scan(&revisions); err != nil || revisions < 40_000 {
		t.Fatal(revisions, err)
	}
	const rest = 200              // rows of the small tables: what is published, and the runs
	pass := int(revisions) + rest // each of these runs is one mark of the index
	own := RevisionFilter{Measures: []string{"stalking_charges"}, Areas: codes[:1]}
	late := RevisionFilter{Since: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	key := stats.Key{Measure: "stalking_charges", Area: codes[0], Source: "home_office_outcomes", Basis: "closed in the quarter", Period: stats.Quarter(2013, 1)}
	for name, c := range map[string]struct {
		reads int
		ask   func(ctx context.Context) error
	}{
		"fresh":               {pass, func(ctx context.Context) error { _, err := reader.readFresh(ctx, RevisionFilter{}); return err }},
		"fresh of one":        {pass, func(ctx context.Context) error { _, err := reader.readFresh(ctx, own); return err }},
		"fresh of late":       {rest, func(ctx context.Context) error { _, err := reader.readFresh(ctx, late); return err }},
		"counts":              {pass, func(ctx context.Context) error { _, err := reader.readCounts(ctx, RevisionFilter{}); return err }},
		"counts of one":       {pass, func(ctx context.Context) error { _, err := reader.readCounts(ctx, own); return err }},
		"counts of late":      {rest, func(ctx context.Context) error { _, err := reader.readCounts(ctx, late); return err }},
		"the log of one":      {6 * pass, func(ctx context.Context) error { return all(ctx, reader, own) }},
		"the log of late":     {rest, func(ctx context.Context) error { return all(ctx, reader, late) }},
		"the largest":         {6 * pass, func(ctx context.Context) error { _, err := reader.readLargest(ctx, own, 5); return err }},
		"the largest of late": {rest, func(ctx context.Context) error { _, err := reader.readLargest(ctx, late, 5); return err }},
		"one figure": {2 * pass, func(ctx context.Context) error {
			_, err := reader.readFigureRevisions(ctx, Counts{Measures: []string{key.Measure}, Areas: []string{key.Area}, Source: key.Source, Basis: key.Basis, Periods: []stats.Period{key.Period}})
			return err
		}},
		"rates": {100_000, func(ctx context.Context) error { _, err := reader.readRatePeriods(ctx, Latest); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			within := func(limit int) error {
				return c.ask(clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_rows_to_read": limit, "read_overflow_mode": "throw"})))
			}
			if err := within(c.reads); err != nil {
				t.Errorf("more than %d rows are read: %v", c.reads, err)
			}
			if err := within(1); err == nil || !strings.Contains(err.Error(), "Limit for rows") {
				t.Errorf("the engine keeps no limit: %v", err)
			}
		})
	}
}

func all(ctx context.Context, reader *Reader, f RevisionFilter) error {
	for _, err := range reader.Revisions(ctx, f) {
		if err != nil {
			return err
		}
	}
	return nil
}
