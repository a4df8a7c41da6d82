package dashboard

import (
	"context"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// sliceNamer says in words what a release replaces as one.
type sliceNamer struct {
	areas    *stats.Areas
	measures *stats.Measures
}

type measuresNamer interface {
	areasReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
}

func namerOf(ctx context.Context, reader measuresNamer) (n sliceNamer, err error) {
	if n.areas, err = reader.Areas(ctx, query.Latest); err != nil {
		return n, err
	}
	n.measures, err = reader.Measures(ctx, query.Latest)
	return n, err
}

// of is one slice: "Stalking charges, Bedfordshire, Mar 2024" for
// "E23000026 2024-03-01/2024-03-31 stalking_charges". What is no code stays as
// it is, such as the year 2017/18.
func (n sliceNamer) of(slice string) string {
	var what, where, when, rest []string
	for _, part := range strings.Fields(slice) {
		at, noDay := time.Parse(time.DateOnly, part)
		period, noPeriod := stats.ParsePeriod(part)
		switch area, isArea := n.areas.ByCode(part); {
		case isArea:
			where = append(where, area.Name)
		case len(n.measures.ByID(part)) > 0:
			what = append(what, n.measures.ByID(part)[0].Name)
		case noDay == nil:
			when = append(when, day(at))
		case noPeriod == nil && strings.Contains(part, "-"):
			when = append(when, period.Label())
		default:
			rest = append(rest, part)
		}
	}
	words := append(append(what, where...), when...)
	if len(rest) > 0 {
		words = append(words, strings.Join(rest, " "))
	}
	return strings.Join(words, ", ")
}

// all is several, in words.
func (n sliceNamer) all(slices []string) string {
	var named []string
	for _, slice := range slices {
		named = append(named, n.of(slice))
	}
	if strings.Contains(strings.Join(named, ""), ",") {
		return strings.Join(named, "; ")
	}
	return listed(named)
}
