package stats

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// An Origin is the place a figure was read from.
type Origin struct {
	File  string // the file's name, without folders
	Sheet string // empty for a CSV
	Row   int    // as a spreadsheet numbers it: the header is usually row 1
}

// Key tells one figure from every other: no two figures that are served at
// the same time share one.
type Key struct {
	Measure        string
	Area           string // ONS code
	Source         string
	Basis          string
	Period         Period
	Breakdown      string // a named dimension, empty for a total
	BreakdownValue string
}

// CompareKeys is the order in which figures come: by measure, area, source,
// basis, period and breakdown.
func CompareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Basis, b.Basis),
		ComparePeriods(a.Period, b.Period), cmp.Compare(a.Breakdown, b.Breakdown), cmp.Compare(a.BreakdownValue, b.BreakdownValue))
}

// An Observation is one figure as a source published it.
type Observation struct {
	Key
	Slice  string // what a new release of the source replaces as one
	Value  Value
	Note   string // what a reader must know, in words; parts joined by "; "
	Origin Origin
}

// Demonstration is the part of a note that says a figure is made up to show
// how stalkstats works. It goes wherever the figure goes.
const Demonstration = "demonstration"

// IsDemonstration reports whether a note carries the demonstration label.
func IsDemonstration(note string) bool {
	return slices.Contains(strings.Split(note, "; "), Demonstration)
}

// JoinNotes joins the parts of several notes, each part once, in order of
// first appearance.
func JoinNotes(notes ...string) string {
	var parts []string
	for _, note := range notes {
		for part := range strings.SplitSeq(note, "; ") {
			if part != "" && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return strings.Join(parts, "; ")
}

// A Break is a date at which a series changes meaning: figures on its two
// sides do not compare.
type Break struct {
	Date      time.Time
	Areas     []string // ONS codes; none: all areas
	Measures  []string // measure IDs
	Effect    string
	Source    string
	Confirmed bool
	// Members is set where a sum of forces begins to be of others: no recording rule changed.
	Members bool
	Origin  Origin
}

// Bears reports whether the break bears on a measure in an area. It bears on a
// rate through either of the counts that the rate is worked out from.
func (b Break) Bears(m Measure, area string) bool {
	named := func(id string) bool { return id != "" && slices.Contains(b.Measures, id) }
	return (named(m.ID) || named(m.Numerator) || named(m.Denominator)) &&
		(len(b.Areas) == 0 || slices.Contains(b.Areas, area))
}

// Parts reports whether the figures of two periods do not compare for the
// break: it falls between them, or inside one of them.
func (b Break) Parts(earlier, later Period) bool {
	return b.Date.After(earlier.Start) && !b.Date.After(later.End)
}
