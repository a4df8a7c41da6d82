package parse

import (
	"fmt"
	"maps"
	"slices"
)

// CheckOffences says what is wrong with what a source's offences count as: its
// layout has none, or one counts as something that nobody knows.
func CheckOffences(parser string, offences map[string]string) error {
	words := []string{Stalking}
	switch parser {
	case "force_records":
		words = append(words, Excluded)
	case "home_office_outcomes":
	default:
		return fmt.Errorf("the layout %s has no offences to set: leave them out", parser)
	}
	for _, offence := range slices.Sorted(maps.Keys(offences)) {
		if !slices.Contains(words, offences[offence]) {
			return fmt.Errorf("%q counts as %q, which is none of %v", offence, offences[offence], words)
		}
	}
	return nil
}
