package parse

import (
	"fmt"
	"regexp"
	"strings"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// The columns of the Home Office police force area open data table.
const (
	crimeYear = iota
	crimeQuarter
	crimeForce
	crimeDescription
	crimeGroup
	crimeSubgroup
	crimeCode
	crimeCount
)

// crimeMeasures maps the offence code to the measure. The code is what
// counts: descriptions change between editions and differ in case.
var crimeMeasures = map[string]string{
	"8Q": "stalking_recorded",
	"8L": "harassment_recorded",
	"8R": "malicious_communications_recorded",
	"8M": "aggravated_harassment_recorded",
}

// unknownForce is said of a name in a Home Office file that nobody knows.
const unknownForce = "no area has this name: if it is a force, add the spelling to the areas file; if it is not, add it there as not_a_force"

var (
	yearSheet    = regexp.MustCompile(`^\s*(\d{4})[-_](\d{2})\s*$`)
	outsideSheet = regexp.MustCompile(`(?i)^\s*(cover|notes|contents)`)
)

// homeOfficeRecordedCrime reads the table as ODS or XLSX, a sheet for each
// financial year between a cover and notes, or as one CSV.
func homeOfficeRecordedCrime(in Input, out *Output) error {
	p := &crimeParser{in: in, out: out, seen: map[crimeKey]stats.Origin{}, forces: map[string]stats.Area{}}
	found := false
	for in.Book.Next() {
		name := in.Book.Sheet()
		if outsideSheet.MatchString(name) {
			continue
		}
		m := yearSheet.FindStringSubmatch(name)
		if m == nil && name != "" {
			return &sheet.Error{File: in.File, Sheet: name, Problem: "the sheet's name is not a financial year", Advice: "check that this is the police force area table; its sheets are named 2012_13, 2013_14 and so on"}
		}
		p.year = ""
		if m != nil {
			p.year = m[1] + "/" + m[2]
		}
		if err := p.sheet(); err != nil {
			return err
		}
		found = true
	}
	if err := in.Book.Err(); err != nil {
		return err
	}
	if !found {
		return &sheet.Error{File: in.File, Problem: "no sheet is named after a financial year", Advice: "check that this is the police force area table; its sheets are named 2012_13, 2013_14 and so on"}
	}
	return nil
}

type crimeParser struct {
	in     Input
	out    *Output
	year   string                // the year that the sheet's name tells; empty in a CSV
	forces map[string]stats.Area // by the name as it stands: millions of rows, few names
	seen   map[crimeKey]stats.Origin
}

// crimeKey tells the kept figures apart. It is unique for the codes that are
// kept, though not for the homicide codes of the same table.
type crimeKey struct {
	period  stats.Period
	area    string
	measure string
}

func (p *crimeParser) sheet() error {
	t, err := openTable(p.in, "Financial Year", "Financial Quarter", "Force Name", "Offence Description",
		"Offence Group", "Offence Subgroup", "Offence Code", "Number of Offences")
	if err != nil {
		return err
	}
	for t.next() {
		if err := p.row(t); err != nil {
			return err
		}
	}
	return nil
}

// row first looks up what most rows need and no more: the force, which must
// be known even in a row that is left out, and the offence code. A comma that
// nobody quoted moves every cell after it, and a figure of ours would pass for
// another offence: such a row is refused before its code is looked at, and so
// is one that was cut off before its code.
func (p *crimeParser) row(t *table) error {
	if fault := t.tooLong(); fault != nil {
		p.out.reject(t.origin(), fault)
		return nil
	}
	area, ok := p.force(t.raw(crimeForce))
	if !ok {
		p.out.reject(t.origin(), t.fault(crimeForce, unknownForce))
		return nil
	}
	measure, kept := crimeMeasures[string(t.raw(crimeCode))]
	if !kept {
		code, fault := t.needed(crimeCode)
		if fault != nil {
			p.out.reject(t.origin(), fault)
			return nil
		}
		measure, kept = crimeMeasures[strings.ToUpper(code)]
	}
	switch {
	case !kept:
		p.out.exclude("another offence")
		return nil
	case area.Kind == stats.NotAForce:
		p.out.exclude("not a police force: " + area.Name)
		return nil
	}
	return p.figure(t, area, measure)
}

func (p *crimeParser) force(name []byte) (stats.Area, bool) {
	if area, ok := p.forces[string(name)]; ok {
		return area, true
	}
	area, ok := p.in.Areas.ByName(string(name))
	if ok {
		p.forces[string(name)] = area
	}
	return area, ok
}

func (p *crimeParser) figure(t *table, area stats.Area, measure string) error {
	period, year, fault := quarterOf(t, crimeYear, crimeQuarter)
	if fault != nil {
		p.out.reject(t.origin(), fault)
		return nil
	}
	if p.year != "" && year != p.year {
		p.out.reject(t.origin(), &stats.Fault{Column: t.columns[crimeYear], Value: year, Reason: fmt.Sprintf("the sheet is of %s: the row belongs to another sheet", p.year)})
		return nil
	}
	number, ok := count(string(t.raw(crimeCount)))
	if !ok {
		p.out.reject(t.origin(), t.fault(crimeCount, "not a count of offences: it must be a whole number"))
		return nil
	}
	key := crimeKey{period, area.Code, measure}
	if first, twice := p.seen[key]; twice {
		p.out.reject(t.origin(), t.fault(crimeCode, place(first, t.origin())+" has this quarter, force and code already: only one can be right"))
		return nil
	}
	p.seen[key] = t.origin()
	return p.out.load(t.origin(), stats.Observation{
		Key:    stats.Key{Measure: measure, Area: area.Code, Source: p.in.Source, Period: period},
		Slice:  year,
		Value:  stats.Number(number),
		Origin: t.origin(),
	})
}

// quarterOf reads the two cells in which the Home Office writes a quarter: the
// financial year and its quarter, 1 or Q1.
func quarterOf(t *table, yearColumn, quarterColumn int) (period stats.Period, year string, fault *stats.Fault) {
	year = t.text(yearColumn)
	quarter := strings.TrimPrefix(strings.ToUpper(t.text(quarterColumn)), "Q")
	period, err := stats.ParsePeriod(year + " Q" + strings.TrimSuffix(quarter, ".0"))
	if err != nil {
		return period, year, &stats.Fault{Column: t.columns[quarterColumn], Value: year + " " + quarter, Reason: "not a quarter of a financial year: it must be such as 2017/18 and 1 to 4"}
	}
	return period, year, nil
}

// place names a row of the same file, and its sheet where that is another one.
func place(first, here stats.Origin) string {
	if first.Sheet == here.Sheet {
		return fmt.Sprintf("row %d", first.Row)
	}
	return fmt.Sprintf("row %d of sheet %s", first.Row, first.Sheet)
}
