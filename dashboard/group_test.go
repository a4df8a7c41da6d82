package dashboard

import (
	"testing"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// Two headline rates can be of the same source, basis and period: each force has
// to stand where its own rate is.
func TestAForceIsPlacedByTheRateItself(t *testing.T) {
	year := stats.FinancialYear(2021)
	charged, _ := testMeasures().Of("charge_rate", "outcomes")
	withdrawn := charged
	withdrawn.ID = "victim_does_not_support_rate"
	of := func(m stats.Measure, area stats.Area, numerator float64) stats.Figure {
		f := rate(area.Code, "published_force_figures", year, numerator, 1000)
		f.Measure = m.ID
		return f
	}
	ref := testReference()
	ref.areas = testAreas()
	ref.peers = []stats.Figure{
		of(charged, bedfordshire, 60), of(charged, cheshire, 60),
		of(withdrawn, bedfordshire, 300), of(withdrawn, cheshire, 500),
	}
	for _, test := range []struct {
		measure stats.Measure
		want    analysis.Position
	}{{charged, analysis.InsideLimits}, {withdrawn, analysis.Below998}} {
		a := &allForces{Period: year}
		a.place(test.measure, bedfordshire, "outcomes", ref)
		if a.Position != test.want {
			t.Errorf("by %s Bedfordshire is %q, want %q", test.measure.ID, a.Position, test.want)
		}
	}
}
