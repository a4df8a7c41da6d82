package dashboard

import (
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/internal/stats"
)

// judged is a series that is drawn in one kind of period, with what chance
// explains of it.
type judged struct {
	series stats.Series
	kind   stats.PeriodKind
	breaks []stats.Break // that bear on it
	chart  analysis.ControlChart
	// annotations is the targets, steps and notes on it, oldest first.
	annotations []stats.Annotation
	now         time.Time
}

// judge sets the limits of a series that holds one kind of period. They start
// anew at each break in the series and at each step that somebody accepted.
func (r reference) judge(drawn stats.Series, kind stats.PeriodKind) judged {
	breaks := bearing(r.breaks, drawn)
	var restarts []analysis.Restart
	for _, b := range breaks {
		restarts = append(restarts, analysis.Restart{Date: b.Date, Words: b.Effect})
	}
	var on []stats.Annotation
	for _, a := range r.annotations {
		if !a.On(drawn, kind) {
			continue
		}
		on = append(on, a)
		if a.Kind == stats.StepAnnotation {
			restarts = append(restarts, analysis.Restart{Date: a.Day, Step: true, Words: "a step was accepted: " + a.Words})
		}
	}
	return judged{drawn, kind, breaks, analysis.XmR(drawn, kind, restarts), on, r.now}
}

// verdict is what the newest figure of a series says of performance.
type verdict struct {
	Name  string // as the style sheet knows it: improvement, concern, change, chance or unjudged
	Label string // in a word, before the sentence; empty within chance and where nothing is judged
	Words string // the sentence
}

// says is the sentence after its word, where one stands without a mark; empty where there
// is none.
func (v verdict) says() string {
	if v.Label == "" || v.Words == "" {
		return v.Words
	}
	return v.Label + ": " + v.Words
}

var verdictNames = map[analysis.Verdict]verdict{
	analysis.Improvement:   {Name: "improvement", Label: "Improvement"},
	analysis.Concern:       {Name: "concern", Label: "Concern"},
	analysis.SpecialChange: {Name: "change", Label: "Change"},
	analysis.WithinChance:  {Name: "chance"},
	analysis.NotJudged:     {Name: "unjudged"},
}

// verdict is that of the newest period with a number; it is empty where there is none. Where
// newer figures are confidential it says of which period it is: they stand beside it.
func (j judged) verdict() verdict {
	place, ok := j.chart.Latest()
	if !ok {
		return verdict{}
	}
	v := j.verdictAt(place)
	if hiddenSentence(j.series) != "" {
		v.Words += " That is of " + j.chart.Points[place].Period.InWords() + ": the newest figure is confidential."
	}
	return v
}

func (j judged) verdictAt(place int) verdict {
	v := verdictNames[j.chart.Points[place].Verdict]
	v.Words = capitalised(j.chart.Sentence(place, subjectOf(j.series.Measure))) + "."
	return v
}

// finding is the title of a chart: the newest number that it shows, with what chance
// makes of it. Days that are no whole period are not on it, so they are not told here.
// It is empty where the chart shows no number.
func (j judged) finding() string {
	place, ok := j.chart.Latest()
	if !ok {
		return ""
	}
	point := j.chart.Points[place]
	said := figureSentence(j.series, point.Figure)
	if hiddenSentence(j.series) != "" {
		said += ", the newest that is shown"
	}
	switch {
	case point.Rule == analysis.OutsideLimits && point.Side == analysis.Below:
		said += ": below what chance explains"
	case point.Rule == analysis.OutsideLimits:
		said += ": more than chance explains"
	case point.Rule != "":
		said += ": " + runWords(point) + " chance explains"
	case point.Verdict == analysis.WithinChance:
		said += ": within chance"
	}
	return said
}

// runWords says by which run a point is marked, and on which side, as chance comes after it.
func runWords(point analysis.Point) string {
	words := map[analysis.Rule][2]string{ // above, below
		analysis.Trend:      {"the last of a longer rise than", "the last of a longer fall than"},
		analysis.TwoOfThree: {"with those before it closer to the upper limit than", "with those before it closer to the lower limit than"},
		analysis.OneSide:    {"with those before it above the average for longer than", "with those before it below the average for longer than"},
	}[point.Rule]
	if point.Side == analysis.Below {
		return words[1]
	}
	return words[0]
}

// old is how old the figure of the finding is; empty where it is not old.
func (j judged) old() string {
	place, ok := j.chart.Latest()
	if !ok {
		return ""
	}
	return howOld(j.chart.Points[place].Period.End, j.now)
}

// levels is the average and the limits of each phase that reaches beyond a
// place of the axis, which is the first that is drawn.
func (j judged) levels(first int) []chart.Level {
	var list []chart.Level
	for i, phase := range j.chart.Phases {
		if !phase.HasLimits() || phase.Last < first {
			continue
		}
		level := chart.Level{From: max(0, phase.First-first), To: phase.Last - first, Labelled: i == len(j.chart.Phases)-1}
		for _, each := range []struct {
			kind  chart.LevelKind
			name  string
			value float64
		}{{chart.Average, "Average", phase.Mean}, {chart.Limit, "Upper limit", phase.Upper}, {chart.Limit, "Lower limit", phase.Lower}} {
			level.Kind, level.Name, level.Value = each.kind, each.name, each.value
			list = append(list, level)
		}
	}
	if target, from := j.target(), j.targetFrom(); target.Known && from >= 0 && len(j.chart.Points) > first {
		list = append(list, chart.Level{Kind: chart.Target, Name: "Target", From: max(0, from-first), To: len(j.chart.Points) - 1 - first, Value: target.Number, Labelled: true})
	}
	return list
}

// targetFrom is the place of the period in which the target was set: nobody aimed at it
// before. It is -1, and there is no line, where no more than the newest period is left for it
// to be seen in; it is 0 for the measure's own target, which has no date.
func (j judged) targetFrom() int {
	set := stats.TargetSet(j.annotations)
	if set.IsZero() {
		return 0
	}
	day := today(set)
	from := slices.IndexFunc(j.chart.Points, func(p analysis.Point) bool { return !p.Period.End.Before(day) })
	if from > len(j.chart.Points)-2 {
		return -1
	}
	return from
}

// targetLine says what a chart has of the target, after its highest figure; empty without one.
func (j judged) targetLine() string {
	target := j.target()
	if !target.Known {
		return ""
	}
	of := "The target, " + targetText(target.Number, j.series.Measure, j.kind)
	if j.targetFrom() < 0 {
		return of + ", set on " + dayOf(stats.TargetSet(j.annotations)) + ", is too new for a line here"
	}
	return of + ", is a line of its own"
}

// target is the newest that somebody set on the page, else the measure's own,
// which a count has none of: it is of no kind of period.
func (j judged) target() stats.Value {
	if target := stats.TargetIn(j.annotations); target.Known {
		return target
	}
	if j.series.Measure.PerPeriod() {
		return stats.Value{}
	}
	return j.series.Measure.Target
}

// assurance says whether the newest target will be met if nothing changes;
// empty where there is none, or nothing to say.
func (j judged) assurance() string {
	target := j.target()
	if !target.Known {
		return ""
	}
	words := j.chart.Assurance(target).Sentence(subjectOf(j.series.Measure), targetText(target.Number, j.series.Measure, j.kind))
	if words == "" {
		words = "the target is " + targetText(target.Number, j.series.Measure, j.kind) + ". Whether it will be met cannot be told from these figures"
	}
	if j.targetFrom() < 0 {
		words += ". It was set on " + dayOf(stats.TargetSet(j.annotations)) + " and has no line here: it is too new for one"
	}
	return capitalised(words) + "."
}

var markMeanings = map[analysis.Verdict]chart.Meaning{
	analysis.Improvement: chart.Improvement, analysis.Concern: chart.Concern, analysis.SpecialChange: chart.Change,
}

// marks is the points of special cause from a place of the axis on.
func (j judged) marks(first int) []chart.Mark {
	var list []chart.Mark
	for place, point := range j.chart.Points {
		if place < first || point.Rule == "" {
			continue
		}
		mark := chart.Mark{Place: place - first, Value: point.Figure.Value.Number, Meaning: markMeanings[point.Verdict], Words: string(point.Rule), Shape: chart.Diamond}
		if mark.Meaning != chart.Change {
			mark.Shape = map[analysis.Side]chart.Shape{analysis.Above: chart.Up, analysis.Below: chart.Down}[point.Side]
		}
		list = append(list, mark)
	}
	return list
}

// hasLimits reports whether any phase of the series could be judged.
func (j judged) hasLimits() bool {
	return slices.ContainsFunc(j.chart.Phases, analysis.Phase.HasLimits)
}

// phaseRow is the limits of one phase in words and numbers.
type phaseRow struct {
	From, To              string
	Average, Lower, Upper string // empty where the phase has no limits
	Range                 string // the average moving range; empty where the others are
	Starts                string // why the limits start anew; empty for the first figures
	Caution               string
}

func (j judged) phaseRows() []phaseRow {
	var rows []phaseRow
	decimals := max(1, decimalsFor(j.series.Measure, j.series.Figures))
	for i, phase := range j.chart.Phases {
		row := phaseRow{
			From: j.chart.Points[phase.First].Period.Label(), To: j.chart.Points[phase.Last].Period.Label(),
			Caution: capitalised(j.chart.Caution(i)),
		}
		if phase.HasLimits() {
			row.Average, row.Lower, row.Upper = numberText(phase.Mean, decimals), numberText(phase.Lower, decimals), numberText(phase.Upper, decimals)
			row.Range = numberText(phase.AverageRange, decimals+1)
		}
		for _, restart := range phase.Restarts {
			row.Starts += " " + restart.Words
		}
		rows = append(rows, row)
	}
	return rows
}
