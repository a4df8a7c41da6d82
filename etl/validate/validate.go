// Package validate checks parsed figures against what is known: the areas,
// the measures, and the other figures of the same file. It is pure.
package validate

import (
	"fmt"
	"math"
	"time"

	"stalkstats/internal/stats"
)

// A Checker checks the figures of one file, one after the other.
type Checker struct {
	areas    *stats.Areas
	measures *stats.Measures
	today    time.Time
	seen     map[stats.Key]int

	newAreas    []stats.Area
	newMeasures []stats.Measure
	pairs       map[pair]int
	groups      map[pair]int
}

// New makes a Checker for one file. The areas and measures are those that are
// served; today is the day on which the file was read, and no figure can be of
// a later one.
func New(areas *stats.Areas, measures *stats.Measures, today time.Time) *Checker {
	return &Checker{areas: areas, measures: measures, today: today, seen: map[stats.Key]int{}, pairs: map[pair]int{}, groups: map[pair]int{}}
}

// Row is the fault of a parsed row, or nil. Checked are the kinds of row that
// name areas or measures: observations, series breaks and similar areas. Areas
// and measures are kept for File.
func (c *Checker) Row(row any) *stats.Fault {
	switch r := row.(type) {
	case stats.Observation:
		return c.observation(r)
	case stats.Break:
		return c.seriesBreak(r)
	case stats.SimilarArea:
		return c.similarArea(r)
	case stats.Area:
		c.newAreas = append(c.newAreas, r)
	case stats.Measure:
		c.newMeasures = append(c.newMeasures, r)
	}
	return nil
}

// seriesBreak refuses a name that nobody knows: the break would mark nothing,
// and a change of rules would look like a change in performance.
func (c *Checker) seriesBreak(b stats.Break) *stats.Fault {
	for _, code := range b.Areas {
		if _, ok := c.areas.ByCode(code); !ok {
			return &stats.Fault{Column: "areas", Value: code, Reason: unknownArea}
		}
	}
	for _, id := range b.Measures {
		if len(c.measures.ByID(id)) == 0 {
			return &stats.Fault{Column: "measures", Value: id, Reason: unknownMeasure}
		}
	}
	return nil
}

const (
	unknownArea    = "no area has this code: use the ONS code of a police force area, such as E23000026"
	unknownMeasure = "no measure has this name: the page of measures lists them"
)

func (c *Checker) observation(o stats.Observation) *stats.Fault {
	area, ok := c.areas.ByCode(o.Area)
	if !ok {
		return &stats.Fault{Column: "area_code", Value: o.Area, Reason: unknownArea}
	}
	if area.Kind == stats.Country {
		return &stats.Fault{Column: "area_code", Value: o.Area, Reason: "figures of " + area.Name + " are added up from the forces and cannot be loaded"}
	}
	if _, ok := c.measures.Count(o.Measure); !ok {
		return &stats.Fault{Column: "measure", Value: o.Measure, Reason: c.unknownMeasure(o.Measure)}
	}
	if o.Period.End.After(c.today) {
		return &stats.Fault{Column: "period", Value: o.Period.Label(), Reason: "the period has not ended yet: send its figure when it has, or the days that are over as 2024-09-01/2024-09-27"}
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
	return unknownMeasure
}
