package validate

import (
	"fmt"
	"strings"

	"stalkstats/internal/stats"
)

// LeftOut says how many figures stay served though a file that corrects the one
// which brought them does not hold them, which they are, and how to take them
// away. It is a warning where one of them is of a time that the file covers:
// somebody may have forgotten it. A file that begins later than the former one
// leaves older figures out as it should, which is good to know and no more.
func LeftOut(left stats.LeftOut, areas *stats.Areas, measures *stats.Measures) (stats.CheckOutcome, string) {
	older := fmt.Sprintf("%s older than %s, with which this file begins, and %s served as %s", figuresAre(left.Older), left.Begins.InWords(), isOne(left.Older, "stays", "stay"), isOne(left.Older, "it is", "they are"))
	if left.Others == 0 {
		return stats.CheckNoted, older + "."
	}
	says := fmt.Sprintf("%s served now and not in this file, and %s served as %s: %s. To take %s away, publish this file and then withdraw the %s: what served there before, if anything did, serves again.",
		figuresAre(left.Others), isOne(left.Others, "stays", "stay"), isOne(left.Others, "it is", "they are"), named(left, areas, measures),
		isOne(left.Others, "it", "them"), isOne(left.Others, "release that brought it", "releases that brought them"))
	if left.Older > 0 {
		says += " " + strings.ToUpper(older[:1]) + older[1:] + "."
	}
	return stats.CheckWarned, says
}

// named is the first of the figures, and how many more there are.
func named(left stats.LeftOut, areas *stats.Areas, measures *stats.Measures) string {
	var words []string
	for _, key := range left.First {
		words = append(words, inWords(key, areas, measures))
	}
	list := strings.Join(words, "; ")
	if rest := left.Others - uint64(len(left.First)); rest > 0 {
		list += fmt.Sprintf("; and %d more", rest)
	}
	return list
}

func figuresAre(n uint64) string {
	return fmt.Sprintf("%d %s", n, isOne(n, "figure is", "figures are"))
}

func isOne(n uint64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// inWords is "Stalking charges of Bedfordshire, Mar 2024".
func inWords(key stats.Key, areas *stats.Areas, measures *stats.Measures) string {
	name := key.Measure
	if m, ok := measures.Of(key.Measure, key.Basis); ok {
		name = m.Name
	}
	if key.Breakdown != "" {
		name += " (" + key.Breakdown + ": " + key.BreakdownValue + ")"
	}
	return fmt.Sprintf("%s of %s, %s", name, nameOf(areas, key.Area), key.Period.Label())
}
