package stats

import (
	"cmp"
	"slices"
	"time"
)

// A Figure is one number as a reader is shown it: an observation, the sum of
// several areas' observations, or a rate worked out from two figures.
type Figure struct {
	Key
	Value Value
	// Numerator and Denominator are what a rate was worked out from; for
	// anything else neither is known.
	Numerator   Value
	Denominator Value
	// Lower95 and Upper95 bound a rate at 95% confidence; known only where
	// the value is and its measure names a method.
	Lower95 Value
	Upper95 Value
	Note    string
	// Releases are the releases behind the figure, usually one.
	Releases    []string
	PublishedAt time.Time // of the newest of them
	RetrievedAt time.Time // of the newest of them
	Origins     []Origin  // every row behind the figure: one, or one for each part
}

// Demonstration reports whether the figure, or any part of it, is made up.
func (f Figure) Demonstration() bool { return IsDemonstration(f.Note) }

// A Series is the figures of one measure, area, source, basis and breakdown,
// in order of time. Its periods may be of different kinds.
type Series struct {
	Measure        Measure
	Area           Area
	Source         string
	Basis          string
	Breakdown      string
	BreakdownValue string
	Figures        []Figure
}

// Latest is the figure whose period ends last; of two that end on one day, the
// shorter. It is false where the series is empty.
func (s Series) Latest() (Figure, bool) {
	if len(s.Figures) == 0 {
		return Figure{}, false
	}
	return slices.MaxFunc(s.Figures, func(a, b Figure) int {
		return cmp.Or(a.Period.End.Compare(b.Period.End), a.Period.Start.Compare(b.Period.Start))
	}), true
}

// At finds the figure of exactly that period.
func (s Series) At(p Period) (Figure, bool) {
	for i := range s.Figures { // and not IndexFunc, which copies each figure
		if s.Figures[i].Period == p {
			return s.Figures[i], true
		}
	}
	return Figure{}, false
}

// Demonstration reports whether any figure of the series is made up.
func (s Series) Demonstration() bool {
	return slices.ContainsFunc(s.Figures, Figure.Demonstration)
}

// ComparePeriods orders periods by their start, then their end.
func ComparePeriods(a, b Period) int {
	return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
}
