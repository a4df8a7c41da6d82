package dashboard

import (
	"strings"

	"stalkstats/internal/stats"
)

// memberBreaks is where the sums of a country begin to be of other forces than before.
// What forces that came or went make of a sum is no change of theirs, so the figures of its
// two sides do not compare, whatever they are of.
//
// Where the former forces come back, that is a break too, and the figures before and after
// are not joined again, though their forces are the same. Limits are of periods that follow
// each other: over the gap they would judge as one run what nobody has seen to be one. And a
// force that was away is mostly one that changed how it records, so that the same forces may
// no longer count the same: rather no comparison than a wrong one.
func memberBreaks(s stats.Series) (found []stats.Break) {
	if s.Area.Kind != stats.Country {
		return nil
	}
	before := map[stats.PeriodKind]string{}
	for i := range s.Figures {
		f := &s.Figures[i]
		if !f.Value.Known {
			continue
		}
		kind, members := f.Period.Kind(), membersOf(f.Note)
		if former, there := before[kind]; there && former != members {
			found = append(found, stats.Break{Date: f.Period.Start, Members: true, Confirmed: true,
				Effect: "From here on the sum is of other forces than before: the two sides do not compare.", Source: membersWords(members)})
		}
		before[kind] = members
	}
	return found
}

// membersOf is what a sum of forces says of those that it lacks; empty where it lacks none.
func membersOf(note string) string {
	var said []string
	for part := range strings.SplitSeq(note, "; ") {
		if strings.HasPrefix(part, sumPrefix) {
			said = append(said, part)
		}
	}
	return strings.Join(said, "; ")
}

// sumPrefix is how the note of a sum that lacks a force begins.
const sumPrefix = "sum of "

func membersWords(members string) string {
	if members == "" {
		return "sum of all forces"
	}
	return members
}
