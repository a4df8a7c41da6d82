package dashboard

import (
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

var countedCharges = stats.Measure{ID: "stalking_charges", Name: "Stalking charges", AddsUp: stats.OverAreasAndPeriods, Direction: stats.UpIsBetter}

// countryMonths is sums of a country, each with what its note says.
func countryMonths(first time.Time, values []float64, notes []string) stats.Series {
	s := stats.Series{Measure: countedCharges, Area: stats.Area{Code: stats.EnglandAndWales, Name: "England and Wales", Kind: stats.Country}, Source: "table"}
	for i, n := range values {
		p := stats.Month(first.Year(), first.Month()+time.Month(i))
		s.Figures = append(s.Figures, stats.Figure{Key: stats.Key{Measure: countedCharges.ID, Area: stats.EnglandAndWales, Source: "table", Period: p}, Value: stats.Number(n), Note: notes[i]})
	}
	return s
}

// TestSumsOfOtherForcesAreNotJudgedTogether: forces that come into a sum make it larger, and nothing has
// changed in any of them.
func TestSumsOfOtherForcesAreNotJudgedTogether(t *testing.T) {
	const some = "sum of 25 of 43 forces, no figure from Kent, Surrey"
	var values []float64
	var notes []string
	for i := range 36 {
		n, note := 430+float64(i%3), ""
		if i < 24 {
			n, note = 250+float64(i%3), some+"; provisional"
		}
		values, notes = append(values, n), append(notes, note)
	}
	s := countryMonths(stats.Day(2022, time.January, 1), values, notes)
	j := reference{}.judge(s, stats.KindMonth)
	if v := j.verdict(); v.Name != "chance" || len(j.causes()) > 0 {
		t.Errorf("nothing has changed, and the verdict is %+v, with %v", v, j.causes())
	}
	if len(j.breaks) != 1 || !j.breaks[0].Date.Equal(stats.Day(2024, time.January, 1)) || j.breaks[0].Source != "sum of all forces" {
		t.Errorf("the breaks are %+v", j.breaks)
	}
	if c, instead := yearToDate(s, reference{}, 0); c == nil || c.Chance != nil || c.Apart != "the sum is of other forces from January 2024 on: the two do not compare" {
		t.Errorf("the year to date: %+v, %s", c, instead)
	}
	of := s
	of.Area = stats.Area{Code: "E23000026", Kind: stats.TerritorialForce}
	if found := memberBreaks(of); found != nil {
		t.Errorf("a force is no sum: %v", found)
	}
	s.Figures[3].Value, s.Figures[3].Note = stats.Missing(stats.NotAvailable), "sum of 2 of 43 forces, no figure from Essex"
	if found := memberBreaks(s); len(found) != 1 {
		t.Errorf("where there is no sum nothing changes: %v", found)
	}
}

// TestSumsStayPartedWhereForcesComeBack: forces that were away and came back may count as they
// did not before. Limits start anew twice, and the two sides are not compared.
func TestSumsStayPartedWhereForcesComeBack(t *testing.T) {
	const some = "sum of 42 of 43 forces, no figure from Greater Manchester"
	var values []float64
	var notes []string
	for i := range 24 {
		note := ""
		if i == 12 {
			note = some
		}
		values, notes = append(values, 430+float64(i%3)), append(notes, note)
	}
	s := countryMonths(stats.Day(2022, time.January, 1), values, notes)
	j := reference{}.judge(s, stats.KindMonth)
	if len(j.breaks) != 2 || j.breaks[0].Source != some || !j.breaks[1].Date.Equal(stats.Day(2023, time.February, 1)) || len(j.chart.Phases) != 3 {
		t.Errorf("breaks %+v, %d phases", j.breaks, len(j.chart.Phases))
	}
	if first, last := j.chart.Phases[0], j.chart.Phases[2]; first.Known != 12 || last.Known != 11 {
		t.Errorf("the limits are of %d and of %d months", first.Known, last.Known)
	}
	h := headline{}
	if h.setLatest(s, reference{}, 0); h.LastYearApart != "the sum is of other forces from January 2023 and February 2023 on: the two do not compare" {
		t.Errorf("December of two years, of the same forces: %q", h.LastYearApart)
	}
}

// TestFigureIsTestedOnlyAgainstItsLike: its page gives no p for sums of other forces, none for heads of one
// day, and says where rules changed that a part of the difference may come from.
func TestFigureIsTestedOnlyAgainstItsLike(t *testing.T) {
	says := func(note string, breaks ...stats.Break) string {
		t.Helper()
		s := countryMonths(stats.Day(2019, time.April, 1), []float64{3610}, []string{note})
		now := countryMonths(stats.Day(2020, time.April, 1), []float64{6808}, []string{""}).Figures[0]
		rate := stats.Measure{ID: "charge_rate", Numerator: countedCharges.ID, Denominator: "stalking_outcomes"}
		in := figureInput{figureRequest: figureRequest{key: now.Key, measure: countedCharges, measures: stats.NewMeasures([]stats.Measure{countedCharges, rate})}, figure: now, yearBefore: s, breaks: breaks}
		test := in.chanceTest()
		if test == nil {
			t.Fatal("there is no test")
		}
		return test.Says
	}
	if got := says("sum of 42 of 43 forces, no figure from Greater Manchester"); got != "The sum is of other forces from April 2020 on: the two do not compare." {
		t.Errorf("sums of other forces: %s", got)
	}
	rules := stats.Break{Date: stats.Day(2020, time.April, 1), Measures: []string{"stalking_outcomes"}}
	if got := says("", rules); !strings.Contains(got, "That is more than chance explains. The recording rules of what this is a share of changed in April 2020: a part of the difference may come from them. The change is 88.6%; of counts this large even 6.2% is beyond chance. By chance") {
		t.Errorf("where the rules of outcomes changed: %s", got)
	}
	if got := says(""); strings.Contains(got, "rules") {
		t.Errorf("where none changed: %s", got)
	}
	heads := stats.Measure{ID: "staff_trained", AddsUp: stats.OverAreas}
	if eventsOf(heads) || !eventsOf(countedCharges) {
		t.Error("heads of one day are no events")
	}
}
