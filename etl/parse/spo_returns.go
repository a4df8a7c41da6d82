package parse

import (
	"fmt"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// The columns of spo_returns, in the order of spoColumns.
const (
	spoArea = iota
	spoPeriod
	spoApplied
	spoInterim
	spoFull
	spoRefused
	spoWithdrawn
	spoBreached
	spoPeople
	spoNote
	spoComment
)

// spoColumns are the columns of the monthly return of legal services.
var spoColumns = []Column{
	{"area_code", "ONS code of the force", "E23000026"},
	{"period", "2024-03, 2024/25 Q1, 2024/25, or two days such as 2024-01-01/2024-09-27", "2024-03"},
	{"applied", "applications for an order that were made in the period", "3"},
	{"interim_granted", "interim orders granted in the period", "1"},
	{"full_granted", "full orders granted in the period", "2"},
	{"refused", "applications that the court refused in the period", "0"},
	{"withdrawn", "applications withdrawn in the period", "0"},
	{"breached", "breaches of an order recorded in the period", "x"},
	{"people", "people against whom an order was granted in the period, interim or full, each counted once", "2"},
	{"value_note", "markers that stand beside every number of the row: u, p, r, b, e, joined by a space; may be empty", "p"},
	{"comment", "what a reader must know; demonstration marks made-up figures; may be empty", ""},
}

// spoMeasures says what each column with a count is a count of. Orders and
// people are counted apart: one person may be the subject of several orders.
var spoMeasures = []struct {
	column  int
	measure string
}{
	{spoApplied, "spo_applied"},
	{spoInterim, "spo_interim_granted"},
	{spoFull, "spo_full_granted"},
	{spoRefused, "spo_refused"},
	{spoWithdrawn, "spo_withdrawn"},
	{spoBreached, "spo_breaches"},
	{spoPeople, "spo_people_granted"},
}

// spoBegin is the day on which Stalking Protection Orders came in.
var spoBegin = stats.Day(2020, time.January, 20)

// spoReturns reads the counts of Stalking Protection Orders that a force's
// legal services send: a row for each force and period. No cell is left to be
// guessed: it holds a count, or the marker that says why there is none.
func spoReturns(in Input, out *Output) error {
	if !in.Book.Next() {
		return in.Book.Err()
	}
	t, err := openOwn(in, names(spoColumns))
	if err != nil {
		return err
	}
	for t.next() {
		parts, fault := spoRow(t)
		if fault != nil {
			out.reject(t.origin(), fault)
			continue
		}
		if _, err := out.loadTogether([]stats.Origin{t.origin()}, parts); err != nil {
			return err
		}
	}
	return onlySheet(in)
}

func spoRow(t *table) ([]stats.Observation, *stats.Fault) {
	if fault := t.unfit(); fault != nil {
		return nil, fault
	}
	area, ok := t.in.Areas.ByCode(t.text(spoArea))
	if !ok {
		return nil, unknownArea(t, spoArea)
	}
	days, err := stats.ParsePeriod(t.text(spoPeriod))
	if err != nil {
		return nil, t.fault(spoPeriod, err.Error())
	}
	if days.End.Before(spoBegin) {
		return nil, t.fault(spoPeriod, "Stalking Protection Orders began on 20 January 2020: check the period")
	}
	beside, err := stats.ParseMarkers(t.text(spoNote))
	if err != nil {
		return nil, t.fault(spoNote, err.Error())
	}
	if (stats.Value{Known: true, Markers: beside}).Validate() != nil {
		return nil, t.fault(spoNote, "c, x, z and k stand in the cell of the count that they replace, not here")
	}
	var parts []stats.Observation
	values := map[int]stats.Value{}
	for _, m := range spoMeasures {
		value, fault := spoCount(t, m.column, beside)
		if fault != nil {
			return nil, fault
		}
		values[m.column] = value
		parts = append(parts, stats.Observation{
			Key:   stats.Key{Measure: m.measure, Area: area.Code, Source: t.in.Source, Period: days},
			Slice: fmt.Sprintf("%s %s/%s", area.Code, days.Start.Format(time.DateOnly), days.End.Format(time.DateOnly)),
			Value: value, Note: t.text(spoComment), Origin: t.origin(),
		})
	}
	return parts, spoPeopleFault(t, values)
}

// spoCount reads a cell that holds a count, or the marker that replaces it.
// The return is filled in from a spreadsheet, so its errors come along.
func spoCount(t *table, column int, beside stats.Markers) (stats.Value, *stats.Fault) {
	const instead = "where there is none, write x (not available), z (not applicable) or c (confidential)"
	text := t.text(column)
	if n, ok := count(text); ok {
		if n < 0 {
			return stats.Value{}, t.fault(column, "a count cannot be below zero: send the corrected count of the period")
		}
		return stats.Value{Number: n, Known: true, Markers: beside}, nil
	}
	if markers, err := stats.ParseMarkers(text); err == nil && (stats.Value{Markers: markers}).Validate() == nil && len(markers) == 1 {
		return stats.Value{Markers: markers}, nil
	}
	switch {
	case text == "":
		return stats.Value{}, t.fault(column, "the cell is empty, and a gap is not a zero: write 0 where there were none; "+instead)
	case strings.HasPrefix(text, "#"):
		return stats.Value{}, t.fault(column, "this is an error of the spreadsheet and not a count: write the count; "+instead)
	}
	return stats.Value{}, t.fault(column, "not a count: write it in digits; "+instead)
}

// spoPeopleFault: every order is against one person, so there are no more
// people than orders, and there is somebody where there is an order. What was
// refused, granted or withdrawn may have been applied for in an earlier
// period, so those are not held against each other.
func spoPeopleFault(t *table, values map[int]stats.Value) *stats.Fault {
	interim, full, people := values[spoInterim], values[spoFull], values[spoPeople]
	if !interim.Known || !full.Known || !people.Known {
		return nil
	}
	orders := interim.Number + full.Number
	switch {
	case people.Number > orders:
		return t.fault(spoPeople, fmt.Sprintf("there are more people than orders granted (%.0f): count each person once", orders))
	case people.Number == 0 && orders > 0:
		return t.fault(spoPeople, fmt.Sprintf("orders were granted (%.0f), so there are people against whom: count them, or write x", orders))
	}
	return nil
}
