package dashboard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// breachesRisen is a force whose orders granted are within chance while breaches of orders
// are more than chance explains: 32 from January to August, against 8.
func breachesRisen() (*stats.Measures, []stats.Series) {
	measures := append(slices.Clone(testMeasures().All()), stats.Measure{ID: "spo_breaches", Name: "Breaches of Stalking Protection Orders", Unit: "breaches",
		AddsUp: stats.OverAreasAndPeriods, Direction: stats.Neither, ForceSource: "force_return"})
	known := stats.NewMeasures(measures)
	var figures []stats.Figure
	for month := time.January; month <= time.August; month++ {
		for year, of := range map[int][2]float64{2023: {6, 1}, 2024: {7, 4}} {
			figures = append(figures, count("spo_granted", bedfordshire.Code, "force_return", stats.Month(year, month), of[0], 2), count("spo_breaches", bedfordshire.Code, "force_return", stats.Month(year, month), of[1], 3))
		}
	}
	slices.SortStableFunc(figures, func(a, b stats.Figure) int { return stats.ComparePeriods(a.Period, b.Period) })
	return known, analysis.Group(figures, known, testAreas())
}

const breachesSaid = "Breaches of Stalking Protection Orders from 1 January to 31 August 2024 are 32, against 8 in the same days of 2023: more than chance explains."

// Breaches beyond chance are told by every page that tells of special causes: in the title of
// /orders, on the overview and in what has changed.
func TestBreachesBeyondChanceAreTold(t *testing.T) {
	measures, series := breachesRisen()
	ref := testReference()
	ref.measures = measures

	in := ordersInput{reference: ref, area: bedfordshire, choice: yearToDateChoice, stages: measuresNamed(measures, orderStages), series: series}
	orders, err := in.build()
	if want := "Bedfordshire: breaches of Stalking Protection Orders rose beyond chance (32, against 8)"; err != nil || orders.Title != want {
		t.Errorf("orders: %q, want %q, %v", orders.Title, want, err)
	}
	if want := ": within chance. Beyond chance: breaches of Stalking Protection Orders (32, against 8)."; !strings.HasSuffix(orders.Says, want) {
		t.Errorf("orders: %q, want it to end with %q", orders.Says, want)
	}

	over := testOverview(bedfordshire)
	over.measures = measures
	over.series = append(testSeries(), series...)
	page, err := buildOverview(over)
	if err != nil || !slices.ContainsFunc(page.Know, func(f fact) bool {
		return f.Words == breachesSaid && f.Label == "Change" && strings.Contains(f.Address, "spo_breaches") ||
			slices.ContainsFunc(f.Links, func(l joinedLink) bool { return l.Text == "Breaches of Stalking Protection Orders (change)" })
	}) {
		t.Errorf("the overview: %+v, %v", page.Know, err)
	}

	since := sinceInput{areas: testAreas(), area: bedfordshire, since: stats.Day(2024, time.September, 1)}
	f := sinceFigures{measures: measures, series: series, fresh: []query.Fresh{{Measure: "spo_breaches", Source: "force_return", Period: stats.Month(2024, time.August), New: true}}}
	limits := outOfLimitsOf(since, f, ref)
	if len(limits.Signals) != 1 || limits.Signals[0].Words != breachesSaid || limits.Signals[0].Figure.Text != "1 Jan to 31 Aug 2024: 32" || !limits.Newest.Equal(stats.Day(2024, time.August, 31)) {
		t.Errorf("what has changed: %+v", limits)
	}
	if !slices.Contains(f.told(), "spo_breaches") {
		t.Error("breaches are not read")
	}
	f.fresh[0].Period = stats.Month(2023, time.December) // nothing of the two years is new
	if limits := outOfLimitsOf(since, f, ref); len(limits.Signals) > 0 {
		t.Errorf("nothing is new: %+v", limits.Signals)
	}
}
