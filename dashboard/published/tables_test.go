package published

import (
	"testing"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestAWithheldTableIsDecidedAgain: the program may have learnt to protect it. What was
// decided otherwise stands.
func TestAWithheldTableIsDecidedAgain(t *testing.T) {
	structure := disclosure.Structure{Forces: []string{"E23000001", "E23000002"}, Measures: stats.NewMeasures([]stats.Measure{{ID: "events", AddsUp: stats.OverAreasAndPeriods}})}
	var cells []disclosure.Cell
	for area, n := range map[string]float64{"E23000001": 3, "E23000002": 12, stats.EnglandAndWales: 15} {
		cells = append(cells, disclosure.Cell{Key: stats.Key{Measure: "events", Source: "return", Area: area, Period: stats.FinancialYear(2021)}, Value: n})
	}
	before := func(why disclosure.Reason) (past []query.PastDecision) {
		for _, c := range cells {
			past = append(past, query.PastDecision{Decision: disclosure.Decision{Cell: c, Reason: why}})
		}
		return past
	}
	d := tables{disclosure.Rules{Threshold: 5}, structure}
	if changed, hidden, err := d.ofBasis(cells, before(disclosure.Withheld)); err != nil || len(changed) != 3 || hidden != 2 {
		t.Errorf("withheld before: %d changed, %d hidden, %v: want 3, 2", len(changed), hidden, err)
	}
	if changed, hidden, err := d.ofBasis(cells, before(disclosure.Secondary)); err != nil || len(changed) != 0 || hidden != 3 {
		t.Errorf("hidden before: %d changed, %d hidden, %v: want 0, 3", len(changed), hidden, err)
	}
}
