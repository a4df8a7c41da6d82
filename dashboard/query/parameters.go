package query

import (
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/stats"
)

// figuresParameters is what figures.sql is asked with.
func figuresParameters(f Filter, known reference, p parts) []any {
	from, to := f.From, f.To
	if from.IsZero() {
		from = stats.Day(1970, 1, 1)
	}
	if to.IsZero() {
		to = stats.Day(2149, 6, 6) // the last day that ClickHouse's Date holds
	}
	parameters := []any{
		clickhouse.Named("areas", list(f.Areas)), clickhouse.Named("sources", list(f.Sources)),
		clickhouse.Named("from", from.Format(time.DateOnly)), clickhouse.Named("to", to.Format(time.DateOnly)),
		clickhouse.Named("england_and_wales", stats.EnglandAndWales),
		clickhouse.Named("national", list(f.National)), clickhouse.Named("totals", f.Totals),
		clickhouse.Named("breakdown", f.Breakdown), clickhouse.Named("counts", list(p.read)),
		clickhouse.Named("places", list(placesOf(f, known.forces))), clickhouse.Named("hashed", known.revised.any()),
	}
	return append(parameters, servingOf(f, known, p.read).parameters()...)
}

// neverAdded is the measures that add up over nothing, as a median does: they have
// no figure of England and Wales.
func (known reference) neverAdded() []string {
	var ids []string
	for _, m := range known.measures.All() {
		if m.AddsUp == stats.OverNothing {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// placesOf is the areas whose figures are read: those asked for, and where
// England and Wales is, the forces that are summed. None means all.
func placesOf(f Filter, forces []stats.Area) []string {
	if len(f.Areas) == 0 {
		return nil
	}
	return slices.Concat(f.Areas, summedFor(f, forces))
}

// summedFor is the forces that are summed, where England and Wales is asked for.
func summedFor(f Filter, forces []stats.Area) (codes []string) {
	if len(f.Areas) > 0 && !slices.Contains(f.Areas, stats.EnglandAndWales) {
		return nil
	}
	for _, force := range forces {
		codes = append(codes, force.Code)
	}
	return codes
}

// The roles of a count in a figure.
const (
	itself = iota
	aboveTheLine
	belowTheLine
)

// parts is which counts are parts of which figures; the lists stand side by
// side. A count "" is every count, of which the measure is its own.
type parts struct {
	counts, measures, bases []string
	roles                   []int
	pers                    []float64
	read                    []string // the counts that are read; none means all
}

// partsOf is what the measures asked for are made of.
func partsOf(f Filter, measures *stats.Measures) parts {
	var p parts
	for _, id := range slices.Compact(slices.Sorted(slices.Values(f.Measures))) {
		p.add(id, stats.Measure{ID: id}, itself)
		p.read = append(p.read, id)
	}
	if len(f.Measures) == 0 {
		p.add("", stats.Measure{}, itself)
	}
	for _, m := range measures.All() {
		// A rate over another source's stock is worked out by itself: see stockRates.
		if !m.Derived() || m.DenominatorSource != "" || len(f.Measures) > 0 && !slices.Contains(f.Measures, m.ID) {
			continue
		}
		p.add(m.Numerator, m, aboveTheLine)
		p.add(m.Denominator, m, belowTheLine)
		if len(f.Measures) > 0 {
			p.read = append(p.read, m.Numerator, m.Denominator)
		}
	}
	return p
}

func (p *parts) add(count string, m stats.Measure, role int) {
	p.counts, p.measures, p.bases = append(p.counts, count), append(p.measures, m.ID), append(p.bases, m.Basis)
	p.roles, p.pers = append(p.roles, role), append(p.pers, m.Per)
}

// serving is the releases that may hold what is asked for. Of one that serves
// all that it ever brought the id is enough; of the others, which are split,
// each slice that it still serves is told, in two lists side by side. National
// is the releases of the sources of which England and Wales is wanted.
type serving struct{ releases, split, splitReleases, splitSlices, national []string }

// servingOf is what a state serves of the sources and the counts asked for.
func servingOf(f Filter, known reference, counts []string) serving {
	var v serving
	for rest := known.slices; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].release.ID == rest[0].release.ID && rest[n].release.Source == rest[0].release.Source {
			n++
		}
		if first := rest[0]; first.hasRecorded && (len(f.Sources) == 0 || slices.Contains(f.Sources, first.release.Source)) &&
			known.holdings.may(first.release.ID, counts) {
			v.add(rest[:n])
			if slices.Contains(f.National, first.release.Source) {
				v.national = append(v.national, first.release.ID)
			}
		}
		rest = rest[n:]
	}
	return v
}

// add takes what one release serves.
func (v *serving) add(served []servedSlice) {
	id := served[0].release.ID
	v.releases = append(v.releases, id)
	if uint64(len(served)) == served[0].brought {
		return
	}
	v.split = append(v.split, id)
	for _, s := range served {
		v.splitReleases, v.splitSlices = append(v.splitReleases, id), append(v.splitSlices, s.slice)
	}
}

func (v serving) parameters() []any {
	return []any{
		clickhouse.Named("releases", list(v.releases)), clickhouse.Named("split", list(v.split)),
		clickhouse.Named("split_releases", list(v.splitReleases)), clickhouse.Named("split_slices", list(v.splitSlices)),
		clickhouse.Named("national_releases", list(v.national)),
	}
}

// list is never nil, which the driver would send as NULL.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
