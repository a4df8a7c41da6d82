package parse

import (
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

const (
	personalProblem = "the name of this column says that it holds names, addresses, dates of birth, postcodes or free text"
	personalAdvice  = "take the column out: stalkstats must not be given personal data"
)

// personalHeading is the first heading beside the columns that looks as if
// personal data stood below it, -1 where there is none.
func personalHeading(header [][]byte, place []int) int {
	for i, cell := range header {
		if !slices.Contains(place, i) && looksPersonal(string(cell)) {
			return i
		}
	}
	return -1
}

func personalFault(fault *sheet.Error) *sheet.Error {
	fault.Kind = stats.PersonalData
	return fault
}

// openRecords reads the header of an extract, as openOwn does that of other
// tables of our own. It names no sheet: a person may have given it a name.
func openRecords(in Input, columns []string) ([]int, error) {
	if err := aHeader(in, columns); err != nil {
		return nil, err
	}
	advice := advised(columns) + ", named in the first row"
	fault := func(column int, problem, advice string) *sheet.Error {
		return &sheet.Error{File: in.File, Row: in.Book.RowNumber(), Column: column, Problem: problem, Advice: advice}
	}
	header := in.Book.Cells()
	place, missing := places(header, columns)
	if i := personalHeading(header, place); i >= 0 {
		return nil, personalFault(fault(i+1, personalProblem, personalAdvice))
	}
	if missing != "" {
		return nil, fault(0, "the column "+missing+" is missing", advice)
	}
	if i, unnamed := surplusHeading(header, place); i >= 0 {
		return nil, fault(i+1, surplusProblem(unnamed), advice)
	}
	return place, nil
}
