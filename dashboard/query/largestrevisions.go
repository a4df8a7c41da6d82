package query

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// LargestRevisions is those of what Revisions lists that changed figures most,
// the largest first, and whether any of all of them is of made-up figures.
type LargestRevisions struct {
	Largest       []stats.PublishedRevision
	Demonstration bool
}

// LargestRevisions is at most so many. The log is read to its end once for each
// state; the caller must not change the answer.
func (r *Reader) LargestRevisions(ctx context.Context, f RevisionFilter, most int) (LargestRevisions, error) {
	q := question{name: "revisions.sql", of: fmt.Sprint(most, " ", f.key())}
	return kept(ctx, r, q, Latest, func(ctx context.Context, _ time.Time) (l LargestRevisions, err error) {
		for revision, err := range r.Revisions(ctx, f) {
			if err != nil {
				return l, err
			}
			l.Demonstration = l.Demonstration || revision.Demonstration
			l.Largest = append(l.Largest, revision)
			slices.SortStableFunc(l.Largest, func(a, b stats.PublishedRevision) int { return cmp.Compare(sizeOf(b), sizeOf(a)) })
			l.Largest = l.Largest[:min(len(l.Largest), most)]
		}
		return l, nil
	})
}

// sizeOf is by how much a figure was changed. One that is gone lost all of it.
func sizeOf(r stats.PublishedRevision) float64 {
	switch d := r.Difference(); {
	case d.Known:
		return math.Abs(d.Number)
	case r.Former.Known:
		return math.Abs(r.Former.Number)
	}
	return 0
}
