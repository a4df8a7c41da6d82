package parse

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// Clean takes out of an error whatever could be a text of the file, where the
// layout is of records: a name may stand in any cell, in the header, and in
// the name of a sheet. Parse cleans its own errors; one that sheet.Open gives
// for the same file must go through Clean too.
func (p Parser) Clean(err error) error {
	var fault *sheet.Error
	if !p.RecordLevel || !errors.As(err, &fault) {
		return err
	}
	clean := *fault
	clean.Sheet = ""
	if strings.Contains(clean.Problem, "the part ") {
		// Parts of a workbook are named by whoever made it.
		clean.Problem = "a part of the workbook is missing or damaged"
	}
	clean.Problem = quotedText.ReplaceAllLiteralString(clean.Problem, "[…]")
	return &clean
}

// quotedText is what %q writes, and to the end where it is cut short.
var quotedText = regexp.MustCompile(`"(\\.|[^"\\])*("|$)`)

// cleanFault is a fault of a row without the value that it is about.
func cleanFault(f *stats.Fault) *stats.Fault {
	return &stats.Fault{Column: f.Column, Reason: quotedText.ReplaceAllLiteralString(f.Reason, "[…]")}
}

// personalWords are the words by which the header of a column tells that it
// holds what must not be here.
var personalWords = regexp.MustCompile(`(^|[^a-z])(alias|nickname|maiden|street|road|town|city|house|flat|location|latitude|longitude|` +
	`easting|northing|uprn|post ?cd|pcode|zip|dob|d o b|born|age|sex|gender|ethnicity|ethnic|nationality|religion|` +
	`telephone|mobile|tel|pnc|cro|nino|ni number|nhs|passport|note|remark|summary|description|detail|circumstance|` +
	`modus|mo|text|log|memo|update|victim|suspect|offender|defendant|nominal|aggrieved|complainant|witness|officer|oic)s?([^a-z]|$)`)

// joinedWords are found inside a word as well: SuspectName, victimdob.
var joinedWords = []string{"name", "address", "postcode", "post code", "birth", "email", "e mail", "phone", "freetext", "narrative", "comment"}

func looksPersonal(header string) bool {
	header = strings.ToLower(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(header))
	return personalWords.MatchString(header) ||
		slices.ContainsFunc(joinedWords, func(word string) bool { return strings.Contains(header, word) })
}

// openRecords reads the header of an extract, as openTable does that of other
// tables. It never says what a header holds: in a file without one, the first
// row is a person's.
func openRecords(in Input, columns []string) (place []int, err error) {
	advice := "the columns must be " + strings.Join(columns, ", ") + ", named in the first row"
	if !in.Book.Row() {
		if err := in.Book.Err(); err != nil {
			return nil, err
		}
		return nil, &sheet.Error{File: in.File, Problem: "there is no header", Advice: advice}
	}
	fault := func(column int, problem, advice string) error {
		return &sheet.Error{File: in.File, Row: in.Book.RowNumber(), Column: column, Problem: problem, Advice: advice}
	}
	header := in.Book.Cells()
	for _, name := range columns {
		place = append(place, slices.IndexFunc(header, func(cell []byte) bool { return foldHeader(cell) == name }))
	}
	for i, cell := range header {
		if !slices.Contains(place, i) && looksPersonal(string(cell)) {
			return nil, fault(i+1, "the name of this column says that it holds names, addresses, dates of birth, postcodes or free text",
				"take the column out: stalkstats must not be given personal data")
		}
	}
	if i := slices.Index(place, -1); i >= 0 {
		return nil, fault(0, "the column "+columns[i]+" is missing", advice)
	}
	for i, cell := range header {
		switch {
		case slices.Contains(place, i):
		case len(bytes.TrimSpace(cell)) == 0:
			return nil, fault(i+1, "a column has no name", advice)
		default:
			return nil, fault(i+1, "this column is not expected here", advice)
		}
	}
	return place, nil
}
