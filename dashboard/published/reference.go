package published

import (
	"context"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// Moment tells what is served, by which answers are kept.
func (r *Reader) Moment(ctx context.Context) (query.Moment, error) { return r.inner.Moment(ctx) }

// Stamp tells one state of what is served from another.
func (r *Reader) Stamp(ctx context.Context) (string, error) { return r.inner.Stamp(ctx) }

// MomentAt tells what was served at a time.
func (r *Reader) MomentAt(ctx context.Context, at time.Time) (query.Moment, error) {
	return r.inner.MomentAt(ctx, at)
}

// Areas is the areas, which tell nothing of anybody.
func (r *Reader) Areas(ctx context.Context, asAt time.Time) (*stats.Areas, error) {
	return r.inner.Areas(ctx, asAt)
}

// Measures is the measures, of which the counts are rounded: but for areas in detail.
func (r *Reader) Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error) {
	measures, err := r.inner.Measures(ctx, asAt)
	if err != nil || r.some && len(inDetail(ctx)) > 0 {
		return measures, err
	}
	rounded := slices.Clone(measures.All())
	for i := range rounded {
		rounded[i].RoundedTo = r.keeper.rules.Rounding
	}
	return stats.NewMeasures(rounded), nil
}

// Breaks is the breaks of series.
func (r *Reader) Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error) {
	return r.inner.Breaks(ctx, asAt)
}

// Breakdowns is the names by which figures are broken down.
func (r *Reader) Breakdowns(ctx context.Context, asAt time.Time) ([]string, error) {
	return r.inner.Breakdowns(ctx, asAt)
}

// Similar is a force's most similar group.
func (r *Reader) Similar(ctx context.Context, area string, on, at time.Time) ([]stats.SimilarArea, error) {
	return r.inner.Similar(ctx, area, on, at)
}

// Register is what is known of the recommendations.
func (r *Reader) Register(ctx context.Context, asAt time.Time) ([]stats.Recommendation, error) {
	return r.inner.Register(ctx, asAt)
}

// Progress is how far forces say they are with the recommendations: status and dates.
// Their words, owners and evidence are for inside the force, as are who entered it and
// what was taken back.
func (r *Reader) Progress(ctx context.Context, area string, asAt time.Time) ([]stats.Progress, error) {
	all, err := r.inner.Progress(ctx, area, asAt)
	if err != nil {
		return nil, err
	}
	said := slices.DeleteFunc(slices.Clone(all), func(p stats.Progress) bool { return !p.Stands() })
	for i := range said {
		demonstration := stats.IsDemonstration(said[i].Update)
		said[i].Who, said[i].Owner, said[i].Update, said[i].EvidenceURL, said[i].TakenBack = "", "", "", "", stats.TakenBack{}
		if demonstration {
			said[i].Update = stats.Demonstration
		}
	}
	return said, nil
}

// RatePeriods is of which periods there are rates.
func (r *Reader) RatePeriods(ctx context.Context, at time.Time) ([]query.RatePeriod, error) {
	return r.inner.RatePeriods(ctx, at)
}

// Covered is the last day that the figures of each source cover.
func (r *Reader) Covered(ctx context.Context, sources []string) (map[string]time.Time, error) {
	return r.inner.Covered(ctx, sources)
}

// Standing is the time whose figures a report as at a time has: that of the
// publication that stood then.
func (r *Reader) Standing(ctx context.Context, at time.Time) (time.Time, error) {
	_, at, err := r.gate(ctx, at)
	return at, err
}

// Served is the releases that serve anything.
func (r *Reader) Served(ctx context.Context, at time.Time) ([]query.ServedRelease, error) {
	all, err := r.inner.Served(ctx, at)
	served := slices.Clone(all)
	for i := range served {
		served[i].Release = served[i].Release.ForEverybody()
	}
	return served, err
}

// Release is which file a figure was read from, as everybody may know it.
func (r *Reader) Release(ctx context.Context, id string) (stats.Release, error) {
	release, err := r.inner.Release(ctx, id)
	return release.ForEverybody(), err
}

// Sources is how fresh each source is, without its runs.
func (r *Reader) Sources(ctx context.Context) ([]stats.Freshness, error) {
	all, err := r.inner.Sources(ctx)
	if err != nil {
		return nil, err
	}
	fresh := slices.Clone(all)
	for i := range fresh {
		fresh[i].LastRun, fresh[i].Tells = stats.Run{}, false
		fresh[i].Served = slices.Clone(fresh[i].Served)
		for j, release := range fresh[i].Served {
			fresh[i].Served[j] = release.ForEverybody()
		}
	}
	return fresh, nil
}

// SourceStates is when each source was last well, without its runs and rows.
func (r *Reader) SourceStates(ctx context.Context) ([]query.SourceState, error) {
	all, err := r.inner.SourceStates(ctx)
	if err != nil {
		return nil, err
	}
	var states []query.SourceState
	for _, s := range all {
		states = append(states, query.SourceState{Source: s.Source, LastSuccess: s.LastSuccess, ServedSince: s.ServedSince,
			Newest: s.Newest, Recommendations: s.Recommendations})
	}
	return states, nil
}
