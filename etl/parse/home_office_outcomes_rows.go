package parse

import (
	"bytes"
	"slices"
	"strings"

	"stalkstats/internal/stats"
)

// Notes on figures of outcomes.
const (
	addedUpNote = "added up from the file’s rows for each outcome type"
	codesNote   = "added up from the file’s rows for each offence code"
	gapNote     = "Greater Manchester Police published nothing from July 2019 to March 2020; the file does not mark it"
	inGapNote   = "Greater Manchester Police is said to have published nothing from July 2019 to March 2020, and the file has a number: it may be a part of the truth only"
)

// outcomeRows is the rows of one offence, force and quarter.
type outcomeRows struct {
	types  []outcomeFigures // in the order of the file
	spoilt bool             // a row was rejected: the total would lack it
	gap    bool             // the force published nothing
}

// outcomeFigures is the rows of one outcome type: one, or one for each code
// where several codes count as one offence.
type outcomeFigures struct {
	kind string
	rows []outcomeRow
}

type outcomeRow struct {
	at     stats.Origin
	code   string
	values [len(outcomeBases)]stats.Value
}

// add reads and holds the row that the table is at.
func (g *outcomeRows) add(t *table, kind string, gap bool) *stats.Fault {
	g.gap = gap
	if !outcomeNumber.MatchString(kind) {
		return t.fault(outcomeType, "not an outcome type: it must be a number such as 1 or 16, or 1a, 2a or 3a")
	}
	row := outcomeRow{at: t.origin(), code: strings.ToUpper(t.text(outcomeCode))}
	for i, b := range outcomeBases {
		value, ok := outcomeCount(t.raw(b.column), gap)
		if !ok {
			return t.fault(b.column, "not a count of outcomes: it must be a whole number, or one of NA, N/A, N/A - data not provided and N/A - Offence code expired")
		}
		row.values[i] = value
	}
	i := slices.IndexFunc(g.types, func(f outcomeFigures) bool { return f.kind == kind })
	if i < 0 {
		i = len(g.types)
		g.types = append(g.types, outcomeFigures{kind: kind})
	}
	return g.types[i].add(t, row)
}

func (f *outcomeFigures) add(t *table, row outcomeRow) *stats.Fault {
	for _, r := range f.rows {
		if r.code == row.code {
			return t.fault(outcomeType, place(r.at, row.at)+" has this quarter, force, code and outcome type already: only one can be right")
		}
	}
	f.rows = append(f.rows, row)
	return nil
}

// outcomeCount reads a cell. Where the force published nothing, a zero or an
// empty cell is no figure, and a number is doubtful.
func outcomeCount(cell []byte, gap bool) (stats.Value, bool) {
	text := strings.ToLower(string(bytes.Join(bytes.Fields(cell), []byte(" "))))
	switch text {
	case "na", "n/a", "n/a - data not provided":
		return stats.Missing(stats.NotAvailable), true
	case "n/a - offence code expired":
		return stats.Missing(stats.NotApplicable), true
	}
	n, ok := count(text)
	switch {
	case gap && (ok && n == 0 || text == ""):
		return stats.Missing(stats.NotAvailable), true
	case gap && ok:
		return stats.Number(n, stats.LowReliability), true
	}
	return stats.Number(n), ok
}

// addUp is the sum of the values, or a marker where one of them is missing:
// a smaller sum would be wrong.
func addUp(values []stats.Value) stats.Value {
	sum := stats.Number(0)
	applies := false
	for _, v := range values {
		applies = applies || v.Known || !v.Markers.Has(stats.NotApplicable)
		sum.Number += v.Number
		sum.Known = sum.Known && v.Known
		sum.Markers = sum.Markers.And(v.Markers)
	}
	switch {
	case !applies:
		return stats.Missing(stats.NotApplicable)
	case !sum.Known:
		return stats.Missing(stats.NotAvailable)
	}
	return sum
}

// finish loads what is held, and the totals.
func (p *outcomeParser) finish() error {
	for _, key := range p.order {
		g := p.groups[key]
		for _, f := range g.types {
			var rows []stats.Origin
			for _, r := range f.rows {
				rows = append(rows, r.at)
			}
			ok, err := p.out.loadTogether(rows, p.figures(key, g, f))
			if err != nil {
				return err
			}
			g.spoilt = g.spoilt || !ok
		}
		if err := p.total(key, g); err != nil {
			return err
		}
	}
	return nil
}

// figures is what the rows of an outcome type give: its own figures, and the
// measure that counts this type alone.
func (p *outcomeParser) figures(key outcomeKey, g *outcomeRows, f outcomeFigures) []stats.Observation {
	var all []stats.Observation
	for i := range outcomeBases {
		var values []stats.Value
		for _, r := range f.rows {
			values = append(values, r.values[i])
		}
		o := p.observation(key, g, i, f.rows[0].at, addUp(values))
		if len(f.rows) > 1 {
			o.Note = stats.JoinNotes(codesNote, o.Note)
		}
		if measure := measureOfType(key.word, f.kind); measure != "" {
			alone := o
			alone.Measure = measure
			all = append(all, alone)
		}
		o.Breakdown, o.BreakdownValue = "outcome_type", f.kind
		all = append(all, o)
	}
	return all
}

// stalkingOutcomes are the measures that count one outcome type of stalking
// alone, by type as the Home Office defines it: 14 evidential difficulties, no
// suspect, the victim does not support action; 15 the same with a suspect and a
// victim who does; 16 with a suspect and a victim who does not; 18 investigation
// complete, no suspect.
var stalkingOutcomes = map[string]string{
	"14": "stalking_victim_does_not_support_no_suspect",
	"15": "stalking_evidential_difficulties",
	"16": "stalking_victim_does_not_support",
	"18": "stalking_no_suspect_identified",
}

// measureOfType is the measure that counts one outcome type alone, or empty.
func measureOfType(word, kind string) string {
	switch {
	case kind == "1":
		return word + "_charges"
	case word == "stalking":
		return stalkingOutcomes[kind]
	}
	return ""
}

// total loads all outcomes assigned, on each basis, unless a row was rejected
// that belongs to it or may.
func (p *outcomeParser) total(key outcomeKey, g *outcomeRows) error {
	if g.spoilt || p.lost {
		return nil
	}
	for i := range outcomeBases {
		var values []stats.Value
		for _, f := range g.types {
			for _, r := range f.rows {
				values = append(values, r.values[i])
			}
		}
		sum := addUp(values)
		if g.gap {
			sum = stats.Missing(stats.NotAvailable)
		}
		o := p.observation(key, g, i, g.types[0].rows[0].at, sum)
		o.Note = stats.JoinNotes(addedUpNote, o.Note)
		if err := p.out.derive(o); err != nil {
			return err
		}
	}
	return nil
}

func (p *outcomeParser) observation(key outcomeKey, g *outcomeRows, basis int, at stats.Origin, value stats.Value) stats.Observation {
	o := stats.Observation{
		Key:    stats.Key{Measure: key.word + "_outcomes", Area: key.area, Source: p.in.Source, Basis: outcomeBases[basis].basis, Period: key.period},
		Slice:  key.year,
		Value:  value,
		Origin: at,
	}
	switch {
	case g.gap && value.Known:
		o.Note = inGapNote
	case g.gap:
		o.Note = gapNote
	}
	return o
}
