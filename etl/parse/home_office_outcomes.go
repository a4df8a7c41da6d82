package parse

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// The columns of the Home Office outcomes open data table.
const (
	outcomeYear = iota
	outcomeQuarter
	outcomeForce
	outcomeCode
	outcomeDescription
	outcomeGroup
	outcomeSubgroup
	outcomeExpired
	outcomeType
	outcomeTypeDescription
	outcomeTypeGroup
	outcomeOfRecorded
	outcomeOfClosed
)

var outcomeColumns = []string{
	"Financial Year", "Financial Quarter", "Force Name", "Offence Code", "Offence Description", "Offence Group", "Offence Subgroup",
	"Offence code expired", "Outcome Type", "Outcome Description", "Outcome Group",
	"Outcomes for offences that were recorded in the quarter", "Outcomes for investigations closed in the quarter",
}

// outcomeBases are the table's two ways of counting, by column: outcomes given
// so far to the offences that were recorded in the quarter, and outcomes given
// in the quarter, whenever the offence was recorded. They are never mixed.
var outcomeBases = [...]struct {
	column int
	basis  string
}{
	{outcomeOfRecorded, "recorded in the quarter"},
	{outcomeOfClosed, "closed in the quarter"},
}

// outcomeAside matches the sheets beside the data, whose own name varies.
var outcomeAside = regexp.MustCompile(`(?i)^\s*(cover|notes|contents|pivot)`)

// titleRows is how many rows may stand above the header.
const titleRows = 10

// DefaultOutcomeOffences is which offence codes home_office_outcomes keeps,
// and as what, where the source's settings name none.
func DefaultOutcomeOffences() map[string]string { return map[string]string{"8Q": "stalking"} }

// homeOfficeOutcomes reads the table as XLSX or ODS, in which the sheet of
// the data has a name that varies and is known by its header, or as one CSV.
// The rows of the offences that are kept, some thousands a year, are held
// until the end of the file: only then it is known what adds up.
func homeOfficeOutcomes(in Input, out *Output) error {
	p := newOutcomeParser(in, out)
	found := false
	for in.Book.Next() {
		if outcomeAside.MatchString(in.Book.Sheet()) {
			continue
		}
		t, err := outcomeTable(in)
		if err != nil {
			return err
		}
		for t != nil && t.next() {
			p.row(t)
		}
		found = found || t != nil
	}
	if err := in.Book.Err(); err != nil {
		return err
	}
	if !found {
		return &sheet.Error{File: in.File, Problem: "no sheet has the columns of the Home Office's table of outcomes",
			Advice: "check that it is the right file; the columns must be " + strings.Join(outcomeColumns, ", ")}
	}
	return p.finish()
}

// outcomeTable looks for the header near the top of the sheet that the book is
// at; it is nil where there is none. A header with a column missing, or with
// one that is not known, is a fault: a sheet of data must not be passed over.
func outcomeTable(in Input) (*table, error) {
	for row := 0; row <= titleRows && in.Book.Row(); row++ {
		known := 0
		for _, cell := range in.Book.Cells() {
			name := foldHeader(cell)
			if slices.ContainsFunc(outcomeColumns, func(c string) bool { return strings.ToLower(c) == name }) {
				known++
			}
		}
		if 2*known > len(outcomeColumns) {
			return headed(in, outcomeColumns)
		}
	}
	return nil, nil
}

type outcomeParser struct {
	in     Input
	out    *Output
	words  map[string]string     // by offence code, in capitals
	forces map[string]stats.Area // by the name as it stands
	groups map[outcomeKey]*outcomeRows
	order  []outcomeKey // of the groups, as they first appear
	// lost is whether a row was rejected of which it is not known whose it is:
	// any total may lack it.
	lost bool
}

// outcomeKey is what a total is of.
type outcomeKey struct {
	word   string
	area   string
	period stats.Period
	year   string
}

func newOutcomeParser(in Input, out *Output) *outcomeParser {
	p := &outcomeParser{in: in, out: out, words: map[string]string{}, forces: map[string]stats.Area{}, groups: map[outcomeKey]*outcomeRows{}}
	offences := in.Settings.Offences
	if len(offences) == 0 {
		offences = DefaultOutcomeOffences()
	}
	for _, code := range slices.Sorted(maps.Keys(offences)) {
		if word := offences[code]; word != Excluded {
			p.words[strings.ToUpper(strings.TrimSpace(code))] = word
		}
	}
	return p
}

// row first looks up what most rows need and no more, as in the table of
// recorded crime: the force, which must be known even in a row that is left
// out, and the offence code.
func (p *outcomeParser) row(t *table) {
	if fault := t.tooLong(); fault != nil {
		p.refuse(t, fault)
		return
	}
	word, kept := p.word(t.raw(outcomeCode))
	area, known := p.force(t.raw(outcomeForce))
	switch {
	case !known && !kept && t.text(outcomeCode) != "":
		p.out.reject(t.origin(), t.fault(outcomeForce, unknownForce))
	case !known:
		p.refuse(t, t.fault(outcomeForce, unknownForce))
	case !kept && t.text(outcomeCode) == "":
		_, fault := t.needed(outcomeCode)
		p.refuse(t, fault)
	case !kept:
		p.out.exclude("another offence")
	case area.Kind == stats.NotAForce:
		p.out.exclude("not a police force: " + area.Name)
	default:
		p.keep(t, word, area)
	}
}

// refuse rejects a row that may belong to any total.
func (p *outcomeParser) refuse(t *table, fault *stats.Fault) {
	p.lost = true
	p.out.reject(t.origin(), fault)
}

func (p *outcomeParser) word(code []byte) (string, bool) {
	if word, ok := p.words[string(code)]; ok {
		return word, true
	}
	word, ok := p.words[strings.ToUpper(string(bytes.TrimSpace(code)))]
	return word, ok
}

func (p *outcomeParser) force(name []byte) (stats.Area, bool) {
	if area, ok := p.forces[string(name)]; ok {
		return area, true
	}
	area, ok := p.in.Areas.ByName(string(name))
	if ok {
		p.forces[string(name)] = area
	}
	return area, ok
}

// outcomesLeftOut are the outcome types that are no part of a total, and why.
var outcomesLeftOut = map[string]string{
	"0":  "no outcome assigned yet (outcome type 0)",
	"1A": "counted in another outcome type already (1a, 2a and 3a)",
	"2A": "counted in another outcome type already (1a, 2a and 3a)",
	"3A": "counted in another outcome type already (1a, 2a and 3a)",
}

var outcomeNumber = regexp.MustCompile(`^[1-9][0-9]?$`)

// keep reads a row of an offence that is kept, and holds it.
func (p *outcomeParser) keep(t *table, word string, area stats.Area) {
	period, year, fault := quarterOf(t, outcomeYear, outcomeQuarter)
	if fault != nil {
		p.refuse(t, fault)
		return
	}
	kind := strings.ToUpper(strings.TrimSuffix(t.text(outcomeType), ".0"))
	if reason, out := outcomesLeftOut[kind]; out {
		p.out.exclude(reason)
		return
	}
	g := p.group(outcomeKey{word, area.Code, period, year})
	if fault := g.add(t, kind, p.gap(area.Code, period)); fault != nil {
		g.spoilt = true
		p.out.reject(t.origin(), fault)
	}
}

func (p *outcomeParser) group(key outcomeKey) *outcomeRows {
	g, ok := p.groups[key]
	if !ok {
		g = &outcomeRows{}
		p.groups[key] = g
		p.order = append(p.order, key)
	}
	return g
}

// gap is whether a force published nothing for the quarter: Greater Manchester
// from July 2019 to March 2020. The table does not mark it.
func (p *outcomeParser) gap(area string, period stats.Period) bool {
	months := stats.Period{Start: stats.Quarter(2019, 2).Start, End: stats.Quarter(2019, 4).End}
	manchester, ok := p.in.Areas.ByName("Greater Manchester")
	return ok && area == manchester.Code && months.Contains(period)
}
