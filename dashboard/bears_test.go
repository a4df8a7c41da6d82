package dashboard

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// bearingOnOrders is the fixture's evidence, in which orders granted bear on what is asked
// about orders, and breaches, which have no figure, on what is asked about those.
func bearingOnOrders() evidence {
	measures := slices.Clone(testMeasures().All())
	for i := range measures {
		if measures[i].ID == "spo_granted" {
			measures[i].Bearings, measures[i].WhatItShows = []stats.Bearing{{Ref: "orders", Strength: stats.Partial}}, "partial: counts are low"
		}
	}
	measures = append(measures, stats.Measure{ID: "spo_breaches", Name: "Breaches of Stalking Protection Orders", Unit: "breaches", AddsUp: stats.OverAreasAndPeriods,
		Bearings: []stats.Bearing{{Ref: "breaches", Strength: stats.Partial}}, WhatItShows: "partial: more breaches can mean better monitoring"})
	ref := testReference()
	ref.measures = stats.NewMeasures(measures)
	figures := append(testFigures(), count("spo_granted", bedfordshire.Code, "force_return", stats.FinancialYear(2021), 14, 9))
	return evidenceOf(figures, testAreas(), bedfordshire, ref)
}

// Figures of what is asked about orders and breaches stand below the asks, since its number is
// not known: they are none of the 29, none of the asks of the register, and have no status.
func TestFiguresOnAnAskWithoutANumber(t *testing.T) {
	found := bearingOnOrders()
	page := buildRecommendations(testRecord(), bedfordshire, found, true, testNow)
	if len(page.Numbered) != 29 || len(page.Asks) != 2 {
		t.Fatalf("%d numbered, %d asks", len(page.Numbered), len(page.Asks))
	}
	body, err := newSite(t, io.Discard).templates.execute("recommendations", &page)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, item := range pagetest.Elements(parse(t, body), "li", "item") {
		if id := pagetest.Attribute(item, "id"); id == "item-orders" || id == "item-breaches" {
			got = append(got, text(item))
		}
	}
	want := []string{
		"Orders (number not known) Figures that bear on it Stalking Protection Orders granted: 14, year to Mar 2022 Stalking Protection Orders granted in the year to March 2022: no limits yet: only 1 point. Partial: counts are low",
		"Breaches (number not known) Evidence Evidence needed: no figure of “Breaches of Stalking Protection Orders” is loaded.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("below the asks (-want +got):\n%s", diff)
	}
	if i, j := strings.Index(string(body), "item-A"), strings.Index(string(body), "Figures that bear on an ask whose number is not known"); i < 0 || j < i {
		t.Errorf("the asks are at %d, the subjects at %d", i, j)
	}

	// Once the register has it, it is an ask like the others.
	rec := testRecord()
	rec.register = append(rec.register, stats.Recommendation{Ref: "orders", Addressee: "chief constables", Ask: "Use them."})
	page = buildRecommendations(rec, bedfordshire, found, true, testNow)
	if last := page.Asks[len(page.Asks)-1]; last.Ref != "orders" || len(last.Figures) != 1 || len(page.Subjects) != 1 {
		t.Errorf("entered: %+v, %d subjects", last, len(page.Subjects))
	}
}

// A measure says which asks it bears on and what it can show of them; so does the page of orders.
func TestWhatAMeasureBearsOn(t *testing.T) {
	m := stats.Measure{Bearings: []stats.Bearing{{Ref: "16", Strength: stats.Partial}, {Ref: "25", Strength: stats.Partial}, {Ref: "orders", Strength: stats.Strong}}, WhatItShows: "who was offered support"}
	var got []string
	for _, line := range bearsOnOf(m, bedfordshire) {
		said := ""
		for _, ask := range line.Asks {
			said += ask.Joint + ask.Text + " <" + ask.Address + ">"
		}
		got = append(got, said+": "+line.Proves)
	}
	want := []string{
		"Recommendation 16 </recommendations?area=E23000026#item-16> and Recommendation 25 </recommendations?area=E23000026#item-25>: Partial: who was offered support",
		"Orders (number not known) </recommendations?area=E23000026#item-orders>: Strong: who was offered support",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if line := bearsOnOf(m, allOfThem)[0]; line.Asks[0].Address != "" {
		t.Errorf("of a country: %+v", line)
	}

	found := bearingOnOrders()
	page, err := buildMeasure("spo_granted", bedfordshire, found.series, found.reference)
	if err != nil {
		t.Fatal(err)
	}
	body, err := newSite(t, io.Discard).templates.execute("measure", &page)
	if says := "Asks that it bears on: Orders (number not known). Partial: counts are low."; err != nil || !strings.Contains(text(parse(t, body)), says) {
		t.Errorf("the page of the measure does not say %q: %v", says, err)
	}

	in := ordersInput{reference: found.reference, area: bedfordshire, stages: measuresNamed(found.measures, orderStages)}
	for _, s := range found.series {
		if s.Measure.ID == "spo_granted" {
			in.series = []stats.Series{s}
		}
	}
	orders, err := in.build()
	if err != nil {
		t.Fatal(err)
	}
	body, err = newSite(t, io.Discard).templates.execute("orders", &orders)
	if says := "Asks that these figures bear on: Orders (number not known) and Breaches (number not known)."; err != nil || !strings.Contains(text(parse(t, body)), says) {
		t.Errorf("the page of orders does not say %q: %v", says, err)
	}
}
