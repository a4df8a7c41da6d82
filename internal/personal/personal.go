// Package personal finds personal data in words: in the cells of a file, and in what
// people type. Names are not found: no rule tells them from other words.
package personal

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"unicode"
)

// The kinds of personal data that are found, as whoever wrote them is told.
const (
	EmailAddress    = "an e-mail address"
	Telephone       = "a telephone number"
	InsuranceNumber = "a National Insurance number"
	Postcode        = "a postcode"
	DateOfBirth     = "a date of birth"
	OldDate         = "a date before 1990, as dates of birth are"
	PoliceNumber    = "a number of the Police National Computer"
	LicenceNumber   = "the number of a driving licence"
	HealthNumber    = "an NHS number"
)

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

// In says what personal datum stands in a text, or nothing: "a postcode". The long
// numbers in the address of a web page are not a person's.
func In(text []byte) string {
	if bytes.IndexByte(text, '@') >= 0 && emailForm.Match(text) {
		return EmailAddress
	}
	digits := digitCount(text)
	if digits < 2 { // a Postcode has two, and nothing else has less
		return ""
	}
	if bytes.IndexFunc(text, unicode.IsLetter) < 0 { // a number or a date: nothing else is without a letter
		switch {
		case digits < 6:
			return ""
		case holdsTelephone(text):
			return Telephone
		case holdsOldDay(text):
			return OldDate
		}
		return ""
	}
	rest := webAddress.ReplaceAllLiteral(text, []byte("|"))
	switch {
	case holdsTelephone(rest):
		return Telephone
	case holdsInsurance(rest):
		return InsuranceNumber
	case holdsPostcode(rest):
		return Postcode
	case holdsBirth(rest):
		return DateOfBirth
	case holdsOldDay(rest):
		return OldDate
	case anyAround(rest, policeHint, 5, 2, policeForm):
		return PoliceNumber
	case anyAround(rest, licenceHint, 6, 7, licenceForm):
		return LicenceNumber
	case anyAround(rest, healthWord, 1, 40, healthForm):
		return HealthNumber
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
