package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// groupName is the group inside a sentence.
func (c forcesComparison) groupName() string {
	if c.withSimilar() {
		return "the most similar group"
	}
	return "all forces"
}

// countedName is what the average is of: the group, or those of it that have a
// figure.
func (c forcesComparison) countedName() string {
	if len(c.funnel.Points) < len(c.members) {
		return fmt.Sprintf("the %d forces with a figure", len(c.funnel.Points))
	}
	return c.groupName()
}

// groupWords says which forces are compared, and why those.
func (c forcesComparison) groupWords() string {
	return c.comparedWith() + c.withoutArea()
}

// withoutArea says of the forces without an area of their own why they are not among all.
func (c forcesComparison) withoutArea() string {
	var names []string
	for _, area := range c.areas.All() {
		if area.Kind == stats.NationalForce {
			names = append(names, area.Name)
		}
	}
	if len(names) == 0 || c.withSimilar() {
		return ""
	}
	return " Left out: " + listed(names) + ", since a force without an area of its own is not like those that have one."
}

func (c forcesComparison) comparedWith() string {
	switch {
	case c.withSimilar():
		var names []string
		for _, m := range c.members {
			if m.Area.Code != c.area.Code {
				names = append(names, m.Area.Name)
			}
		}
		return fmt.Sprintf("Compared within the most similar group of %s, as it was from %s (%s): %s.",
			c.area.Name, day(c.similar[0].From), c.similar[0].Source, listed(names))
	case len(c.similar) > 0:
		return fmt.Sprintf("Compared with all forces, and not within the most similar group of %s alone.", c.area.Name)
	}
	return fmt.Sprintf("Compared with all forces: no most similar group of %s is loaded for %s.", c.area.Name, day(c.period.End))
}

// title is the finding: the force's rate, and where it is by the limits.
func (c forcesComparison) title() string {
	subject := c.area.Name + ": "
	f, ok := c.own()
	if !ok || !f.Value.Known {
		subject += fmt.Sprintf("no %s %s", nounOf(c.measure), within(c.period))
		if c.why == nil {
			subject += fmt.Sprintf("; %s together %s", c.countedName(), c.rate(c.funnel.Average))
		}
		return subject
	}
	subject += fmt.Sprintf("%s %s %s", nounOf(c.measure), withUnit(f.Value, c.measure, c.decimals), within(c.period))
	if p, ok := c.point(c.area.Code); ok {
		return subject + ", " + c.position(p)
	}
	return subject + ", not compared"
}

func (c forcesComparison) position(p analysis.FunnelPoint) string {
	return string(p.Position) + " of " + c.groupName()
}

func (c forcesComparison) own() (stats.Figure, bool) {
	i := slices.IndexFunc(c.members, func(m analysis.Member) bool { return m.Area.Code == c.area.Code })
	if i < 0 || c.members[i].Figure.Source == "" {
		return stats.Figure{}, false
	}
	return c.members[i].Figure, true
}

func (c forcesComparison) rate(n float64) string {
	return withUnit(stats.Number(n), c.measure, c.decimals)
}

// ownWords is the force's rate with its range, and the limits at its size.
func (c forcesComparison) ownWords() knownSentence {
	p, ok := c.point(c.area.Code)
	if !ok {
		return knownSentence{}
	}
	between := func(lower, upper float64) string {
		return numberText(lower, c.decimals) + " to " + c.rate(upper)
	}
	says := c.knownRate(c.area.Name+"’s rate is ", p.Figure)
	if text := rangeText(p.Figure, c.decimals); text != "" {
		says.After += ", 95% range " + text
	}
	says.After += fmt.Sprintf(". At its size the 95%% limits are %s, and the 99.8%% limits %s.",
		between(p.Limits.Lower95, p.Limits.Upper95), between(p.Limits.Lower998, p.Limits.Upper998))
	return says
}

// averageWords is the group's average with its numbers: "All forces together:
// 6.0% (5,947 of 99,265)."
func (c forcesComparison) averageWords() knownSentence {
	says := knownSentence{
		Before: capitalised(c.countedName()) + " together: ", Figure: link{Text: c.rate(c.funnel.Average)},
		After: fmt.Sprintf(" (%s of %s).", numberText(c.funnel.Numerator, 0), numberText(c.funnel.Denominator, 0)),
	}
	if c.together.Source != "" {
		says.Figure.Address = figureAddress(c.together)
	}
	return says
}

// A knownSentence has one figure in it, which leads to how it is known.
type knownSentence struct {
	Before string
	Figure link
	After  string
}

func (s knownSentence) String() string { return s.Before + s.Figure.Text + s.After }

// knownRate is a force's rate with its two counts, after the words before it.
func (c forcesComparison) knownRate(before string, f stats.Figure) knownSentence {
	text := withUnit(f.Value, c.measure, c.decimals)
	return knownSentence{Before: before, Figure: link{Text: text, Address: figureAddress(f)},
		After: strings.TrimPrefix(told(f, c.measure, c.decimals), text)}
}

// outside is a sentence for each force outside the 99.8% limits.
func (c forcesComparison) outside() []knownSentence {
	var sentences []knownSentence
	for _, p := range c.funnel.Points {
		if isOutside(p) {
			says := c.knownRate(fmt.Sprintf("%s is %s: ", p.Area.Name, p.Position), p.Figure)
			says.After += "."
			sentences = append(sentences, says)
		}
	}
	return sentences
}

func isOutside(p analysis.FunnelPoint) bool {
	return p.Position == analysis.Above998 || p.Position == analysis.Below998
}

// without is a sentence for each force that is not compared, and why.
func (c forcesComparison) without() []string {
	var sentences []string
	source := c.titles.of(c.measure.CompareSource)
	for _, m := range c.members {
		if _, there := c.point(m.Area.Code); there {
			continue
		}
		f := m.Figure
		switch {
		case f.Source == "":
			sentences = append(sentences, fmt.Sprintf("%s: %s has no figure of it. That is a gap, and not a zero.", m.Area.Name, source))
		case !f.Value.Known && f.Denominator.Known && f.Denominator.Number == 0:
			sentences = append(sentences, fmt.Sprintf("%s: the rate is of nothing, as there were no %s.", m.Area.Name, nounOfCount(c.measures, c.measure.Denominator)))
		case !f.Value.Known:
			sentences = append(sentences, fmt.Sprintf("%s: %s in %s. That is a gap, and not a zero.", m.Area.Name, f.Value.Markers.Meanings(), source))
		case c.why == nil:
			sentences = append(sentences, fmt.Sprintf("%s: %s.", m.Area.Name, c.leftOut(m.Area.Code)))
		}
	}
	return sentences
}

func (c forcesComparison) leftOut(area string) string {
	i := slices.IndexFunc(c.funnel.LeftOut, func(l analysis.LeftOut) bool { return l.Area.Code == area })
	return c.funnel.LeftOut[i].Why
}

// filters is what is compared, in words for the foot of paper.
func (c forcesComparison) filters() string {
	group := "against all forces"
	if c.withSimilar() {
		group = "in its most similar group"
	}
	return strings.Join([]string{c.measure.Name, c.period.Label(), group}, ", ")
}

// caption is source, basis and coverage.
func (c forcesComparison) caption() string {
	have := 0
	for _, m := range c.members {
		if m.Figure.Value.Known {
			have++
		}
	}
	parts := []string{"From " + c.titles.of(c.measure.CompareSource)}
	if c.chosen.basis != "" {
		parts = append(parts, "basis: "+c.chosen.basis)
	}
	if other := c.measure.DenominatorSource; other != "" {
		parts = append(parts, nounOfCount(c.measures, c.measure.Denominator)+" from "+c.titles.of(other))
	}
	parts = append(parts, c.period.Label(), fmt.Sprintf("%d of %s with a figure", have, plural(len(c.members), "force", "forces")))
	return strings.Join(parts, "; ") + "."
}
