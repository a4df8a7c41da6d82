package query

import (
	"errors"

	"stalkstats/internal/stats"
)

// errTwice: no two figures that are served may share a key, and better no page
// than a wrong figure.
var errTwice = errors.New("a figure is served twice")

// part is a count as it takes part in a figure.
type part struct {
	*counted
	place uint32 // in the lists of parts
	value stats.Value
}

// partsOf is the counts of entries.
func (b *batch) partsOf(entries []uint32) []part {
	b.group = b.group[:0]
	for _, place := range entries {
		e := &b.entries[place]
		o := &b.all[e.count]
		p := part{counted: o, place: low(e.valuePart), value: stats.Value{Known: o.isKnown}}
		if o.isKnown {
			p.value.Number = o.value
		}
		if o.markers != 0 {
			p.value.Markers = b.markers[o.markers]
		}
		b.group = append(b.group, p)
	}
	return b.group
}

// marked is a part's markers, with that of a revised one.
func (p part) marked() stats.Markers {
	if p.isRevised {
		return p.value.Markers.And(stats.NewMarkers(stats.Revised))
	}
	return p.value.Markers
}

// own is what one area has for a figure: its count, or for a rate the counts
// above and below the line.
type own struct {
	parts     []part // in order of their roles
	isRate    bool
	isKnown   bool // the count is, or both are
	isRevised bool
	markers   stats.Markers
}

// ownOf puts an area's parts of a figure together; ok is false for a rate of
// which one count is not there at all.
func (ps parts) ownOf(all []part) (o own, ok bool, err error) {
	o = own{parts: all, isKnown: true}
	for i, p := range all {
		role := ps.roles[p.place]
		if i > 0 && role == ps.roles[all[i-1].place] {
			return o, false, errTwice
		}
		o.isRate = o.isRate || role != itself
		o.isRevised = o.isRevised || p.isRevised
		o.isKnown = o.isKnown && p.value.Known
	}
	// Where a count is missing its markers say why; else those of both stand.
	for _, p := range all {
		if !p.value.Known {
			o.markers = p.marked()
			break
		}
		o.markers = o.markers.And(p.marked())
	}
	return o, !o.isRate || len(all) == 2, nil
}
