package validate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// What follows judges a whole release before it is published. Each answers
// with one sentence, or with nothing where all is well.

// AllForces is wrong where a territorial force has neither a figure nor a
// marker in a period of a measure. there is the codes of the areas that have,
// by measure, basis and period.
func AllForces(there map[stats.Key][]string, areas *stats.Areas, measures *stats.Measures) string {
	inOrder := slices.SortedFunc(maps.Keys(there), func(a, b stats.Key) int {
		return cmp.Or(stats.ComparePeriods(a.Period, b.Period), cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Basis, b.Basis))
	})
	for _, key := range inOrder {
		var missing []string
		for _, force := range areas.Forces() {
			if !slices.Contains(there[key], force.Code) {
				missing = append(missing, force.Name)
			}
		}
		if len(missing) > 0 {
			return fmt.Sprintf("%s, %s: there is no figure of %s; all %d forces must be there", measureName(measures, key.Measure), key.Period.Label(), firstOf(missing), stats.ForceCount)
		}
	}
	return ""
}

// Continuous is wrong where the release brings about a gap: days without a
// figure between two periods of a series, as a month is that nobody sent. now
// is the periods of each measure, area and basis that are served, then those
// that would be served with the release. A gap that is served already was looked
// at before, and a series that begins later than others has none. Only the 43
// forces are looked at: others come and go.
func Continuous(now, then map[stats.Key][]stats.Period, areas *stats.Areas, measures *stats.Measures) string {
	inOrder := slices.SortedFunc(maps.Keys(then), func(a, b stats.Key) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(nameOf(areas, a.Area), nameOf(areas, b.Area)), cmp.Compare(a.Basis, b.Basis))
	})
	says, found := "", 0
	for _, series := range inOrder {
		if area, ok := areas.ByCode(series.Area); !ok || area.Kind != stats.TerritorialForce {
			continue
		}
		old := gaps(now[series])
		for _, gap := range gaps(then[series]) {
			if slices.ContainsFunc(old, func(o stats.Period) bool { return o.Contains(gap) }) {
				continue
			}
			if found++; found == 1 {
				says = fmt.Sprintf("no figure of %s of %s for %s, though there are earlier and later ones", measureName(measures, series.Measure), nameOf(areas, series.Area), gap.Label())
			}
		}
	}
	return says + more(found-1, "such gap")
}

// gaps is the days that no period has, between the first and the last, where
// what stands on both sides is alike.
func gaps(periods []stats.Period) []stats.Period {
	var found []stats.Period
	var end time.Time
	inOrder := slices.SortedFunc(slices.Values(periods), stats.ComparePeriods)
	for i, p := range inOrder {
		gap := stats.Period{Start: end.AddDate(0, 0, 1), End: p.Start.AddDate(0, 0, -1)}
		if i > 0 && !gap.End.Before(gap.Start) && betweenAlike(inOrder, gap) {
			found = append(found, gap)
		}
		if p.End.After(end) {
			end = p.End
		}
	}
	return found
}

// betweenAlike reports whether something is missing between a period that ends
// just before the gap and one that starts just after it. Of a year or more it is
// only where both are of one kind and whole months, such as two years: a source
// may go from years to quarters, and populations are each of one day. A stretch
// of days that is longer than a month and no whole period, as from the day on
// which orders began to that of an answer, leads to no other kind of period.
func betweenAlike(periods []stats.Period, gap stats.Period) bool {
	stretch := func(p stats.Period) bool { return p.Kind() == stats.KindRange && p.Days() > 31 }
	short := gap.End.Before(gap.Start.AddDate(1, 0, -2))
	for _, before := range periods {
		if !before.End.AddDate(0, 0, 1).Equal(gap.Start) {
			continue
		}
		for _, after := range periods {
			switch {
			case !after.Start.AddDate(0, 0, -1).Equal(gap.End):
			case short && stretch(before) == stretch(after), before.Kind() == after.Kind() && after.Kind() != stats.KindRange:
				return true
			}
		}
	}
	return false
}

// Totals is wrong where there is a wrong total.
func Totals(wrong []stats.Total, areas *stats.Areas, measures *stats.Measures) string {
	if len(wrong) == 0 {
		return ""
	}
	w := wrong[0]
	parts := "its " + w.Of + " figures"
	if w.Of == "" {
		parts = "the shorter periods in it"
	}
	return fmt.Sprintf("row %d: %s of %s, %s, is %v and %s add up to %v%s", w.Row, measureName(measures, w.Measure), nameOf(areas, w.Area), w.Period.Label(), w.Number, parts, w.Parts, more(len(wrong)-1, "wrong total"))
}

// manyZeros is how many figures must become 0 before that is more than a few
// small counts by chance.
const manyZeros = 10

// Losses is wrong where a release would take away figures that are served and
// does not hold them itself: a file that was cut off between two rows looks
// whole in every other way.
func Losses(lost stats.Losses, measures *stats.Measures) string {
	switch {
	case lost.Period != (stats.Period{}):
		return fmt.Sprintf("%s of %s is served and is not in the file: the file may be cut short", measureName(measures, lost.Measure), lost.Period.Label())
	case lost.Figures*10 > lost.Served:
		return fmt.Sprintf("%d of the %d figures that it would replace are not in it, or no numbers any more: the file may be cut short", lost.Figures, lost.Served)
	case lost.Zeros >= manyZeros && lost.Zeros*10 > lost.Served:
		return fmt.Sprintf("%d of the %d figures that it would replace become 0: the file may print 0 where it has nothing", lost.Zeros, lost.Served)
	}
	return ""
}

// Jumps is wrong where a figure jumped. A jump over a series break that bears
// on the measure is left out: the series changed its meaning there.
func Jumps(jumps []stats.Jump, areas *stats.Areas, measures *stats.Measures, breaks []stats.Break) string {
	jumps = slices.DeleteFunc(slices.Clone(jumps), func(j stats.Jump) bool {
		measure, _ := measures.Count(j.Measure)
		return j.Than != j.Period && slices.ContainsFunc(breaks, func(b stats.Break) bool {
			return b.Bears(measure, j.Area) && b.Parts(j.Than, j.Period)
		})
	})
	if len(jumps) == 0 {
		return ""
	}
	j := jumps[0]
	before := fmt.Sprintf("%v in %s", j.Before, j.Than.Label())
	if j.Than == j.Period {
		before = fmt.Sprintf("served as %v", j.Before)
	}
	what := measureName(measures, j.Measure)
	if j.Breakdown != "" {
		what += " (" + j.Breakdown + " " + j.BreakdownValue + ")"
	}
	return fmt.Sprintf("row %d: %s of %s, %s, is %v and was %s%s", j.Row, what, nameOf(areas, j.Area), j.Period.Label(), j.Now, before, more(len(jumps)-1, "such jump"))
}

// measureName is what a count is called, as pages call it.
func measureName(measures *stats.Measures, id string) string {
	if m, ok := measures.Count(id); ok {
		return cmp.Or(m.Name, id)
	}
	return id
}

// NotLooked says why a check had nothing to look at.
type NotLooked string

// Error implements error.
func (n NotLooked) Error() string { return "not looked at: " + string(n) }

// Vintage is wrong where the date in the file's name is before that in the
// name of a file that is served and would be replaced. A name without a date
// says nothing, which is a NotLooked.
func Vintage(file string, served []string) (says string, err error) {
	stamp, ok := stats.NameDate(file)
	if !ok {
		return "", NotLooked("no date in the file’s name")
	}
	dated := len(served) == 0
	for _, other := range served {
		later, ok := stats.NameDate(other)
		dated = dated || ok
		if ok && stamp.Before(later) {
			return fmt.Sprintf("the file is of %s and %s, which is served, is of %s", stamp.Format("2 January 2006"), other, later.Format("2 January 2006")), nil
		}
	}
	if !dated {
		return "", NotLooked("no date in the name of the file that is served")
	}
	return "", nil
}

// MostFound is how many wrong totals, and how many jumps, need to be looked up
// at most: whoever mends the file begins with the first.
const MostFound = 1000

// nameOf is the name of an area, or its code where the area is not known.
func nameOf(areas *stats.Areas, code string) string {
	if area, ok := areas.ByCode(code); ok {
		return area.Name
	}
	return code
}

// firstOf names the first few of a list.
func firstOf(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func more(n int, what string) string {
	switch {
	case n <= 0:
		return ""
	case n >= MostFound-1:
		return fmt.Sprintf(" (and at least %d more %ss)", n, what)
	case n == 1:
		return " (and 1 more " + what + ")"
	}
	return fmt.Sprintf(" (and %d more %ss)", n, what)
}
