package analysis

import (
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// months is one figure of the given value for each month of a year up to last.
func months(year int, last time.Month, value float64) []stats.Figure {
	var figures []stats.Figure
	for m := time.January; m <= last; m++ {
		figures = append(figures, figure(stats.Month(year, m), value, int(m)))
	}
	return figures
}

func TestYearToDate(t *testing.T) {
	september := func(year string) stats.Figure {
		return figure(days(year+"-09-01", year+"-09-27"), 3, 9)
	}
	notAvailable := figure(stats.Month(2024, time.March), 0, 3)
	notAvailable.Value = stats.Missing(stats.NotAvailable)
	join := func(lists ...[]stats.Figure) []stats.Figure {
		var all []stats.Figure
		for _, list := range lists {
			all = append(all, list...)
		}
		return all
	}
	tests := map[string]struct {
		figures      []stats.Figure
		this, before string
		thisValue    stats.Value
		beforeValue  stats.Value
		ok           bool
	}{
		"the same days of two years, a month cut in two": {
			join(months(2023, time.August, 10), []stats.Figure{september("2023"), figure(days("2023-09-28", "2023-09-30"), 9, 10)},
				months(2024, time.August, 20), []stats.Figure{september("2024")}),
			"1 Jan to 27 Sep 2024", "1 Jan to 27 Sep 2023", stats.Number(163), stats.Number(83), true},
		"a leap year's February against 28 days": {
			join(months(2023, time.February, 10), months(2024, time.February, 20)),
			"1 Jan to 29 Feb 2024", "1 Jan to 28 Feb 2023", stats.Number(40), stats.Number(20), true},
		"28 days against a leap year's whole February": {
			join(months(2024, time.February, 10), months(2025, time.February, 20)),
			"1 Jan to 28 Feb 2025", "1 Jan to 29 Feb 2024", stats.Number(40), stats.Number(20), true},
		"last year is not there": {
			months(2024, time.March, 5),
			"2023/24 Q4", "2022/23 Q4", stats.Number(15), stats.Missing(stats.NotAvailable), true},
		"it runs to the last day that has a number": {
			join(months(2023, time.March, 1), months(2024, time.February, 2), []stats.Figure{notAvailable}),
			"1 Jan to 29 Feb 2024", "1 Jan to 28 Feb 2023", stats.Number(4), stats.Number(2), true},
		"a financial year cannot be cut": {
			[]stats.Figure{figure(stats.FinancialYear(2020), 5, 1), figure(stats.FinancialYear(2021), 6, 2)},
			"", "", stats.Value{}, stats.Value{}, false},
		"nothing": {nil, "", "", stats.Value{}, stats.Value{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			this, before, err := YearToDate(seriesOf(test.figures...))
			if (err == nil) != test.ok {
				t.Fatalf("error %v, want a figure: %v", err, test.ok)
			}
			if err != nil {
				return
			}
			if this.Period.Label() != test.this || before.Period.Label() != test.before {
				t.Errorf("%q against %q, want %q against %q", this.Period.Label(), before.Period.Label(), test.this, test.before)
			}
			if this.Value != test.thisValue || before.Value != test.beforeValue {
				t.Errorf("%v against %v, want %v against %v", this.Value, before.Value, test.thisValue, test.beforeValue)
			}
		})
	}
}
