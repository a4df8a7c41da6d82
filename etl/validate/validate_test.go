package validate

import (
	"testing"

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
	}))
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
		"progress":          {stats.Progress{Area: "anything"}, nil},
		"area":              {stats.Area{Code: "E1"}, nil},
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
