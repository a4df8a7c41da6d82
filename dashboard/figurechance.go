package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// chanceTest is a count against that of the same days a year before, and what chance
// makes of the difference.
type chanceTest struct {
	Before link // the count of the year before
	When   string
	Says   string // the outcome, with its p where the counts are enough to judge
}

// readYearBefore reads the figures that the year before is made of, and the series
// breaks, for a count that can be tested.
func (in *figureInput) readYearBefore(ctx context.Context, reader figureReader) (err error) {
	if !eventsOf(in.measure) || !in.figure.Value.Known {
		return nil
	}
	days := in.key.Period.YearEarlier()
	figures, err := reader.AllFigures(ctx, query.Filter{
		Measures: []string{in.key.Measure}, Areas: []string{in.key.Area}, Sources: []string{in.key.Source}, From: days.Start, To: days.End, Totals: in.key.Breakdown == "",
	})
	if err != nil {
		return err
	}
	in.yearBefore = in.series(figures)
	in.breaks, err = reader.Breaks(ctx, query.Latest)
	return err
}

// chanceTest is nil where there is no year before to compare with.
func (in figureInput) chanceTest() *chanceTest {
	before, err := analysis.SamePeriodLastYear(in.yearBefore, in.figure)
	if err != nil || !before.Value.Known {
		return nil
	}
	test := &chanceTest{Before: link{Text: valueText(before.Value, 0), Address: figureAddress(before)}, When: capitalised(within(before.Period))}
	both := in.yearBefore
	both.Figures = append(slices.Clone(both.Figures), in.figure)
	if why := apart(reference{breaks: in.breaks}.parting(both, before.Period, in.figure.Period)); why != "" {
		test.Says = capitalised(why) + "."
		return test
	}
	tested, err := analysis.CompareCounts(in.figure, before)
	switch {
	case err != nil:
		return nil
	case tooFew(in.figure, before):
		test.Says = "Too few to judge."
	default:
		size, _ := largeCounts(in.figure, before)
		test.Says = fmt.Sprintf("%s.%s%s By chance alone, two such counts would differ by as much, or more, with a probability of %s (p, by the exact two-sided test of two counts, which allows for the days of each period). Under 0.01 is more than chance explains, and from 0.01 to 0.05 may be.",
			capitalised(tested.Verdict.Sentence()), in.rulesOfRates(before), size, probabilityText(tested.P))
	}
	return test
}

// rulesOfRates says where the recording rules of what a count is a share of changed between
// two periods: its own series is not cut there, and still a part of a difference may come from
// them, as of charges, which are some of the outcomes.
func (in figureInput) rulesOfRates(before stats.Figure) string {
	var dates []string
	for _, m := range in.measures.All() {
		if m.Numerator != in.measure.ID {
			continue
		}
		for _, b := range in.breaks {
			if date := b.Date.Format("January 2006"); b.Bears(m, in.key.Area) && b.Parts(before.Period, in.figure.Period) && !slices.Contains(dates, date) {
				dates = append(dates, date)
			}
		}
	}
	if len(dates) == 0 {
		return ""
	}
	return " The recording rules of what this is a share of changed in " + listed(dates) + ": a part of the difference may come from them."
}

// probabilityText is a p with two figures that count; the smallest are told as a bound.
func probabilityText(p float64) string {
	if p < 0.0001 {
		return "less than 0.0001"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}
