package personal

import (
	"regexp"
	"strings"
)

// days is the ways to write a day, with the form that its year has and what may
// stand between its numbers.
func days(year, between string) string {
	const (
		month   = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*`
		ordinal = `\d{1,2}(?:st|nd|rd|th)?`
	)
	return `(?:` + strings.Join([]string{
		`\d{1,2}` + between + `\d{1,2}` + between + year,
		year + between + `\d{1,2}` + between + `\d{1,2}`,
		ordinal + `[\s.,-]*(?:of\s)?\s?` + month + `[\s.,'’-]*` + year,
		month + `[\s.]*` + ordinal + `[\s,.]+` + year,
	}, "|") + `)(?:\D|$)`
}

var (
	// anyDay is a day of any year, also with two digits or without a sign in it.
	anyDay = `(?:` + days(`(?:\d{4}|\d{2})`, `(?:\s?[/.-]\s?|\s)`) + `|(?:\d{8}|\d{6})(?:\D|$))`
	// birthWord is what stands beside a date of birth.
	birthWord = `(?:\bd\s?[./]?\s?o\s?[./]?\s?b\b|\bdates?[\s_-]of[\s_-]births?\b|\bbirth[\s_-]?(?:dates?|days?)\b|\bborn\b)`

	birthForm = regexp.MustCompile(`(?i)` + birthWord + `(?:\W{0,6}|[^.;!?]{0,40}[^.;!?\d])` + anyDay +
		`|(?:^|\D)` + days(`(?:\d{4}|\d{2})`, `(?:\s?[/.-]\s?|\s)`) + `[\s(,=/-]{0,3}(?:(?:is|was)\s(?:(?:his|her|their|the)\s)?)?` + birthWord)
	birthHint = regexp.MustCompile(`(?i)born|birth|o.{0,3}b`)
	// oldDay is a whole day of a year in which nothing happened that is counted
	// here: who writes it writes when somebody was born.
	oldDay  = regexp.MustCompile(`(?i)(?:^|\D)` + days(`19[1-8]\d`, `[/.-]`))
	oldYear = regexp.MustCompile(`19[1-8]\d`)
)

func holdsBirth(text []byte) bool { return anyAround(text, birthHint, 60, 80, birthForm) }

func holdsOldDay(text []byte) bool { return anyAround(text, oldYear, 30, 10, oldDay) }
