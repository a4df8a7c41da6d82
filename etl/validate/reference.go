package validate

import (
	"fmt"

	"stalkstats/internal/stats"
)

// File is what is wrong with the file as a whole once all its rows have been
// checked, in one sentence; empty where nothing is. Only reference data can be
// wrong as a whole: every other figure hangs on it, and what it leaves out
// would be missed nowhere else.
func (c *Checker) File() string {
	if len(c.newAreas) > 0 {
		return c.wholeAreas()
	}
	if len(c.newMeasures) > 0 {
		return c.wholeMeasures()
	}
	return ""
}

// wholeAreas: England and Wales is the sum of the 43 forces, so all must be
// there, and no area whose figures are served may go.
func (c *Checker) wholeAreas() string {
	list := stats.NewAreas(c.newAreas)
	if forces := len(list.Forces()); forces != stats.ForceCount {
		return fmt.Sprintf("the file has %d territorial forces and must have all %d, because England and Wales is their sum: add the others", forces, stats.ForceCount)
	}
	if country, ok := list.ByCode(stats.EnglandAndWales); !ok || country.Kind != stats.Country {
		return "the file does not have England and Wales (" + stats.EnglandAndWales + ", kind country): add it"
	}
	for _, area := range c.areas.All() {
		if _, ok := list.ByCode(area.Code); !ok && area.Code != "" {
			return fmt.Sprintf("%s (%s) is served and is not in the file: its figures would lose their name; add it", area.Name, area.Code)
		}
	}
	return ""
}

// wideness orders what figures add up over.
var wideness = map[stats.AddsUp]int{stats.OverNothing: 0, stats.OverAreas: 1, stats.OverAreasAndPeriods: 2}

// wholeMeasures: the parts of a sum must be counts of the file, a rate's two counts must be there and add up over what the rate
// does, and no measure that is served may go.
func (c *Checker) wholeMeasures() string {
	list := stats.NewMeasures(c.newMeasures)
	for _, m := range c.newMeasures {
		for _, part := range m.Parts {
			if _, ok := list.Count(part); !ok {
				return fmt.Sprintf("row %d: %s is the sum of %q, and no count in the file has that name: mend the name, or add the count", m.Origin.Row, m.ID, part)
			}
		}
		for _, part := range []string{m.Numerator, m.Denominator} {
			count, ok := list.Count(part)
			switch {
			case !m.Derived():
			case !ok:
				return fmt.Sprintf("row %d: the rate %s is worked out from %q, and no count in the file has that name: mend the name, or add the count", m.Origin.Row, m.ID, part)
			case part == m.Denominator && m.DenominatorSource != "":
				// A stock: a longer period takes that of its end and adds none up.
			case wideness[m.AddsUp] > wideness[count.AddsUp]:
				return fmt.Sprintf("row %d: the rate %s adds up over %s, and its count %s only over %s: write %s for the rate too", m.Origin.Row, m.ID, m.AddsUp, part, count.AddsUp, count.AddsUp)
			}
		}
	}
	for _, m := range c.measures.All() {
		if found, ok := list.Of(m.ID, m.Basis); !ok || m.Derived() && found.Basis != m.Basis {
			return fmt.Sprintf("the measure %s is served and is not in the file: its figures would lose their name; add it", m.ID)
		}
	}
	return ""
}
