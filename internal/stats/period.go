package stats

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// PeriodKind says how long a period is and where it starts. Figures of
// different kinds are never put into one series.
type PeriodKind string

// The kinds of period. A financial year and its quarters start in April, as
// police years do: 2017/18 Q1 is April to June 2017.
const (
	KindMonth         PeriodKind = "month"
	KindQuarter       PeriodKind = "quarter"
	KindFinancialYear PeriodKind = "financial_year"
	KindCalendarYear  PeriodKind = "calendar_year"
	KindTwelveMonths  PeriodKind = "twelve_months"
	KindRange         PeriodKind = "range"
)

// A Period is a run of whole days, both ends included. Start and End are
// midnights in UTC. The zero Period is not a period.
type Period struct {
	Start, End time.Time
}

// Day is the given day as a Period's Start or End holds it.
func Day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Month is a calendar month.
func Month(year int, month time.Month) Period {
	return Period{Day(year, month, 1), Day(year, month+1, 0)}
}

// Quarter is quarter 1 to 4 of the financial year that starts in April of
// the given year.
func Quarter(startYear, quarter int) Period {
	first := time.April + time.Month(3*(quarter-1))
	return Period{Day(startYear, first, 1), Day(startYear, first+3, 0)}
}

// FinancialYear runs from 1 April of the given year to 31 March of the next.
func FinancialYear(startYear int) Period {
	return Period{Day(startYear, time.April, 1), Day(startYear+1, time.April, 0)}
}

// Days is the number of days in the period.
func (p Period) Days() int { return int(p.End.Sub(p.Start).Hours()/24) + 1 }

// Contains reports whether every day of q is a day of p.
func (p Period) Contains(q Period) bool {
	return !q.Start.Before(p.Start) && !q.End.After(p.End)
}

// Kind is worked out from the two days, so that it cannot disagree with them.
func (p Period) Kind() PeriodKind {
	months, whole := p.wholeMonths()
	switch {
	case !whole:
		return KindRange
	case months == 1:
		return KindMonth
	case months == 3 && p.Start.Month()%3 == 1:
		return KindQuarter
	case months == 12 && p.Start.Month() == time.April:
		return KindFinancialYear
	case months == 12 && p.Start.Month() == time.January:
		return KindCalendarYear
	case months == 12:
		return KindTwelveMonths
	}
	return KindRange
}

func (p Period) wholeMonths() (months int, whole bool) {
	next := p.End.AddDate(0, 0, 1)
	if p.Start.Day() != 1 || next.Day() != 1 {
		return 0, false
	}
	return (next.Year()-p.Start.Year())*12 + int(next.Month()-p.Start.Month()), true
}

// Range is the period as its two days, "2024-01-01/2024-09-27", which
// ParsePeriod reads.
func (p Period) Range() string {
	return p.Start.Format(time.DateOnly) + "/" + p.End.Format(time.DateOnly)
}

// Label is the period in words: "Sep 2024", "2017/18 Q2", "year to Mar 2022",
// "1 Jan to 27 Sep 2024". It is never a bare year.
func (p Period) Label() string {
	switch p.Kind() {
	case KindMonth:
		return p.Start.Format("Jan 2006")
	case KindQuarter:
		year := p.financialYear()
		quarter := (int(p.Start.Month())+8)%12/3 + 1
		return fmt.Sprintf("%s Q%d", yearPair(year), quarter)
	case KindFinancialYear, KindCalendarYear, KindTwelveMonths:
		return "year to " + p.End.Format("Jan 2006")
	}
	return p.rangeLabel()
}

// InWords is the period inside a sentence: "September 2024", "2017/18 Q4
// (January to March 2018)", "the year to March 2022". Days that are no whole
// period are written as in the label.
func (p Period) InWords() string {
	switch p.Kind() {
	case KindMonth:
		return p.Start.Format("January 2006")
	case KindQuarter:
		return fmt.Sprintf("%s (%s to %s)", p.Label(), p.Start.Format("January"), p.End.Format("January 2006"))
	case KindFinancialYear, KindCalendarYear, KindTwelveMonths:
		return "the year to " + p.End.Format("January 2006")
	}
	return p.rangeLabel()
}

func (p Period) rangeLabel() string {
	end := p.End.Format("2 Jan 2006")
	switch {
	case p.Start.Equal(p.End):
		return end
	case p.Start.Year() != p.End.Year():
		return p.Start.Format("2 Jan 2006") + " to " + end
	case p.Start.Month() != p.End.Month():
		return p.Start.Format("2 Jan") + " to " + end
	}
	return p.Start.Format("2") + " to " + end
}

func (p Period) financialYear() int {
	if p.Start.Month() < time.April {
		return p.Start.Year() - 1
	}
	return p.Start.Year()
}

func yearPair(start int) string { return fmt.Sprintf("%d/%02d", start, (start+1)%100) }

// YearEarlier is the same days one year before. The 29th of February becomes
// the 28th, and a period that ends with February ends with February again, so
// that a month is compared with a whole month.
func (p Period) YearEarlier() Period {
	return Period{yearEarlier(p.Start, false), yearEarlier(p.End, true)}
}

func yearEarlier(day time.Time, isEnd bool) time.Time {
	if day.Month() == time.February && day.Day() >= 28 {
		lastOfMonth := day.AddDate(0, 0, 1).Month() == time.March
		last := Day(day.Year()-1, time.March, 0)
		if isEnd && lastOfMonth || day.Day() == 29 {
			return last
		}
	}
	return Day(day.Year()-1, day.Month(), day.Day())
}

// Text is the period as ParsePeriod reads it.
func (p Period) Text() string {
	switch p.Kind() {
	case KindMonth:
		return p.Start.Format("2006-01")
	case KindQuarter:
		return p.Label()
	case KindFinancialYear:
		return yearPair(p.Start.Year())
	}
	return p.Start.Format(time.DateOnly) + "/" + p.End.Format(time.DateOnly)
}

var (
	monthForm   = regexp.MustCompile(`^(\d{4})-(\d{2})$`)
	quarterForm = regexp.MustCompile(`^(\d{4})/(\d{2}) Q([1-4])$`)
	yearForm    = regexp.MustCompile(`^(\d{4})/(\d{2})$`)
	rangeForm   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})$`)
)

// ParsePeriod reads the four ways in which our own layouts write a period:
// "2024-03", "2024/25 Q1", "2024/25" and "2024-01-01/2024-09-27".
func ParsePeriod(text string) (Period, error) {
	if m := monthForm.FindStringSubmatch(text); m != nil {
		if month := number(m[2]); month >= 1 && month <= 12 {
			return checkYears(Month(number(m[1]), time.Month(month)), text)
		}
	}
	if m := quarterForm.FindStringSubmatch(text); m != nil && consecutive(m[1], m[2]) {
		return checkYears(Quarter(number(m[1]), number(m[3])), text)
	}
	if m := yearForm.FindStringSubmatch(text); m != nil && consecutive(m[1], m[2]) {
		return checkYears(FinancialYear(number(m[1])), text)
	}
	if m := rangeForm.FindStringSubmatch(text); m != nil {
		start, err1 := time.Parse(time.DateOnly, m[1])
		end, err2 := time.Parse(time.DateOnly, m[2])
		if err1 == nil && err2 == nil && !end.Before(start) {
			return checkYears(Period{start, end}, text)
		}
	}
	return Period{}, fmt.Errorf("%q is not a period: write 2024-03, 2024/25 Q1, 2024/25 or 2024-01-01/2024-09-27", text)
}

// checkYears keeps to the years that police figures can be of, so that a slip
// of the finger (0204-03) is an error and not a figure.
func checkYears(p Period, text string) (Period, error) {
	if p.Start.Year() < 1990 || p.End.Year() > 2100 {
		return Period{}, fmt.Errorf("%q is outside the years 1990 to 2100", text)
	}
	return p, nil
}

func consecutive(year, next string) bool { return (number(year)+1)%100 == number(next) }

// number reads digits that a pattern has already matched.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
