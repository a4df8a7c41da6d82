package parse

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stalkstats/internal/stats"
)

// measureColumns are the columns of what is counted and worked out.
var measureColumns = []Column{
	{"measure", "short name", "charge_rate"},
	{"basis", "tells apart rates of one name with different denominators; empty for a count", "outcomes"},
	{"name", "the name as a heading", "Charge rate (of all outcomes)"},
	{"definition", "what it is, in a sentence", "Charges as a share of all outcomes assigned to stalking offences in the same period."},
	{"unit", "offences, percent, per 1,000 offences …", "percent"},
	{"numerator", "of a rate: the count above the line; empty for a count", "stalking_charges"},
	{"denominator", "of a rate: the count below the line; empty for a count", "stalking_outcomes"},
	{"denominator_source", "of a rate over a stock of one day that another source has, such as a population: that source; empty where both counts are of one source", ""},
	{"per", "of a rate: what it is multiplied by, such as 100 for a percentage; empty for a count", "100"},
	{"interval", "of a rate: wilson for a proportion, byar for a ratio; empty for a count", "wilson"},
	{"adds_up", "over what it can be added up: areas and periods (events), areas (people, and what is of one day), or nothing (a median); of a rate, its two counts", "areas and periods"},
	{"parts", "of a count: the counts of which it is the sum by what the words mean, joined by |; small numbers are protected across them; empty where it is none", ""},
	{"direction", "which way is better: up, down or neither", "up"},
	{"target", "a number in the measure's unit that somebody has set; empty where nobody has", ""},
	{"headline", "its place on a force's page, from 1; empty where it has none", "4"},
	{"force_source", "the source to show first for one force", "force_return"},
	{"compare_source", "the source to show first for forces beside each other", "published_force_figures"},
	{"caveat", "what a reader must know", "The same year has several charge rates."},
	{"recommendations", "the recommendations that it bears on, by number or ref, or by the subject, such as orders, of an ask that has neither; each with how strongly: strong, partial or document; joined by |", "E2:partial"},
	{"what_it_shows", "in words, how much it proves of those recommendations; empty where it bears on none", "partial: it does not tell which cases could have been charged"},
}

// measures reads what is counted, and the rates worked out from two counts.
func measures(in Input, out *Output) error {
	const (
		id = iota
		basis
		name
		definition
		unit
		numerator
		denominator
		denominatorSource
		per
		interval
		addsUp
		parts
		direction
		target
		headline
		forceSource
		compareSource
		caveat
		recommendations
		whatItShows
	)
	seen := map[string]int{}
	read := func(t *table) (any, *stats.Fault) {
		m := stats.Measure{
			ID: t.text(id), Basis: t.text(basis), Name: t.text(name), Definition: t.text(definition), Unit: t.text(unit),
			Numerator: t.text(numerator), Denominator: t.text(denominator), DenominatorSource: t.text(denominatorSource), Interval: stats.Interval(t.text(interval)),
			AddsUp: stats.AddsUp(t.text(addsUp)), Parts: list(t.text(parts)), Direction: stats.Direction(t.text(direction)),
			ForceSource: t.text(forceSource), CompareSource: t.text(compareSource), Caveat: t.text(caveat), WhatItShows: t.text(whatItShows),
			Origin: t.origin(),
		}
		for _, column := range []int{id, name, definition, unit} {
			if _, fault := t.needed(column); fault != nil {
				return nil, fault
			}
		}
		if first, twice := seen[m.ID+" "+m.Basis]; twice {
			return nil, t.fault(id, fmt.Sprintf("row %d has this measure and basis already", first))
		}
		seen[m.ID+" "+m.Basis] = t.in.Book.RowNumber()
		if fault := measureRate(t, &m, denominatorSource, per, interval); fault != nil {
			return nil, fault
		}
		if len(m.Parts) == 1 || len(m.Parts) > 0 && m.Derived() || slices.Contains(m.Parts, m.ID) {
			return nil, t.fault(parts, "only a count is the sum of others, of two at least, and of none that is itself")
		}
		if !slices.Contains([]stats.AddsUp{stats.OverAreasAndPeriods, stats.OverAreas, stats.OverNothing}, m.AddsUp) {
			return nil, t.fault(addsUp, "what it adds up over is one of: areas and periods, areas, nothing")
		}
		if !slices.Contains([]stats.Direction{stats.UpIsBetter, stats.DownIsBetter, stats.Neither}, m.Direction) {
			return nil, t.fault(direction, "the direction is one of: up, down, neither")
		}
		for _, read := range []func() *stats.Fault{
			func() *stats.Fault { return measureTarget(t, &m, target) },
			func() *stats.Fault { return measureHeadline(t, &m, headline) },
			func() *stats.Fault { return measureBearings(t, &m, recommendations, whatItShows) },
		} {
			if fault := read(); fault != nil {
				return nil, fault
			}
		}
		return m, nil
	}
	return readSingle(in, out, read, names(measureColumns)...)
}

// measureRate reads what only a rate has.
func measureRate(t *table, m *stats.Measure, denominatorSource, per, interval int) *stats.Fault {
	if m.Numerator == "" && m.Denominator == "" {
		switch {
		case t.text(per) != "" || m.Interval != stats.NoInterval:
			return t.fault(per, "only a rate, with numerator and denominator, has this")
		case m.DenominatorSource != "":
			return t.fault(denominatorSource, "only a rate, with numerator and denominator, has this")
		}
		return nil
	}
	factor, ok := count(t.text(per))
	if m.Numerator == "" || m.Denominator == "" || !ok || factor <= 0 {
		return t.fault(per, "a rate needs numerator, denominator and per (100 for a percentage)")
	}
	if m.DenominatorSource != "" && m.Interval == stats.Wilson {
		return t.fault(interval, "a rate over another source's count is a ratio: write byar")
	}
	if m.Interval != stats.Wilson && m.Interval != stats.Byar {
		return t.fault(interval, "the interval of a rate is wilson (a proportion) or byar (a ratio)")
	}
	m.Per = factor
	return nil
}

var targetForm = regexp.MustCompile(`^\d{1,9}(\.\d{1,6})?$`)

// measureTarget reads a target. One without a direction says nothing: nobody
// could tell on which side of it a figure should be.
func measureTarget(t *table, m *stats.Measure, column int) *stats.Fault {
	text := t.text(column)
	if text == "" {
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || !targetForm.MatchString(text):
		return t.fault(column, "a target is a number in the measure's unit, such as 95 or 12.5, or nothing")
	case m.Unit == "percent" && number > 100:
		return t.fault(column, "a target in per cent is at most 100")
	case m.PerPeriod():
		return t.fault(column, "a count has a target for each month, quarter or year: set it on the page of the measure")
	case m.Direction == stats.Neither:
		return t.fault(column, "a target needs a direction, up or down: without one nobody can say whether it is met")
	}
	m.Target = stats.Number(number)
	return nil
}

func measureHeadline(t *table, m *stats.Measure, column int) *stats.Fault {
	text := t.text(column)
	if text == "" {
		return nil
	}
	place, err := strconv.Atoi(text)
	if err != nil || place < 1 || place > 255 {
		return t.fault(column, "a place on the page is a whole number from 1, or nothing")
	}
	m.Headline = place
	return nil
}

// measureBearings reads which recommendations a measure bears on and how
// strongly: "16:partial|E2:strong". How much it proves must be said in words.
func measureBearings(t *table, m *stats.Measure, column, words int) *stats.Fault {
	for _, item := range list(t.text(column)) {
		fault := func(reason string) *stats.Fault {
			return &stats.Fault{Column: t.columns[column], Value: item, Reason: reason}
		}
		name, strength, _ := strings.Cut(item, ":")
		name = strings.TrimSpace(name)
		b := stats.Bearing{Ref: stats.RecommendationNamed(name).Name(), Strength: stats.Strength(strings.TrimSpace(strength))}
		if stats.RecommendationNamed(name).Number == 0 && !refForm.MatchString(name) {
			return fault("neither a number from 1 to 29 nor a ref: " + refAdvice)
		}
		if !slices.Contains([]stats.Strength{stats.Strong, stats.Partial, stats.Document}, b.Strength) {
			return fault("say after a colon how strongly it bears on it: strong, partial or document, such as 16:partial")
		}
		if m.Bears(b.Ref) {
			return fault("it stands here twice: only one can be right")
		}
		m.Bearings = append(m.Bearings, b)
	}
	if len(m.Bearings) > 0 && m.WhatItShows == "" {
		return t.fault(words, "it bears on a recommendation: say in words how much it proves")
	}
	return nil
}
