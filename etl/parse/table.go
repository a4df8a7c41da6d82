package parse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// A table is one sheet with a header in its first row. Its columns may stand
// in any order, but all must be there and no other.
type table struct {
	in      Input
	columns []string
	place   []int // place[i] is where columns[i] stands
}

// openTable reads the header of the sheet that the book is at.
func openTable(in Input, columns ...string) (*table, error) {
	if err := aHeader(in, columns); err != nil {
		return nil, err
	}
	return headed(in, columns)
}

// openOwn is openTable of a layout of our own, which people fill in. Whoever
// sends a list of people by mistake is told that first. What stands in a
// heading that should not be there is told nobody: in a file without a header
// it is the first person.
func openOwn(in Input, columns []string) (*table, error) {
	if err := aHeader(in, columns); err != nil {
		return nil, err
	}
	t, header := &table{in: in, columns: columns}, in.Book.Cells()
	place, missing := places(header, columns)
	if i := personalHeading(header, place); i >= 0 {
		return nil, personalFault(t.headerFault(i+1, personalProblem, personalAdvice+"; "+advised(columns)))
	}
	if missing != "" {
		return nil, t.headerFault(0, fmt.Sprintf("the column %q is missing", missing), advised(columns))
	}
	if i, unnamed := surplusHeading(header, place); i >= 0 {
		return nil, t.headerFault(i+1, surplusProblem(unnamed), advised(columns))
	}
	t.place = place
	return t, nil
}

// aHeader goes to the header.
func aHeader(in Input, columns []string) error {
	if in.Book.Row() {
		return nil
	}
	if err := in.Book.Err(); err != nil {
		return err
	}
	return &sheet.Error{File: in.File, Sheet: in.Book.Sheet(), Problem: "there is no header", Advice: "the first row must hold " + strings.Join(columns, ", ")}
}

// headed takes the row that the book is at as the header of a table that others
// publish, and names what it did not expect.
func headed(in Input, columns []string) (*table, error) {
	t, header := &table{in: in, columns: columns}, in.Book.Cells()
	place, missing := places(header, columns)
	if missing != "" {
		return nil, t.headerFault(0, fmt.Sprintf("the column %q is missing", missing), advised(columns))
	}
	if i, unnamed := surplusHeading(header, place); i >= 0 {
		problem := surplusProblem(unnamed)
		if !unnamed {
			problem = fmt.Sprintf("the column %q is not expected here", strings.Join(strings.Fields(string(header[i])), " "))
		}
		return nil, t.headerFault(i+1, problem, advised(columns))
	}
	t.place = place
	return t, nil
}

// places is where each column stands in the header, -1 where it does not, and
// the first of those.
func places(header [][]byte, columns []string) (place []int, missing string) {
	for _, name := range columns {
		i := slices.IndexFunc(header, func(cell []byte) bool { return foldHeader(cell) == strings.ToLower(name) })
		if i < 0 && missing == "" {
			missing = name
		}
		place = append(place, i)
	}
	return place, missing
}

// surplusHeading is the first heading that is none of the columns, and whether
// it is empty; -1 where there is none.
func surplusHeading(header [][]byte, place []int) (at int, unnamed bool) {
	for i, cell := range header {
		if !slices.Contains(place, i) {
			return i, len(bytes.TrimSpace(cell)) == 0
		}
	}
	return -1, false
}

func surplusProblem(unnamed bool) string {
	if unnamed {
		return "a column has no name"
	}
	return "this column is not expected here"
}

func advised(columns []string) string { return "the columns must be " + strings.Join(columns, ", ") }

func foldHeader(cell []byte) string {
	return strings.ToLower(string(bytes.Join(bytes.Fields(cell), []byte(" "))))
}

func (t *table) headerFault(column int, problem, advice string) *sheet.Error {
	return &sheet.Error{File: t.in.File, Sheet: t.in.Book.Sheet(), Row: t.in.Book.RowNumber(), Column: column, Problem: problem, Advice: advice}
}

// standing is the columns in the order in which they stand.
func (t *table) standing() []string {
	order := make([]string, len(t.place))
	for i, at := range t.place {
		order[at] = t.columns[i]
	}
	return order
}

// next goes to the next row. The book's fault, if any, is looked at by Parse.
func (t *table) next() bool { return t.in.Book.Row() }

// raw is the cell of the i-th column as it stands, valid until next.
func (t *table) raw(i int) []byte {
	if cells := t.in.Book.Cells(); t.place[i] < len(cells) {
		return cells[t.place[i]]
	}
	return nil
}

// text is the cell of the i-th column without padding, and without the marks that
// turn the direction of text: one in a name would turn the whole sentence round it, so
// that a page showed 72 for 27. Words are in one line.
func (t *table) text(i int) string {
	cell := bytes.TrimSpace(t.raw(i))
	if bytes.ContainsFunc(cell, turns) {
		cell = bytes.TrimSpace(bytes.Map(func(c rune) rune {
			if turns(c) {
				return -1
			}
			return c
		}, cell))
	}
	if slices.Contains(wordColumns, t.columns[i]) {
		return stats.OneLine(string(cell))
	}
	return string(cell)
}

// wordColumns are those of our own layouts that hold words for a reader to read. A
// line end or a tab in one is a space; the other columns are names and values, in
// which none may stand.
var wordColumns = []string{"comment", "definition", "caveat", "what_it_shows", "effect", "ask", "update"}

// turns reports whether a character is seen only in the order of those round it.
// Unicode Standard Annex 9, section 2.
func turns(c rune) bool { return c >= 0x80 && unicode.Is(unicode.Bidi_Control, c) }

// unfit is a fault where the row cannot be one of a layout of our own, whatever it
// means: a cell is too many, or a name or value is not in one line.
func (t *table) unfit() *stats.Fault {
	if fault := t.tooLong(); fault != nil {
		return fault
	}
	for i := range t.columns {
		if text := t.text(i); !stats.IsOneLine(text) {
			return t.fault(i, "a line end or a tab stands in the cell: write it in one line, with a space there")
		}
	}
	return nil
}

// tooLong is a fault where the row has more cells than the header.
func (t *table) tooLong() *stats.Fault {
	cells := t.in.Book.Cells()
	for i := len(t.place); i < len(cells); i++ {
		if len(bytes.TrimSpace(cells[i])) > 0 {
			return &stats.Fault{Column: sheet.ColumnName(i + 1), Value: string(cells[i]), Reason: "there is no column here; quote a text that holds a comma"}
		}
	}
	return nil
}

func (t *table) origin() stats.Origin {
	return stats.Origin{File: t.in.File, Sheet: t.in.Book.Sheet(), Row: t.in.Book.RowNumber()}
}

// A rowReader makes one row of a table into a row of the vocabulary.
type rowReader func(t *table) (row any, fault *stats.Fault)

// readSingle reads a file of our own that is one table: a CSV, or a workbook in which
// only one sheet holds anything.
func readSingle(in Input, out *Output, read rowReader, columns ...string) error {
	if !in.Book.Next() {
		return in.Book.Err()
	}
	t, err := openOwn(in, columns)
	if err != nil {
		return err
	}
	for t.next() {
		if err := readRow(t, out, read); err != nil {
			return err
		}
	}
	return onlySheet(in)
}

// onlySheet refuses a book in which more than one sheet holds anything.
func onlySheet(in Input) error {
	for in.Book.Err() == nil && in.Book.Next() {
		if in.Book.Row() {
			return &sheet.Error{File: in.File, Sheet: in.Book.Sheet(), Problem: "this sheet is not expected", Advice: "keep the table in one sheet and delete the others"}
		}
	}
	return in.Book.Err()
}

func readRow(t *table, out *Output, read rowReader) error {
	if fault := t.unfit(); fault != nil {
		out.reject(t.origin(), fault)
		return nil
	}
	row, fault := read(t)
	if fault != nil {
		out.reject(t.origin(), fault)
		return nil
	}
	return out.load(t.origin(), row)
}

// date reads an ISO day; an empty cell is the zero time.
func (t *table) date(i int) (time.Time, *stats.Fault) {
	text := t.text(i)
	if text == "" {
		return time.Time{}, nil
	}
	// A spreadsheet may have stored the day with a time of midnight.
	day, err := time.Parse(time.DateOnly, strings.TrimSuffix(text, "T00:00:00"))
	if err != nil || day.Year() < 1990 || day.Year() > 2100 {
		return time.Time{}, &stats.Fault{Column: t.columns[i], Value: text, Reason: "not a date: write it as 2024-09-27"}
	}
	return day, nil
}

// needed is the text of a cell that must hold something.
func (t *table) needed(i int) (string, *stats.Fault) {
	text := t.text(i)
	if text == "" {
		return "", &stats.Fault{Column: t.columns[i], Value: "", Reason: "the cell is empty: fill it in"}
	}
	return text, nil
}

// fault is what is wrong with the cell of the i-th column.
func (t *table) fault(i int, reason string) *stats.Fault {
	return &stats.Fault{Column: t.columns[i], Value: t.text(i), Reason: reason}
}
