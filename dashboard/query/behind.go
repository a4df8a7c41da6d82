package query

import (
	"context"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Behind is the releases that the figures of a filter are of, by id.
func (r *Reader) Behind(ctx context.Context, f Filter) (map[string]bool, error) {
	ctx = OneState(ctx)
	known, err := r.reference(ctx, f.AsAt)
	if err != nil {
		return nil, err
	}
	behind := map[string]bool{}
	rates, err := r.stockRates(ctx, f, known)
	if err != nil {
		return nil, err
	}
	for _, rate := range rates {
		for _, id := range rate.Releases {
			behind[id] = true
		}
	}
	// The same counts as figures.sql reads, and nothing of them but where they are from.
	_, from, _ := strings.Cut(statement("figures.sql"), "\nFROM ")
	err = r.eachOf(ctx, "figures.sql", "SELECT DISTINCT o.release_id FROM "+from, func(rows driver.Rows) error {
		var id string
		err := rows.Scan(&id)
		behind[id] = true
		return err
	}, figuresParameters(f, known, partsOf(f, known.measures))...)
	return behind, err
}
