package published

import (
	"slices"
	"testing"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestAWithheldTableIsDecidedAgain: the program may have learnt to protect it. What was
// decided otherwise stands.
func TestAWithheldTableIsDecidedAgain(t *testing.T) {
	structure := disclosure.Structure{Forces: []string{"E23000001", "E23000002", "E23000003"}, Measures: stats.NewMeasures([]stats.Measure{{ID: "events", AddsUp: stats.OverAreasAndPeriods}})}
	var cells []disclosure.Cell
	for area, n := range map[string]float64{"E23000001": 3, "E23000002": 12, "E23000003": 20, stats.EnglandAndWales: 35} {
		cells = append(cells, disclosure.Cell{Key: stats.Key{Measure: "events", Source: "return", Area: area, Period: stats.FinancialYear(2021)}, Value: n})
	}
	before := func(why disclosure.Reason) (past []query.PastDecision) {
		for _, c := range cells {
			past = append(past, query.PastDecision{Decision: disclosure.Decision{Cell: c, Reason: why}})
		}
		return past
	}
	d := tables{disclosure.Rules{Threshold: 5}, structure, ""}
	// What is shown after one that was withheld is known from then on.
	past := before(disclosure.Withheld)
	first, _, err := d.ofOne(cells, past)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range first {
		past = append(past, query.PastDecision{Decision: c, Place: 1})
	}
	corrected := slices.Clone(cells)
	for i, c := range corrected {
		if c.Area == "E23000001" || c.Area == stats.EnglandAndWales {
			corrected[i].Value += 5
		}
	}
	second, _, err := d.ofOne(corrected, past)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range second {
		if c.Area == "E23000001" && c.Reason == disclosure.Shown {
			t.Errorf("the corrected count is shown, by which the former, hidden one is known: %v, then %v", first, second)
		}
	}
	if changed, hidden, err := d.ofOne(cells, before(disclosure.Withheld)); err != nil || len(changed) != 4 || hidden != 2 {
		t.Errorf("withheld before: %d changed, %d hidden, %v: want 4, 2", len(changed), hidden, err)
	}
	if changed, hidden, err := d.ofOne(cells, before(disclosure.Secondary)); err != nil || len(changed) != 0 || hidden != 4 {
		t.Errorf("hidden before: %d changed, %d hidden, %v: want 0, 4", len(changed), hidden, err)
	}
}

// TestDecidedOn: a document is nobody, so that it is neither hidden nor hides another count;
// staff are people.
func TestDecidedOn(t *testing.T) {
	document := []stats.Bearing{{Ref: "D", Strength: stats.Document}}
	measures := stats.NewMeasures([]stats.Measure{
		{ID: "charges", AddsUp: stats.OverAreasAndPeriods},
		{ID: "charge_rate", Numerator: "charges", Denominator: "outcomes", AddsUp: stats.OverAreasAndPeriods},
		{ID: "median_days", AddsUp: stats.OverNothing},
		{ID: "staff_trained", AddsUp: stats.OverAreas},
		{ID: "action_plan_published", AddsUp: stats.OverAreas, Bearings: document},
	})
	if got := decidedOn(measures); !slices.Equal(got, []string{"charges", "staff_trained"}) {
		t.Errorf("decided on %v", got)
	}
}
