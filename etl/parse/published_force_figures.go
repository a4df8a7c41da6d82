package parse

import (
	"fmt"

	"stalkstats/internal/stats"
)

// publishedColumns are the columns of the figures gathered from publications.
var publishedColumns = []Column{
	{"area_code", "ONS code of the force", "E23000026"},
	{"area_name", "the name of that code, in any spelling that the areas file has", "Bedfordshire"},
	{"measure", "what is counted: stalking_outcomes, stalking_charges, spo_applied, spo_granted, or another count that docs/measures.md lists", "stalking_charges"},
	{"period", "2021/22, or two days such as 2020-01-20/2021-03-31", "2021/22"},
	{"value", "a whole number; empty where a marker stands instead", "53"},
	{"note", "markers, joined by a space: c, x, z or k instead of a number; u, p, r, b or e beside one", ""},
}

// publishedForceFigures reads yearly outcomes, charges and orders by force,
// gathered from publications. The name must be that of the code, because the
// two come from different hands and a slip of one line would move every figure.
func publishedForceFigures(in Input, out *Output) error {
	const (
		code = iota
		name
		measure
		period
		value
		note
	)
	read := func(t *table) (any, *stats.Fault) {
		area, ok := in.Areas.ByCode(t.text(code))
		if !ok {
			return nil, unknownArea(t, code)
		}
		if named, ok := in.Areas.ByName(t.text(name)); !ok || named.Code != area.Code {
			return nil, t.fault(name, fmt.Sprintf("%s is the code of %s: name and code must be of one area", area.Code, area.Name))
		}
		days, err := stats.ParsePeriod(t.text(period))
		if err != nil {
			return nil, t.fault(period, err.Error())
		}
		number, fault := valueAndMarkers(t, value, note)
		if fault != nil {
			return nil, fault
		}
		if number.Number < 0 {
			return nil, t.fault(value, "a count cannot be below zero: take it from the publication again")
		}
		return stats.Observation{
			Key:   stats.Key{Measure: t.text(measure), Area: area.Code, Source: in.Source, Period: days},
			Slice: stats.SliceAll, Value: number, Origin: t.origin(),
		}, nil
	}
	return readSingle(in, out, read, names(publishedColumns)...)
}

func unknownArea(t *table, column int) *stats.Fault {
	return t.fault(column, "no area has this code: use the ONS code of a police force area, such as E23000026")
}
