package query

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// revised is the figures that each serving run changed, as sorted hashes:
// eight bytes for each, where the rows would take a hundred.
type revised map[string][]uint64

// has reports whether a run changed a figure.
func (r revised) has(run string, figure uint64) bool {
	_, ok := slices.BinarySearch(r[run], figure)
	return ok
}

// any reports whether any of the runs changed any figure.
func (r revised) any() bool {
	for _, figures := range r {
		if len(figures) > 0 {
			return true
		}
	}
	return false
}

// revisedAt is what the runs changed that published what is served at a time.
func (r *Reader) revisedAt(ctx context.Context, at time.Time) (revised, error) {
	return kept(ctx, r, question{name: "revised.sql"}, at, r.readRevised)
}

func (r *Reader) readRevised(ctx context.Context, at time.Time) (revised, error) {
	s, err := r.state(ctx, at)
	if err != nil {
		return nil, err
	}
	runs := idsServed(s.slices, func(v servedSlice) string { return v.run })
	r.lasting.mu.Lock()
	found, missing := knownOf(r.lasting.revised, runs)
	r.lasting.mu.Unlock()
	if len(missing) > 0 {
		for _, run := range missing {
			found[run] = nil // of one that changed nothing there is no row
		}
		err = r.each(ctx, "revised.sql", func(rows driver.Rows) error {
			var run string
			var figure uint64
			if err := rows.Scan(&run, &figure); err != nil {
				return err
			}
			found[run] = append(found[run], figure)
			return nil
		}, clickhouse.Named("runs", missing))
		if err != nil {
			return nil, err
		}
	}
	if at.IsZero() {
		r.lasting.mu.Lock()
		defer r.lasting.mu.Unlock()
		r.lasting.revised = found
	}
	return found, nil
}
