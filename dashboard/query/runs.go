package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Runs is the newest runs, newest first; source "" means all sources.
func (r *Reader) Runs(ctx context.Context, source string, limit int) ([]stats.Run, error) {
	return r.runs(ctx, source, "", limit)
}

// Run is one run; the error is ErrNotFound where there is none with that id.
func (r *Reader) Run(ctx context.Context, id string) (stats.Run, error) {
	runs, err := r.runs(ctx, "", id, 1)
	if err != nil {
		return stats.Run{}, err
	}
	if id == "" || len(runs) == 0 {
		return stats.Run{}, fmt.Errorf("run %q: %w", id, ErrNotFound)
	}
	return runs[0], nil
}

func (r *Reader) runs(ctx context.Context, source, id string, limit int) ([]stats.Run, error) {
	var runs []stats.Run
	err := r.each(ctx, "runs.sql", func(rows driver.Rows) error {
		run, err := scanRun(rows)
		runs = append(runs, run)
		return err
	}, clickhouse.Named("source", source), clickhouse.Named("run", id), clickhouse.Named("limit", limit))
	return runs, err
}

// scanRun reads a run's columns, and what else the question asks for.
func scanRun(rows driver.Rows, more ...any) (stats.Run, error) {
	var run stats.Run
	var outcome string
	var ended *time.Time
	var kind string
	var reasons, checks, outcomes, found, lines []string
	var numbers []uint64
	var times []time.Time
	columns := []any{&run.ID, &run.Source, &outcome, &run.StartedAt, &ended, &run.ReleaseID, &run.File, &run.From, &run.SHA256,
		&run.Read, &run.Loaded, &run.Excluded, &run.Rejected, &reasons, &numbers, &run.Problem,
		&kind, &run.Of, &run.AskedBy, &run.Why, &run.New, &run.Changed, &run.Gone, &checks, &outcomes, &found, &times, &lines, &run.OtherFile}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return run, err
	}
	run.Outcome, run.Kind, run.StartedAt = stats.Outcome(outcome), stats.RunKind(kind), run.StartedAt.UTC()
	if ended != nil {
		run.EndedAt = ended.UTC()
	}
	for i, reason := range reasons {
		run.Exclusions = append(run.Exclusions, stats.Exclusion{Reason: reason, Rows: numbers[i]})
	}
	for i, name := range checks {
		run.Checks = append(run.Checks, stats.Check{Name: name, Outcome: stats.CheckOutcome(outcomes[i]), Says: found[i]})
	}
	for i, line := range lines {
		run.Log = append(run.Log, stats.LogLine{At: times[i].UTC(), Says: line})
	}
	return run, nil
}

// Sources is what is known of each source that was ever run, by name. Its last
// run is the newest that tells how it stands, where it has one. The caller must
// not change them.
func (r *Reader) Sources(ctx context.Context) ([]stats.Freshness, error) {
	return kept(ctx, r, question{name: "last_runs.sql"}, Latest, r.readSources)
}

func (r *Reader) readSources(ctx context.Context, at time.Time) ([]stats.Freshness, error) {
	var sources []stats.Freshness
	err := r.each(ctx, "last_runs.sql", func(rows driver.Rows) error {
		var f stats.Freshness
		run, err := scanRun(rows, &f.LastSuccess, &f.Tells)
		if err != nil {
			return err
		}
		f.Source, f.LastRun, f.LastSuccess = run.Source, run, zeroIfNever(f.LastSuccess)
		sources = append(sources, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := r.addServed(ctx, sources, at); err != nil {
		return nil, err
	}
	return sources, r.markFigures(ctx, sources)
}

func (r *Reader) addServed(ctx context.Context, sources []stats.Freshness, at time.Time) error {
	served, err := r.Served(ctx, at)
	if err != nil {
		return err
	}
	for _, s := range served {
		for i := range sources {
			if sources[i].Source == s.Source {
				sources[i].Served = append(sources[i].Served, s.Release)
				sources[i].Slices += s.Slices
			}
		}
	}
	return nil
}

// markFigures tells the sources whose served releases hold figures from those
// of reference data and of recommendations.
func (r *Reader) markFigures(ctx context.Context, sources []stats.Freshness) error {
	return r.each(ctx, "sources_with_figures.sql", func(rows driver.Rows) error {
		var source string
		if err := rows.Scan(&source); err != nil {
			return err
		}
		for i := range sources {
			sources[i].Figures = sources[i].Figures || sources[i].Source == source
		}
		return nil
	}, asAt(Latest))
}

// A ServedRelease is a release and how many slices it serves.
type ServedRelease struct {
	stats.Release
	Slices uint64
}

// Standing is the time whose figures a report as at a time has: that time.
func (r *Reader) Standing(_ context.Context, at time.Time) (time.Time, error) { return at, nil }

// Served is the releases that serve at least one slice at a time, by source,
// the newest of each first. A withdrawal brings several back at one moment: of
// those the one that was fetched last is the newest.
func (r *Reader) Served(ctx context.Context, at time.Time) ([]ServedRelease, error) {
	s, err := r.state(ctx, at)
	if err != nil {
		return nil, err
	}
	var served []ServedRelease
	for _, v := range s.slices { // those of a release stand together
		if !v.hasRecorded {
			continue
		}
		if last := len(served) - 1; last >= 0 && served[last].ID == v.release.ID && served[last].Source == v.release.Source {
			served[last].Slices++
			if v.release.PublishedAt.After(served[last].PublishedAt) {
				served[last].PublishedAt = v.release.PublishedAt
			}
			continue
		}
		served = append(served, ServedRelease{Release: v.release, Slices: 1})
	}
	slices.SortStableFunc(served, func(a, b ServedRelease) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), b.PublishedAt.Compare(a.PublishedAt), b.RetrievedAt.Compare(a.RetrievedAt), cmp.Compare(b.ID, a.ID))
	})
	return served, nil
}

// zeroIfNever turns ClickHouse's zero time, 1970, into Go's.
func zeroIfNever(t time.Time) time.Time {
	if t.Unix() == 0 {
		return time.Time{}
	}
	return t.UTC()
}

// Rejections is the rejected rows of a run, in the order of the file.
func (r *Reader) Rejections(ctx context.Context, run string) ([]stats.Rejection, error) {
	var rejected []stats.Rejection
	err := r.each(ctx, "rejections.sql", func(rows driver.Rows) error {
		var x stats.Rejection
		var row uint32
		if err := rows.Scan(&x.File, &x.Sheet, &row, &x.Column, &x.Value, &x.Reason); err != nil {
			return err
		}
		x.Row = int(row)
		rejected = append(rejected, x)
		return nil
	}, clickhouse.Named("run", run))
	return rejected, err
}

// Release is one release that was ever published; else ErrNotFound.
func (r *Reader) Release(ctx context.Context, id string) (stats.Release, error) {
	return kept(ctx, r, question{name: "release.sql", of: id}, Latest, func(ctx context.Context, _ time.Time) (stats.Release, error) {
		return r.readRelease(ctx, id)
	})
}

func (r *Reader) readRelease(ctx context.Context, id string) (stats.Release, error) {
	var release stats.Release
	err := r.each(ctx, "release.sql", func(rows driver.Rows) error {
		return rows.Scan(&release.ID, &release.Source, &release.File, &release.From, &release.SHA256, &release.RetrievedAt, &release.PublishedAt)
	}, clickhouse.Named("release", id))
	if err == nil && release.ID == "" {
		return release, fmt.Errorf("release %q: %w", id, ErrNotFound)
	}
	return release, err
}
