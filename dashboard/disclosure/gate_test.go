package disclosure

import (
	"slices"
	"testing"

	"stalkstats/internal/stats"
)

func TestRound(t *testing.T) {
	r := Rules{Threshold: 5, Rounding: 5}
	for in, want := range map[float64]stats.Value{
		0: stats.Number(0), 2: stats.Missing(stats.LowNotZero), 2.5: stats.Number(5), 7: stats.Number(5), 7.5: stats.Number(10), 12: stats.Number(10), 13: stats.Number(15),
		-7: stats.Number(-5), 1000002: stats.Number(1000000),
	} {
		if got := r.Round(stats.Number(in)); got != want {
			t.Errorf("Round(%v) = %v, want %v", in, got, want)
		}
	}
	if got := (Rules{}).Round(stats.Number(7)); got != stats.Number(7) {
		t.Errorf("without rounding 7 is %v", got)
	}
	if got := r.Round(stats.Number(7, stats.Provisional)); got != stats.Number(5, stats.Provisional) {
		t.Errorf("a marker beside it is lost: %v", got)
	}
}

func gateMeasures() *stats.Measures {
	return stats.NewMeasures([]stats.Measure{
		{ID: "charges", AddsUp: stats.OverAreasAndPeriods}, {ID: "outcomes", AddsUp: stats.OverAreasAndPeriods},
		{ID: "people", AddsUp: stats.OverAreas}, {ID: "median", AddsUp: stats.OverNothing},
		{ID: "charge_rate", Basis: "outcomes", Numerator: "charges", Denominator: "outcomes", Per: 100, Interval: stats.Wilson},
		{ID: "per_people", Numerator: "charges", Denominator: "people", DenominatorSource: "census", Per: 1000, Interval: stats.Byar},
	})
}

func at(measure, basis string) stats.Key {
	return stats.Key{Measure: measure, Basis: basis, Area: "E23000026", Source: "return", Period: stats.FinancialYear(2021)}
}

func TestGate(t *testing.T) {
	gate := Gate{Rules{5, 5}, NewPattern([]Cell{
		{Key: at("charges", ""), Value: 53}, {Key: at("outcomes", ""), Value: 981}, {Key: at("outcomes", "closed"), Value: 982}, {Key: at("median", ""), Value: 30},
	}), gateMeasures(), nil}
	rate := func(basis string, numerator, denominator float64) stats.Figure {
		return stats.Figure{Key: at("charge_rate", basis), Value: stats.Number(100 * numerator / denominator), Numerator: stats.Number(numerator), Denominator: stats.Number(denominator),
			Lower95: stats.Number(1), Upper95: stats.Number(9), Note: "demonstration; two cases were of one man; sum of 42 of 43 forces, no figure from Greater Manchester"}
	}
	confidential := stats.Missing(stats.Confidential)
	for name, v := range map[string]struct {
		in                            stats.Figure
		value, numerator, denominator stats.Value
	}{
		"a count that is shown is rounded":              {stats.Figure{Key: at("charges", ""), Value: stats.Number(53)}, stats.Number(55), stats.Value{}, stats.Value{}},
		"with another number it is hidden":              {stats.Figure{Key: at("charges", ""), Value: stats.Number(54)}, confidential, stats.Value{}, stats.Value{}},
		"one that nobody decided on is hidden":          {stats.Figure{Key: at("charges", "other"), Value: stats.Number(53)}, confidential, stats.Value{}, stats.Value{}},
		"one of an unknown measure is hidden":           {stats.Figure{Key: at("nothing", ""), Value: stats.Number(53)}, confidential, stats.Value{}, stats.Value{}},
		"a hidden one tells nothing else":               {stats.Figure{Key: at("charges", ""), Value: stats.Number(54, stats.Revised, stats.Provisional)}, confidential, stats.Value{}, stats.Value{}},
		"a marker stays":                                {stats.Figure{Key: at("charges", ""), Value: stats.Missing(stats.NotAvailable)}, stats.Missing(stats.NotAvailable), stats.Value{}, stats.Value{}},
		"a median is hidden":                            {stats.Figure{Key: at("median", ""), Value: stats.Number(30)}, confidential, stats.Value{}, stats.Value{}},
		"nor is it told that there is none":             {stats.Figure{Key: at("median", ""), Value: stats.Missing(stats.NotAvailable)}, confidential, stats.Value{}, stats.Value{}},
		"a rate is of the counts as shown":              {rate("outcomes", 53, 981), stats.Number(100 * 55.0 / 980), stats.Number(55), stats.Number(980)},
		"a rate of another numerator is hidden":         {rate("outcomes", 52, 981), confidential, stats.Value{}, stats.Value{}},
		"a rate of a hidden denominator is hidden":      {rate("outcomes, other", 53, 981), confidential, stats.Value{}, stats.Value{}},
		"the count of a rate on a basis is of it alone": {rate("outcomes, closed", 53, 982), confidential, stats.Value{}, stats.Value{}},
		"a stock may be known": {stats.Figure{Key: at("per_people", ""), Value: stats.Number(1), Numerator: stats.Number(53), Denominator: stats.Number(2001)},
			stats.Number(1000 * 55.0 / 2001), stats.Number(55), stats.Number(2001)},
	} {
		t.Run(name, func(t *testing.T) {
			got := gate.Through(v.in)
			if got.Value != v.value || got.Numerator != v.numerator || got.Denominator != v.denominator {
				t.Errorf("got %v of %v and %v, want %v of %v and %v", got.Value, got.Numerator, got.Denominator, v.value, v.numerator, v.denominator)
			}
			if !got.Value.Known && (got.Lower95.Known || got.Upper95.Known) {
				t.Error("the limits of a hidden rate are there")
			}
			if got.Note != "" && got.Note != "demonstration; sum of 42 of 43 forces, no figure from Greater Manchester" {
				t.Errorf("a figure keeps the note %q", got.Note)
			}
		})
	}
	if got := gate.Through(rate("outcomes", 53, 981)); !(got.Lower95.Number > 4 && got.Upper95.Number > got.Lower95.Number && got.Upper95.Number < 8) {
		t.Errorf("the limits are %v and %v: they are not of the rounded counts", got.Lower95, got.Upper95)
	}
}

// TestGateTellsNoRow: the rows between the first ones of two counts are a count.
func TestGateTellsNoRow(t *testing.T) {
	gate := Gate{Rules{5, 5}, NewPattern(nil), gateMeasures(), nil}
	f := stats.Figure{Key: at("charges", ""), Value: stats.Number(3), Origins: []stats.Origin{{File: "charges.csv", Row: 2}, {File: "charges.csv", Row: 5}, {File: "more.xlsx", Sheet: "3 of May", Row: 9}}}
	if got, want := gate.Through(f).Origins, []stats.Origin{{File: "charges.csv"}, {File: "more.xlsx"}}; !slices.Equal(got, want) {
		t.Errorf("a figure of the force leads to %v, want %v", got, want)
	}
	if f.Source = "home_office_outcomes"; !slices.Equal(gate.Through(f).Origins, f.Origins) {
		t.Error("a figure of open data does not lead to its rows")
	}
}

// What small numbers do to small tables, worked by hand.
func TestSecondary(t *testing.T) {
	cell := func(area string, value float64) Cell {
		return Cell{Key: stats.Key{Measure: "events", Area: area, Period: stats.FinancialYear(2021)}, Value: value}
	}
	national := func(value float64) Cell { return cell(stats.EnglandAndWales, value) }
	for name, v := range map[string]struct {
		cells []Cell
		want  []Reason // in order of areas, England and Wales last
	}{
		"the next smallest is hidden too":               {[]Cell{cell(forces[0], 3), cell(forces[1], 12), cell(forces[2], 7), national(22)}, []Reason{Primary, Shown, Secondary, Shown}},
		"two small ones hide each other":                {[]Cell{cell(forces[0], 3), cell(forces[1], 12), cell(forces[2], 4), national(19)}, []Reason{Primary, Shown, Primary, Shown}},
		"two ones do not: their total tells them":       {[]Cell{cell(forces[0], 1), cell(forces[1], 12), cell(forces[2], 1), national(14)}, []Reason{Primary, Secondary, Primary, Shown}},
		"a 0 stays, and where it is all the total goes": {[]Cell{cell(forces[0], 3), cell(forces[1], 0), cell(forces[2], 0), national(3)}, []Reason{Primary, Shown, Shown, Primary}},
		"the total goes where nothing else can":         {[]Cell{cell(forces[0], 3), cell(forces[1], 0), national(8)}, []Reason{Primary, Shown, Secondary}},
		"without a total nothing else is hidden":        {[]Cell{cell(forces[0], 3), cell(forces[1], 12)}, []Reason{Primary, Shown}},
		"nothing small, nothing hidden":                 {[]Cell{cell(forces[0], 5), cell(forces[1], 0), national(5)}, []Reason{Shown, Shown, Shown}},
	} {
		t.Run(name, func(t *testing.T) {
			decisions, err := NewTable(Rules{Threshold: 5}, structure(), "").Publish(v.cells)
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range decisions {
				if d.Reason != v.want[i] {
					t.Errorf("%s, %v: %q, want %q", d.Area, d.Value, d.Reason, v.want[i])
				}
			}
		})
	}
}

// TestGateOfSome: true figures of the areas in detail pass, but for the rows of their file;
// others as for everybody, and no sum of forces that is not open data.
func TestGateOfSome(t *testing.T) {
	of := func(area, source string) stats.Figure {
		k := at("charges", "")
		k.Area, k.Source = area, source
		return stats.Figure{Key: k, Value: stats.Number(53, stats.Revised), Note: "two were of one man", Origins: []stats.Origin{{File: "a.csv", Row: 7}}}
	}
	var all []Cell
	for _, source := range []string{"return", "home_office_outcomes"} {
		for _, area := range []string{"E23000026", "E23000006", stats.EnglandAndWales} {
			all = append(all, Cell{Key: of(area, source).Key, Value: 53})
		}
	}
	gate := Gate{Rules{5, 5}, NewPattern(all), gateMeasures(), &Some{InDetail: []string{"E23000026", stats.EnglandAndWales}}}
	rounded, confidential := stats.Number(55, stats.Revised), stats.Missing(stats.Confidential)
	for name, v := range map[string]struct {
		area, source string
		want         stats.Value
		note         bool
	}{
		"the own force":                   {"E23000026", "return", stats.Number(53, stats.Revised), true},
		"another force":                   {"E23000006", "return", rounded, false},
		"a sum, though it is named":       {stats.EnglandAndWales, "return", confidential, false},
		"a sum of open data":              {stats.EnglandAndWales, "home_office_outcomes", rounded, false},
		"open data of another, as of all": {"E23000006", "home_office_outcomes", rounded, false},
		"open data of the own":            {"E23000026", "home_office_outcomes", stats.Number(53, stats.Revised), true},
	} {
		got := gate.Through(of(v.area, v.source))
		if got.Value != v.want || (got.Note != "") != v.note {
			t.Errorf("%s: %v with the note %q, want %v", name, got.Value, got.Note, v.want)
		}
		if row := got.Origins[0].Row; (row != 0) != (v.source != "return") {
			t.Errorf("%s: row %d is told", name, row)
		}
	}
	gate.Some = &Some{}
	if got := gate.Through(of("E23000026", "return")); got.Value != rounded {
		t.Errorf("nothing in detail: %v", got.Value)
	}
}
