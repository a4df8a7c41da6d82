package sheet

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

const utf8Mark = "\xef\xbb\xbf"

// What a byte is, for the loops over names and texts.
const (
	isSpace   = 1 << iota // the space alone
	isBreak               // tab and line ends
	isAmp                 // begins a reference
	isHigh                // part of a character beyond ASCII
	isControl             // may not stand in XML
	endsName              // ends an element's name
	notInName             // cannot be part of any name
)

var class = classes()

func classes() (c [256]uint8) {
	for b := range 256 {
		switch {
		case b == '\t' || b == '\n' || b == '\r':
			c[b] = isBreak | endsName | notInName
		case b < ' ':
			c[b] = isControl | notInName
		case b == ' ':
			c[b] = isSpace | endsName | notInName
		case b == '&':
			c[b] = isAmp | notInName
		case b == '>' || b == '/':
			c[b] = endsName | notInName
		case b >= utf8.RuneSelf:
			c[b] = isHigh
		case bytes.IndexByte([]byte("\"'<=;#%()*+,?@[\\]^`{|}~!$"), byte(b)) >= 0:
			c[b] = notInName
		}
	}
	return c
}

func blank(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

var (
	errReference = errors.New("a reference (&…;) that XML does not know")
	errControl   = errors.New("a character that may not stand in XML")
	errUTF8      = errors.New("bytes that are not UTF-8")
)

// appendText adds text as it stands in the file: references become what they
// stand for, line ends become "\n".
func appendText(dst, text []byte, literal bool) ([]byte, error) {
	var seen uint8
	for _, b := range text {
		seen |= class[b]
	}
	if seen&isControl != 0 {
		return dst, errControl
	}
	if seen&isHigh != 0 && !utf8.Valid(text) {
		return dst, errUTF8
	}
	if seen&(isAmp|isBreak) == 0 || (literal && seen&isBreak == 0) {
		return append(dst, text...), nil
	}
	return appendDecoded(dst, text, literal)
}

func appendDecoded(dst, text []byte, literal bool) ([]byte, error) {
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '\r':
			dst = append(dst, '\n')
			if i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
		case b == '&' && !literal:
			length := bytes.IndexByte(text[i:min(len(text), i+16)], ';')
			if length < 0 {
				return dst, errReference
			}
			r, ok := reference(text[i+1 : i+length])
			if !ok {
				return dst, errReference
			}
			dst = utf8.AppendRune(dst, r)
			i += length
		default:
			dst = append(dst, b)
		}
	}
	return dst, nil
}

// reference is the character that stands between & and ;.
func reference(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || (n < ' ' && class[byte(n)]&isControl != 0) {
		return 0, false
	}
	return rune(n), true
}

// appendParagraph adds text of an OpenDocument paragraph. There line ends,
// tabs and runs of spaces count as one space and leading ones for nothing;
// spaces that are meant are written as elements. A space at the very end is
// kept, as LibreOffice keeps it. spaced is whether what stands before is such
// a space or the beginning, and is brought up to date.
func appendParagraph(dst, text []byte, literal bool, spaced *bool) ([]byte, error) {
	if len(text) == 0 {
		return dst, nil
	}
	var seen, run, last uint8
	if *spaced {
		last = isSpace
	}
	for _, b := range text {
		c := class[b]
		seen |= c
		run |= c & last
		last = c
	}
	if seen&(isControl|isHigh|isBreak|isAmp) == 0 && run&isSpace == 0 {
		*spaced = last&isSpace != 0
		return append(dst, text...), nil
	}
	start := len(dst)
	dst, err := appendText(dst, text, literal)
	if err != nil {
		return dst, err
	}
	kept := dst[:start]
	for _, b := range dst[start:] {
		if blank(b) {
			if *spaced {
				continue
			}
			b = ' '
		}
		*spaced = b == ' '
		kept = append(kept, b)
	}
	return kept, nil
}
