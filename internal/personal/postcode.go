package personal

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// postcodeForm is a whole postcode, as Royal Mail and the Office for National
// Statistics publish the form: one or two letters of the area, the district, and
// after a space, which may be missing, a digit and two letters of which none is
// C, I, K, M, O or V.
var (
	postcodeForm = regexp.MustCompile(`(?i)(?:\b|_)([a-z]{1,2})(?:\d[a-z]?|\d\d)[\s\x{a0}-]{0,3}(\d[abd-hjlnp-uw-z]{2})(?:\b|_)`)
	postcodeEnd  = regexp.MustCompile(`\d[A-Za-z]{2}`)
)

// postcodeAreas are the areas there are: a code that begins otherwise, such as
// that of a vehicle or of a form, is no postcode.
var postcodeAreas = strings.Fields(`AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY
	E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML
	N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY
	TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE`)

func holdsPostcode(text []byte) bool {
	for part := range around(text, postcodeEnd, 15, 1) {
		for _, found := range postcodeForm.FindAllSubmatch(part, -1) {
			known := slices.Contains(postcodeAreas, string(bytes.ToUpper(found[1])))
			if known && !(isOrdinal(found[2]) && bytes.IndexFunc(found[1], unicode.IsUpper) >= 0) {
				return true
			}
		}
	}
	return false
}

// isOrdinal reports whether what may be the end of a postcode is a place in an
// order, as in "the S4 1st of all". Whoever writes a postcode in small letters
// writes all of it so.
func isOrdinal(inward []byte) bool {
	switch string(inward) {
	case "1st", "2nd", "3rd":
		return true
	}
	return string(inward[1:]) == "th"
}
