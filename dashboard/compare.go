package dashboard

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	if c.Apart == "" && !s.Measure.Derived() && s.Measure.AddsUp != stats.OverNothing {
		c.Change = change(this.Value.Number, before.Value.Number)
		c.Chance, c.Tested = chance(s.Measure, this, before)
	}
	return c, ""
}

// chance tests two counts. A difference that chance does not explain is an
// improvement or a concern where the measure has a direction.
func chance(m stats.Measure, this, before stats.Figure) (v *verdict, outcome string) {
	tested, err := analysis.CompareCounts(this, before)
	if err != nil {
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
	found.Words = fmt.Sprintf("%s %s %s %s, against %s in the same days of %d: %s.", capitalised(nounOf(m)), fromTo(this.Period), verbOf(m),
		numberText(this.Value.Number, 0), numberText(before.Value.Number, 0), before.Period.End.Year(), outcome)
	if found.Name == "unjudged" {
		return &found, capitalised(outcome) + "."
	}
	return &found, capitalised(tested.Verdict.Sentence()) + "."
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
	var dates []string
	for _, b := range sorted {
		dates = append(dates, b.Date.Format("January 2006"))
	}
	return fmt.Sprintf("recording rules changed in %s: the two do not compare", listed(slices.Compact(dates)))
}

// finding is what a force's page is headed with: the first measure that has a
// direction and a year to date, for a force answers for its performance
// before its workload; then any other count's. A rate comes last.
func finding(area stats.Area, picked []stats.Series, ref reference) string {
	for _, directed := range []bool{true, false} {
		for _, s := range picked {
			if s.Measure.Derived() || directed && s.Measure.Direction == stats.Neither {
				continue
			}
			if sentence := yearSentence(s, ref); sentence != "" {
				return madeUpOf(area, s) + ": " + sentence
			}
		}
	}
	for _, rates := range []bool{false, true} {
		for _, s := range picked {
			if sentence := latestSentence(s); s.Measure.Derived() == rates && sentence != "" {
				return madeUpOf(area, s) + ": " + sentence
			}
		}
	}
	for _, s := range picked {
		if hidden := hiddenSentence(s); hidden != "" {
			return area.Name + ": " + hidden
		}
	}
	return area.Name + ": no figures are loaded yet"
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
	if count, ok := strings.CutPrefix(words, "sum of "); ok {
		return " (" + count + ")"
	}
	return ""
}

// yearSentence is the year to date against last year's; it is empty where
// there are not both, or where they do not compare.
func yearSentence(s stats.Series, ref reference) string {
	this, before, err := analysis.YearToDate(s)
	if err != nil || !this.Value.Known || !before.Value.Known || len(ref.parting(s, before.Period, this.Period)) > 0 {
		return ""
	}
	sentence := fmt.Sprintf("%s, against %s in the same days of %d", figureSentence(s, this),
		told(before, s.Measure, decimalsFor(s.Measure, s.Figures)), before.Period.End.Year())
	if v, _ := chance(s.Measure, this, before); v != nil && (v.Name == "chance" || v.Name == "unjudged") {
		// A title that leaves this out makes a finding of what is none.
		sentence += v.Words[strings.LastIndex(v.Words, ": ") : len(v.Words)-1]
	}
	return sentence
}

func latestSentence(s stats.Series) string {
	latest, ok := s.Latest()
	if !ok || !latest.Value.Known {
		return ""
	}
	return figureSentence(s, latest)
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
