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
		words = append(words, spaced(name)+": "+strings.Join(values[name], ", "))
	}
	return words
}
