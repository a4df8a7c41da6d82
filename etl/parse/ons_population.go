package parse

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// leastPeople is fewer than live in any police force area, the City of London
// included: a smaller number is one of thousands, or not of people.
const leastPeople = 5_000

var (
	// squareNote is a note as these tables write it, such as [note 8].
	squareNote = regexp.MustCompile(`\s*\[note[^\]]*\]`)
	// peopleHeader is a column of people, perhaps with its year. A rate ("per
	// 1,000 population") and a number of thousands are not.
	peopleHeader = regexp.MustCompile(`(?i)^(?:(?:population|all ages)(?: figures| estimates)?,?(?: \(?mid[- ]?(\d{4})\)?)?|(?:mid[- ]?)?(\d{4}) population(?: estimates)?)(?: ?[-–,] ?(rounded to \d+))?$`)
	// yearHeader is a column that is only a year: it is of people where the
	// titles above it say so.
	yearHeader  = regexp.MustCompile(`(?i)^()(?:mid[- ]?)?(\d{4})(?: ?[-–,] ?(rounded to \d+))?$`)
	peopleTitle = regexp.MustCompile(`(?i)mid[- ]year|population estimate`)
	midYear     = regexp.MustCompile(`(?i)\bmid[- ]?(\d{4})\b`)
	onsCode     = regexp.MustCompile(`^[A-Z]\d{8}$`)
)

// onsPopulation reads the mid-year estimates out of the ONS police force area
// tables. The book holds other tables too: the one that is wanted has a header
// that starts with Area Code and a column of people.
func onsPopulation(in Input, out *Output) error {
	p := &populationParser{in: in, out: out, seen: map[stats.Key]stats.Observation{}}
	for in.Book.Next() {
		if err := p.sheet(); err != nil {
			return err
		}
	}
	if err := in.Book.Err(); err != nil || p.found {
		return err
	}
	if p.without != nil {
		return p.without
	}
	return &sheet.Error{File: in.File, Problem: "no sheet has a row that starts with Area Code", Advice: "check that this is the ONS file of police force area tables with the population in it (Table P3)"}
}

type populationParser struct {
	in      Input
	out     *Output
	found   bool
	without *sheet.Error // the first sheet of areas that has no people
	seen    map[stats.Key]stats.Observation
}

// A peopleColumn is where the estimate of one year stands.
type peopleColumn struct {
	place int
	name  string
	year  int
	note  string // how it was rounded, as the column's name tells
}

// sheet reads one sheet, or passes over it where it is another table.
func (p *populationParser) sheet() error {
	var titles []string
	for p.in.Book.Row() {
		cells := p.in.Book.Cells()
		if !strings.EqualFold(plain(cells[0]), "Area Code") {
			for _, cell := range cells {
				titles = append(titles, string(cell))
			}
			continue
		}
		columns, err := p.header(titles)
		if err != nil || columns == nil {
			return err
		}
		p.found = true
		for p.in.Book.Row() {
			if err := p.row(columns); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// header finds the columns of people. There are none where the sheet is
// another table, of which the book has several.
func (p *populationParser) header(titles []string) ([]peopleColumn, error) {
	var columns []peopleColumn
	for i, cell := range p.in.Book.Cells() {
		name := plain(cell)
		m := peopleHeader.FindStringSubmatch(name)
		if m == nil && slices.ContainsFunc(titles, peopleTitle.MatchString) {
			m = yearHeader.FindStringSubmatch(name)
		}
		if i < 2 || m == nil {
			continue
		}
		year, err := p.year(i+1, name, m[1]+m[2], titles)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(columns, func(c peopleColumn) bool { return c.year == year }) {
			return nil, p.fault(i+1, fmt.Sprintf("a second column is of mid-%d", year), "keep the estimate of all people, and delete the other column")
		}
		columns = append(columns, peopleColumn{i, name, year, strings.ToLower(m[3])})
	}
	if columns == nil && p.without == nil {
		p.without = p.fault(0, "no column after the area's name is of people", "one must be called Population figures (mid-2023), Population, All ages or, below a title that says mid-year estimates, Mid-2023 or 2023")
	}
	return columns, nil
}

// year is the year of a column: from its own name, or else from the titles
// above the header, where those name one and no other.
func (p *populationParser) year(column int, name, digits string, titles []string) (int, error) {
	if digits == "" {
		for _, title := range titles {
			for _, m := range midYear.FindAllStringSubmatch(title, -1) {
				if digits != "" && digits != m[1] {
					return 0, p.fault(column, fmt.Sprintf("the titles name mid-%s and mid-%s, and the column %q neither", digits, m[1], name), "write the year into the column's name, such as Population (mid-2023)")
				}
				digits = m[1]
			}
		}
	}
	year, _ := strconv.Atoi(digits) // digits are digits, or nothing
	if year < 1990 || year > 2100 {
		return 0, p.fault(column, fmt.Sprintf("it is not said of which year the column %q is", name), "write the year into the column's name, such as Population (mid-2023)")
	}
	return year, nil
}

func (p *populationParser) fault(column int, problem, advice string) *sheet.Error {
	return &sheet.Error{File: p.in.File, Sheet: p.in.Book.Sheet(), Row: p.in.Book.RowNumber(), Column: column, Problem: problem, Advice: advice}
}

// row takes the estimates of a force. The code decides what the area is: the
// force and the region of the West Midlands have one name.
func (p *populationParser) row(columns []peopleColumn) error {
	at := stats.Origin{File: p.in.File, Sheet: p.in.Book.Sheet(), Row: p.in.Book.RowNumber()}
	code, name := p.cell(0), p.cell(1)
	area, excluded, fault := p.area(code, name, columns)
	switch {
	case fault != nil:
		p.out.reject(at, fault)
		return nil
	case excluded != "":
		p.out.exclude(excluded)
		return nil
	}
	parts, fault := p.figures(at, area, columns)
	switch {
	case fault != nil:
		p.out.reject(at, fault)
		return nil
	case len(parts) == 0:
		p.out.exclude("the same estimate as in another row")
		return nil
	}
	for _, part := range parts {
		p.seen[part.Key] = part
	}
	_, err := p.out.loadTogether([]stats.Origin{at}, parts)
	return err
}

// area is the force that a row is of, or why the row is left out.
func (p *populationParser) area(code, name string, columns []peopleColumn) (stats.Area, string, *stats.Fault) {
	area, known := p.in.Areas.ByCode(code)
	named, isNamed := p.in.Areas.ByName(name)
	force := known && area.Kind == stats.TerritorialForce
	switch {
	case force && (!isNamed || named.Code != area.Code):
		return area, "", &stats.Fault{Column: "Area Name", Value: name, Reason: fmt.Sprintf("%s is the code of %s: name and code must be of one area", code, area.Name)}
	case force:
		return area, "", nil
	case strings.HasPrefix(code, "E23") || strings.HasPrefix(code, "W15"):
		return area, "", &stats.Fault{Column: "Area Code", Value: code, Reason: "no area has this code of a police force area: add it to the areas file, or fetch the table again"}
	case isNamed && named.Kind == stats.TerritorialForce && named.Region != named.Name:
		return area, "", &stats.Fault{Column: "Area Code", Value: code, Reason: fmt.Sprintf("%s has the code %s: name and code must be of one area", named.Name, named.Code)}
	case isNamed && (named.Kind == stats.NationalForce || named.Kind == stats.NotAForce):
		return area, "no people live in its area: " + named.Name, nil
	case onsCode.MatchString(code):
		return area, "a country, a region or another area that is no police force area", nil
	}
	for _, c := range columns {
		if text := p.cell(c.place); text != "" {
			return area, "", &stats.Fault{Column: "Area Code", Value: code, Reason: "not an ONS code, and there is a figure in the row: fetch the table again"}
		}
	}
	return area, "a note below the table", nil
}

// figures is the estimates of a row that are not known from another table of
// the same book.
func (p *populationParser) figures(at stats.Origin, area stats.Area, columns []peopleColumn) ([]stats.Observation, *stats.Fault) {
	var parts []stats.Observation
	for _, c := range columns {
		value, fault := people(c.name, p.cell(c.place))
		if fault != nil {
			return nil, fault
		}
		day := stats.Day(c.year, time.June, 30)
		o := stats.Observation{
			Key:   stats.Key{Measure: "population", Area: area.Code, Source: p.in.Source, Period: stats.Period{Start: day, End: day}},
			Slice: fmt.Sprintf("mid-%d", c.year), Value: value, Note: c.note, Origin: at,
		}
		first, twice := p.seen[o.Key]
		if twice && first.Value != value {
			return nil, &stats.Fault{Column: c.name, Value: p.cell(c.place), Reason: place(first.Origin, at) + " has another estimate for this force and year: only one can be right"}
		}
		if !twice {
			parts = append(parts, o)
		}
	}
	return parts, nil
}

// people reads an estimate, or one of the marks that these tables put in its
// place.
func people(column, text string) (stats.Value, *stats.Fault) {
	switch strings.ToLower(text) {
	case "[x]":
		return stats.Missing(stats.NotAvailable), nil
	case "[z]":
		return stats.Missing(stats.NotApplicable), nil
	case "[c]":
		return stats.Missing(stats.Confidential), nil
	}
	n, ok := count(text)
	switch {
	case !ok:
		return stats.Value{}, &stats.Fault{Column: column, Value: text, Reason: "not a number of people: it must be a whole number, or [x], [z] or [c]"}
	case n < leastPeople || n > mostPeople:
		return stats.Value{}, &stats.Fault{Column: column, Value: text, Reason: "not the people of a police force area: the number must be of people, not of thousands"}
	}
	return stats.Number(n), nil
}

// cell is the i-th cell of the row, without padding and notes.
func (p *populationParser) cell(i int) string {
	if cells := p.in.Book.Cells(); i < len(cells) {
		return plain(cells[i])
	}
	return ""
}

// plain is a cell without padding, line ends and notes.
func plain(cell []byte) string {
	return strings.Join(strings.Fields(squareNote.ReplaceAllString(string(cell), "")), " ")
}
