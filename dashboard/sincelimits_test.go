package dashboard

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// chargesOfQuarters is a force's monthly charges from January to March of two years: too few
// points for limits, and two years to date that can be tested.
func chargesOfQuarters(before, this float64) sinceFigures {
	measures := stats.NewMeasures([]stats.Measure{{ID: "stalking_charges", Name: "Stalking charges", Unit: "charges", AddsUp: stats.OverAreasAndPeriods,
		Direction: stats.UpIsBetter, ForceSource: "force_return", Headline: 1}})
	var figures []stats.Figure
	for year, of := range map[int]float64{2023: before, 2024: this} {
		for month := time.January; month <= time.March; month++ {
			figures = append(figures, count("stalking_charges", bedfordshire.Code, "force_return", stats.Month(year, month), of, 2))
		}
	}
	return sinceFigures{measures: measures, series: analysis.Group(figures, measures, testAreas())}
}

// TestTestedIsNotUnjudged: of a measure that has no limits the two years are tested, on the
// overview and in the title of the page. The page says that answer, and only says that a
// measure is not judged where neither the chart nor the test has one.
func TestTestedIsNotUnjudged(t *testing.T) {
	const said = "Stalking charges from 1 January to 31 March 2024 are "
	why := "In its chart, no limits yet: only 6 points."
	for name, tt := range map[string]struct {
		before, this              float64
		fresh                     stats.Period
		signals, tested, unjudged []string
		title                     string
	}{
		"within chance": {10, 12, stats.Month(2024, time.March), nil, []string{said + "36, against 30 in the same days of 2023: within chance. " + why}, nil, "nothing changed beyond chance"},
		"beyond chance": {10, 40, stats.Month(2024, time.March), []string{said + "120, against 30 in the same days of 2023: more than chance explains."}, nil, nil,
			"1 measure changed beyond chance in figures up to March 2024"},
		"too few": {1, 2, stats.Month(2024, time.March), nil, nil, []string{"Stalking charges: too few to judge: under 5 a month on average, and two years of it are too few."}, "none of the new headline figures can be judged"},
		"an older figure is new": {10, 40, stats.Month(2023, time.March), nil,
			[]string{said + "120, against 30 in the same days of 2023: more than chance explains. None of these days is new; for what is, in its chart, no limits yet: only 6 points."}, nil,
			"none of the new headline figures can be judged"},
	} {
		t.Run(name, func(t *testing.T) {
			f := chargesOfQuarters(tt.before, tt.this)
			f.fresh = []query.Fresh{{Measure: "stalking_charges", Source: "force_return", Period: tt.fresh, New: true}}
			in := sinceInput{areas: testAreas(), area: bedfordshire, since: stats.Day(2024, time.April, 1)}
			limits := outOfLimitsOf(in, f, testReference())
			words := func(list []signal) (words []string) {
				for _, s := range list {
					words = append(words, s.Words)
				}
				return words
			}
			if diff := cmp.Diff([][]string{tt.signals, tt.tested, tt.unjudged}, [][]string{words(limits.Signals), words(limits.Tested), limits.Unjudged}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			page := sincePage{Limits: block[outOfLimits]{Shows: limits}}
			page.tell(in)
			if want := "Bedfordshire since 1 April 2024: " + tt.title; page.Title != want {
				t.Errorf("title %q, want %q", page.Title, want)
			}
		})
	}
}
