package sheet

import (
	"errors"
	"fmt"
	"io"

	"stalkstats/internal/stats"
)

// Workbook hands out the sheets of one file and their rows, in file order. It
// is for one goroutine. Close must be called when it is no longer read.
type Workbook struct {
	name   string
	limits Limits
	book   book
	sheet  string
	open   bool // between Next and the end of the sheet
	row    row
	rows   int64
	err    error
}

// book is one kind of file. Faults come back as *Error without file and sheet.
type book interface {
	// next goes to the next sheet, passing over what is left of this one; at
	// the end of the file it returns false.
	next() (name string, ok bool, err error)
	// fill reads the next row that holds something.
	fill(r *row) (ok bool, err error)
	close() error
}

// Open recognises the kind of the file by its content and makes it ready to be
// read from the first sheet. The name is only used in errors. The reader r is
// used until Close, also from another goroutine. A fault is an *Error.
func Open(r io.ReaderAt, size int64, name string, limits Limits) (*Workbook, error) {
	w := &Workbook{name: name, limits: limits.withDefaults()}
	w.row.limits = w.limits
	b, err := openKind(r, size, w.limits)
	if err != nil {
		return nil, w.complete(err)
	}
	w.book = b
	return w, nil
}

// Next goes to the next sheet. It is false at the end of the file and after a
// fault.
func (w *Workbook) Next() bool {
	w.row.clear()
	w.open = false
	if w.err != nil || w.book == nil {
		return false
	}
	name, ok, err := w.book.next()
	if err != nil {
		w.fail(err)
		return false
	}
	if c, found := lineControl(name); found {
		w.fail(fault(fmt.Sprintf("the name of a sheet holds U+%04X, a control character, which nobody can see", c), "give the sheet another name, and save the file"))
		return false
	}
	w.sheet, w.open = name, ok
	return ok
}

// Unended reports whether the file is a CSV that was read to its end and whose
// last line has no line end. Some programs write none, and a file that was cut
// off seldom has one.
func (w *Workbook) Unended() bool {
	b, ok := w.book.(*csvBook)
	return ok && b.unended
}

// Sheet is the name of the sheet; empty for CSV.
func (w *Workbook) Sheet() string { return w.sheet }

// Row goes to the next row of the sheet that holds something. It is false at
// the end of the sheet and after a fault.
func (w *Workbook) Row() bool {
	if !w.open {
		return false
	}
	if w.row.again > 0 {
		w.row.again--
		w.row.number++
	} else if ok, err := w.book.fill(&w.row); err != nil || !ok {
		w.open = false
		if err != nil {
			w.fail(err)
		}
		w.row.clear()
		return false
	}
	if w.rows++; w.rows > w.limits.MaxRows {
		e := fault(fmt.Sprintf("the file has more than %d rows", w.limits.MaxRows), adviceLimit)
		e.Row = w.row.number
		w.fail(e)
		return false
	}
	return true
}

// Cells is the row, without empty cells at its end. It is valid until the next
// call of Row, Next or Close and must not be changed.
func (w *Workbook) Cells() [][]byte { return w.row.cells }

// RowNumber is the number a spreadsheet shows beside the row, from 1; in CSV,
// the line on which the row begins.
func (w *Workbook) RowNumber() int { return w.row.number }

// Err is the fault that ended the reading, always an *Error, or nil.
func (w *Workbook) Err() error { return w.err }

// Close frees what the reading holds. What was not read was not checked. It
// may be called more than once.
func (w *Workbook) Close() error {
	w.row.clear()
	w.open = false
	if w.book == nil {
		return nil
	}
	b := w.book
	w.book = nil
	return b.close()
}

// fail keeps the fault with its place and stops the unpacking at once.
func (w *Workbook) fail(err error) {
	w.err = w.complete(err)
	// The fault is what matters; closing an archive part after it cannot add
	// anything.
	_ = w.Close()
}

func (w *Workbook) complete(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Problem: "the file could not be read (" + err.Error() + ")", Advice: "try again", Cause: err}
	}
	e.File = w.name
	if e.Kind == "" {
		e.Kind = stats.FileDamaged
	}
	if e.Sheet == "" {
		e.Sheet = w.sheet
	}
	return e
}
