package personal

import "bytes"

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
