package dashboard

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// queryWords is a query as a page shows it, a filter each.
func queryWords(query string) []string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return []string{query}
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		words = append(words, filterLine(name, values[name]))
	}
	return words
}

func filterLine(name string, values []string) string {
	return spaced(name) + ": " + strings.Join(values, ", ")
}

// inWords is what a report was asked for, in lines that need no list of short
// names: what is not named is all of it. A filter that has no words of its own
// here is told as it was given, and none is passed over.
func (in asked) inWords(values url.Values, titles sourceTitles) []string {
	lines := []string{
		"Measures: " + in.measureNames(values["measure"]),
		"Areas: " + in.areaNames(values["area"]),
		"Periods: " + periodWords(values),
		"Sources: " + allOr(values["source"], titles.heading),
	}
	if !in.AsAt.IsZero() {
		lines = append(lines, "Figures as served on "+moment(in.AsAt))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains([]string{"measure", "area", "source", "from", "to", "period", "as_at"}, name) {
			lines = append(lines, capitalised(filterLine(name, values[name])))
		}
	}
	return lines
}

func (in asked) measureNames(ids []string) string {
	return allOr(ids, func(id string) string {
		if all := in.measures.ByID(id); len(all) > 0 {
			return measureLabel(all[0])
		}
		return id
	})
}

func (in asked) areaNames(codes []string) string {
	return allOr(codes, func(code string) string {
		if area, ok := in.areas.ByCode(code); ok {
			return area.Name
		}
		return code
	})
}

// allOr names values, one after the other, or says that there is no choice.
func allOr(values []string, name func(string) string) string {
	if len(values) == 0 {
		return "all"
	}
	var names []string
	for _, value := range values {
		names = append(names, name(value))
	}
	return strings.Join(names, "; ")
}

func periodWords(values url.Values) string {
	words := "as published"
	for _, choice := range periodChoices {
		if choice.Value == values.Get("period") {
			words = choice.Text
		}
	}
	for _, bound := range []struct{ name, words string }{{"from", ", which begin on %s or later"}, {"to", ", which end on %s or earlier"}} {
		if on, err := parseDay(bound.name, values.Get(bound.name)); err == nil && !on.IsZero() {
			words += strings.Replace(bound.words, "%s", day(on), 1)
		}
	}
	return words
}
