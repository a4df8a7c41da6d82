package parse

import (
	"regexp"
	"strconv"
	"strings"

	"stalkstats/internal/stats"
)

var (
	plainCount   = regexp.MustCompile(`^-?\d{1,15}(\.0+)?$`)
	groupedCount = regexp.MustCompile(`^-?\d{1,3}(,\d{3}){1,4}$`)
)

// count reads a whole number as police tables write it: padded, with
// thousands separators ("1,234"), with a zero as "-00", and sometimes truly
// negative, where a correction took back what an earlier quarter counted.
func count(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if groupedCount.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	if !plainCount.MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	return n + 0, true // adding zero turns -0 into 0
}

// valueAndMarkers reads the two cells in which our own layouts hold a figure:
// a count with markers beside it, or no count and the marker that says why.
func valueAndMarkers(t *table, valueColumn, markerColumn int) (stats.Value, *stats.Fault) {
	number, marks := t.text(valueColumn), t.text(markerColumn)
	markers, err := stats.ParseMarkers(marks)
	if err != nil {
		return stats.Value{}, &stats.Fault{Column: t.columns[markerColumn], Value: marks, Reason: err.Error()}
	}
	value := stats.Value{Markers: markers}
	if number != "" {
		n, ok := count(number)
		if !ok {
			return stats.Value{}, &stats.Fault{Column: t.columns[valueColumn], Value: number, Reason: "not a whole number: write the count in digits, or leave the cell empty and give a marker"}
		}
		value.Number, value.Known = n, true
	}
	if err := value.Validate(); err != nil {
		return stats.Value{}, &stats.Fault{Column: t.columns[valueColumn], Value: strings.TrimSpace(number + " " + marks), Reason: err.Error()}
	}
	return value, nil
}
