package parse

import (
	"bytes"
	"regexp"
	"slices"
	"unicode"

	"stalkstats/etl/parse/sheet"
)

// The kinds of personal text that a cell can hold, as a data owner is told.
const (
	emailAddress    = "an e-mail address"
	telephone       = "a telephone number"
	insuranceNumber = "a National Insurance number"
)

// contactColumns are those of our own layouts that say where something is
// published: whoever publishes it may be named there with an address.
var contactColumns = []string{"source"}

var (
	emailForm     = regexp.MustCompile(`[\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)*\.\pL{2,}`)
	insuranceForm = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])([a-ceghj-pr-tw-z][a-ceghj-npr-tw-z])[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[a-d](?:$|[^a-z0-9])`)
	webAddress    = regexp.MustCompile(`(?i)\bhttps?://[^\s"<>]+`)
)

// noInsurance are the pairs of letters with which no National Insurance number begins.
var noInsurance = []string{"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}

// personalText says what personal datum stands in a cell, or nothing. The long
// numbers in the address of a web page are not a person's.
func personalText(cell []byte) string {
	if bytes.IndexByte(cell, '@') >= 0 && emailForm.Match(cell) {
		return emailAddress
	}
	if digitCount(cell) < 6 {
		return ""
	}
	if bytes.IndexFunc(cell, unicode.IsLetter) < 0 { // a number or a date: nothing else is without a letter
		if holdsTelephone(cell) {
			return telephone
		}
		return ""
	}
	rest := webAddress.ReplaceAllLiteral(cell, []byte("|"))
	if holdsTelephone(rest) {
		return telephone
	}
	for _, found := range insuranceForm.FindAllSubmatch(rest, -1) {
		if !slices.Contains(noInsurance, string(bytes.ToUpper(found[1]))) {
			return insuranceNumber
		}
	}
	return ""
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
				if what == "" || i < len(columns) && what != insuranceNumber && slices.Contains(contactColumns, columns[i]) {
					continue
				}
				return &sheet.Error{File: in.File, Sheet: in.Book.Sheet(), Row: in.Book.RowNumber(), Column: i + 1,
					Problem: "this cell holds " + what, Advice: "take it out: stalkstats must not be given personal data; nothing of the file was kept"}
			}
		}
		if in.Book.Err() != nil || !in.Book.Next() {
			return in.Book.Err()
		}
	}
}
