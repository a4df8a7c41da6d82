package parse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

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
	if !in.Book.Row() {
		if err := in.Book.Err(); err != nil {
			return nil, err
		}
		return nil, &sheet.Error{File: in.File, Sheet: in.Book.Sheet(), Problem: "there is no header", Advice: "the first row must hold " + strings.Join(columns, ", ")}
	}
	return headed(in, columns)
}

// headed takes the row that the book is at as the header.
func headed(in Input, columns []string) (*table, error) {
	t := &table{in: in, columns: columns}
	header := in.Book.Cells()
	for _, name := range columns {
		i := slices.IndexFunc(header, func(cell []byte) bool { return foldHeader(cell) == strings.ToLower(name) })
		if i < 0 {
			return nil, t.headerFault(0, fmt.Sprintf("the column %q is missing", name), columns)
		}
		t.place = append(t.place, i)
	}
	for i, cell := range header {
		name := strings.Join(strings.Fields(string(cell)), " ")
		switch {
		case slices.Contains(t.place, i):
		case name == "":
			return nil, t.headerFault(i+1, "a column has no name", columns)
		default:
			return nil, t.headerFault(i+1, fmt.Sprintf("the column %q is not expected here", name), columns)
		}
	}
	return t, nil
}

func foldHeader(cell []byte) string {
	return strings.ToLower(string(bytes.Join(bytes.Fields(cell), []byte(" "))))
}

func (t *table) headerFault(column int, problem string, columns []string) error {
	return &sheet.Error{
		File: t.in.File, Sheet: t.in.Book.Sheet(), Row: t.in.Book.RowNumber(), Column: column,
		Problem: problem,
		Advice:  "the columns must be " + strings.Join(columns, ", "),
	}
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

// text is the cell of the i-th column without padding.
func (t *table) text(i int) string { return string(bytes.TrimSpace(t.raw(i))) }

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

// readSingle reads a file that is one table: a CSV, or a workbook in which
// only one sheet holds anything.
func readSingle(in Input, out *Output, read rowReader, columns ...string) error {
	if !in.Book.Next() {
		return in.Book.Err()
	}
	t, err := openTable(in, columns...)
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
	if fault := t.tooLong(); fault != nil {
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
