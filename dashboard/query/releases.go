package query

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// A PastRelease is a release that was ever published: what it brought, what it
// serves now, and who withdrew it.
type PastRelease struct {
	stats.Release
	Brought   []string  // the slices it was published for
	Serves    []string  // the slices it serves now
	Withdrawn Withdrawn // zero where nobody withdrew it
}

// Withdrawn is who withdrew a release.
type Withdrawn struct {
	Run      string // the run that did; empty where nobody has
	At       time.Time
	Who, Why string
}

// Releases is every release of a source that was ever published, newest first.
func (r *Reader) Releases(ctx context.Context, source string) ([]PastRelease, error) {
	var past []PastRelease
	err := r.each(ctx, "releases.sql", func(rows driver.Rows) error {
		var p PastRelease
		if err := rows.Scan(&p.ID, &p.Source, &p.File, &p.From, &p.SHA256, &p.RetrievedAt, &p.PublishedAt, &p.Brought,
			&p.Serves, &p.Withdrawn.Run, &p.Withdrawn.At, &p.Withdrawn.Who, &p.Withdrawn.Why); err != nil {
			return err
		}
		p.RetrievedAt, p.PublishedAt, p.Withdrawn.At = p.RetrievedAt.UTC(), p.PublishedAt.UTC(), zeroIfNever(p.Withdrawn.At)
		past = append(past, p)
		return nil
	}, asAt(Latest), clickhouse.Named("source", source))
	return past, err
}

// A Withdrawal is what withdrawing a release would change.
type Withdrawal struct {
	Slices []SliceBack // each slice that it serves now
	// New, Changed and Gone count the figures that come back, change and go.
	New, Changed, Gone uint64
}

// A SliceBack is a slice and the release that would serve it again: the one
// that served it before. Its ID is empty where none did.
type SliceBack struct {
	Slice string
	Back  stats.Release // only ID, File and PublishedAt
}

// Withdrawal works out what withdrawing a release would change. It has no
// slices where the release serves nothing now.
func (r *Reader) Withdrawal(ctx context.Context, release stats.Release) (Withdrawal, error) {
	var w Withdrawal
	var slices, formers []string
	named := []any{clickhouse.Named("source", release.Source), clickhouse.Named("release", release.ID)}
	err := r.each(ctx, "withdrawal.sql", func(rows driver.Rows) error {
		var s SliceBack
		if err := rows.Scan(&s.Slice, &s.Back.ID, &s.Back.File, &s.Back.PublishedAt); err != nil {
			return err
		}
		s.Back.PublishedAt = zeroIfNever(s.Back.PublishedAt)
		w.Slices = append(w.Slices, s)
		slices, formers = append(slices, s.Slice), append(formers, s.Back.ID)
		return nil
	}, append(named, asAt(Latest))...)
	if err != nil || len(slices) == 0 {
		return w, err
	}
	row := r.conn.QueryRow(ctx, statement("withdrawn_figures.sql"), append(named, clickhouse.Named("slices", slices), clickhouse.Named("formers", formers))...)
	if err := row.Scan(&w.New, &w.Changed, &w.Gone); err != nil {
		return w, fmt.Errorf("count the figures that a withdrawal changes: %w", err)
	}
	return w, nil
}
