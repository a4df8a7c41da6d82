package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// figure puts together what is known of one figure: all parts of it, by area.
// ok is false where there is none: a rate has not both counts anywhere, or a
// handful of forces is not England and Wales. A bare one has no origins.
func (b *batch) figure(entries []uint32, isSum, bare bool) (f stats.Figure, ok bool, err error) {
	all := b.partsOf(entries)
	members, err := b.membersOf(all)
	if err != nil {
		return f, false, fmt.Errorf("work out a figure: %w", err)
	}
	if len(members) == 0 {
		return f, false, nil
	}
	f.Key = b.key(&b.entries[entries[0]], isSum)
	b.notes = b.notes[:0]
	isRate, added := members[0].isRate, 0
	for i := range members {
		o := &members[i]
		b.publish(&f, o)
		if isSum && o.isRevised {
			// A sum is revised too where what was revised is no number any more.
			f.Value.Markers = f.Value.Markers.And(stats.NewMarkers(stats.Revised))
		}
		if isSum && !o.isKnown {
			continue
		}
		members[added] = *o // those that are added come first
		added++
	}
	members = members[:added]
	if isSum && 2*added < len(b.known.forces) {
		return f, false, nil
	}
	b.addUp(&f, members)
	if !bare {
		f.Origins = b.originsOf(members)
	}
	if slices.Sort(f.Releases); isSum && added < len(b.known.forces) {
		b.notes = append(b.notes, b.missingNote(members))
	}
	f.Note = stats.JoinNotes(b.notes...)
	if isRate {
		b.known.divide(&f, b.parts.pers[all[0].place])
	}
	return f, true, nil
}

// key is the key of the figure that an entry takes part in.
func (b *batch) key(e *entry, isSum bool) stats.Key {
	k := stats.Key{
		Measure: b.ranked[high(e.measureArea)], Area: b.ranked[low(e.measureArea)], Source: b.ranked[high(e.sourceBasis)], Basis: b.ranked[low(e.sourceBasis)],
		Period:    stats.Period{Start: dayOf(uint16(e.periodBreakdown >> 48)), End: dayOf(uint16(e.periodBreakdown >> 32))},
		Breakdown: b.ranked[low(e.periodBreakdown)], BreakdownValue: b.ranked[high(e.valuePart)],
	}
	if isSum {
		k.Area = stats.EnglandAndWales
	}
	return k
}

// membersOf is what each area has for a figure.
func (b *batch) membersOf(all []part) ([]own, error) {
	b.members = b.members[:0]
	for rest := all; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].area == rest[0].area {
			n++
		}
		o, ok, err := b.parts.ownOf(rest[:n])
		if err != nil {
			return nil, err
		}
		if ok {
			b.members = append(b.members, o)
		}
		rest = rest[n:]
	}
	return b.members, nil
}

// publish makes a figure as new as the newest of its parts.
func (b *batch) publish(f *stats.Figure, o *own) {
	for _, p := range o.parts {
		release := &b.served[p.served].release
		if release.PublishedAt.After(f.PublishedAt) {
			f.PublishedAt = release.PublishedAt
		}
		if release.RetrievedAt.After(f.RetrievedAt) {
			f.RetrievedAt = release.RetrievedAt
		}
	}
}

// addUp adds the counts of areas to a figure, with what is said of them.
func (b *batch) addUp(f *stats.Figure, members []own) {
	for i := range members {
		o := &members[i]
		f.Value.Markers = f.Value.Markers.And(o.markers)
		add(f, o)
		for _, p := range o.parts {
			if p.note != 0 {
				b.notes = append(b.notes, b.text[p.note])
			}
			switch alone := b.alone[p.served]; {
			case f.Releases == nil:
				f.Releases = alone // which nobody changes
			case !slices.Contains(f.Releases, alone[0]):
				f.Releases = append(slices.Clip(f.Releases), alone[0])
			}
		}
	}
	slices.Sort(b.notes)
}

// originsOf is every row behind a figure; of a sum in order.
func (b *batch) originsOf(members []own) []stats.Origin {
	n := 0
	for i := range members {
		n += len(members[i].parts)
	}
	if len(b.origins) < n {
		b.origins = make([]stats.Origin, max(n, min(len(b.entries), originsAtOnce)))
	}
	origins := b.origins[:0:n]
	b.origins = b.origins[n:]
	for i := range members {
		for _, p := range members[i].parts {
			origins = append(origins, b.origin(p.counted))
		}
	}
	if len(members) > 1 {
		slices.SortFunc(origins, byPlace)
	}
	return origins
}

// originsAtOnce is for how many origins memory is taken at once.
const originsAtOnce = 1024

// add adds an area's counts to a figure.
func add(f *stats.Figure, o *own) {
	to := func(sum *stats.Value, v stats.Value) {
		if v.Known {
			sum.Number, sum.Known = sum.Number+v.Number, true
		}
	}
	if !o.isRate {
		to(&f.Value, o.parts[0].value)
		return
	}
	to(&f.Numerator, o.parts[0].value)
	to(&f.Denominator, o.parts[1].value)
}

// divide works a rate out of the counts above and below its line.
func (known reference) divide(f *stats.Figure, per float64) {
	switch {
	case f.Denominator.Known && f.Denominator.Number == 0:
		f.Value = stats.Missing(stats.NotApplicable)
	case f.Numerator.Known && f.Denominator.Known:
		f.Value.Number, f.Value.Known = per*f.Numerator.Number/f.Denominator.Number, true
	}
	if m, ok := known.measures.Of(f.Measure, f.Basis); ok {
		f.Lower95, f.Upper95 = analysis.Interval95(m, *f)
	}
}

// missingNote names the forces that are not in a sum.
func (b *batch) missingNote(members []own) string {
	added := map[string]bool{}
	for i := range members {
		added[b.text[members[i].parts[0].area]] = true
	}
	return b.known.missingNote(added)
}

// missingNote names the forces that are not in a sum.
func (known reference) missingNote(added map[string]bool) string {
	var names []string
	for _, force := range known.forces {
		if !added[force.Code] {
			names = append(names, force.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("sum of %d of %d forces, no figure from %s", len(added), len(added)+len(names), strings.Join(names, ", "))
}

func byPlace(a, b stats.Origin) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Row, b.Row))
}
