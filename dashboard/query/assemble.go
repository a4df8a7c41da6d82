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
// handful of forces is not England and Wales.
func (known reference) figure(ps parts, all []part) (f stats.Figure, ok bool, err error) {
	f.Key = all[0].key
	members, err := ps.members(all)
	if err != nil || len(members) == 0 {
		return f, false, err
	}
	isSum := f.Area == stats.EnglandAndWales
	var notes []string
	added := map[string]bool{}
	for _, o := range members {
		publish(&f, o)
		if isSum && o.isRevised {
			// A sum is revised too where what was revised is no number any more.
			f.Value.Markers = f.Value.Markers.And(stats.NewMarkers(stats.Revised))
		}
		if isSum && !o.isKnown {
			continue
		}
		added[o.parts[0].area] = true
		f.Value.Markers = f.Value.Markers.And(o.markers)
		add(&f, o)
		for _, p := range o.parts {
			notes = append(notes, p.note)
			f.Releases = append(f.Releases, p.served.ID)
			f.Origins = append(f.Origins, p.origin)
		}
	}
	if isSum && 2*len(added) < len(known.forces) {
		return f, false, nil
	}
	slices.Sort(notes)
	slices.Sort(f.Releases)
	f.Releases = slices.Compact(f.Releases)
	if isSum {
		notes = append(notes, known.missingNote(added))
		slices.SortFunc(f.Origins, byPlace)
	}
	f.Note = stats.JoinNotes(slices.Compact(notes)...)
	if members[0].isRate {
		known.divide(&f, ps.pers[all[0].place-1])
	}
	return f, true, nil
}

// members is what each area has for a figure.
func (ps parts) members(all []part) (members []own, err error) {
	for rest := all; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].area == rest[0].area {
			n++
		}
		o, ok, err := ps.ownOf(rest[:n])
		if err != nil {
			return nil, err
		}
		if ok {
			members = append(members, o)
		}
		rest = rest[n:]
	}
	return members, nil
}

// publish makes a figure as new as the newest of its parts.
func publish(f *stats.Figure, o own) {
	for _, p := range o.parts {
		if p.served.PublishedAt.After(f.PublishedAt) {
			f.PublishedAt = p.served.PublishedAt
		}
		if p.served.RetrievedAt.After(f.RetrievedAt) {
			f.RetrievedAt = p.served.RetrievedAt
		}
	}
}

// add adds an area's counts to a figure.
func add(f *stats.Figure, o own) {
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
