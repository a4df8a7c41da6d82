package dashboard

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// numberText writes a number with a comma at each thousand and a fixed number
// of decimals.
func numberText(n float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(n), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if n < 0 {
		whole = "−" + whole
	}
	return whole
}

// exactText writes a number with all its decimals.
func exactText(n float64) string {
	_, fraction, _ := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	return numberText(n, len(fraction))
}

// decimalsFor is how many decimals the figures of a measure are shown with:
// none for counts, one for percentages, and for rates enough to tell
// neighbours apart.
func decimalsFor(measure stats.Measure, figures []stats.Figure) int {
	if !measure.Derived() {
		return 0
	}
	if measure.Unit == "percent" {
		return 1
	}
	for _, f := range figures {
		if f.Value.Known && f.Value.Number > 0 && f.Value.Number < 10 {
			return 2
		}
	}
	return 1
}

// valueText is a value as a table shows it, without its unit.
func valueText(v stats.Value, decimals int) string {
	if !v.Known {
		return v.Markers.Meanings()
	}
	return numberText(v.Number, decimals)
}

// withUnit is a value as a sentence shows it: "151", "6.0%", "12.3 per 1,000
// offences", "12 people". The unit of most counts is in the measure's name already.
func withUnit(v stats.Value, measure stats.Measure, decimals int) string {
	text := valueText(v, decimals)
	switch {
	case !v.Known, !measure.Derived() && unitInName(measure):
		return text
	case !measure.Derived() && v.Number == 1:
		return text + " " + analysis.One(measure.Unit)
	case measure.Unit == "percent":
		return text + "%"
	}
	return text + " " + measure.Unit
}

// unitInName reports whether a measure's name says what it counts: "Stalking charges",
// and not "Victims of stalking", which are people.
func unitInName(measure stats.Measure) bool {
	name := strings.ToLower(measure.Name)
	return strings.Contains(name, strings.ToLower(measure.Unit)) || strings.Contains(name, strings.ToLower(analysis.One(measure.Unit)))
}

// subjectOf is a measure's name before its verb: one that has a comma in it
// needs one after it too.
func subjectOf(measure stats.Measure) string {
	noun := nounOf(measure)
	if strings.Contains(noun, ", ") {
		noun += ","
	}
	return noun
}

// nounOf is a measure's name inside a sentence: "stalking charges". A name
// whose second word is a capital's is a name of its own and keeps its first.
func nounOf(measure stats.Measure) string {
	words := strings.Fields(measure.Name)
	if len(words) == 0 {
		return measure.ID
	}
	first := []rune(words[0])
	shout := len(first) > 1 && unicode.IsUpper(first[1])
	named := len(words) > 1 && unicode.IsUpper([]rune(words[1])[0])
	if shout || named {
		return measure.Name
	}
	return string(unicode.ToLower(first[0])) + measure.Name[len(string(first[0])):]
}

const (
	longDay  = "2 January 2006"
	shortDay = "2 Jan 2006"
)

// day is a date in a sentence.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(longDay)
}

// today is the day of a moment where the forces are, as dates are kept.
func today(now time.Time) time.Time {
	here := now.In(london())
	return stats.Day(here.Year(), here.Month(), here.Day())
}

// dayOf is the day of a moment where the forces are.
func dayOf(t time.Time) string { return day(t.In(london())) }

// moment is a time of day where the forces are, with its zone.
func moment(t time.Time) string { return t.In(london()).Format(longDay + ", 15:04 MST") }

// shortMoment is a moment in a table.
func shortMoment(t time.Time) string { return t.In(london()).Format(shortDay + ", 15:04 MST") }

// london is the zone of all times on pages. The program carries the zone
// database, so not to find it is a fault of the build.
var london = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return zone
})

// fromTo is a period as a sentence says it: "from 1 January to 27 September
// 2024".
func fromTo(p stats.Period) string {
	switch {
	case p.Start.Equal(p.End):
		return "on " + day(p.End)
	case p.Start.Year() == p.End.Year() && p.Start.Month() == p.End.Month():
		return "from " + p.Start.Format("2") + " to " + day(p.End)
	case p.Start.Year() == p.End.Year():
		return "from " + p.Start.Format("2 January") + " to " + day(p.End)
	}
	return "from " + day(p.Start) + " to " + day(p.End)
}

// within is a whole period as a sentence says it: "in September 2024", "in
// 2017/18 Q4 (January to March 2018)", "in the year to March 2022".
func within(p stats.Period) string {
	if p.Kind() == stats.KindRange {
		return fromTo(p)
	}
	return "in " + p.InWords()
}

// plural is a count with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return numberText(float64(n), 0) + " " + many
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// spaced is a short name in words.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// sentence is how something ended and why, with a full stop.
func sentence(words, problem string) string {
	if problem != "" {
		words += ": " + problem
	}
	if !strings.HasSuffix(words, ".") {
		words += "."
	}
	return words
}

// afterTheNoun begins what only describes the noun of a measure's name.
var afterTheNoun = regexp.MustCompile(`[,:(]| (of|for|from|to|per|with|as|in|within|who|whom|that|where|at|does) `)

// verbOf is “is” or “are” after a measure's name, by the noun that the name is
// of: charges are, a charge rate and a median of days are one thing and is. So is
// the share of one outcome, whatever that outcome is called.
func verbOf(m stats.Measure) string {
	if m.Unit == "percent" && strings.Contains(m.Name, "(outcome ") {
		return "is"
	}
	noun := m.Name
	if end := afterTheNoun.FindStringIndex(noun); end != nil {
		noun = noun[:end[0]]
	}
	words := strings.Fields(strings.ToLower(noun))
	several := func(word string) bool { return strings.HasSuffix(word, "s") || word == "people" || word == "staff" }
	if slices.Contains(words, "median") || !slices.ContainsFunc(words, several) {
		return "is"
	}
	return "are"
}
