package stats

import (
	"slices"
	"strings"
)

// A Measure is what is counted, or a rate worked out from two counts.
type Measure struct {
	ID         string
	Name       string // as a heading: "Stalking charges"
	Definition string
	Unit       string // "offences", "percent", "per 1,000 offences"
	// Numerator and Denominator are measure IDs; both are empty for a count.
	Numerator   string
	Denominator string
	// DenominatorSource is set where the denominator is a stock that another
	// source has, as a population is; else both counts are of one source.
	DenominatorSource string
	Per               float64  // the rate is Per × numerator ÷ denominator; 0 for a count
	Basis             string   // which denominator, where a rate has several: "outcomes", "recorded"
	Interval          Interval // how the uncertainty of a rate is worked out
	AddsUp            AddsUp   // over what it can be added up; of a rate, its two counts
	// Parts are the counts of which a count is the sum by what the words mean, where
	// others than its own breakdowns are: whoever knows all but one knows that one.
	Parts     []string
	Direction Direction
	Target    Value // in the measure's unit; not known where nobody has set one
	Headline  int   // place on a force's page, from 1; 0: not there
	// ForceSource and CompareSource are the sources to show first for one
	// force's own performance, and for forces against each other.
	ForceSource   string
	CompareSource string
	Caveat        string
	// Bearings are the asks that the measure bears on and how strongly, and
	// WhatItShows how much it proves, in words; no count proves that one is met.
	Bearings    []Bearing
	WhatItShows string
	// RoundedTo is of what its counts, or those of a rate, are rounded to the nearest
	// multiple for whoever reads them; 0 or 1: they are not rounded.
	RoundedTo int
	Origin    Origin
}

// Derived reports whether the measure is worked out from two others.
func (m Measure) Derived() bool { return m.Numerator != "" }

// CountKey is the key of one of the two counts of a rate, whose key is k. Where
// a source counts on several bases the rate's basis is its own and then the
// source's. A stock, such as a population, is of another source, and has no such
// key.
func (m Measure) CountKey(k Key, count string) Key {
	k.Measure = count
	k.Basis = strings.TrimPrefix(strings.TrimPrefix(k.Basis, m.Basis), ", ")
	return k
}

// AddsUpOverPeriods reports whether figures of shorter periods make that of a
// longer one. Events do, each is of one day. People do not: whoever is in April
// and in May is one person of the quarter, and a population is of one day.
func (m Measure) AddsUpOverPeriods() bool { return m.AddsUp == OverAreasAndPeriods }

// PerPeriod reports whether a figure is larger the longer its period is, as that
// of a count is; a rate and a median are not.
func (m Measure) PerPeriod() bool { return !m.Derived() && m.AddsUp != OverNothing }

// Bears reports whether the measure bears on the ask of that number or ref.
func (m Measure) Bears(ref string) bool {
	return slices.ContainsFunc(m.Bearings, func(b Bearing) bool { return b.Ref == ref })
}

// OfDocument reports whether the measure tells that a document is there, and counts
// nothing of people: it bears on asks as a document alone. Nobody can be recognised in it.
func (m Measure) OfDocument() bool {
	return !m.Derived() && len(m.Bearings) > 0 && !slices.ContainsFunc(m.Bearings, func(b Bearing) bool { return b.Strength != Document })
}

// AddsUp is over what the figures of a measure may be added up.
type AddsUp string

// What figures add up over. Those that add up over periods add up over areas.
const (
	OverAreasAndPeriods AddsUp = "areas and periods" // events: offences, arrests, orders
	OverAreas           AddsUp = "areas"             // people each counted once, and what is of one day
	OverNothing         AddsUp = "nothing"           // a median, a percentile
)

// A Bearing is an ask that a measure bears on, by its number or ref.
type Bearing struct {
	Ref      string
	Strength Strength
}

// Strength is how strongly a measure bears on an ask.
type Strength string

// The strengths. Document is for an ask that a document answers, and of which
// a figure tells no more than that it is there.
const (
	Strong   Strength = "strong"
	Partial  Strength = "partial"
	Document Strength = "document"
)

// Interval names a method for a confidence interval.
type Interval string

// The interval methods. A proportion's numerator is part of its denominator.
const (
	NoInterval Interval = ""
	Wilson     Interval = "wilson"
	Byar       Interval = "byar"
)

// Direction says which way a measure gets better, if either.
type Direction string

// The directions.
const (
	UpIsBetter   Direction = "up"
	DownIsBetter Direction = "down"
	Neither      Direction = "neither"
)

// Measures finds measures by ID; a derived measure may stand once for each
// basis.
type Measures struct {
	list []Measure
	byID map[string][]int
}

// NewMeasures makes a directory of measures in the given order.
func NewMeasures(list []Measure) *Measures {
	m := &Measures{list: list, byID: map[string][]int{}}
	for i, measure := range list {
		m.byID[measure.ID] = append(m.byID[measure.ID], i)
	}
	return m
}

// ByID is the measures with that ID, one for each basis; none if unknown.
func (m *Measures) ByID(id string) []Measure {
	var found []Measure
	for _, i := range m.byID[id] {
		found = append(found, m.list[i])
	}
	return found
}

// Count finds a measure that is counted, and so may stand in a file.
func (m *Measures) Count(id string) (Measure, bool) {
	for _, measure := range m.ByID(id) {
		if !measure.Derived() {
			return measure, true
		}
	}
	return Measure{}, false
}

// Of finds the measure that a figure's measure and basis name. A rate of a
// source that counts on several bases names the source's after its own:
// "outcomes, closed in the quarter"; or alone, where it has none itself.
func (m *Measures) Of(id, basis string) (Measure, bool) {
	var found *Measure
	for _, i := range m.byID[id] {
		switch measure := &m.list[i]; {
		case !measure.Derived(), measure.Basis == basis:
			return *measure, true
		case measure.Basis == "", strings.HasPrefix(basis, measure.Basis+", "):
			if found == nil || len(measure.Basis) > len(found.Basis) {
				found = measure
			}
		}
	}
	if found == nil {
		return Measure{}, false
	}
	return *found, true
}

// All is every measure in order. The caller must not change it.
func (m *Measures) All() []Measure { return m.list }
