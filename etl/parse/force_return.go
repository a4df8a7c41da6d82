package parse

import (
	"fmt"
	"time"

	"stalkstats/internal/stats"
)

// forceReturnColumns are the columns of a force's monthly return.
var forceReturnColumns = []Column{
	{"area_code", "ONS code of the force; BTP for British Transport Police", "E23000026"},
	{"period", "2024-03, 2024/25 Q1, 2024/25, or two days such as 2024-01-01/2024-09-27", "2024-03"},
	{"measure", "what is counted, by the short name that docs/measures.md lists", "stalking_charges"},
	{"breakdown", "a named dimension, such as relationship; empty for a total", ""},
	{"breakdown_value", "its value, such as domestic; empty for a total", ""},
	{"value", "a whole number; empty where a marker stands instead", "5"},
	{"value_note", "markers, joined by a space: c, x, z or k instead of a number; u, p, r, b or e beside one", "p"},
	{"comment", "what a reader must know; demonstration marks a made-up figure on every page, chart and CSV row", ""},
}

// forceReturn reads the monthly file of a force: counts only. What comes again
// for an area, period and measure replaces what was there, and nothing else.
func forceReturn(in Input, out *Output) error {
	const (
		area = iota
		period
		measure
		breakdown
		breakdownValue
		value
		valueNote
		comment
	)
	read := func(t *table) (any, *stats.Fault) {
		days, err := stats.ParsePeriod(t.text(period))
		if err != nil {
			return nil, t.fault(period, err.Error())
		}
		if (t.text(breakdown) == "") != (t.text(breakdownValue) == "") {
			return nil, t.fault(breakdownValue, "breakdown and breakdown_value go together: fill in both, or neither for a total")
		}
		number, fault := valueAndMarkers(t, value, valueNote)
		if fault != nil {
			return nil, fault
		}
		if number.Number < 0 {
			return nil, t.fault(value, "a count cannot be below zero: send the corrected count of the period")
		}
		o := stats.Observation{
			Key: stats.Key{
				Measure: t.text(measure), Area: t.text(area), Source: in.Source, Period: days,
				Breakdown: t.text(breakdown), BreakdownValue: t.text(breakdownValue),
			},
			Value: number, Note: t.text(comment), Origin: t.origin(),
		}
		o.Slice = fmt.Sprintf("%s %s/%s %s", o.Area, days.Start.Format(time.DateOnly), days.End.Format(time.DateOnly), o.Measure)
		return o, nil
	}
	return readSingle(in, out, read, names(forceReturnColumns)...)
}
