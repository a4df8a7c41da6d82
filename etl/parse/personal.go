package parse

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"unicode"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// The kinds of personal text that a cell can hold, as a data owner is told.
const (
	emailAddress    = "an e-mail address"
	telephone       = "a telephone number"
	insuranceNumber = "a National Insurance number"
	postcode        = "a postcode"
	dateOfBirth     = "a date of birth"
	oldDate         = "a date before 1990, as dates of birth are"
	policeNumber    = "a number of the Police National Computer"
	licenceNumber   = "the number of a driving licence"
	healthNumber    = "an NHS number"
)

// contactColumns are those of our own layouts that say where something is
// published: whoever publishes it may be named there with an address.
var contactColumns = []string{"source"}

// contacts is what may stand there.
var contacts = []string{emailAddress, telephone, postcode}

var (
	emailForm     = regexp.MustCompile(`[\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)*\.\pL{2,}`)
	insuranceForm = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])([a-ceghj-pr-tw-z][a-ceghj-npr-tw-z])[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[a-d](?:$|[^a-z0-9])`)
	webAddress    = regexp.MustCompile(`(?i)\bhttps?://[^\s"<>]+`)
	// A person's entry in the Police National Computer: the year, seven digits and a letter.
	policeForm = regexp.MustCompile(`(?i)(?:^|[^a-z0-9/])(?:19|20)?\d\d/\d{7}[a-z](?:$|[^a-z0-9])`)
	policeHint = regexp.MustCompile(`/\d{7}`)
	// Five letters of the surname, filled up with 9, the date of birth, two
	// initials, a digit and two letters.
	licenceForm = regexp.MustCompile(`(?i)(?:\b|_)[a-z]{2}[a-z9]{3}\d[0156]\d[0-3]\d\d[a-z9]{2}\s?[a-z0-9][a-z]{2}(?:\b|_)`)
	licenceHint = regexp.MustCompile(`\d{6}`)
	healthForm  = regexp.MustCompile(`(?i)\bnhs\b[^.;!?\d]{0,20}\d{3}[\s-]?\d{3}[\s-]?\d{4}(?:\D|$)`)
	healthWord  = regexp.MustCompile(`(?i)nhs`)
)

// noInsurance are the pairs of letters with which no National Insurance number begins.
var noInsurance = []string{"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}

// personalText says what personal datum stands in a cell, or nothing. The long
// numbers in the address of a web page are not a person's.
func personalText(cell []byte) string {
	if bytes.IndexByte(cell, '@') >= 0 && emailForm.Match(cell) {
		return emailAddress
	}
	digits := digitCount(cell)
	if digits < 2 { // a postcode has two, and nothing else has less
		return ""
	}
	if bytes.IndexFunc(cell, unicode.IsLetter) < 0 { // a number or a date: nothing else is without a letter
		switch {
		case digits < 6:
			return ""
		case holdsTelephone(cell):
			return telephone
		case holdsOldDay(cell):
			return oldDate
		}
		return ""
	}
	rest := webAddress.ReplaceAllLiteral(cell, []byte("|"))
	switch {
	case holdsTelephone(rest):
		return telephone
	case holdsInsurance(rest):
		return insuranceNumber
	case holdsPostcode(rest):
		return postcode
	case holdsBirth(rest):
		return dateOfBirth
	case holdsOldDay(rest):
		return oldDate
	case anyAround(rest, policeHint, 5, 2, policeForm):
		return policeNumber
	case anyAround(rest, licenceHint, 6, 7, licenceForm):
		return licenceNumber
	case anyAround(rest, healthWord, 1, 40, healthForm):
		return healthNumber
	}
	return ""
}

func holdsInsurance(text []byte) bool {
	for _, found := range insuranceForm.FindAllSubmatch(text, -1) {
		if !slices.Contains(noInsurance, string(bytes.ToUpper(found[1]))) {
			return true
		}
	}
	return false
}

// around is what stands about each place of a hint: so many bytes before and
// after it. The forms are slow to look for, and a cell may be long. What stands
// less than 16 bytes on is in the same part, which is so much longer.
func around(text []byte, hint *regexp.Regexp, before, after int) iter.Seq[[]byte] {
	const step = 16
	return func(yield func([]byte) bool) {
		for from := 0; from < len(text); {
			at := hint.FindIndex(text[from:])
			if at == nil || !yield(text[max(0, from+at[0]-before):min(len(text), from+at[1]+after+step)]) {
				return
			}
			from += at[0] + step
		}
	}
}

func anyAround(text []byte, hint *regexp.Regexp, before, after int, form *regexp.Regexp) bool {
	for part := range around(text, hint, before, after) {
		if form.Match(part) {
			return true
		}
	}
	return false
}

func digitCount(cell []byte) (n int) {
	for _, c := range cell {
		if isDigit(c) {
			n++
		}
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// holdsTelephone reports whether a text holds a number under which a person can
// be reached: one of a place (01, 02) or a mobile (07), with or without +44.
// Those that begin with 03, 08 or 09 are of helplines and firms.
func holdsTelephone(text []byte) bool {
	if space := []byte("\u00a0"); bytes.Contains(text, space) {
		text = bytes.ReplaceAll(text, space, []byte(" "))
	}
	if lone := bytes.TrimSpace(text); len(lone) == 10 && lone[0] == '7' && digitCount(lone) == 10 {
		return true // a spreadsheet took the first 0 away
	}
	for at, c := range text {
		if (c == '0' || c == '+' || c == '(') && (at == 0 || !joins(text[at-1])) && isTelephone(text[at:]) {
			return true
		}
	}
	return false
}

// joins reports whether a number goes on from before: it is part of a longer
// one, of a date, or of a word.
func joins(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || bytes.IndexByte([]byte("-./,+_"), c) >= 0
}

// isTelephone reports whether a text begins with a telephone number. Its first
// group is longer than a day or a month, and it ends where its digits do.
func isTelephone(text []byte) bool {
	var number []byte
	first := 0 // how many digits the first group has
	for i, c := range text {
		switch {
		case isDigit(c):
			number = append(number, c)
		case c == ' ' || c == '-' || c == '(' || c == ')':
			if first == 0 && len(number) > 0 {
				first = len(number)
			}
		case c == '+' && i == 0:
		default:
			return false
		}
		if next := i + 1; isDigit(c) && (next == len(text) || !isDigit(text[next])) && (first == 0 || first > 2 || text[0] == '+') && isNational(number) {
			return true
		}
		if len(number) > 15 {
			return false
		}
	}
	return false
}

// isNational reports whether digits are a whole number of a place or a mobile.
func isNational(number []byte) bool {
	for _, abroad := range []string{"0044", "44"} {
		if rest, ok := bytes.CutPrefix(number, []byte(abroad)); ok {
			number = append([]byte("0"), bytes.TrimPrefix(rest, []byte("0"))...)
		}
	}
	if len(number) < 10 || number[0] != '0' {
		return false
	}
	switch number[1] {
	case '1':
		return len(number) <= 11
	case '2', '7':
		return len(number) == 11
	}
	return false
}

// noPersonalText reads the rest of the book, in all its sheets, and says in
// which cell personal text stands, not what it is.
func noPersonalText(in Input, columns []string) error {
	for {
		for in.Book.Row() {
			for i, cell := range in.Book.Cells() {
				what := personalText(cell)
				if what == "" || i < len(columns) && slices.Contains(contacts, what) && slices.Contains(contactColumns, columns[i]) {
					continue
				}
				return &sheet.Error{Kind: stats.PersonalData, File: in.File, Sheet: in.Book.Sheet(), Row: in.Book.RowNumber(), Column: i + 1,
					Problem: "this cell holds " + what, Advice: "take it out: stalkstats must not be given personal data; nothing of the file was kept"}
			}
		}
		if in.Book.Err() != nil || !in.Book.Next() {
			return in.Book.Err()
		}
	}
}
