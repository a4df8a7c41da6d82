package published

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// Edition is the publication that stands at a time.
func (r *Reader) Edition(ctx context.Context, at time.Time) (query.Publication, error) {
	p, _, err := r.keeper.At(ctx, at)
	return p, err
}

// Permalink is a permanent link that was made for the published audience, without
// the names of people and their reasons; any other is not found. What was kept has sums
// of forces: whoever may see only some areas in detail finds none.
func (r *Reader) Permalink(ctx context.Context, id string) (stats.Permalink, error) {
	p, err := r.inner.Permalink(ctx, id)
	if err != nil {
		return stats.Permalink{}, err
	}
	if !p.ForPublished() || r.some {
		return stats.Permalink{}, fmt.Errorf("permanent link %q is not of the published audience: %w", id, query.ErrNotFound)
	}
	p.Who, p.Why, p.Withdrawn.Who, p.Withdrawn.Why = "", "", "", ""
	p.Releases = slices.Clone(p.Releases)
	for i, release := range p.Releases {
		p.Releases[i] = release.ForEverybody()
	}
	return p, nil
}

// PermalinkFile is a file of a link that was made for the published audience and
// stands. Whether it does is looked up anew: the link that is given is not trusted.
func (r *Reader) PermalinkFile(ctx context.Context, p stats.Permalink, file stats.PermalinkFile) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		found, err := r.Permalink(ctx, p.ID)
		if err == nil && !found.Stands() {
			err = query.ErrNotFound
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for part, err := range r.inner.PermalinkFile(ctx, found, file) {
			if !yield(part, err) || err != nil {
				return
			}
		}
	}
}

// CheckPermalink says whether a file of a link is what was kept.
func (r *Reader) CheckPermalink(ctx context.Context, p stats.Permalink, file stats.PermalinkFile) error {
	for _, err := range r.PermalinkFile(ctx, p, file) {
		if err != nil {
			return err
		}
	}
	return nil
}

// Permalinks is none: the list names people.
func (r *Reader) Permalinks(context.Context, int) ([]stats.Permalink, error) { return nil, nil }

// KeepPermalink is refused.
func (r *Reader) KeepPermalink(context.Context, stats.Permalink, [][]byte, [][]byte) error {
	return ErrReadOnly
}

// WithdrawPermalink is refused.
func (r *Reader) WithdrawPermalink(context.Context, string, stats.TakenBack) error {
	return ErrReadOnly
}

// RecordDownload is refused: no record is kept of who of this audience reads.
func (r *Reader) RecordDownload(context.Context, stats.Download) error { return ErrReadOnly }

// RecordAct is refused: nothing is done for this audience.
func (r *Reader) RecordAct(context.Context, stats.Act) error { return ErrReadOnly }

// Acts is none.
func (r *Reader) Acts(context.Context, string, time.Time, time.Time) iter.Seq2[stats.Act, error] {
	return func(func(stats.Act, error) bool) {}
}

// Downloads is none.
func (r *Reader) Downloads(context.Context, time.Time, time.Time) iter.Seq2[stats.Download, error] {
	return func(func(stats.Download, error) bool) {}
}
