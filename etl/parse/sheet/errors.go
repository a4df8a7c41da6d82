package sheet

import (
	"fmt"
	"strings"

	"stalkstats/internal/stats"
)

// Error is what is wrong with a file, in words for the person who has to put
// it right.
type Error struct {
	File    string // base name, as given to Open
	Sheet   string // empty for CSV and for faults of the whole file
	Row     int    // 1-based as a spreadsheet counts, or the line of a CSV file; 0: not about a row
	Column  int    // 1-based; 0: not about a cell
	Problem string // what was found
	Advice  string // what to do about it
	Cause   error  // the underlying error, if there is one
	// Kind is the kind of fault; empty: the layout is not the agreed one.
	Kind stats.Cause
}

// Error is one sentence: prc.ods, sheet 2017_18, row 12, column F: problem; advice.
func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.File)
	if e.Sheet != "" {
		s.WriteString(", sheet " + e.Sheet)
	}
	if e.Row > 0 {
		fmt.Fprintf(&s, ", row %d", e.Row)
	}
	if e.Column > 0 {
		s.WriteString(", column " + ColumnName(e.Column))
	}
	s.WriteString(": " + e.Problem)
	if e.Advice != "" {
		s.WriteString("; " + e.Advice)
	}
	return strings.TrimPrefix(s.String(), ", ")
}

// Unwrap gives the underlying error, for example one of the disk.
func (e *Error) Unwrap() error { return e.Cause }

// ColumnName is the letters a spreadsheet shows over a column: 1 is A, 27 is AA.
func ColumnName(column int) string {
	var letters [16]byte
	i := len(letters)
	for ; column > 0; column = (column - 1) / 26 {
		i--
		letters[i] = byte('A' + (column-1)%26)
	}
	return string(letters[i:])
}

// fault is an Error that does not know its place yet.
func fault(problem, advice string) *Error {
	return &Error{Problem: problem, Advice: advice}
}

const (
	adviceFetchAgain = "fetch the file again from where it came"
	adviceSaveAgain  = "open the file in a spreadsheet program and save it again"
	adviceSaveTable  = "save the table as ODS, XLSX or CSV (UTF-8)"
	adviceControl    = "take the character out, or type the text again, and save the file"
	adviceLimit      = "check that it is the right file: no police table is nearly as large"
)
