package clickhousetest

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed outcomes*.sql
var fill embed.FS

// OutcomesSource is the name of the source that Outcomes fills in.
const OutcomesSource = "home_office_outcomes"

// Outcomes is a history of outcome figures such as a national body keeps after
// years of releases: of each of the 43 forces in every quarter, on two bases,
// of stalking and of other offences. Each year is a release of its own, and
// every later edition brings all years again, with one figure in thirty
// changed. None of it is real.
type Outcomes struct {
	Forces   []string // ONS codes
	Years    int      // from 2012/13 on
	Offences int      // beside stalking
	Editions int
}

// EightMillion is a full history, of which half is served: 8,016,576 figures.
func EightMillion(forces []string) Outcomes {
	return Outcomes{Forces: forces, Years: 12, Offences: 43, Editions: 2}
}

const firstYear = 2012

// each is how many figures a force has in a quarter on one basis: of stalking
// the total, 22 types, and two types alone; of the others 22 types each.
func (o Outcomes) each() int { return 25 + 22*o.Offences }

// Rows is how many figures are kept.
func (o Outcomes) Rows() int { return len(o.Forces) * 4 * 2 * o.each() * o.Years * o.Editions }

// Fill writes and publishes the history, in tables that are there. The engine
// makes the figures up itself, which is how it is done in seconds.
func (o Outcomes) Fill(ctx context.Context, conn driver.Conn) error {
	for edition := range o.Editions {
		for year := range o.Years {
			if err := o.release(ctx, conn, year, edition); err != nil {
				return fmt.Errorf("fill in edition %d of the year from %d: %w", edition+1, firstYear+year, err)
			}
		}
	}
	return nil
}

// release writes one year of one edition and then publishes it.
func (o Outcomes) release(ctx context.Context, conn driver.Conn, year, edition int) error {
	start := firstYear + year
	at := time.Date(2025, time.January, 1+edition, year, 0, 0, 0, time.UTC)
	id := func(edition int) string { return fmt.Sprintf("202501%02dT%02d0000-outcomes", 1+edition, year) }
	former := ""
	if edition > 0 {
		former = id(edition - 1)
	}
	named := []any{
		clickhouse.Named("release", id(edition)), clickhouse.Named("former", former), clickhouse.Named("source", OutcomesSource),
		clickhouse.Named("slice", fmt.Sprintf("%d/%02d", start, (start+1)%100)), clickhouse.Named("start", fmt.Sprintf("%d-04-01", start)),
		clickhouse.Named("forces", o.Forces), clickhouse.Named("each", o.each()), clickhouse.Named("edition", edition),
		clickhouse.Named("at", at.Format("2006-01-02 15:04:05.000000")),
	}
	for _, name := range []string{"outcomes.sql", "outcomes_changed.sql", "outcomes_file.sql", "outcomes_published.sql"} {
		text, err := fill.ReadFile(name)
		if err != nil {
			return err
		}
		if err := conn.Exec(ctx, string(text), named...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
