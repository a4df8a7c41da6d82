package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func checker() *Checker {
	return New(stats.NewAreas([]stats.Area{
		{Code: stats.EnglandAndWales, Name: "England and Wales", Kind: stats.Country},
		{Code: "E23000026", Name: "Bedfordshire", Kind: stats.TerritorialForce},
		{Code: "BTP", Name: "British Transport Police", Kind: stats.NationalForce},
		{Name: "CIFAS", Kind: stats.NotAForce},
	}), stats.NewMeasures([]stats.Measure{
		{ID: "charges"}, {ID: "rate", Basis: "outcomes", Numerator: "charges", Denominator: "outcomes"},
	}), stats.Day(2024, 9, 27))
}

func observation(change func(*stats.Observation)) stats.Observation {
	o := stats.Observation{
		Key:   stats.Key{Measure: "charges", Area: "E23000026", Source: "test", Period: stats.Month(2024, 3)},
		Value: stats.Number(5), Origin: stats.Origin{Row: 2},
	}
	change(&o)
	return o
}

func TestRow(t *testing.T) {
	for name, tt := range map[string]struct {
		row  any
		want *stats.Fault
	}{
		"figure":            {observation(func(*stats.Observation) {}), nil},
		"British Transport": {observation(func(o *stats.Observation) { o.Area = "BTP" }), nil},
		"marker":            {observation(func(o *stats.Observation) { o.Value = stats.Missing(stats.Confidential) }), nil},
		"correction":        {observation(func(o *stats.Observation) { o.Value = stats.Number(-1) }), nil},
		"unknown area":      {observation(func(o *stats.Observation) { o.Area = "Luton" }), &stats.Fault{Column: "area_code", Value: "Luton", Reason: unknownArea}},
		"no area":           {observation(func(o *stats.Observation) { o.Area = "" }), &stats.Fault{Column: "area_code", Reason: unknownArea}},
		"a sum":             {observation(func(o *stats.Observation) { o.Area = stats.EnglandAndWales }), &stats.Fault{Column: "area_code", Value: "K04000001", Reason: "figures of England and Wales are added up from the forces and cannot be loaded"}},
		"unknown measure":   {observation(func(o *stats.Observation) { o.Measure = "charge" }), &stats.Fault{Column: "measure", Value: "charge", Reason: unknownMeasure}},
		"rate":              {observation(func(o *stats.Observation) { o.Measure = "rate" }), &stats.Fault{Column: "measure", Value: "rate", Reason: "this is a rate: it is worked out and cannot be loaded; send its two counts"}},
		"nothing":           {observation(func(o *stats.Observation) { o.Value = stats.Value{} }), &stats.Fault{Column: "value", Reason: "a missing value needs one of the markers c, x, z or k"}},
		"half an offence":   {observation(func(o *stats.Observation) { o.Value = stats.Number(0.5) }), &stats.Fault{Column: "value", Value: "0.5", Reason: "a count must be a whole number"}},
		"break":             {stats.Break{Measures: []string{"charges", "rate"}}, nil},
		"break here":        {stats.Break{Measures: []string{"charges"}, Areas: []string{"E23000026"}}, nil},
		"break nowhere":     {stats.Break{Measures: []string{"charges"}, Areas: []string{"E2300026"}}, &stats.Fault{Column: "areas", Value: "E2300026", Reason: unknownArea}},
		"break of nothing":  {stats.Break{Measures: []string{"charge"}}, &stats.Fault{Column: "measures", Value: "charge", Reason: unknownMeasure}},
		"not over yet": {observation(func(o *stats.Observation) { o.Period = stats.Month(2024, 9) }), &stats.Fault{Column: "period", Value: "Sep 2024",
			Reason: "the period has not ended yet: send its figure when it has, or the days that are over as 2024-09-01/2024-09-27"}},
		"over today": {observation(func(o *stats.Observation) { o.Period.End = stats.Day(2024, 9, 27) }), nil},
		"progress":   {stats.Progress{Area: "anything"}, nil},
		"area":       {stats.Area{Code: "E1"}, nil},
	} {
		if diff := cmp.Diff(tt.want, checker().Row(tt.row)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestTheSameFigureTwice: also where the period is written in another way. A
// breakdown is another figure than its total.
func TestTheSameFigureTwice(t *testing.T) {
	c := checker()
	quarter, err := stats.ParsePeriod("2024-04-01/2024-06-30")
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		row  stats.Observation
		want string
	}{
		{observation(func(o *stats.Observation) { o.Period = stats.Quarter(2024, 1) }), ""},
		{observation(func(o *stats.Observation) { o.Period, o.Breakdown, o.BreakdownValue = quarter, "domestic", "yes" }), ""},
		{observation(func(o *stats.Observation) { o.Period, o.Area = quarter, "BTP" }), ""},
		{observation(func(o *stats.Observation) { o.Period, o.Value, o.Origin.Row = quarter, stats.Number(6), 9 }), "row 2 has this area, measure and period (2024/25 Q1) already: only one can be right"},
	} {
		got := ""
		if fault := c.Row(tt.row); fault != nil {
			got = fault.Reason
		}
		if got != tt.want {
			t.Errorf("row %d: %q, want %q", i, got, tt.want)
		}
	}
}

// forces is all 43, England and Wales, and BTP.
func forces() []stats.Area {
	all := []stats.Area{
		{Code: stats.EnglandAndWales, Name: "England and Wales", Kind: stats.Country},
		{Code: "BTP", Name: "British Transport Police", Kind: stats.NationalForce},
	}
	for i := range stats.ForceCount {
		all = append(all, stats.Area{Code: fmt.Sprintf("E230000%02d", i+1), Name: fmt.Sprintf("Force %d", i+1), Kind: stats.TerritorialForce})
	}
	return all
}

func TestWholeFileOfAreas(t *testing.T) {
	for name, tt := range map[string]struct {
		served, file []stats.Area
		says         string
	}{
		"all there":     {nil, forces(), ""},
		"again":         {forces(), forces(), ""},
		"one force":     {nil, forces()[:3], "1 territorial forces"},
		"no country":    {nil, forces()[1:], "England and Wales (K04000001"},
		"one that goes": {forces(), append(forces()[:1], forces()[2:]...), "British Transport Police (BTP) is served"},
	} {
		c := New(stats.NewAreas(tt.served), stats.NewMeasures(nil), time.Time{})
		for _, area := range tt.file {
			if fault := c.Row(area); fault != nil {
				t.Errorf("%s: %+v", name, fault)
			}
		}
		if got := c.File(); tt.says == "" && got != "" || !strings.Contains(got, tt.says) {
			t.Errorf("%s: File() = %q, want %q in it", name, got, tt.says)
		}
	}
}

func TestWholeFileOfMeasures(t *testing.T) {
	count, rate := stats.Measure{ID: "charges"}, stats.Measure{ID: "rate", Basis: "outcomes", Numerator: "charges", Denominator: "outcomes"}
	for name, tt := range map[string]struct {
		served, file []stats.Measure
		says         string
	}{
		"counts":       {nil, []stats.Measure{count}, ""},
		"a whole rate": {nil, []stats.Measure{count, {ID: "outcomes"}, rate}, ""},
		"of the people": {nil, []stats.Measure{{ID: "charges", AddsUp: stats.OverAreasAndPeriods}, {ID: "outcomes", AddsUp: stats.OverAreas, Origin: stats.Origin{Row: 3}},
			{ID: "rate", Basis: "outcomes", Numerator: "charges", Denominator: "outcomes", AddsUp: stats.OverAreasAndPeriods, Origin: stats.Origin{Row: 4}}},
			"row 4: the rate rate adds up over areas and periods, and its count outcomes only over areas: write areas for the rate too"},
		"half a sum":    {nil, []stats.Measure{count, {ID: "all", Parts: []string{"charges", "others"}, Origin: stats.Origin{Row: 3}}}, `row 3: all is the sum of "others", and no count in the file has that name`},
		"half a rate":   {nil, []stats.Measure{count, rate}, `worked out from "outcomes"`},
		"one that goes": {[]stats.Measure{count, rate}, []stats.Measure{count}, "the measure rate is served"},
	} {
		c := New(stats.NewAreas(nil), stats.NewMeasures(tt.served), time.Time{})
		for _, m := range tt.file {
			if fault := c.Row(m); fault != nil {
				t.Errorf("%s: %+v", name, fault)
			}
		}
		if got := c.File(); tt.says == "" && got != "" || !strings.Contains(got, tt.says) {
			t.Errorf("%s: File() = %q, want %q in it", name, got, tt.says)
		}
	}
}
