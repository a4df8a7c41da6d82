package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// OneLine keeps text from becoming more than one line of a message: anything
// that ends a line, or cannot be seen, becomes a space.
func OneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return s
}

// Place is what an address is kept as: it can be found again by who has the
// address, and tells nobody else whose it is.
func Place(address string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(address)))
	return "email-" + hex.EncodeToString(sum[:4])
}
