package parse

import (
	"time"

	"stalkstats/internal/stats"
)

// A recordDay is a day as one number, 20240927, so that days compare quickly;
// 0 is no day.
type recordDay int

func dayOf(t time.Time) recordDay {
	year, month, day := t.Date()
	return recordDay(year*10_000 + int(month)*100 + day)
}

// firstYear is the first that a date in an extract can be of.
const firstYear = 1990

// month counts from January 1990.
func (d recordDay) month() int { return (int(d)/10_000-firstYear)*12 + int(d)/100%100 - 1 }

func (d recordDay) time() time.Time {
	return stats.Day(int(d)/10_000, time.Month(int(d)/100%100), int(d)%100)
}

// periodOf is the month of that number.
func periodOf(month int) stats.Period {
	return stats.Month(firstYear+month/12, time.Month(month%12+1))
}

// readDay reads 2024-09-27 and 27/09/2024, each with or without a time of day
// after a space or a T: 14:05, 14:05:59, 14:05:59.123. The time counts for
// nothing. A time with a zone (Z, +01:00) is no day: in summer its last hour
// belongs to the next day, and at a month's end to the next month.
func readDay(text []byte) (recordDay, bool) {
	var year, month, day int
	var rest []byte
	switch {
	case len(text) >= 10 && text[4] == '-' && text[7] == '-':
		year, month, day, rest = digits(text[:4]), digits(text[5:7]), digits(text[8:10]), text[10:]
	default:
		var ok bool
		if day, month, year, rest, ok = ukDay(text); !ok {
			return 0, false
		}
	}
	if month < 1 || month > 12 || day < 1 || day > lastDay(year, month) || year < 1000 || !timeOfDay(rest) {
		return 0, false
	}
	return recordDay(year*10_000 + month*100 + day), true
}

// ukDay reads 27/09/2024 and 7/9/2024.
func ukDay(text []byte) (day, month, year int, rest []byte, ok bool) {
	parts := [2]int{}
	for i := range parts {
		n := 1
		if len(text) > 1 && text[1] != '/' {
			n = 2
		}
		if len(text) <= n || text[n] != '/' {
			return 0, 0, 0, nil, false
		}
		parts[i], text = digits(text[:n]), text[n+1:]
	}
	if len(text) < 4 {
		return 0, 0, 0, nil, false
	}
	return parts[0], parts[1], digits(text[:4]), text[4:], true
}

// digits is the number, or -1 where anything else stands there.
func digits(text []byte) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func lastDay(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// timeOfDay reports whether the text after a day is nothing or a time.
func timeOfDay(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	if len(text) < 6 || text[0] != ' ' && text[0] != 'T' || text[3] != ':' || !within(text[1:3], 23) || !within(text[4:6], 59) {
		return false
	}
	text = text[6:]
	if len(text) >= 3 && text[0] == ':' && within(text[1:3], 59) {
		text = text[3:]
		if len(text) >= 2 && len(text) <= 10 && text[0] == '.' {
			return digits(text[1:]) >= 0
		}
	}
	return len(text) == 0
}

func within(text []byte, most int) bool {
	n := digits(text)
	return n >= 0 && n <= most
}
