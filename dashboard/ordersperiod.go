package dashboard

import (
	"fmt"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// The periods that the page of orders can be asked for, beside a financial
// year such as 2021/22 or the very days of a publication.
const (
	yearToDateChoice   = "ytd"
	twelveMonthsChoice = "12m"
)

// leastStretch is the days from which on a period of its own can be chosen, as
// the publications of orders that cover fifteen months: shorter ones are added up.
const leastStretch = 180

// orderChoice is the period that an address names; none is the year to date.
func orderChoice(text string) (string, error) {
	switch text {
	case "":
		return yearToDateChoice, nil
	case yearToDateChoice, twelveMonthsChoice:
		return text, nil
	}
	p, err := stats.ParsePeriod(text)
	if err != nil || p.Days() < leastStretch {
		return "", badRequest("There is no period “%s” on this page. It is ytd (the year to date), 12m (the last twelve months), a financial year such as 2021/22 or days such as 2020-01-20/2021-03-31.", echoed(text))
	}
	return p.Text(), nil
}

// chosen reports whether the page was asked for certain days, and not for the newest.
func (in ordersInput) chosen() bool {
	return in.choice != yearToDateChoice && in.choice != twelveMonthsChoice
}

// period is the days that the page tells of, the same for all stages; instead
// says why they are not those that were chosen. They are set by the first
// measure that has them, orders granted before all others.
func (in ordersInput) period() (p stats.Period, instead string) {
	if p, err := stats.ParsePeriod(in.choice); err == nil {
		if !slices.ContainsFunc(in.stages, func(m stats.Measure) bool { _, _, ok := in.over(m, p); return ok }) {
			instead = fmt.Sprintf("No figure of orders covers %s. Choose another period.", p.InWords())
		}
		return p, instead
	}
	for _, s := range in.counted() {
		if p, ok := newestPeriod(s, in.choice); ok {
			return p, ""
		}
	}
	missing := "There is no year to date: no figures cover it exactly."
	if in.choice == twelveMonthsChoice {
		missing = "There are no last twelve months: no figures cover them exactly."
	}
	for _, s := range in.counted() {
		if latest, ok := s.Latest(); ok {
			return latest.Period, missing + " Shown is the newest period, " + latest.Period.InWords() + "."
		}
	}
	return stats.Period{}, missing
}

// newestPeriod is the year to date, or the last twelve months, of a series.
func newestPeriod(s stats.Series, choice string) (stats.Period, bool) {
	if choice == yearToDateChoice {
		this, _, err := analysis.YearToDate(s)
		return this.Period, err == nil
	}
	years := analysis.Combine(s, stats.KindTwelveMonths).Figures
	years = slices.DeleteFunc(years, func(f stats.Figure) bool { return !f.Value.Known })
	if len(years) == 0 {
		return stats.Period{}, false
	}
	return years[len(years)-1].Period, true
}

// counted is the picked series of the stages, those that head the page first.
func (in ordersInput) counted() []stats.Series {
	var list []stats.Series
	for _, m := range measuresNamed(in.measures, append(slices.Clone(orderHeadings), orderStages...)) {
		if s, ok := pick(in.series, m, in.area); ok {
			list = append(list, s)
		}
	}
	return list
}

// periodOptions is the periods to choose from: of financial years only those
// that some stage has, the long stretches of days that figures came for, and
// the one that was asked for.
func (in ordersInput) periodOptions() []option {
	options := []option{
		{Value: yearToDateChoice, Text: "Year to date"},
		{Value: twelveMonthsChoice, Text: "Last twelve months"},
	}
	var years []stats.Period
	for _, s := range in.series {
		years = append(years, yearsBeside(years, s)...)
		for _, f := range s.Figures {
			if f.Period.Kind() != stats.KindFinancialYear && f.Period.Days() >= leastStretch {
				years = append(years, f.Period)
			}
		}
	}
	if p, err := stats.ParsePeriod(in.choice); err == nil {
		years = append(years, p)
	}
	slices.SortFunc(years, func(a, b stats.Period) int { return stats.ComparePeriods(b, a) })
	for _, p := range slices.Compact(years) {
		o := option{Value: p.Text(), Text: p.Label()}
		if p.Kind() == stats.KindFinancialYear {
			o.Text = p.Text() + ", " + p.Label()
		}
		options = append(options, o)
	}
	for i := range options {
		options[i].Selected = options[i].Value == in.choice
	}
	return options
}

// yearsBeside is the financial years that a series has and that are not among others.
func yearsBeside(others []stats.Period, s stats.Series) (more []stats.Period) {
	more = slices.DeleteFunc(analysis.Periods(stats.KindFinancialYear, analysis.Span(s)), func(p stats.Period) bool { return slices.Contains(others, p) })
	if len(more) == 0 {
		return nil
	}
	has := analysis.OverOf(s)
	return slices.DeleteFunc(more, func(p stats.Period) bool { _, err := has(p); return err != nil })
}
