package dashboard

import (
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// perPopulation is a rate of recorded offences that is in no row of its own.
var perPopulation = stats.Measure{ID: "stalking_per_1000_population", Name: "Recorded stalking per 1,000 people", Unit: "per 1,000 population", Numerator: "stalking_recorded",
	Denominator: "population", DenominatorSource: "ons_population", Per: 1000, Interval: stats.Byar, AddsUp: stats.OverAreasAndPeriods, CompareSource: "home_office_recorded_crime"}

// withPopulation is an overview for which that rate is loaded, of two forces and all.
func withPopulation(area stats.Area) overviewInput {
	in := testOverview(area)
	in.measures, in.areas = stats.NewMeasures(append(in.measures.All(), perPopulation)), testAreas()
	of := func(area string, numerator, people float64) stats.Figure {
		f := count(perPopulation.ID, area, "home_office_recorded_crime", stats.Quarter(2017, 4), 0, 4)
		f.Numerator, f.Denominator = stats.Number(numerator), stats.Number(people)
		f.Value = analysis.Rate(perPopulation, f.Numerator, f.Denominator)
		return f
	}
	in.peers = []stats.Figure{of(bedfordshire.Code, 19, 664500), of(cheshire.Code, 1100, 1059000)}
	in.series = append(in.series, analysis.Group(append(slices.Clone(in.peers), of(stats.EnglandAndWales, 3152, 58e6)), in.measures, in.areas)...)
	return in
}

// TestGroupOfACount: counts of forces do not compare. A rate of the count stands for the
// group where all forces have it, with its limits; else the row says why there is none.
func TestGroupOfACount(t *testing.T) {
	page, err := buildOverview(withPopulation(bedfordshire))
	if err != nil {
		t.Fatal(err)
	}
	a := page.Headlines[0].AllForces
	if a == nil || a.Rate != perPopulation.Name || a.National.Value != "0.05 per 1,000 population" || a.Own != "0.03 per 1,000 population" || a.Position != analysis.Below998 {
		t.Fatalf("recorded offences beside all forces: %+v", a)
	}
	if csv, err := url.Parse(page.CSV); err != nil || !slices.Contains(csv.Query()["measure"], perPopulation.ID) {
		t.Errorf("the page's CSV, %s, lacks the rate that the page shows", page.CSV)
	}
	const outside = "Recorded stalking per 1,000 people in 2017/18 Q4 (January to March 2018): Bedfordshire 0.03 per 1,000 population is below the 99.8% limit of all forces."
	if !slices.ContainsFunc(page.Know, func(f fact) bool { return f.Words == outside && f.Address == a.Compare }) {
		t.Errorf("what to know lacks %q: %+v", outside, page.Know)
	}
	var says []string
	for _, h := range page.Headlines[1:] {
		says = append(says, h.NoGroup+" "+h.GroupInstead.Text)
	}
	unloaded := testOverview(bedfordshire)
	unloaded.measures = stats.NewMeasures(append(unloaded.measures.All(), perPopulation))
	bare, err := buildOverview(unloaded)
	if err != nil || bare.Headlines[0].AllForces != nil {
		t.Fatalf("recorded offences beside a total: %+v, %v", bare.Headlines[0].AllForces, err)
	}
	want := []string{
		"counts of forces of different size do not compare: see the charge rate (of all outcomes)", " ",
		"counts of forces of different size do not compare, and no source has a rate of this for all forces. ",
		"counts of forces of different size do not compare. The rate that would, recorded stalking per 1,000 people, has no figure of all forces loaded.",
	}
	if diff := cmp.Diff(want, append(says, bare.Headlines[0].NoGroup)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	country, err := buildOverview(withPopulation(allOfThem))
	if err != nil || country.Headlines[0].NoGroup != "" || country.Headlines[0].AllForces != nil {
		t.Errorf("England and Wales beside itself: %+v, %v", country.Headlines[0], err)
	}
}

// A force without an area of its own is placed among no others, and its rows say why; beside a
// count on its own page the total of all forces says what it is.
func TestWhatIsNotComparedSaysWhy(t *testing.T) {
	transport, _ := testAreas().ByCode("BTP")
	for _, id := range []string{"stalking_charges", "charge_rate"} {
		h, err := headlineOf(testMeasures().ByID(id)[0], transport, testSeries(), testReference())
		if want := "British Transport Police has no area of its own, and is not compared with the forces that have one."; err != nil || h.NoGroup != want || h.AllForces != nil {
			t.Errorf("%s: %q, %+v, %v", id, h.NoGroup, h.AllForces, err)
		}
	}
	all := forcesComparison{compareRequest: compareRequest{areas: testAreas(), area: bedfordshire, period: stats.FinancialYear(2021)}}
	if got, want := all.groupWords(), " Left out: British Transport Police, since a force without an area of its own is not like those that have one."; !strings.HasSuffix(got, want) {
		t.Errorf("the comparison says %q, want it to end with %q", got, want)
	}
	ref := testReference()
	ref.areas = testAreas()
	for id, want := range map[string]bool{"stalking_recorded": true, "charge_rate": false} {
		page, err := buildMeasure(id, bedfordshire, testSeries(), ref)
		if err != nil {
			t.Fatal(err)
		}
		body, err := newSite(t, io.Discard).templates.execute("measure", &page)
		if got := strings.Contains(text(parse(t, body)), "All forces’ figure is the total of their counts, and compares nothing."); err != nil || got != want {
			t.Errorf("%s: says that it is a total: %v, %v", id, got, err)
		}
	}
}
