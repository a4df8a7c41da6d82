// Package validate checks parsed figures against what is known: the areas,
// the measures, and the other figures of the same file. It is pure.
package validate

import (
	"fmt"
	"math"

	"stalkstats/internal/stats"
)

// A Checker checks the figures of one file, one after the other.
type Checker struct {
	areas    *stats.Areas
	measures *stats.Measures
	seen     map[stats.Key]int
}

// New makes a Checker for one file.
func New(areas *stats.Areas, measures *stats.Measures) *Checker {
	return &Checker{areas: areas, measures: measures, seen: map[stats.Key]int{}}
}

// Row is the fault of a parsed row, or nil. Only observations are checked:
// what else a file may hold names no measure.
func (c *Checker) Row(row any) *stats.Fault {
	o, ok := row.(stats.Observation)
	if !ok {
		return nil
	}
	return c.observation(o)
}

func (c *Checker) observation(o stats.Observation) *stats.Fault {
	area, ok := c.areas.ByCode(o.Area)
	if !ok {
		return &stats.Fault{Column: "area_code", Value: o.Area, Reason: "no area has this code: use the ONS code of a police force area, such as E23000026"}
	}
	if area.Kind == stats.Country {
		return &stats.Fault{Column: "area_code", Value: o.Area, Reason: "figures of " + area.Name + " are added up from the forces and cannot be loaded"}
	}
	if _, ok := c.measures.Count(o.Measure); !ok {
		return &stats.Fault{Column: "measure", Value: o.Measure, Reason: c.unknownMeasure(o.Measure)}
	}
	if err := o.Value.Validate(); err != nil {
		return &stats.Fault{Column: "value", Reason: err.Error()}
	}
	if o.Value.Known && o.Value.Number != math.Trunc(o.Value.Number) {
		return &stats.Fault{Column: "value", Value: fmt.Sprint(o.Value.Number), Reason: "a count must be a whole number"}
	}
	if first, twice := c.seen[o.Key]; twice {
		return &stats.Fault{Column: "measure", Value: o.Measure, Reason: fmt.Sprintf("row %d has this area, measure and period (%s) already: only one can be right", first, o.Period.Label())}
	}
	c.seen[o.Key] = o.Origin.Row
	return nil
}

func (c *Checker) unknownMeasure(id string) string {
	if len(c.measures.ByID(id)) > 0 {
		return "this is a rate: it is worked out and cannot be loaded; send its two counts"
	}
	return "no measure has this name: docs/measures.md lists them"
}
