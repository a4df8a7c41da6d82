package disclosure

import (
	"regexp"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// A Gate lets figures through to the published audience, as the pattern of a
// publication has it. It is the only way.
type Gate struct {
	Rules    Rules
	Pattern  *Pattern
	Measures *stats.Measures
	// Some is of a reader who may see some areas in detail; nil: everybody.
	Some *Some
}

// Some is which areas a reader may see in detail, by their codes. Who sees one force in
// detail and a sum with it would know what is left of the sum for the others, and of two
// forces the other one. So a sum of forces is hidden from such a reader, unless it is of
// open data. Nothing else joins one force to another, so that what is hidden of the others
// stays as well protected as it is from everybody.
type Some struct{ InDetail []string }

func (s *Some) detailed(area string) bool {
	return s != nil && area != stats.EnglandAndWales && slices.Contains(s.InDetail, area)
}

func (s *Some) mayNotAdd(k stats.Key) bool {
	return s != nil && k.Area == stats.EnglandAndWales && !stats.OpenData(k.Source)
}

// Through is a figure as the published audience has it. A count is rounded or
// hidden. A rate is worked out from its two counts as they are shown, and hidden
// where one of them is; so are its limits. What adds up over nothing, as a
// median, is hidden: the counts that it was worked out from are not here to be
// looked at. That a document is there, or not, is shown as it is: it counts nobody.
//
// Of its note stays what this program writes: whoever fills in a file may write
// any number into one. Of a file that is not published no row is told: where a count
// leads back to the first row that was counted, the rows between two of them are a count.
func (g Gate) Through(f stats.Figure) stats.Figure {
	if !stats.OpenData(f.Source) { // of an area in detail too: the rows between two of its counts are those of the others
		f.Origins = filesOf(f.Origins)
	}
	if g.Some.detailed(f.Area) {
		return f
	}
	f.Note = ownNote(f.Note)
	if g.Some.mayNotAdd(f.Key) {
		return hidden(f)
	}
	m, ok := g.Measures.Of(f.Measure, f.Basis)
	switch {
	case !ok:
		return hidden(f)
	case m.Derived():
		return g.rate(f, m)
	case m.OfDocument() && (f.Area == stats.EnglandAndWales || f.Value.Number <= 1): // more than one of a force is no document
		return f
	case m.AddsUp == stats.OverNothing: // also where there is none, which tells that its cases are few
		return hidden(f)
	case !f.Value.Known:
		return f
	case !g.Pattern.Shows(f.Key, f.Value.Number):
		return hidden(f)
	}
	f.Value = g.Rules.Round(f.Value)
	return f
}

func (g Gate) rate(f stats.Figure, m stats.Measure) stats.Figure {
	numerator, ok := g.count(f.Key, m, m.Numerator, f.Numerator)
	if !ok {
		return hidden(f)
	}
	denominator := f.Denominator
	if m.DenominatorSource == "" { // else it is a stock that anybody may know
		if denominator, ok = g.count(f.Key, m, m.Denominator, f.Denominator); !ok {
			return hidden(f)
		}
	}
	f.Numerator, f.Denominator = numerator, denominator
	if !f.Value.Known {
		return f
	}
	markers := f.Value.Markers
	switch {
	case !numerator.Known || !denominator.Known:
		f.Value = stats.Missing(stats.LowNotZero)
	default:
		f.Value = analysis.Rate(m, numerator, denominator)
	}
	f.Value.Markers = f.Value.Markers.And(markers)
	f.Lower95, f.Upper95 = analysis.Interval95(m, f)
	return f
}

// count is one of the counts of a rate as it is shown; ok is false where it is
// hidden. A sum of fewer forces than the count's own is not the count: with both
// shown, the others would be had by subtraction.
func (g Gate) count(k stats.Key, m stats.Measure, id string, v stats.Value) (shown stats.Value, ok bool) {
	if !v.Known {
		return v, true
	}
	if !g.Pattern.Shows(m.CountKey(k, id), v.Number) {
		return v, false
	}
	return g.Rules.Round(v), true
}

// filesOf is the files of places, each once and without a sheet or row.
func filesOf(places []stats.Origin) []stats.Origin {
	var files []stats.Origin
	for _, place := range places {
		if file := (stats.Origin{File: place.File}); !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// hidden is a figure of which no number is left, and no other marker: that one hidden
// count was revised, and another was not, may tell both.
func hidden(f stats.Figure) stats.Figure {
	f.Value = stats.Value{Markers: confidential}
	f.Numerator, f.Denominator, f.Lower95, f.Upper95 = stats.Value{}, stats.Value{}, stats.Value{}, stats.Value{}
	return f
}

// confidential is the marker of all that is hidden.
var confidential = stats.NewMarkers(stats.Confidential)

// ownNote is the parts of a note that this program writes itself.
func ownNote(note string) string {
	if note == "" || note == stats.Demonstration {
		return note
	}
	var kept []string
	for part := range strings.SplitSeq(note, "; ") {
		if part == stats.Demonstration || missingForces.MatchString(part) {
			kept = append(kept, part)
		}
	}
	return stats.JoinNotes(kept...)
}

// missingForces is what a sum of forces says of those that it lacks.
var missingForces = regexp.MustCompile(`^sum of \d+ of \d+ forces, no figure from [^0-9]+$`)
