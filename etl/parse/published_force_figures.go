package parse

import (
	"fmt"

	"stalkstats/internal/stats"
)

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
	return readSingle(in, out, read, "area_code", "area_name", "measure", "period", "value", "note")
}

func unknownArea(t *table, column int) *stats.Fault {
	return t.fault(column, "no area has this code: use the ONS code of a police force area, such as E23000026")
}
