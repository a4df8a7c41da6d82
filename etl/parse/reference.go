package parse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stalkstats/internal/stats"
)

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
	return readSingle(in, out, read, "area_code", "area_name", "region", "kind", "population_mid_2018", "aliases")
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
	return readSingle(in, out, read, "measure", "basis", "name", "definition", "unit", "numerator", "denominator", "per",
		"interval", "direction", "headline", "force_source", "compare_source", "caveat", "recommendations")
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
	return readSingle(in, out, read, "date", "areas", "measures", "effect", "source", "confirmed")
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
