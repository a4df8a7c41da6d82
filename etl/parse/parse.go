// Package parse turns the bytes of one published table or force file into
// rows of the vocabulary: one file of code for each layout. It is pure: what
// it needs to know is handed in, and what it finds goes to an Output.
//
// Every row of data is accounted for: it is loaded, excluded because the
// source's definition leaves it out, or rejected with the column, the value
// and the reason. A file whose shape is not the agreed one (a missing or an
// extra column, an unknown sheet) is refused as a whole, with a *sheet.Error.
package parse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// A Parser reads one layout.
type Parser struct {
	Name string
	// Title is what a layout of our own holds, in words.
	Title string
	// Version changes when the same file would give other rows; a file that
	// was loaded by an older version is loaded again.
	Version int
	// Reference marks the layouts that other files are checked against.
	Reference bool
	// Figureless marks the layouts that bring no figures.
	Figureless bool
	// RecordLevel marks the layouts with one row for each arrest, charge or
	// order: their rows are counted while they stream by and nothing else of
	// them is kept, not in a snapshot, a log, a rejected row or a fault.
	RecordLevel bool
	// Columns are those of a layout of our own; Kinds are its tables where it
	// reads several. A layout that others publish has neither.
	Columns []Column
	Kinds   []Kind
	parse   func(in Input, out *Output) error
}

// OfOthers reports whether the layout is one that others publish: nobody here can mend
// their files.
func (p Parser) OfOthers() bool { return len(p.Columns) == 0 && len(p.Kinds) == 0 }

// Parsers is every layout there is.
func Parsers() []Parser {
	return []Parser{
		{Name: "areas", Title: "police force areas", Version: 2, Figureless: true, Reference: true, Columns: areaColumns, parse: areas},
		{Name: "measures", Title: "measures", Version: 4, Figureless: true, Reference: true, Columns: measureColumns, parse: measures},
		{Name: "series_breaks", Title: "dates at which a series changes meaning", Version: 2, Figureless: true, Columns: breakColumns, parse: seriesBreaks},
		{Name: "home_office_recorded_crime", Version: 1, parse: homeOfficeRecordedCrime},
		{Name: "home_office_outcomes", Version: 2, parse: homeOfficeOutcomes},
		{Name: "published_force_figures", Title: "figures by force, from publications", Version: 1, Columns: publishedColumns, parse: publishedForceFigures},
		{Name: "force_return", Title: "a force’s monthly return", Version: 2, Columns: forceReturnColumns, parse: forceReturn},
		{Name: "force_records", Title: "a force’s records, counted at the door", Version: 2, RecordLevel: true, Kinds: recordTables(), parse: forceRecords},
		{Name: "recommendation_register", Title: "the register of the 29 recommendations", Version: 2, Figureless: true, Columns: registerColumns, parse: recommendationRegister},
		{Name: "recommendation_progress", Title: "progress with the recommendations", Version: 2, Figureless: true, Columns: progressColumns, parse: recommendationProgress},
		{Name: "spo_returns", Title: "Stalking Protection Orders, as legal services count them", Version: 2, Columns: spoColumns, parse: spoReturns},
		{Name: "ons_population", Version: 1, parse: onsPopulation},
		{Name: "most_similar_groups", Title: "most similar groups", Version: 2, Figureless: true, Columns: similarColumns, parse: mostSimilarGroups},
	}
}

// Find is the parser of that name.
func Find(name string) (Parser, bool) {
	i := slices.IndexFunc(Parsers(), func(p Parser) bool { return p.Name == name })
	if i < 0 {
		return Parser{}, false
	}
	return Parsers()[i], true
}

// Names is the names of all parsers.
func Names() []string {
	var names []string
	for _, p := range Parsers() {
		names = append(names, p.Name)
	}
	return names
}

// RecordLevel is the names of the parsers of records about people.
func RecordLevel() []string {
	var names []string
	for _, p := range Parsers() {
		if p.RecordLevel {
			names = append(names, p.Name)
		}
	}
	return names
}

// Figureless is the names of the parsers that bring no figures.
func Figureless() []string {
	var names []string
	for _, p := range Parsers() {
		if p.Figureless {
			names = append(names, p.Name)
		}
	}
	return names
}

// Input is a file and what is known beforehand.
type Input struct {
	Book   *sheet.Workbook
	File   string       // base name, for origins and faults
	Source string       // the source's short name
	Areas  *stats.Areas // nothing in it where reference data is read
	// Settings are the source's own, from the configuration.
	Settings Settings
	Today    time.Time // the day the file was fetched: no figure can be of a later one
}

// Settings are what a source's configuration says to its parser.
type Settings struct {
	// Area is the ONS code of the force that a file without areas is of.
	Area string
	// Kind tells apart files of one layout: arrests, charges or orders.
	Kind string
	// Offences maps an offence, by code or by the wording a force uses, to
	// what it counts as, such as stalking, or to Excluded.
	Offences map[string]string
}

// Excluded is what an offence counts as that the source leaves out.
const Excluded = "excluded"

// Take receives one parsed row: a stats.Observation, Recommendation,
// Progress, Area, Measure, Break or SimilarArea. It answers with a fault
// where the row must not be loaded. An error ends the reading.
type Take func(row any) (*stats.Fault, error)

// KeptRejections is how many rejected rows an Output keeps; it counts all.
const KeptRejections = 10_000

// An Output takes the rows of one file and keeps account of them:
// Read = Loaded + Excluded + Rejected.
type Output struct {
	Take       Take
	Progress   func(read uint64) // called now and then; may be nil
	Read       uint64
	Loaded     uint64
	Rejected   uint64
	Rejections []stats.Rejection // the first KeptRejections
	excluded   map[string]uint64
	noValues   bool // of a record-level file nothing that it holds is kept
}

// Parse reads the whole book. The error is a *sheet.Error where the file is
// at fault, and what Take returned where taking failed. Of a record-level
// file neither the error nor the Output holds any text.
func (p Parser) Parse(in Input, out *Output) error {
	out.excluded, out.noValues = map[string]uint64{}, p.RecordLevel
	return p.Clean(p.wholeBook(in, out))
}

// Look reads a file of a layout with Columns through, and answers as Parse would
// where its header is not that of the layout; it also refuses a file in which a
// cell holds personal text. A file that Look refuses must not be kept, since it
// may be a list of people.
func (p Parser) Look(in Input) error {
	if !in.Book.Next() {
		return in.Book.Err()
	}
	t, err := openOwn(in, names(p.Columns))
	if err != nil {
		return err
	}
	return noPersonalText(in, t.standing())
}

func (p Parser) wholeBook(in Input, out *Output) error {
	if err := p.parse(in, out); err != nil {
		return err
	}
	if err := in.Book.Err(); err != nil {
		return err
	}
	if out.Read == 0 {
		return &sheet.Error{Kind: stats.NoRows, File: in.File, Problem: "the file has a header and no rows", Advice: "put the figures below the header"}
	}
	return nil
}

// Excluded is how many rows were left out.
func (o *Output) Excluded() (rows uint64) {
	for _, n := range o.excluded {
		rows += n
	}
	return rows
}

// Exclusions is how many rows were left out for each reason, in order of reason.
func (o *Output) Exclusions() []stats.Exclusion {
	var all []stats.Exclusion
	for reason, rows := range o.excluded {
		all = append(all, stats.Exclusion{Reason: reason, Rows: rows})
	}
	slices.SortFunc(all, func(a, b stats.Exclusion) int { return strings.Compare(a.Reason, b.Reason) })
	return all
}

func (o *Output) count() {
	o.Read++
	if o.Progress != nil && o.Read%10_000 == 0 {
		o.Progress(o.Read)
	}
}

func (o *Output) exclude(reason string) {
	o.count()
	o.excluded[reason]++
}

func (o *Output) reject(at stats.Origin, f *stats.Fault) {
	o.count()
	o.Rejected++
	if o.noValues {
		at.Sheet, f = "", cleanFault(f)
	}
	if len(o.Rejections) < KeptRejections {
		o.Rejections = append(o.Rejections, stats.Rejection{Origin: at, Fault: stats.Fault{Column: f.Column, Value: shorten(f.Value), Reason: f.Reason}})
	}
}

func (o *Output) load(at stats.Origin, row any) error {
	fault, err := o.Take(row)
	if err != nil {
		return err
	}
	if fault != nil {
		o.reject(at, fault)
		return nil
	}
	o.count()
	o.Loaded++
	return nil
}

// loadTogether loads the figures that some rows give together: all of them or
// none. Each row counts once, however many figures come of it. Where the first
// figure is refused, so are the rows, and the answer is false. Where a later
// one is, the file is: what was taken before it cannot be given back, and half
// a row must not be served.
func (o *Output) loadTogether(rows []stats.Origin, figures []stats.Observation) (bool, error) {
	for i, figure := range figures {
		fault, err := o.Take(figure)
		switch {
		case err != nil:
			return false, err
		case fault != nil && i == 0:
			for _, at := range rows {
				o.reject(at, fault)
			}
			return false, nil
		case fault != nil:
			at := figure.Origin
			return false, &sheet.Error{Kind: stats.RowsRejected, File: at.File, Sheet: at.Sheet, Row: at.Row, Problem: fmt.Sprintf("%s %q: %s", fault.Column, fault.Value, fault.Reason), Advice: "mend that and run the source again; nothing of the file is loaded"}
		}
	}
	for range rows {
		o.count()
		o.Loaded++
	}
	return true, nil
}

// derive loads a figure that is worked out from rows which are loaded, and so
// counts as none. Where Take refuses it there is no row to reject: the file
// is refused.
func (o *Output) derive(figure stats.Observation) error {
	fault, err := o.Take(figure)
	if err != nil || fault == nil {
		return err
	}
	at := figure.Origin
	return &sheet.Error{Kind: stats.RowsRejected, File: at.File, Sheet: at.Sheet, Row: at.Row, Problem: fmt.Sprintf("the figure that is added up from this row on has the %s %q: %s", fault.Column, fault.Value, fault.Reason), Advice: "mend the rows that it is added up from"}
}

// shorten keeps a rejected value readable: whoever mends the row needs to
// recognise it, not to have all of it. It is in one line wherever it is shown.
func shorten(value string) string {
	const most = 200
	value = stats.OneLine(value)
	runes := []rune(value)
	if len(runes) <= most {
		return value
	}
	return fmt.Sprintf("%s… (%d characters)", string(runes[:most]), len(runes))
}
