package pieces

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stalkstats/internal/clickhouse"
)

// Figures is what is served of one measure of one source: how many figures, how many of
// them with a value, what the values add up to, and a hash of every one of them.
type Figures struct {
	Source    string `json:"source"`
	Measure   string `json:"measure"`
	Figures   uint64 `json:"figures"`
	WithValue uint64 `json:"with_value"`
	Sum       string `json:"sum"` // to six places
	Hash      string `json:"hash"`
}

// hashed is everything that a reader is shown of a figure. The columns are as old as the
// table of figures, so that tables of every version give the same.
const hashed = "source, slice, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value, value, value_note, note, file, sheet, source_row"

// Published is every figure that is served at a moment, by source and measure. It is
// worked out from the rows alone, so it does not depend on what else the tables have.
func Published(ctx context.Context, db *clickhouse.DB, moment Moment) ([]Figures, error) {
	const serving = "SELECT release_id, source, slice FROM (SELECT p.source AS source, p.slice AS slice, argMax(p.release_id, (p.published_at, p.release_id)) AS release_id " +
		"FROM published AS p WHERE p.published_at <= {moment:DateTime64(6, 'UTC')} GROUP BY p.source, p.slice) WHERE release_id != ''"
	sql := "SELECT source, measure, count(), countIf(isNotNull(value)), toString(sum(toDecimal128(ifNull(value, 0), 6))), hex(sum(row_hash)), hex(groupBitXor(row_hash)) FROM (SELECT toString(source) AS source, toString(measure) AS measure, value, " +
		hash(hashed) + " AS row_hash FROM observations WHERE (toString(release_id), toString(source), toString(slice)) IN (SELECT release_id, toString(source), slice FROM (" + serving + "))) GROUP BY source, measure ORDER BY source, measure"
	rows, err := db.Query(ctx, sql, moment.named())
	if err != nil {
		return nil, fmt.Errorf("add up the figures that are served: %w", err)
	}
	defer rows.Close()
	all := []Figures{}
	for rows.Next() {
		var f Figures
		var sum, xor string
		if err := rows.Scan(&f.Source, &f.Measure, &f.Figures, &f.WithValue, &f.Sum, &sum, &xor); err != nil {
			return nil, fmt.Errorf("add up the figures that are served: %w", err)
		}
		f.Hash = strings.ToLower(sum + "-" + xor)
		all = append(all, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("add up the figures that are served: %w", err)
	}
	return all, nil
}

// Newest is when something was last published; zero where nothing was.
func Newest(ctx context.Context, db *clickhouse.DB) (Moment, error) {
	var at time.Time
	if err := db.QueryRow(ctx, "SELECT max(published_at) FROM published").Scan(&at); err != nil {
		return Moment{}, fmt.Errorf("look for the last publication: %w", err)
	}
	if at.Unix() <= 0 {
		return Moment{}, nil
	}
	return Moment{at.UTC()}, nil
}
