package report

import (
	"encoding/json"

	"stalkstats/internal/stats"
)

// Objects writes figures as JSON objects whose members are the columns of the
// report of figures. Texts stand as they are: JSON has no formulas.
type Objects struct {
	named
	cells []string
}

// NewObjects makes Objects, with what areas and measures are called.
func NewObjects(areas *stats.Areas, measures *stats.Measures) *Objects {
	return &Objects{named: named{areas: areas, measures: measures}}
}

// Append appends the object of a figure.
func (o *Objects) Append(b []byte, f stats.Figure) []byte {
	o.look(&f)
	period := o.period
	o.cells = append(o.cells[:0], f.Measure, o.measure.Name, f.Area, o.area.Name, period[0], period[1], period[2], f.Breakdown, f.BreakdownValue,
		Number(f.Value), string(f.Value.Markers), Number(f.Numerator), Number(f.Denominator), Number(f.Lower95), Number(f.Upper95),
		o.measure.Unit, f.Basis, f.Source, joined(f.Releases), o.publishedOn, o.readAt, f.Note)
	return appendObject(b, ObservationColumns, o.cells)
}

// AppendStatement appends the object of a statement, whose members are the
// columns of the report of recommendations.
func AppendStatement(b []byte, s Statement, areas *stats.Areas) []byte {
	return appendObject(b, RecommendationColumns, statementCells(s, areas))
}

// appendObject appends cells as an object. A number or a date that there is not
// is null; a text that there is not is empty.
func appendObject(b []byte, columns []Column, cells []string) []byte {
	b = append(b, '{')
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, c.Name), ':')
		switch cell := cells[i]; {
		case c.Datatype == "string":
			b = appendText(b, cell)
		case cell == "":
			b = append(b, "null"...)
		case c.Datatype == "decimal", c.Datatype == "integer":
			b = append(b, cell...)
		default:
			b = appendText(b, cell)
		}
	}
	return append(b, '}')
}

// appendText appends a text in quotes. Nearly all of them are plain.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string can always be written
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
