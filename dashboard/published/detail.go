package published

import (
	"context"
	"slices"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

type detailKey struct{}

// InDetail is a context in which a Reader that ForSome has made tells true figures of
// areas, by their codes. Without it such a Reader tells none of any area.
func InDetail(ctx context.Context, areas []string) context.Context {
	return context.WithValue(ctx, detailKey{}, areas)
}

// ForSome is a Reader for people who may see some areas in detail. It is as what the
// published audience has, but for the figures and charts of the areas that its contexts
// name, and without what disclosure.Some hides. Nothing is entered by it either.
func (r *Reader) ForSome() *Reader { return &Reader{inner: r.inner, keeper: r.keeper, some: true} }

// detail is which areas a reader may see in detail; nil: it is everybody's.
func (r *Reader) detail(ctx context.Context) *disclosure.Some {
	if !r.some {
		return nil
	}
	return &disclosure.Some{InDetail: inDetail(ctx)}
}

func inDetail(ctx context.Context) []string {
	areas, _ := ctx.Value(detailKey{}).([]string)
	return areas
}

// sees reports whether all of some areas may be seen in detail.
func (r *Reader) sees(ctx context.Context, areas ...string) bool {
	detailed := inDetail(ctx)
	return r.some && len(areas) > 0 && !slices.ContainsFunc(areas, func(a string) bool {
		return a == stats.EnglandAndWales || !slices.Contains(detailed, a)
	})
}

// FigureRevisions is what was revised of figures that may be seen in detail, and otherwise
// none.
func (r *Reader) FigureRevisions(ctx context.Context, of query.Counts) ([]stats.PublishedRevision, error) {
	if !r.sees(ctx, of.Areas...) {
		return nil, nil
	}
	return r.inner.FigureRevisions(ctx, of)
}

// Annotations is what stands on the charts of an area that may be seen in detail, of which
// a step moves the limits, and otherwise none.
func (r *Reader) Annotations(ctx context.Context, area string, at time.Time) ([]stats.Annotation, error) {
	if !r.sees(ctx, area) {
		return nil, nil
	}
	return r.inner.Annotations(ctx, area, at)
}
