package stats

import (
	"regexp"
	"strings"
	"time"
)

var daysForm = regexp.MustCompile(`^(\d{1,2})(?: ([A-Z][a-z]{2}))?(?: (\d{4}))? to (\d{1,2} ([A-Z][a-z]{2}) (\d{4}))$`)

// ParseLabel reads a period as Label and the CSV write it: "Sep 2024",
// "2017/18 Q2", "year to Mar 2022", "1 Jan to 27 Sep 2024". It is false for
// what no period is called.
func ParseLabel(text string) (p Period, ok bool) {
	if end, isYear := strings.CutPrefix(text, "year to "); isYear {
		last, err := time.Parse("Jan 2006", end)
		p = Period{last.AddDate(0, -11, 0), last.AddDate(0, 1, -1)}
		return named(p, err, text)
	}
	if month, err := time.Parse("Jan 2006", text); err == nil {
		return named(Month(month.Year(), month.Month()), nil, text)
	}
	if day, err := time.Parse("2 Jan 2006", text); err == nil {
		return named(Period{day, day}, nil, text)
	}
	if m := daysForm.FindStringSubmatch(text); m != nil {
		// What the first day leaves out is as in the last.
		month, year := m[2], m[3]
		if month == "" {
			month = m[5]
		}
		if year == "" {
			year = m[6]
		}
		start, err := time.Parse("2 Jan 2006", m[1]+" "+month+" "+year)
		if err != nil {
			return Period{}, false
		}
		end, err := time.Parse("2 Jan 2006", m[4])
		return named(Period{start, end}, err, text)
	}
	p, err := ParsePeriod(text)
	return named(p, err, text)
}

// named keeps to the one way in which a period is labelled, so that what is
// read is what was meant.
func named(p Period, err error, text string) (Period, bool) {
	if err != nil || p.End.Before(p.Start) || p.Label() != text {
		return Period{}, false
	}
	if _, err := checkYears(p, text); err != nil {
		return Period{}, false
	}
	return p, true
}
