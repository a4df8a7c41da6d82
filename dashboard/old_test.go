package dashboard

import (
	"io"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// yearsOf is a count of whole years for an area, the last of them to a March.
func yearsOf(id string, area stats.Area, last int, values ...float64) stats.Series {
	s := stats.Series{Measure: testMeasures().ByID(id)[0], Area: area, Source: "published_force_figures"}
	for i, value := range values {
		s.Figures = append(s.Figures, count(id, area.Code, s.Source, stats.FinancialYear(last-len(values)+1+i), value, i+2))
	}
	return s
}

// quartersOf2017 is recorded stalking of the four quarters of 2017/18.
func quartersOf2017(area stats.Area) stats.Series {
	s := stats.Series{Measure: testMeasures().ByID("stalking_recorded")[0], Area: area, Source: "home_office_recorded_crime"}
	for quarter := range 4 {
		s.Figures = append(s.Figures, count("stalking_recorded", area.Code, s.Source, stats.Quarter(2017, quarter+1), 50, quarter+2))
	}
	return s
}

// A page and a chart are headed with the newest that there is, and where that is years old
// with how old: it must not read as news.
func TestTitlesSayHowOldFiguresAre(t *testing.T) {
	ref := reference{measures: testMeasures(), now: testNow}
	old, newer := quartersOf2017(cheshire), yearsOf("stalking_charges", cheshire, 2021, 90, 98)
	for _, test := range []struct {
		picked []stats.Series
		now    time.Time
		want   string
	}{
		{[]stats.Series{old}, testNow, "Cheshire, last figures 6 years old: recorded stalking offences in 2017/18 Q4 (January to March 2018) are 50"},
		{[]stats.Series{old, newer}, testNow, "Cheshire, last figures 2 years old: stalking charges in the year to March 2022 are 98, against 90 in the year before: within chance"},
		{[]stats.Series{old, newer}, stats.Day(2024, time.March, 30), "Cheshire: stalking charges in the year to March 2022 are 98, against 90 in the year before: within chance"},
	} {
		ref.now = test.now
		if got := finding(cheshire, test.picked, ref); got != test.want {
			t.Errorf("the page is headed %q, want %q", got, test.want)
		}
	}
	ref.now = testNow
	page, err := buildMeasure("stalking_recorded", cheshire, []stats.Series{old}, ref)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Cheshire, last figures 6 years old: recorded stalking offences in 2017/18 Q4 (January to March 2018) are 50"; page.Title != want || page.Blocks[0].words(old).Heading != want {
		t.Errorf("the measure is headed %q, and its chart alone %q", page.Title, page.Blocks[0].words(old).Heading)
	}
	if want := "Last figures, 6 years old: recorded stalking offences in 2017/18 Q4 (January to March 2018) are 50"; page.Blocks[0].Title != want {
		t.Errorf("its chart is headed %q", page.Blocks[0].Title)
	}
	in := ordersInput{reference: ref, area: cheshire, choice: yearToDateChoice, stages: measuresNamed(ref.measures, orderStages)}
	in.series = []stats.Series{yearsOf("spo_granted", cheshire, 2019, 30, 31)}
	orders, err := in.build()
	if err != nil || !strings.HasPrefix(orders.Title, "Cheshire, last figures 4 years old: Stalking Protection Orders granted are 31") || orders.Groups[0].Name != "Orders by financial year, last figures 4 years old" {
		t.Errorf("orders: %q, %q, %v", orders.Title, orders.Groups[0].Name, err)
	}
	in.choice = "2019/20"
	if orders, err = in.build(); err != nil || !strings.HasPrefix(orders.Title, "Cheshire: Stalking") {
		t.Errorf("orders of a chosen year: %q, %v", orders.Title, err)
	}
}

// Whole years are tested in the overview's row of a count as years to date are, for England
// and Wales as for a force; years between which its forces changed are not.
func TestYearsAreTestedInTheOverview(t *testing.T) {
	for _, area := range []stats.Area{allOfThem, cheshire} {
		in := testOverview(area)
		in.series = []stats.Series{yearsOf("stalking_charges", area, 2021, 96, 151)}
		page, err := buildOverview(in)
		if err != nil {
			t.Fatal(err)
		}
		body, err := newSite(t, io.Discard).templates.execute("overview", &page)
		if err != nil {
			t.Fatal(err)
		}
		row := text(pagetest.Elements(parse(t, body), "article", "headline")[1])
		for _, want := range []string{"Year to Mar 2022 151", "Same period last year (year to Mar 2021) 96 57.3% more than a year before. That is more than chance explains."} {
			if !strings.Contains(row, want) {
				t.Errorf("%s: the row lacks %q:\n%s", area.Name, want, row)
			}
		}
		if strings.Contains(row, "Year to date") {
			t.Errorf("%s: and a year to date: %s", area.Name, row)
		}
		said := "Stalking charges in the year to March 2022 are 151, against 96 in the year before: more than chance explains."
		i := -1
		for j, f := range page.Know {
			if f.Words == said && f.Name == "improvement" && strings.HasPrefix(f.Address, "/figure?") {
				i = j
			}
		}
		if i < 0 {
			t.Errorf("%s: what to know: %+v", area.Name, page.Know)
		}
	}
	in := testOverview(allOfThem)
	s := yearsOf("stalking_charges", allOfThem, 2021, 96, 151)
	s.Figures[0].Note = "sum of 42 of 43 forces, no figure from Greater Manchester"
	h, err := headlineOf(s.Measure, allOfThem, []stats.Series{s}, in.reference)
	if err != nil || h.years != nil || h.LastYearSays != "" || h.NoYearToDate == "" || h.LastYearApart == "" {
		t.Errorf("sums of different forces: %+v, %q, %q, %v", h.years, h.LastYearSays, h.LastYearApart, err)
	}
	heads := stats.Measure{ID: "staff_trained", Name: "Staff trained", Unit: "staff", AddsUp: stats.OverAreas}
	if v, _ := chance(heads, s.Figures[1], s.Figures[0]); v != nil {
		t.Errorf("heads of one day are tested: %+v", v)
	}
	if _, _, err := analysis.YearToDate(s); err == nil {
		t.Error("the years are a year to date, and nothing of this was tested")
	}
}
