package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"stalkstats/internal/stats"
)

// isHidden reports whether there is a number that is not told.
func isHidden(v stats.Value) bool { return v.Markers.Has(stats.Confidential) }

// hidesIn reports whether a number of a series is hidden in some periods.
func hidesIn(s stats.Series, periods []stats.Period) bool {
	return slices.ContainsFunc(periods, func(p stats.Period) bool {
		f, ok := s.At(p)
		return ok && isHidden(f.Value)
	})
}

// hidesNumber reports whether one of the cells of a table stands for a number that is
// hidden: the table then says what that means.
func hidesNumber(cells ...string) bool {
	return slices.ContainsFunc(cells, func(cell string) bool { return strings.Contains(cell, stats.Confidential.Meaning()) })
}

// hiddenSentence says of the newest figure of a series that it is hidden: it is known
// and not told, which is neither zero nor unknown. It is empty where it is not hidden.
func hiddenSentence(s stats.Series) string {
	latest, ok := s.Latest()
	if !ok || !isHidden(latest.Value) {
		return ""
	}
	return hiddenFigure(s.Measure, latest.Period)
}

// hiddenFigure is a hidden figure of a period in a sentence: "stalking charges in March
// 2024 are confidential".
func hiddenFigure(m stats.Measure, p stats.Period) string {
	return fmt.Sprintf("%s %s %s confidential", nounOf(m), within(p), verbOf(m))
}

// hiddenWords is what the published audience is not told, and of a site for those who may
// see some areas in detail also the sums of forces. For which of the reasons a number is
// hidden is never told, nor how many are for each: of one that is not small it would tell
// what it is at least.
func (s *site) hiddenWords() string {
	var reasons []string
	if s.rules.Threshold > 1 {
		reasons = append(reasons, fmt.Sprintf("a count above 0 and under %d", s.rules.Threshold), "one from which such a count could be worked out", "all counts of a table that could not be protected otherwise")
	}
	if s.forSome {
		reasons = append(reasons, "every sum of forces that is not of the Home Office or the Office for National Statistics")
	}
	if len(reasons) > 0 {
		reasons = append(reasons, "a rate of one of these")
	}
	reasons = append(reasons, "a median")
	if s.rules.Threshold <= 1 {
		reasons = append(reasons, "what the file has so")
	}
	return strings.Join(reasons, "; ")
}

// whatIsHidden is what “confidential” stands for on this site, a paragraph each.
func (s *site) whatIsHidden() []string {
	says := []string{"“Confidential”, in files the marker c, stands where a number is hidden so that nobody can be recognised. It is left out of charts. A longer period has a figure of its own, and may be told where its months are not."}
	if s.isInternal() {
		says = append(says, "Among true figures it stands where the file that they come from has it.")
	}
	if s.isInternal() {
		return append(says, "Reports for the published audience hide more: "+s.hiddenWords()+".")
	}
	says = append(says, "Hidden is: "+s.hiddenWords()+". For which of these reasons a number is hidden is not told, since that would tell something of it.")
	if s.rules.Rounding > 1 {
		says = append(says, fmt.Sprintf("All other counts are rounded to the nearest %d, and rates are worked out from the counts as they are shown.", s.rules.Rounding))
	}
	return says
}
