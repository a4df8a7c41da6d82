package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const del = 0x7f

// control finds a character that no cell may hold: a control character of ASCII
// or of the block after it (C0, DEL and C1), other than a tab or a line end. The
// text is UTF-8.
func control(text []byte) (rune, bool) {
	for i, b := range text {
		switch {
		case b < ' ' && !blank(b), b == del:
			return rune(b), true
		case b == 0xc2 && i+1 < len(text) && text[i+1] < 0xa0: // U+0080 to U+009F
			c, _ := utf8.DecodeRune(text[i:])
			return c, true
		}
	}
	return 0, false
}

// blankControls puts a space where each of them is, in place, and says how long the text is then.
// The text is UTF-8.
func blankControls(text []byte) int {
	n := 0
	for i := 0; i < len(text); n++ {
		_, size := utf8.DecodeRune(text[i:])
		if _, found := control(text[i : i+size]); found {
			text[n] = ' '
		} else {
			n += copy(text[n:], text[i:i+size]) - 1
		}
		i += size
	}
	return n
}

// lineControl finds one in the name of a sheet, in which no tab or line end may
// stand either.
func lineControl(name string) (rune, bool) {
	i := strings.IndexFunc(name, unicode.IsControl)
	if i < 0 {
		return 0, false
	}
	c, _ := utf8.DecodeRuneInString(name[i:])
	return c, true
}
