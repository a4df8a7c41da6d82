package analysis

import (
	"cmp"
	"errors"
	"slices"
	"sort"
	"time"

	"stalkstats/internal/stats"
)

// Why there is no figure of a period.
var (
	ErrNotCovered = errors.New("there are no figures of exactly these days")
	// ErrMixed keeps made-up figures and real ones out of one sum, and from
	// being compared.
	ErrMixed = errors.New("demonstration and real figures do not add up, and do not compare")
)

// Combine makes the figures of longer periods out of shorter ones, from
// complete parts only: every day of a period is covered by exactly one part.
// A figure that already stands for the whole period is kept as it is; after
// it the longest parts are preferred. A month may so stand beside a part of
// it without any day being counted twice.
//
// Where a part is not there at all there is no figure, and none where it could
// only be made of demonstration and real figures together. Where every day is
// covered, but a part is only a marker, the figure is not available, or
// confidential where a part is. Rates are
// worked out anew, from the sums of their numerators and denominators, and
// their bounds with them.
//
// A measure that does not add up over periods, as people and medians do not, has
// no figures but those that already stand for the whole period.
//
// For KindTwelveMonths the periods roll: one ends with each month.
func Combine(s stats.Series, kind stats.PeriodKind) stats.Series {
	combined := s
	ps, periods := newParts(s), Periods(kind, Span(s))
	combined.Figures = make([]stats.Figure, 0, len(periods))
	for _, p := range periods {
		if f, err := ps.figure(p); err == nil {
			combined.Figures = append(combined.Figures, f)
		}
	}
	return combined
}

// Over is the figure of one period, whole or made from complete parts. The
// error says why there is none: ErrNotCovered or ErrMixed.
func Over(s stats.Series, p stats.Period) (stats.Figure, error) {
	return OverOf(s)(p)
}

// OverOf is Over for many periods of one series.
func OverOf(s stats.Series) func(stats.Period) (stats.Figure, error) {
	return newParts(s).figure
}

// Parts is the figures that Over adds up for a period, in order of time: one
// alone where it stands for the whole period. The error is that of Over.
func Parts(s stats.Series, p stats.Period) ([]stats.Figure, error) {
	chosen, _, err := newParts(s).choose(p)
	return values(chosen), err
}

func values(chosen []*stats.Figure) []stats.Figure {
	if len(chosen) == 0 {
		return nil
	}
	figures := make([]stats.Figure, len(chosen))
	for i, f := range chosen {
		figures[i] = *f
	}
	return figures
}

// SamePeriodLastYear is the figure of the same days a year before f, whole or
// made from complete parts. A made-up figure has only made-up ones to be
// compared with, and a real one only real ones: else the error is ErrMixed.
func SamePeriodLastYear(s stats.Series, f stats.Figure) (stats.Figure, error) {
	return LastYearOf(s)(f)
}

// LastYearOf is SamePeriodLastYear for many figures of one series.
func LastYearOf(s stats.Series) func(stats.Figure) (stats.Figure, error) {
	return newParts(s).yearBefore
}

// parts finds the figures that cover a period.
type parts struct {
	measure stats.Measure
	// figures are in order of their start, and of one start the longest first. They
	// are those of the series, not copies: a page asks this of every figure that it has.
	figures []*stats.Figure
}

func newParts(s stats.Series) parts {
	ps := parts{measure: s.Measure, figures: make([]*stats.Figure, len(s.Figures))}
	for i := range s.Figures {
		ps.figures[i] = &s.Figures[i]
	}
	slices.SortStableFunc(ps.figures, func(a, b *stats.Figure) int {
		return cmp.Or(a.Period.Start.Compare(b.Period.Start), b.Period.End.Compare(a.Period.End))
	})
	return ps
}

// starting is the figures that start on a day, the longest first.
func (ps parts) starting(day time.Time) []*stats.Figure {
	from := sort.Search(len(ps.figures), func(i int) bool { return !ps.figures[i].Period.Start.Before(day) })
	to := from
	for to < len(ps.figures) && ps.figures[to].Period.Start.Equal(day) {
		to++
	}
	return ps.figures[from:to]
}

func (ps parts) yearBefore(f stats.Figure) (stats.Figure, error) {
	before, err := ps.figure(f.Period.YearEarlier())
	if err == nil && before.Demonstration() != f.Demonstration() {
		return stats.Figure{}, ErrMixed
	}
	return before, err
}

func (ps parts) figure(p stats.Period) (stats.Figure, error) {
	chosen, countable, err := ps.choose(p)
	switch {
	case err != nil:
		return stats.Figure{}, err
	case len(chosen) == 1 && chosen[0].Period == p:
		return *chosen[0], nil
	case countable:
		return ps.sum(p, chosen), nil
	}
	f := joined(p, chosen)
	f.Value = stats.Missing(why(chosen))
	return f, nil
}

// why is what stands instead of a sum of which a part is only a marker: that
// it is confidential, where a part is, for then it is known and not told.
func why(chosen []*stats.Figure) stats.Marker {
	if slices.ContainsFunc(chosen, func(f *stats.Figure) bool { return f.Value.Markers.Has(stats.Confidential) }) {
		return stats.Confidential
	}
	return stats.NotAvailable
}

// choose is the figures that stand for a period, and whether all of them can be
// counted.
func (ps parts) choose(p stats.Period) (chosen []*stats.Figure, countable bool, err error) {
	for _, f := range ps.starting(p.Start) {
		if f.Period == p {
			return []*stats.Figure{f}, ps.countable(f), nil
		}
	}
	if !ps.measure.AddsUpOverPeriods() {
		return nil, false, ErrNotCovered
	}
	if chosen, err = ps.unmixed(p, ps.countable); err == nil {
		return chosen, true, nil
	}
	if errors.Is(err, ErrMixed) {
		return nil, false, err
	}
	whatever := func(*stats.Figure) bool { return true }
	chosen, err = ps.unmixed(p, whatever)
	return chosen, false, err
}

// unmixed is the parts that cover p, all of them real or all made up.
func (ps parts) unmixed(p stats.Period, usable func(*stats.Figure) bool) ([]*stats.Figure, error) {
	chosen, ok := ps.cover(p, usable, map[time.Time]bool{})
	if !ok {
		return nil, ErrNotCovered
	}
	if !mixed(chosen) {
		return chosen, nil
	}
	for _, madeUp := range []bool{false, true} {
		alike := func(f *stats.Figure) bool { return usable(f) && f.Demonstration() == madeUp }
		if chosen, ok := ps.cover(p, alike, map[time.Time]bool{}); ok {
			return chosen, nil
		}
	}
	return nil, ErrMixed
}

func mixed(chosen []*stats.Figure) bool {
	for _, f := range chosen {
		if f.Demonstration() != chosen[0].Demonstration() {
			return true
		}
	}
	return false
}

// cover fills p from its first day on. It remembers the days from which
// nothing led to the end, so that many overlapping parts cost no more than a
// look at each.
func (ps parts) cover(p stats.Period, usable func(*stats.Figure) bool, dead map[time.Time]bool) ([]*stats.Figure, bool) {
	if p.Start.After(p.End) {
		return nil, true
	}
	if dead[p.Start] {
		return nil, false
	}
	for _, f := range ps.starting(p.Start) {
		if !usable(f) || f.Period.End.After(p.End) {
			continue
		}
		rest := stats.Period{Start: f.Period.End.AddDate(0, 0, 1), End: p.End}
		if others, ok := ps.cover(rest, usable, dead); ok {
			return append([]*stats.Figure{f}, others...), true
		}
	}
	dead[p.Start] = true
	return nil, false
}

// countable reports whether a part can be added to others: for a rate both of
// its counts must be known, and a denominator of 0 is a count like any other.
func (ps parts) countable(f *stats.Figure) bool {
	if ps.measure.Derived() {
		return f.Numerator.Known && f.Denominator.Known
	}
	return f.Value.Known
}

func (ps parts) sum(p stats.Period, chosen []*stats.Figure) stats.Figure {
	f := joined(p, chosen)
	if !ps.measure.Derived() {
		f.Value = total(chosen, func(f *stats.Figure) stats.Value { return f.Value })
		return f
	}
	f.Numerator = total(chosen, func(f *stats.Figure) stats.Value { return f.Numerator })
	f.Denominator = total(chosen, func(f *stats.Figure) stats.Value { return f.Denominator })
	if ps.measure.DenominatorSource != "" {
		// A stock is no sum: that of the financial year in which the period ends.
		f.Denominator = chosen[len(chosen)-1].Denominator
	}
	f.Value = Rate(ps.measure, f.Numerator, f.Denominator)
	f.Lower95, f.Upper95 = Interval95(ps.measure, f)
	return f
}

// Rate is a derived measure's value: Per × numerator ÷ denominator. Without
// both counts it is not available; with a denominator of 0 the question makes
// no sense.
func Rate(measure stats.Measure, numerator, denominator stats.Value) stats.Value {
	switch {
	case !numerator.Known || !denominator.Known:
		return stats.Missing(stats.NotAvailable)
	case denominator.Number == 0:
		return stats.Missing(stats.NotApplicable)
	}
	rate := stats.Number(measure.Per * numerator.Number / denominator.Number)
	rate.Markers = numerator.Markers.And(denominator.Markers)
	return rate
}

func total(chosen []*stats.Figure, of func(*stats.Figure) stats.Value) stats.Value {
	sum := stats.Number(0)
	for _, f := range chosen {
		v := of(f)
		sum.Number += v.Number
		sum.Markers = sum.Markers.And(v.Markers)
	}
	return sum
}

// Joined is a figure of p with all that its parts carry beside their values.
func Joined(p stats.Period, chosen []stats.Figure) stats.Figure {
	parts := make([]*stats.Figure, len(chosen))
	for i := range chosen {
		parts[i] = &chosen[i]
	}
	return joined(p, parts)
}

func joined(p stats.Period, chosen []*stats.Figure) stats.Figure {
	f := stats.Figure{Key: chosen[0].Key}
	f.Period = p
	for _, part := range chosen {
		f.Note = stats.JoinNotes(f.Note, part.Note)
		f.Origins = append(f.Origins, part.Origins...)
		f.PublishedAt = later(f.PublishedAt, part.PublishedAt)
		f.RetrievedAt = later(f.RetrievedAt, part.RetrievedAt)
		for _, id := range part.Releases {
			if !slices.Contains(f.Releases, id) {
				f.Releases = append(f.Releases, id)
			}
		}
	}
	return f
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
