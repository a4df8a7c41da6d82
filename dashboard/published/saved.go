package published

import (
	"context"
	"fmt"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// SavedReports is none: the list names people.
func (r *Reader) SavedReports(context.Context, int) ([]stats.SavedReport, error) { return nil, nil }

// SavedReport is none.
func (r *Reader) SavedReport(_ context.Context, id string) (stats.SavedReport, error) {
	return stats.SavedReport{}, fmt.Errorf("saved report %q: %w", id, query.ErrNotFound)
}

// SaveReport is refused.
func (r *Reader) SaveReport(context.Context, stats.SavedReport) error { return ErrReadOnly }

// RemoveSavedReport is refused.
func (r *Reader) RemoveSavedReport(context.Context, string, stats.TakenBack) error {
	return ErrReadOnly
}
