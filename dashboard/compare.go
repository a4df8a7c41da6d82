package dashboard

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// comparison is the year to date against the same days of last year.
type comparison struct {
	Days       string
	This       string
	ThisOf     string // a rate's workings
	DaysBefore string
	Before     string
	BeforeOf   string
	Change     string // empty where the counts are too small for a percentage
	Apart      string // why the two do not compare; empty where they do
	// Chance is whether it explains the difference of two counts, in a
	// sentence with both; nil where it was not tested.
	Chance *verdict
	Tested string // the outcome of the test alone: "That is more than chance explains."
	// ThisWay and BeforeWay are the pages that say how the two are known.
	ThisWay, BeforeWay string
}

// ThisLink is the figure of this year, with the page that says how it is known.
func (c comparison) ThisLink() link { return link{Text: c.This, Address: c.ThisWay} }

// BeforeLink is the figure of last year, as ThisLink.
func (c comparison) BeforeLink() link { return link{Text: c.Before, Address: c.BeforeWay} }

// yearToDate compares the years to date, or says why there is none.
func yearToDate(s stats.Series, ref reference, decimals int) (c *comparison, instead string) {
	this, before, err := analysis.YearToDate(s)
	if err != nil {
		return nil, none(err)
	}
	c = &comparison{
		Days:       capitalised(fromTo(this.Period)),
		This:       withUnit(this.Value, s.Measure, decimals),
		ThisOf:     workings(this, s.Measure),
		DaysBefore: fmt.Sprintf("The same days of %d", before.Period.End.Year()),
		Before:     withUnit(before.Value, s.Measure, decimals),
		BeforeOf:   workings(before, s.Measure),
		ThisWay:    figureAddress(this),
	}
	if _, err := analysis.SamePeriodLastYear(s, this); errors.Is(err, analysis.ErrMixed) {
		c.Before = none(err)
	}
	if !this.Value.Known || !before.Value.Known {
		return c, ""
	}
	c.BeforeWay = figureAddress(before)
	c.Apart = apart(ref.parting(s, before.Period, this.Period))
	if c.Apart == "" && eventsOf(s.Measure) {
		c.Change = change(this.Value.Number, before.Value.Number)
		c.Chance, c.Tested = chance(s.Measure, this, before)
	}
	return c, ""
}

// eventsOf reports whether a measure counts what happens in a period, and is no rate, no
// median and no number of heads on its last day: two such counts differ by chance as events
// do, and can be tested.
func eventsOf(m stats.Measure) bool { return !m.Derived() && m.AddsUpOverPeriods() }

// chance tests two counts. A difference that chance does not explain is an
// improvement or a concern where the measure has a direction.
func chance(m stats.Measure, this, before stats.Figure) (v *verdict, outcome string) {
	tested, err := analysis.CompareCounts(this, before)
	if err != nil || !eventsOf(m) {
		return nil, ""
	}
	found := verdictNames[analysis.WithinChance]
	more := this.Value.Number > before.Value.Number
	outcome = string(tested.Verdict)
	switch {
	case tooFew(this, before):
		found, outcome = verdictNames[analysis.NotJudged], "too few to judge"
	case tested.Verdict != analysis.MoreThanChance:
	case m.Direction == stats.Neither:
		found = verdictNames[analysis.SpecialChange]
	case more == (m.Direction == stats.UpIsBetter):
		found = verdictNames[analysis.Improvement]
	default:
		found = verdictNames[analysis.Concern]
	}
	when := fromTo(this.Period)
	if isYear(this.Period) {
		when = within(this.Period)
	}
	found.Words = fmt.Sprintf("%s %s %s %s, against %s %s: %s.", capitalised(nounOf(m)), when, verbOf(m),
		numberText(this.Value.Number, 0), numberText(before.Value.Number, 0), yearBefore(this, before), outcome)
	if found.Name == "unjudged" {
		return &found, capitalised(outcome) + "."
	}
	size, even := largeCounts(this, before)
	found.Words += size
	return &found, capitalised(tested.Verdict.Sentence()) + even + "."
}

// largeCounts says of two counts of thousands, where chance does not explain how they differ,
// that it hardly explains anything of counts this large: then a reader must look at the size of
// the change. It is a sentence with that size, and the end of one that stands beside it; both
// are empty of smaller counts.
func largeCounts(this, before stats.Figure) (sentence, end string) {
	least, ok := analysis.LeastBeyondChance(this, before)
	percent, changed := analysis.PercentageChange(this.Value.Number, before.Value.Number)
	if !ok || !changed {
		return "", ""
	}
	even := "of counts this large even " + numberText(least, 1) + "% is"
	return fmt.Sprintf(" The change is %s%%; %s beyond chance.", numberText(math.Abs(percent), 1), even), "; " + even
}

// none says why there is no figure.
func none(err error) string { return "none: " + err.Error() }

// change is a difference in per cent, where both counts are large enough.
func change(this, before float64) string {
	percent, ok := analysis.PercentageChange(this, before)
	switch {
	case !ok:
		return ""
	case percent == 0:
		return "the same as a year before"
	case percent > 0:
		return numberText(percent, 1) + "% more than a year before"
	}
	return numberText(-percent, 1) + "% fewer than a year before"
}

// parting is the breaks that keep the figures of two periods of a series from
// being compared.
func (r reference) parting(s stats.Series, earlier, later stats.Period) []stats.Break {
	return slices.DeleteFunc(bearing(r.breaks, s), func(b stats.Break) bool { return !b.Parts(earlier, later) })
}

// apart says that two figures stand on different sides of series breaks; it is
// empty where there is none.
func apart(breaks []stats.Break) string {
	if len(breaks) == 0 {
		return ""
	}
	sorted := slices.SortedFunc(slices.Values(breaks), func(a, b stats.Break) int { return a.Date.Compare(b.Date) })
	dates := map[bool][]string{}
	for _, b := range sorted {
		dates[b.Members] = append(dates[b.Members], b.Date.Format("January 2006"))
	}
	var why []string
	if rules := dates[false]; len(rules) > 0 {
		why = append(why, "recording rules changed in "+listed(slices.Compact(rules)))
	}
	if members := dates[true]; len(members) > 0 {
		why = append(why, "the sum is of other forces from "+listed(slices.Compact(members))+" on")
	}
	return strings.Join(why, ", and ") + ": the two do not compare"
}

// finding is what a force's page is headed with: the first measure that has a
// direction and a year to date, for a force answers for its performance
// before its workload; then any other count's. A rate comes last. What is more than a year
// older than the newest of them is no finding of today.
func finding(area stats.Area, picked []stats.Series, ref reference) string {
	found := findings(picked, ref)
	var newest time.Time
	for _, f := range found {
		if f.last.After(newest) {
			newest = f.last
		}
	}
	for _, f := range found {
		if !f.last.Before(newest.AddDate(-1, 0, 0)) {
			return heading(madeUpOf(area, f.series), f.says, howOld(newest, ref.now))
		}
	}
	for _, s := range picked {
		if hidden := hiddenSentence(s); hidden != "" {
			return area.Name + ": " + hidden
		}
	}
	return area.Name + ": no figures are loaded yet"
}

// found is what can head a page, and the last day that it is of.
type found struct {
	series stats.Series
	says   string
	last   time.Time
}

// findings is what series can head a page with, what comes first before the others.
func findings(picked []stats.Series, ref reference) (list []found) {
	add := func(s stats.Series, says string, last time.Time) {
		if says != "" {
			list = append(list, found{s, says, last})
		}
	}
	for _, directed := range []bool{true, false} {
		for _, s := range picked {
			if s.Measure.Derived() || directed == (s.Measure.Direction == stats.Neither) {
				continue
			}
			says, last := yearSentence(s, ref)
			add(s, says, last)
		}
	}
	for _, rates := range []bool{false, true} {
		for _, s := range picked {
			if s.Measure.Derived() == rates {
				says, last := latestSentence(s)
				add(s, says, last)
			}
		}
	}
	return list
}

// madeUpOf is an area's name and, of a country whose newest figure some forces are
// missing from, of how many it is the sum: part of a country is not the country.
func madeUpOf(area stats.Area, s stats.Series) string {
	latest, ok := s.Latest()
	if area.Kind != stats.Country || !ok {
		return area.Name
	}
	return area.Name + sumOf(latest)
}

// sumOf is of how many forces a figure is the sum, where it lacks any: the figure's
// note begins with it.
func sumOf(f stats.Figure) string {
	words, _, _ := strings.Cut(f.Note, ", no figure from")
	if count, ok := strings.CutPrefix(words, sumPrefix); ok {
		return " (" + count + ")"
	}
	return ""
}

// yearSentence is the year to date against last year's, or a whole year against the one
// before, and the last day of it; it is empty where there are not both, or where they do not
// compare.
func yearSentence(s stats.Series, ref reference) (says string, last time.Time) {
	this, before, err := twoYears(s)
	if err != nil || !this.Value.Known || !before.Value.Known || len(ref.parting(s, before.Period, this.Period)) > 0 {
		return "", last
	}
	says = fmt.Sprintf("%s, against %s %s", figureSentence(s, this), told(before, s.Measure, decimalsFor(s.Measure, s.Figures)), yearBefore(this, before))
	if v, _ := chance(s.Measure, this, before); v != nil && (v.Name == "chance" || v.Name == "unjudged") {
		// A title that leaves this out makes a finding of what is none.
		says += v.Words[strings.LastIndex(v.Words, ": ") : len(v.Words)-1]
	}
	return says, this.Period.End
}

// twoYears is the year to date and the same days of last year. Where a source gives whole
// years alone, as one of all forces does, it is the newest and the one before.
func twoYears(s stats.Series) (this, before stats.Figure, err error) {
	if this, before, err = analysis.YearToDate(s); err == nil {
		return this, before, nil
	}
	latest, ok := s.Latest()
	if !ok || !isYear(latest.Period) {
		return this, before, err
	}
	before, err = analysis.SamePeriodLastYear(s, latest)
	return latest, before, err
}

// isYear reports whether a period is of twelve whole months.
func isYear(p stats.Period) bool {
	return slices.Contains([]stats.PeriodKind{stats.KindFinancialYear, stats.KindCalendarYear, stats.KindTwelveMonths}, p.Kind())
}

// yearBefore is when the second of two figures that are a year apart was.
func yearBefore(this, before stats.Figure) string {
	if isYear(this.Period) {
		return "in the year before"
	}
	return fmt.Sprintf("in the same days of %d", before.Period.End.Year())
}

// latestSentence is the newest figure of a series and its last day; empty where it has no
// number.
func latestSentence(s stats.Series) (says string, last time.Time) {
	latest, ok := s.Latest()
	if !ok || !latest.Value.Known {
		return "", last
	}
	return figureSentence(s, latest), latest.Period.End
}

// figureSentence is a known figure of a series: "stalking charges in March 2024
// are 17".
func figureSentence(s stats.Series, f stats.Figure) string {
	return fmt.Sprintf("%s %s %s %s", nounOf(s.Measure), within(f.Period), verbOf(s.Measure), told(f, s.Measure, decimalsFor(s.Measure, s.Figures)))
}

// told is a figure in a sentence, a rate with its counts: "17.4% (151 of 868)".
func told(f stats.Figure, m stats.Measure, decimals int) string {
	text := withUnit(f.Value, m, decimals)
	if m.Derived() && f.Numerator.Known && f.Denominator.Known {
		text += fmt.Sprintf(" (%s of %s)", numberText(f.Numerator.Number, 0), numberText(f.Denominator.Number, 0))
	}
	return text
}
