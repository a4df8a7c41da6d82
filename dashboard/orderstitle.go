package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// longestFinding is how many letters of a title may follow whose it is, so that it takes no
// more than two lines on a wide screen.
const longestFinding = 74

// title is the finding of the period that the page tells of, short enough to be taken in at
// a glance, and the sentence under it that has the rest. What chance does not explain comes
// first; where there is no such thing, the first number of the period, orders granted before
// all others. Where no number is told, it is that one is hidden, if one is.
func (in ordersInput) title(p stats.Period, stages []stageRow) (title, says string) {
	titled := measuresNamed(in.measures, append(slices.Clone(orderHeadings), orderStages...))
	for _, m := range titled {
		if s, f, ok := in.over(m, p); ok && f.Value.Known {
			old := howOld(f.Period.End, in.now)
			if in.chosen() {
				old = "" // it is not the last that there is
			}
			finding, sentence := in.sentence(s, f)
			if found := beyond(stages); len(found) > 0 {
				finding = movedBeyond(found)
			}
			return heading(in.area.Name+sumOf(f), finding, old), capitalised(sentence) + beyondSentence(stages, m.Name) + "."
		}
	}
	for _, m := range titled {
		if _, f, ok := in.over(m, p); ok && isHidden(f.Value) {
			return in.area.Name + ": " + hiddenFigure(m, f.Period), ""
		}
	}
	if p == (stats.Period{}) {
		return in.area.Name + ": no number of Stalking Protection Orders is known", ""
	}
	return fmt.Sprintf("%s: no number of Stalking Protection Orders %s is known", in.area.Name, within(p)), ""
}

// beyond is the stages that differ by more than chance explains from a year before, those
// that need somebody first.
func beyond(stages []stageRow) (found []stageRow) {
	for _, v := range verdictOrder {
		for _, row := range stages {
			if verdictNamed(row.Says.Name) == v {
				found = append(found, row)
			}
		}
	}
	return found
}

// movedBeyond is the finding of stages that chance does not explain: all of them by name, or
// where that is too long the first, and how many others.
func movedBeyond(found []stageRow) string {
	var names, short []string
	how := "rose"
	for i, row := range found {
		names, short = append(names, row.noun), append(short, withoutOrderName(row.noun))
		switch {
		case i == 0 && !row.rose:
			how = "fell"
		case row.rose != found[0].rose:
			how = "changed"
		}
	}
	moved := " " + how + " beyond chance"
	if len(found) == 1 {
		moved += fmt.Sprintf(" (%s, against %s)", found[0].Value.Value, found[0].Before.Text)
	}
	return firstShort(listed(names)+moved, listed(short)+moved, fmt.Sprintf("%s and %s%s", short[0], plural(len(found)-1, "other count", "other counts"), moved))
}

// firstShort is the first of several wordings that is short enough for a title, or the last.
func firstShort(wordings ...string) string {
	for _, w := range wordings {
		if utf8.RuneCountInString(w) <= longestFinding {
			return w
		}
	}
	return wordings[len(wordings)-1]
}

// orderName takes the name of the orders out of those of measures: the page tells of no
// other orders.
var orderName = strings.NewReplacer("a Stalking Protection Order", "an order", "Stalking Protection Order", "order")

func withoutOrderName(words string) string { return orderName.Replace(words) }

// beyondSentence names the stages of a period that differ by more than chance explains from a
// year before. The sentence before it tells of one stage, and “within chance” must not stand
// for all.
func beyondSentence(stages []stageRow, titled string) string {
	var names []string
	for _, row := range stages {
		if beyondChance(&row.Says) && row.Name != titled {
			names = append(names, fmt.Sprintf("%s (%s, against %s)", row.noun, row.Value.Value, row.Before.Text))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ". Beyond chance: " + listed(names)
}

// sentence is a count, and where there is one to compare it with, last year's
// and whether chance explains the difference; the finding is the same without the periods.
func (in ordersInput) sentence(s stats.Series, this stats.Figure) (finding, said string) {
	decimals := decimalsFor(s.Measure, s.Figures)
	said = figureSentence(s, this)
	finding = fmt.Sprintf("%s %s %s", nounOf(s.Measure), verbOf(s.Measure), told(this, s.Measure, decimals))
	before, err := analysis.SamePeriodLastYear(s, this)
	if err == nil && before.Value.Known && len(in.parting(s, before.Period, this.Period)) == 0 {
		when := within(before.Period)
		if in.choice == yearToDateChoice && this.Period.Kind() == stats.KindRange {
			when = fmt.Sprintf("in the same days of %d", before.Period.End.Year())
		}
		against := ", against " + told(before, s.Measure, decimals)
		finding += against + outcome(this, before)
		said += against + " " + when + outcome(this, before)
	}
	return firstShort(finding, withoutOrderName(finding)), said
}

// outcome is what the test of two counts says, after a colon.
func outcome(this, before stats.Figure) string {
	if tooFew(this, before) {
		return ": too few to judge"
	}
	tested, err := analysis.CompareCounts(this, before)
	if err != nil {
		return ""
	}
	return ": " + string(tested.Verdict)
}
