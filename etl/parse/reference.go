package parse

import (
	"fmt"
	"slices"
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

// breakColumns are the columns of the dates at which a series changes meaning.
var breakColumns = []Column{
	{"date", "the first day of the new meaning", "2018-04-01"},
	{"areas", "all, or the areas' codes joined by |", "all"},
	{"measures", "the measures that it bears on, joined by |", "stalking_recorded|stalking_outcomes"},
	{"effect", "what changed", "A course of conduct is recorded as well as the most serious other offence: expect a rise in recorded offences."},
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
