package dashboard

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/net/html"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// The figures of these tests are written out here: what is shown of them is
// what is tested, and how they are read is tested over the real engine.

var (
	bedfordshire = stats.Area{Code: "E23000026", Name: "Bedfordshire", Kind: stats.TerritorialForce}
	cheshire     = stats.Area{Code: "E23000006", Name: "Cheshire", Kind: stats.TerritorialForce}
	allOfThem    = stats.Area{Code: stats.EnglandAndWales, Name: "England and Wales", Kind: stats.Country}
	testNow      = time.Date(2024, time.October, 14, 9, 30, 0, 0, time.UTC)
)

func testAreas() *stats.Areas {
	return stats.NewAreas([]stats.Area{allOfThem, bedfordshire, cheshire,
		{Code: "BTP", Name: "British Transport Police", Kind: stats.NationalForce}})
}

func testMeasures() *stats.Measures {
	return stats.NewMeasures([]stats.Measure{
		{ID: "stalking_recorded", Name: "Recorded stalking offences", Definition: "Offences of stalking.", Unit: "offences", AddsUp: stats.OverAreasAndPeriods,
			Direction: stats.Neither, Headline: 1, ForceSource: "force_return", CompareSource: "home_office_recorded_crime"},
		{ID: "stalking_charges", Name: "Stalking charges", Definition: "People charged.", Unit: "charges", AddsUp: stats.OverAreasAndPeriods,
			Direction: stats.UpIsBetter, Headline: 2, ForceSource: "force_return", CompareSource: "published_force_figures"},
		{ID: "charge_rate", Basis: "outcomes", Name: "Charge rate (of all outcomes)", Definition: "Charges as a share of outcomes.", Unit: "percent", AddsUp: stats.OverAreasAndPeriods,
			Numerator: "stalking_charges", Denominator: "stalking_outcomes", Per: 100, Interval: stats.Wilson,
			Direction: stats.UpIsBetter, Headline: 3, ForceSource: "force_return", CompareSource: "published_force_figures", Caveat: "One of several.", Bearings: []stats.Bearing{{Ref: "E2", Strength: stats.Partial}}, WhatItShows: "partial: one of several"},
		{ID: "stalking_outcomes", Name: "Stalking outcomes assigned", Definition: "All outcomes.", Unit: "outcomes", AddsUp: stats.OverAreasAndPeriods, ForceSource: "force_return"},
		{ID: "spo_granted", Name: "Stalking Protection Orders granted", Definition: "Orders.", Unit: "orders", AddsUp: stats.OverAreasAndPeriods,
			Direction: stats.UpIsBetter, Headline: 4, ForceSource: "force_return"},
	})
}

func count(measure, area, source string, p stats.Period, value float64, row int) stats.Figure {
	return stats.Figure{
		Key:      stats.Key{Measure: measure, Area: area, Source: source, Period: p},
		Value:    stats.Number(value),
		Releases: []string{"20241001T060000-aaaabbbb"}, RetrievedAt: stats.Day(2024, time.October, 1),
		Origins: []stats.Origin{{File: source + ".csv", Row: row}},
	}
}

// monthly is the demonstration return as the real one is cut: months, and both
// Septembers in two rows, of which the second year has only the first.
func monthly(measure string, before, this float64) []stats.Figure {
	var figures []stats.Figure
	add := func(p stats.Period, value float64) {
		f := count(measure, bedfordshire.Code, "force_return", p, value, len(figures)+2)
		f.Note = stats.Demonstration
		figures = append(figures, f)
	}
	for _, year := range []struct {
		number int
		value  float64
	}{{2023, before}, {2024, this}} {
		for m := time.January; m <= time.August; m++ {
			add(stats.Month(year.number, m), year.value)
		}
		add(stats.Period{Start: stats.Day(year.number, time.September, 1), End: stats.Day(year.number, time.September, 27)}, year.value)
	}
	add(stats.Period{Start: stats.Day(2023, time.September, 28), End: stats.Day(2023, time.September, 30)}, 1)
	return figures
}

func rate(area, source string, p stats.Period, numerator, denominator float64) stats.Figure {
	f := count("charge_rate", area, source, p, 0, 9)
	f.Basis = "outcomes"
	f.Numerator, f.Denominator = stats.Number(numerator), stats.Number(denominator)
	m, _ := testMeasures().Of("charge_rate", "outcomes")
	f.Value = analysis.Rate(m, f.Numerator, f.Denominator)
	f.Lower95, f.Upper95 = analysis.Interval95(m, f)
	return f
}

func testFigures() []stats.Figure {
	figures := append(monthly("stalking_charges", 10, 17), monthly("stalking_recorded", 90, 100)...)
	national := count("stalking_recorded", stats.EnglandAndWales, "home_office_recorded_crime", stats.Quarter(2017, 4), 3152, 4)
	national.Note = "sum of 42 of 43 forces, no figure from Greater Manchester, and a great many others of that length"
	for row := range 42 {
		national.Origins = append(national.Origins, stats.Origin{File: "table.ods", Sheet: "2017-18", Row: 10 + 3*row})
	}
	missing := count("stalking_recorded", cheshire.Code, "home_office_recorded_crime", stats.Quarter(2017, 3), 0, 8)
	missing.Value = stats.Missing(stats.NotAvailable)
	year := stats.FinancialYear(2021)
	return append(figures, national, missing,
		count("stalking_recorded", bedfordshire.Code, "home_office_recorded_crime", stats.Quarter(2017, 4), 19, 5),
		count("stalking_recorded", cheshire.Code, "home_office_recorded_crime", stats.Quarter(2017, 2), 31, 7),
		count("stalking_recorded", cheshire.Code, "home_office_recorded_crime", stats.Quarter(2017, 4), 110, 6),
		rate(bedfordshire.Code, "published_force_figures", year, 53, 981),
		rate(stats.EnglandAndWales, "published_force_figures", year, 5947, 99265))
}

func testSeries() []stats.Series {
	return analysis.Group(testFigures(), testMeasures(), testAreas())
}

func testRecord() record {
	said := func(ref string, year int, status stats.Status, update string) stats.Progress {
		return stats.Progress{Area: bedfordshire.Code, Recommendation: ref, AsAt: stats.Day(year, time.March, 1), Status: status,
			Owner: "Stalking lead", Update: update, EvidenceURL: "https://example.org/plan", Origin: stats.Origin{File: "progress.csv", Row: 2}}
	}
	due := stats.Day(2024, time.October, 1)
	return record{
		register: []stats.Recommendation{
			{Number: 7, Addressee: "chief constables", Deadline: due, Ask: "Record it.", Confidence: "confirmed", Source: "plans", Origin: stats.Origin{File: "register.csv", Row: 2}},
			{Number: 10, Addressee: "chief constables", Deadline: due, Ask: "Train.", Origin: stats.Origin{File: "register.csv", Row: 3}},
			{Number: 15, Addressee: "police and crime commissioners", Deadline: due, Ask: "Commission.", Origin: stats.Origin{File: "register.csv", Row: 4}},
			{Number: 16, Addressee: "police and crime commissioners; Chief Constables", Deadline: stats.Day(2025, time.March, 27), Ask: "Review.", Origin: stats.Origin{File: "register.csv", Row: 5}},
			{Ref: "E2", Addressee: "chief constables", Deadline: due, Ask: "Investigate well.", Origin: stats.Origin{File: "register.csv", Row: 7}},
			{Ref: "A", Addressee: "Home Office", Ask: "Change the law.", Origin: stats.Origin{File: "register.csv", Row: 6}},
		},
		progress: []stats.Progress{
			said("7", 2023, stats.NotStarted, "demonstration; A first entry"),
			said("7", 2024, stats.InProgress, "A later entry"),
			said("10", 2024, stats.Complete, ""),
		},
	}
}

func testSources() []stats.Freshness {
	good := stats.Run{ID: "20241001T060000-aaaabbbb", Source: "force_return", Outcome: stats.Published, StartedAt: testNow,
		EndedAt: testNow, ReleaseID: "20241001T060000-aaaabbbb", File: "force_return.csv", Read: 1300, Loaded: 1200, Excluded: 100,
		Exclusions: []stats.Exclusion{{Reason: "other offences", Rows: 100}}}
	bad := stats.Run{ID: "20241002T060000-ccccdddd", Source: "home_office_recorded_crime", Outcome: stats.RejectedRun, StartedAt: testNow,
		Read: 3, Loaded: 2, Rejected: 1, Problem: "table.ods, sheet 2017-18, row 9, column Force Name: no such force."}
	return []stats.Freshness{
		{Source: "force_return", LastRun: good, Tells: true, LastSuccess: testNow, Slices: 1, Figures: true,
			Served: []stats.Release{{ID: good.ID, Source: "force_return", File: "force_return.csv", RetrievedAt: testNow, PublishedAt: testNow}}},
		{Source: "home_office_recorded_crime", LastRun: bad, Tells: true, Figures: true},
		{Source: "series_breaks"},
	}
}

// testReference leaves a source without a title: it goes by its name.
func testReference() reference {
	return reference{
		measures: testMeasures(),
		breaks:   []stats.Break{{Date: stats.Day(2024, time.March, 1), Measures: []string{"stalking_recorded"}, Effect: "The rules changed.", Source: "notes"}},
		titles:   sourceTitles{"force_return": "the force’s monthly return", "home_office_recorded_crime": "Home Office recorded crime"},
	}
}

// testFreshness is of a return that is late and a table that was refused.
func testFreshness() freshness {
	return freshness{
		states: []query.SourceState{
			{Source: "force_return", LastLoad: stats.Run{ID: "20241001T060000-aaaabbbb", Outcome: stats.Published}, LastSuccess: testNow, ServedSince: testNow.AddDate(0, 0, -31), Newest: testNow.AddDate(0, 0, -31)},
			{Source: "home_office_recorded_crime", LastLoad: stats.Run{ID: "20241002T060000-ccccdddd", Outcome: stats.RejectedRun, StartedAt: testNow},
				LastSuccess: testNow, ServedSince: testNow.AddDate(0, -1, 0), Newest: testNow.AddDate(0, -1, 0)},
		},
		limits: freshLimits{"force_return": {Fetched: 10 * 24 * time.Hour}},
		titles: testReference().titles, now: testNow,
	}
}

func testOverview(area stats.Area) overviewInput {
	ref := testReference()
	ref.now = testNow
	return overviewInput{
		reference: ref, area: area, series: testSeries(), record: testRecord(), sources: testSources(),
		fresh: testFreshness(), bearing: testEvidence(area),
	}
}

// newSite is a site over made-up assets, so that pages can be tested before
// any asset is built.
func newSite(t *testing.T, log io.Writer) *site {
	t.Helper()
	built, err := loadAssets(fstest.MapFS{
		"static/build/style.css":      {Data: []byte("body{}")},
		"static/build/echarts.min.js": {Data: []byte("echarts")},
		"static/charts.js":            {Data: []byte("charts")},
		"static/exit.js":              {Data: []byte("exit")},
		"static/icon.svg":             {Data: []byte("<svg/>")},
	})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parseTemplates()
	if err != nil {
		t.Fatal(err)
	}
	return &site{maxLink: largestLink, turns: usualTurns(),
		home: bedfordshire.Code, version: "1.0", maxUpload: defaultMaxUpload, log: slog.New(slog.NewTextHandler(log, nil)), assets: built, templates: parsed, renderer: chartRenderer(),
		ready: func(context.Context) error { return nil }, now: func() time.Time { return testNow },
	}
}

var errNotLoaded = errors.New("the first load of the sources has not ended")

// text is what a reader sees of a node, with every run of space as one.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func parse(t *testing.T, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		t.Fatal(err)
	}
	return root
}
