package parse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stalkstats/internal/stats"
)

// areaColumns are the columns of the police force areas.
var areaColumns = []Column{
	{"area_code", "ONS code; empty for what is not a force", "E23000026"},
	{"area_name", "name", "Bedfordshire"},
	{"region", "region of England, or Wales", "East of England"},
	{"kind", "territorial_force, national_force, country or not_a_force", "territorial_force"},
	{"population_mid_2018", "people, as estimated for the middle of 2018; may be empty", "669300"},
	{"aliases", "other spellings met in files, joined by |", "Bedfordshire Police"},
}

// areas reads the police force areas, and the names in police files that are
// no force, with the spellings met in real files.
func areas(in Input, out *Output) error {
	const (
		code = iota
		name
		region
		kind
		population
		aliases
	)
	seen := map[string]int{}
	read := func(t *table) (any, *stats.Fault) {
		a := stats.Area{Code: t.text(code), Region: t.text(region), Kind: stats.AreaKind(t.text(kind)), Aliases: list(t.text(aliases)), Origin: t.origin()}
		var fault *stats.Fault
		if a.Name, fault = t.needed(name); fault != nil {
			return nil, fault
		}
		if !slices.Contains([]stats.AreaKind{stats.TerritorialForce, stats.NationalForce, stats.Country, stats.NotAForce}, a.Kind) {
			return nil, &stats.Fault{Column: t.columns[kind], Value: string(a.Kind), Reason: "the kind is one of: territorial_force, national_force, country, not_a_force"}
		}
		if (a.Code == "") != (a.Kind == stats.NotAForce) {
			return nil, &stats.Fault{Column: t.columns[code], Value: a.Code, Reason: "a force has a code, and what is not a force has none"}
		}
		if text := t.text(population); text != "" {
			people, ok := count(text)
			if !ok || people <= 0 || people > mostPeople {
				return nil, &stats.Fault{Column: t.columns[population], Value: text, Reason: "not a number of people"}
			}
			a.PopulationMid2018 = int(people)
		}
		if fault := claimNames(t, seen, a, t.columns[name]); fault != nil {
			return nil, fault
		}
		return a, nil
	}
	return readSingle(in, out, read, names(areaColumns)...)
}

// mostPeople is more than any force area has, and fits the column.
const mostPeople = 1_000_000_000

// claimNames makes sure that no code, name or spelling stands for two areas.
func claimNames(t *table, seen map[string]int, a stats.Area, column string) *stats.Fault {
	for _, name := range append([]string{a.Code, a.Name}, a.Aliases...) {
		key := strings.ToLower(strings.Join(strings.Fields(name), " "))
		if first, taken := seen[key]; taken && first != t.in.Book.RowNumber() {
			return &stats.Fault{Column: column, Value: name, Reason: fmt.Sprintf("row %d uses this name or code already", first)}
		}
		if key != "" {
			seen[key] = t.in.Book.RowNumber()
		}
	}
	return nil
}

// measureColumns are the columns of what is counted and worked out.
var measureColumns = []Column{
	{"measure", "short name", "charge_rate"},
	{"basis", "tells apart rates of one name with different denominators; empty for a count", "outcomes"},
	{"name", "the name as a heading", "Charge rate (of all outcomes)"},
	{"definition", "what it is, in a sentence", "Charges as a share of all outcomes assigned to stalking offences in the same period."},
	{"unit", "offences, percent, per 1,000 offences …", "percent"},
	{"numerator", "of a rate: the count above the line; empty for a count", "stalking_charges"},
	{"denominator", "of a rate: the count below the line; empty for a count", "stalking_outcomes"},
	{"per", "of a rate: what it is multiplied by, such as 100 for a percentage; empty for a count", "100"},
	{"interval", "of a rate: wilson for a proportion, byar for a ratio; empty for a count", "wilson"},
	{"direction", "which way is better: up, down or neither", "up"},
	{"headline", "its place on a force's page, from 1; empty where it has none", "4"},
	{"force_source", "the source to show first for one force", "force_return"},
	{"compare_source", "the source to show first for forces beside each other", "published_force_figures"},
	{"caveat", "what a reader must know", "The same year has several charge rates."},
	{"recommendations", "numbers and refs of the recommendations that it bears on, joined by |", "E2"},
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
		per
		interval
		direction
		headline
		forceSource
		compareSource
		caveat
		recommendations
	)
	seen := map[string]int{}
	read := func(t *table) (any, *stats.Fault) {
		m := stats.Measure{
			ID: t.text(id), Basis: t.text(basis), Name: t.text(name), Definition: t.text(definition), Unit: t.text(unit),
			Numerator: t.text(numerator), Denominator: t.text(denominator), Interval: stats.Interval(t.text(interval)),
			Direction: stats.Direction(t.text(direction)), ForceSource: t.text(forceSource), CompareSource: t.text(compareSource), Caveat: t.text(caveat),
			Origin: t.origin(),
		}
		for _, column := range []int{id, name, definition, unit} {
			if _, fault := t.needed(column); fault != nil {
				return nil, fault
			}
		}
		if first, twice := seen[m.ID+" "+m.Basis]; twice {
			return nil, &stats.Fault{Column: t.columns[id], Value: m.ID, Reason: fmt.Sprintf("row %d has this measure and basis already", first)}
		}
		seen[m.ID+" "+m.Basis] = t.in.Book.RowNumber()
		if fault := measureRate(t, &m, per, interval); fault != nil {
			return nil, fault
		}
		if !slices.Contains([]stats.Direction{stats.UpIsBetter, stats.DownIsBetter, stats.Neither}, m.Direction) {
			return nil, &stats.Fault{Column: t.columns[direction], Value: string(m.Direction), Reason: "the direction is one of: up, down, neither"}
		}
		if text := t.text(headline); text != "" {
			place, err := strconv.Atoi(text)
			if err != nil || place < 1 || place > 255 {
				return nil, &stats.Fault{Column: t.columns[headline], Value: text, Reason: "a place on the page is a whole number from 1, or nothing"}
			}
			m.Headline = place
		}
		var fault *stats.Fault
		m.Recommendations, fault = recommendationNames(t, recommendations)
		return m, fault
	}
	return readSingle(in, out, read, names(measureColumns)...)
}

// measureRate reads what only a rate has.
func measureRate(t *table, m *stats.Measure, per, interval int) *stats.Fault {
	if m.Numerator == "" && m.Denominator == "" {
		if t.text(per) != "" || m.Interval != stats.NoInterval {
			return t.fault(per, "only a rate, with numerator and denominator, has this")
		}
		return nil
	}
	factor, ok := count(t.text(per))
	if m.Numerator == "" || m.Denominator == "" || !ok || factor <= 0 {
		return t.fault(per, "a rate needs numerator, denominator and per (100 for a percentage)")
	}
	if m.Interval != stats.Wilson && m.Interval != stats.Byar {
		return &stats.Fault{Column: t.columns[interval], Value: string(m.Interval), Reason: "the interval of a rate is wilson (a proportion) or byar (a ratio)"}
	}
	m.Per = factor
	return nil
}

// breakColumns are the columns of the dates at which a series changes meaning.
var breakColumns = []Column{
	{"date", "the first day of the new meaning", "2018-04-01"},
	{"areas", "all, or the areas' codes joined by |", "all"},
	{"measures", "the measures that it bears on, joined by |", "stalking_recorded|stalking_outcomes"},
	{"effect", "what changed", "A course of conduct is recorded as well as the most serious other offence: expect a rise."},
	{"source", "where that is written", "GSS violence against women and girls notes"},
	{"confirmed", "yes or no", "yes"},
}

// seriesBreaks reads the dates at which a series changes meaning.
func seriesBreaks(in Input, out *Output) error {
	const (
		date = iota
		inAreas
		ofMeasures
		effect
		source
		confirmed
	)
	read := func(t *table) (any, *stats.Fault) {
		b := stats.Break{Measures: list(t.text(ofMeasures)), Effect: t.text(effect), Source: t.text(source), Origin: t.origin()}
		if text := t.text(inAreas); text != "all" {
			b.Areas = list(text)
			if len(b.Areas) == 0 {
				return nil, &stats.Fault{Column: t.columns[inAreas], Value: text, Reason: "write all, or the areas' codes joined by |"}
			}
		}
		if len(b.Measures) == 0 {
			return nil, &stats.Fault{Column: t.columns[ofMeasures], Value: "", Reason: "name the measures, joined by |"}
		}
		if _, fault := t.needed(date); fault != nil {
			return nil, fault
		}
		var fault *stats.Fault
		if b.Date, fault = t.date(date); fault != nil {
			return nil, fault
		}
		switch t.text(confirmed) {
		case "yes":
			b.Confirmed = true
		case "no":
		default:
			return nil, t.fault(confirmed, "write yes or no")
		}
		return b, nil
	}
	return readSingle(in, out, read, names(breakColumns)...)
}

// list splits a cell that holds several names joined by |.
func list(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, "|") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
