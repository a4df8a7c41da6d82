package stats

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Marker stands instead of a number, or beside one.
type Marker byte

// Markers that stand instead of a number.
const (
	Confidential  Marker = 'c' // hidden so that nobody can be recognised
	NotAvailable  Marker = 'x' // nobody has told us
	NotApplicable Marker = 'z' // the question makes no sense here
	LowNotZero    Marker = 'k' // rounds to zero but is not zero
)

// Markers that stand beside a number.
const (
	LowReliability Marker = 'u'
	Provisional    Marker = 'p'
	Revised        Marker = 'r'
	SeriesBreak    Marker = 'b'
	Estimated      Marker = 'e'
)

// AllMarkers is every marker: first those that stand instead of a number.
var AllMarkers = []Marker{
	Confidential, NotAvailable, NotApplicable, LowNotZero,
	LowReliability, Provisional, Revised, SeriesBreak, Estimated,
}

// Meaning is the marker in words, as shown to a reader. It is empty for a
// byte that is no marker.
func (m Marker) Meaning() string {
	switch m {
	case Confidential:
		return "confidential"
	case NotAvailable:
		return "not available"
	case NotApplicable:
		return "not applicable"
	case LowNotZero:
		return "rounds to zero but is not zero"
	case LowReliability:
		return "low reliability"
	case Provisional:
		return "provisional"
	case Revised:
		return "revised"
	case SeriesBreak:
		return "series break"
	case Estimated:
		return "estimated"
	}
	return ""
}

// Replaces reports whether the marker stands instead of a number.
func (m Marker) Replaces() bool {
	return m == Confidential || m == NotAvailable || m == NotApplicable || m == LowNotZero
}

// A Value is a number or a marker: where Known is false the Number is 0 and
// means nothing, and Markers says why there is none.
type Value struct {
	Number  float64
	Known   bool
	Markers Markers
}

// Number is a known value with the given markers beside it.
func Number(n float64, beside ...Marker) Value {
	return Value{Number: n, Known: true, Markers: NewMarkers(beside...)}
}

// Missing is a value that is only a marker.
func Missing(m Marker) Value { return Value{Markers: NewMarkers(m)} }

// Validate reports a value that is neither a finite number nor exactly one
// marker that stands instead of it.
func (v Value) Validate() error {
	instead := 0
	for _, m := range v.Markers.list() {
		if m.Meaning() == "" {
			return fmt.Errorf("%q is not a marker", string(m))
		}
		if m.Replaces() {
			instead++
		}
	}
	switch {
	case v.Known && instead > 0:
		return fmt.Errorf("a number and the marker %q cannot stand together", v.Markers)
	case v.Known && (math.IsNaN(v.Number) || math.IsInf(v.Number, 0)):
		return fmt.Errorf("the value is not a number")
	case !v.Known && instead != 1:
		return fmt.Errorf("a missing value needs one of the markers c, x, z or k")
	}
	return nil
}

// Markers is a set of markers as the CSV writes it: letters in alphabetical
// order, joined by a space. The zero value is the empty set.
type Markers string

// NewMarkers makes a set; order and repeats do not matter.
func NewMarkers(ms ...Marker) Markers {
	slices.Sort(ms)
	var words []string
	for _, m := range slices.Compact(ms) {
		words = append(words, string(m))
	}
	return Markers(strings.Join(words, " "))
}

// ParseMarkers reads letters joined by spaces.
func ParseMarkers(text string) (Markers, error) {
	if text == "" {
		return "", nil
	}
	var ms []Marker
	for _, word := range strings.Fields(text) {
		if len(word) != 1 || Marker(word[0]).Meaning() == "" {
			return "", fmt.Errorf("%q is not a marker: use c, x, z or k instead of a number, u, p, r, b or e beside one", word)
		}
		ms = append(ms, Marker(word[0]))
	}
	return NewMarkers(ms...), nil
}

// Has reports whether the set holds m.
func (s Markers) Has(m Marker) bool { return strings.IndexByte(string(s), byte(m)) >= 0 }

// With is the set with more markers.
func (s Markers) With(ms ...Marker) Markers { return NewMarkers(append(s.list(), ms...)...) }

// Meanings is the set in words, what stands instead of a number first:
// "provisional, revised", "not available, revised".
func (s Markers) Meanings() string {
	ms := s.list()
	slices.SortStableFunc(ms, func(a, b Marker) int {
		switch {
		case a.Replaces() && !b.Replaces():
			return -1
		case b.Replaces() && !a.Replaces():
			return 1
		}
		return 0
	})
	var words []string
	for _, m := range ms {
		words = append(words, m.Meaning())
	}
	return strings.Join(words, ", ")
}

func (s Markers) list() []Marker {
	var ms []Marker
	for _, word := range strings.Fields(string(s)) {
		ms = append(ms, Marker(word[0]))
	}
	return ms
}

// And is the union of two sets.
func (s Markers) And(other Markers) Markers {
	switch {
	case other == "" || other == s:
		return s
	case s == "":
		return other
	}
	return s.With(other.list()...)
}
