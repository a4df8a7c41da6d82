package dashboard

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

func TestChange(t *testing.T) {
	tests := []struct {
		this, before float64
		want         string
	}{
		{151, 96, "57.3% more than a year before"}, {96, 151, "36.4% fewer than a year before"}, {10, 10, "the same as a year before"}, {9, 20, ""}, {20, 9, ""}, {10, 0, ""},
	}
	for _, test := range tests {
		if got := change(test.this, test.before); got != test.want {
			t.Errorf("change(%v, %v) = %q, want %q", test.this, test.before, got, test.want)
		}
	}
}

func TestFinding(t *testing.T) {
	yearly := func(id string) stats.Series {
		m := testMeasures().ByID(id)[0]
		return stats.Series{Measure: m, Figures: []stats.Figure{count(id, cheshire.Code, "s", stats.FinancialYear(2021), 1234, 1)}}
	}
	charges, _ := pick(testSeries(), testMeasures().ByID("stalking_charges")[0], bedfordshire)
	recorded, _ := pick(testSeries(), testMeasures().ByID("stalking_recorded")[0], bedfordshire)
	share, _ := pick(testSeries(), testMeasures().ByID("charge_rate")[0], bedfordshire)
	tests := map[string]struct {
		picked []stats.Series
		breaks []stats.Break
		want   string
	}{
		"performance before workload": {[]stats.Series{recorded, charges}, nil,
			"Bedfordshire: stalking charges from 1 January to 27 September 2024 are 153, against 90 in the same days of 2023"},
		"workload where there is nothing else": {[]stats.Series{recorded, yearly("stalking_charges")}, nil,
			"Bedfordshire: recorded stalking offences from 1 January to 27 September 2024 are 900, against 810 in the same days of 2023: may be more than chance"},
		"the newest where there is no year to date": {[]stats.Series{yearly("spo_granted")}, nil,
			"Bedfordshire: Stalking Protection Orders granted in the year to March 2022 are 1,234"},
		"not two years that a break parts": {[]stats.Series{recorded, yearly("stalking_charges")}, testReference().breaks,
			"Bedfordshire: recorded stalking offences from 1 to 27 September 2024 are 100"},
		"a count before a rate": {[]stats.Series{share, yearly("spo_granted")}, nil,
			"Bedfordshire: Stalking Protection Orders granted in the year to March 2022 are 1,234"},
		"a rate where there is nothing else": {[]stats.Series{share}, nil,
			"Bedfordshire: charge rate (of all outcomes) in the year to March 2022 is 5.4% (53 of 981)"},
		"nothing": {nil, nil, "Bedfordshire: no figures are loaded yet"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := finding(bedfordshire, test.picked, reference{breaks: test.breaks}); got != test.want {
				t.Errorf("finding = %q, want %q", got, test.want)
			}
		})
	}
}

// Recorded stalking of the two years stands on two sides of a break: both
// figures are given, and nothing that compares them.
func TestNoChangeAcrossABreak(t *testing.T) {
	h := buildHeadline(t, "stalking_recorded", bedfordshire)
	const why = "recording rules changed in March 2024: the two do not compare"
	want := &comparison{Days: "From 1 January to 27 September 2024", This: "900", DaysBefore: "The same days of 2023", Before: "810", Apart: why,
		ThisWay:   "/figure?area=E23000026&measure=stalking_recorded&period=2024-01-01%2F2024-09-27&source=force_return",
		BeforeWay: "/figure?area=E23000026&measure=stalking_recorded&period=2023-01-01%2F2023-09-27&source=force_return"}
	if diff := cmp.Diff(want, h.YearToDate); diff != "" {
		t.Errorf("YearToDate (-want +got):\n%s", diff)
	}
	if h.LastYear != "90" || h.LastYearApart != why {
		t.Errorf("same period last year %q, %q", h.LastYear, h.LastYearApart)
	}
	if got := h.Table.Apart; got != "Recording rules changed in March 2024: the two do not compare" {
		t.Errorf("under the table %q", got)
	}
	marked := map[string]bool{}
	for _, row := range h.Table.Rows {
		marked[row.Period] = row.Apart
	}
	for period, want := range map[string]bool{"Feb 2024": false, "Mar 2024": true, "1 to 27 Sep 2024": true, "Aug 2023": false} {
		if marked[period] != want {
			t.Errorf("%s against last year's: marked %v", period, !want)
		}
	}
	if charges := buildHeadline(t, "stalking_charges", bedfordshire); charges.Table.Apart != "" || charges.LastYearApart != "" {
		t.Errorf("no break bears on charges: %q, %q", charges.Table.Apart, charges.LastYearApart)
	}
}

// A break in recorded stalking parts a rate of recorded stalking too.
func TestABreakPartsARate(t *testing.T) {
	m := stats.Measure{ID: "arrests_per_100_offences", Numerator: "stalking_arrests", Denominator: "stalking_recorded", Per: 100, Unit: "per 100 offences", AddsUp: stats.OverAreasAndPeriods}
	s := stats.Series{Measure: m, Area: bedfordshire}
	for _, year := range []int{2023, 2024} {
		for month := time.January; month <= time.June; month++ {
			f := stats.Figure{Key: stats.Key{Period: stats.Month(year, month)}, Numerator: stats.Number(20), Denominator: stats.Number(100)}
			f.Value = analysis.Rate(m, f.Numerator, f.Denominator)
			s.Figures = append(s.Figures, f)
		}
	}
	if c, _ := yearToDate(s, testReference(), 1); c.Apart == "" || c.Before != "20.0 per 100 offences" || c.BeforeOf != "100 × 120 ÷ 600" {
		t.Errorf("comparison = %+v", c)
	}
	if got, _ := yearSentence(s, testReference()); got != "" {
		t.Errorf("a title of %q", got)
	}
}

func TestApart(t *testing.T) {
	breaks := []stats.Break{{Date: stats.Day(2023, 6, 1)}, {Date: stats.Day(2020, 4, 1)}, {Date: stats.Day(2023, 6, 1)}}
	if got, want := apart(breaks), "recording rules changed in April 2020 and June 2023: the two do not compare"; got != want {
		t.Errorf("apart = %q, want %q", got, want)
	}
	if got := apart(nil); got != "" {
		t.Errorf("no break: %q", got)
	}
}

func TestMixedYears(t *testing.T) {
	s, _ := pick(testSeries(), testMeasures().ByID("stalking_charges")[0], bedfordshire)
	const why = "none: demonstration and real figures do not add up, and do not compare"
	for i := range s.Figures {
		if s.Figures[i].Period.Start.Year() == 2024 {
			s.Figures[i].Note = ""
		}
	}
	if c, _ := yearToDate(s, reference{}, 0); c.This != "153" || c.Before != why || c.Change != "" {
		t.Errorf("a real year against a made-up one = %+v", c)
	}
	var h headline
	if h.setLatest(s, reference{}, 0); h.LastYear != why {
		t.Errorf("same period last year = %q", h.LastYear)
	}
	s.Figures[len(s.Figures)-1].Note = stats.Demonstration
	if c, instead := yearToDate(s, reference{}, 0); c != nil || instead != why {
		t.Errorf("a year of both = %+v, %q", c, instead)
	}
	if got, _ := yearSentence(s, reference{}); got != "" {
		t.Errorf("a title of %q", got)
	}
}

// A rate nowhere stands without its two counts.
func TestEveryRateHasItsCounts(t *testing.T) {
	in := testOverview(bedfordshire)
	var figures []stats.Figure
	for _, year := range []int{2023, 2024} {
		for month := time.January; month <= time.June; month++ {
			figures = append(figures, rate(bedfordshire.Code, "force_return", stats.Month(year, month), 15, 100))
		}
	}
	in.series = analysis.Group(append(testFigures(), figures...), in.measures, testAreas())
	m := in.measures.ByID("charge_rate")[0]
	h, err := headlineOf(m, bedfordshire, in.series, in.reference)
	if err != nil {
		t.Fatal(err)
	}
	if h.LastYearOf != "100 × 15 ÷ 100" || h.YearToDate.ThisOf != "100 × 90 ÷ 600" || h.YearToDate.BeforeOf != "100 × 90 ÷ 600" || h.AllForces.OwnOf != "100 × 53 ÷ 981" {
		t.Errorf("last year %q, year to date %+v, all forces %+v", h.LastYearOf, h.YearToDate, h.AllForces)
	}
	if got := h.Table.Rows[0].LastYearOf; got != "100 × 15 ÷ 100" {
		t.Errorf("in the table %q", got)
	}
	s, _ := pick(in.series, m, bedfordshire)
	got, _ := yearSentence(s, in.reference)
	if want := "charge rate (of all outcomes) from 1 January to 30 June 2024 is 15.0% (90 of 600), against 15.0% (90 of 600) in the same days of 2023"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	shown := text(pagetest.Elements(parse(t, renderAll(t, in)["overview"]), "article", "headline")[2])
	for _, want := range []string{"15.0% 100 × 90 ÷ 600", "Bedfordshire 5.4% (100 × 53 ÷ 981), both from"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the row of the rate lacks %q:\n%s", want, shown)
		}
	}
}
