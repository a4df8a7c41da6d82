package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// longestFoot is how many characters fit beside the page number. An address may
// take two lines: one that was cut would lead nowhere.
const (
	longestFoot = 120
	longestAt   = 2 * longestFoot
)

// paperAddress is the style sheet that puts words, below them what of an area a page shows,
// and where it is found again, at the foot of every page of paper: at is its address on
// this site. A protective marking stands at the head and the foot of each. Only a style sheet can:
// what is in the page itself stands there once, and may need a sheet of its own.
func paperAddress(words, of, at, marking string) string {
	values := url.Values{"foot": {words}, "at": {at}}
	if of != "" {
		values.Set("of", of)
	}
	if marking != "" {
		values.Set("marking", marking)
	}
	return "/paper.css?" + values.Encode()
}

// paper is that style sheet. The words are those of the address, and nothing of
// them can be anything but words.
func (s *site) paper(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, "foot", "of", "at", "marking")
	if err != nil {
		return err
	}
	words, at := []rune(strings.ToValidUTF8(values["foot"], "�")), []rune(strings.ToValidUTF8(values["at"], "�"))
	content := cssString(shortened(words))
	if of := []rune(strings.ToValidUTF8(values["of"], "�")); len(of) > 0 {
		content += "\\a " + cssString(shortened(of))
	}
	if len(at) > 0 && len(at) <= longestAt {
		content += "\\a " + cssString([]rune(r.Host)) + cssString(at)
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "private, max-age=86400")
	if marking := []rune(strings.ToValidUTF8(values["marking"], "�")); len(marking) > 0 {
		words := cssString(shortened(marking))
		// The foot has it as a line of its own: beside the other words it would have no room.
		content = words + "\\a " + content
		if _, err := fmt.Fprintf(w, "@page { @top-center { content: \"%s\"; font: bold 11pt Helvetica, Arial, sans-serif; } }\n", words); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "@page { @bottom-left { content: \"%s\"; font: 9pt Helvetica, Arial, sans-serif; white-space: pre-wrap; overflow-wrap: anywhere; } }\n", content)
	return err
}

// shortened is words for one line of the foot, and shows where they are cut.
func shortened(words []rune) []rune {
	if len(words) <= longestFoot {
		return words
	}
	return append(words[:longestFoot-1:longestFoot-1], '…')
}

// cssString is text inside a CSS string: whatever is no letter, digit or space
// is written as its number and a space, which ends it. CSS Syntax Module Level 3, section 4.3.7.
func cssString(text []rune) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case unicode.IsLetter(c) || unicode.IsDigit(c) || c == ' ':
			b.WriteRune(c)
		case unicode.IsControl(c):
		default:
			fmt.Fprintf(&b, "\\%06x ", c)
		}
	}
	return b.String()
}
