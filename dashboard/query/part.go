package query

import (
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// errTwice: no two figures that are served may share a key, and better no page
// than a wrong figure.
var errTwice = errors.New("a figure is served twice")

// part is a count as it takes part in a figure.
type part struct {
	key       stats.Key // of the figure
	area      string    // whose count it is
	place     uint32    // in the lists of parts, from 1
	value     stats.Value
	note      string
	served    stats.Release // that it is of, published when it came to serve
	origin    stats.Origin
	isRevised bool
}

func (known reference) scanPart(rows driver.Rows) (part, error) {
	var p part
	var o origin
	var value *float64
	var markers, release, slice string
	var figure uint64
	k := &p.key
	err := rows.Scan(&k.Measure, &k.Area, &k.Source, &k.Basis, &k.Period.Start, &k.Period.End, &k.Breakdown, &k.BreakdownValue,
		&p.place, &p.area, &value, &markers, &p.note, &release, &slice, &o.file, &o.sheet, &o.row, &figure)
	if err != nil {
		return p, err
	}
	k.Period = stats.Period{Start: day(k.Period.Start), End: day(k.Period.End)}
	p.value, p.origin = valueOf(value), o.origin()
	served := known.serving(k.Source, release, slice)
	p.served, p.isRevised = served.release, known.revised.has(served.run, figure)
	p.value.Markers, err = stats.ParseMarkers(markers)
	return p, err
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
		role := ps.roles[p.place-1]
		if i > 0 && role == ps.roles[all[i-1].place-1] {
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
