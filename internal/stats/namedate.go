package stats

import (
	"regexp"
	"time"
)

// nameDate is a day as publishers write it into a file's name: 2026-07-23,
// 20260723, or 230726 as the Home Office does.
var nameDate = regexp.MustCompile(`(?:^|[^0-9])(\d{4}-\d{2}-\d{2}|\d{8}|\d{6})(?:[^0-9]|$)`)

// NameDate is the day that stands in the name of a file: the first that is
// written like one. ok is false where there is none, and where it is no day of
// the calendar.
func NameDate(file string) (day time.Time, ok bool) {
	m := nameDate.FindStringSubmatch(file)
	if m == nil {
		return time.Time{}, false
	}
	layout := map[int]string{10: time.DateOnly, 8: "20060102", 6: "020106"}[len(m[1])]
	day, err := time.Parse(layout, m[1])
	if err != nil {
		return time.Time{}, false
	}
	return day, true
}
