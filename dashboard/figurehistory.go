package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// figureHistory is what was revised of a figure, or that nothing was.
type figureHistory struct {
	Says      string // one sentence
	Revisions []revisionLine
	Area      bool // the lines are of several areas
	Measure   bool // of both counts of a rate
	Period    bool // of several periods
}

// revisionLine is one revision of a count behind the figure.
type revisionLine struct {
	When, Area, Measure, Period string
	Was, Now, Difference        string
	Run                         link
	Kind                        string // said of a withdrawal
	Demonstration               bool
}

// history tells the revisions of the counts behind the figure, newest first.
// When a count came for the first time is no revision; when it came back is one.
func (in figureInput) history() figureHistory {
	h := figureHistory{Area: in.area.Kind == stats.Country, Measure: in.measure.Derived(), Period: in.isSum()}
	first := map[stats.Key]time.Time{}
	slices.SortStableFunc(in.revisions, func(a, b stats.PublishedRevision) int { return a.PublishedAt.Compare(b.PublishedAt) })
	for _, r := range in.revisions {
		if _, known := first[r.Key]; !known && r.Change == stats.NewFigure {
			first[r.Key] = r.PublishedAt
			continue
		}
		h.Revisions = append(h.Revisions, in.revisionLine(r))
	}
	slices.Reverse(h.Revisions)
	h.Says = in.historySentence(len(h.Revisions), first)
	return h
}

func (in figureInput) historySentence(revised int, first map[stats.Key]time.Time) string {
	what := "It"
	if in.isMadeOfMany() {
		what = "What it is made of"
	}
	since := fmt.Sprintf("published on %s", dayOf(in.figure.PublishedAt))
	var days []time.Time
	for _, at := range first {
		days = append(days, at)
	}
	if len(days) > 0 {
		since = "first published here on " + dayOf(slices.MinFunc(days, time.Time.Compare))
	}
	if last := slices.MaxFunc(append(days, time.Time{}), time.Time.Compare); len(days) > 1 && dayOf(last) != dayOf(slices.MinFunc(days, time.Time.Compare)) {
		since += ", the last of it on " + dayOf(last)
	}
	if revised == 0 {
		return fmt.Sprintf("%s has not been revised since it was %s.", what, since)
	}
	return fmt.Sprintf("%s was %s, and has been revised %s since.", what, since, plural(revised, "time", "times"))
}

// isMadeOfMany reports whether several counts are behind the figure.
func (in figureInput) isMadeOfMany() bool {
	return in.isSum() || in.isMadeOfMore()
}

func (in figureInput) revisionLine(r stats.PublishedRevision) revisionLine {
	row := revisedRowOf(r, revisionRequest{areas: in.areas, measures: in.measures})
	line := revisionLine{
		When: shortMoment(r.PublishedAt), Area: row.Area, Measure: row.Measure, Period: row.Period, Was: row.Was.Text, Now: row.Now.Text, Difference: row.Difference,
		Run: link{Text: shortID(r.Run), Address: runAddress(r.Run)}, Demonstration: r.Demonstration && !in.figure.Demonstration(),
	}
	if r.Change == stats.NewFigure {
		line.Was, line.Now = "not served", revisedValue(r.Now)
	}
	if r.Kind == stats.Withdrawal {
		line.Kind = "a withdrawal"
	}
	return line
}

// loadedSeries is a series that is loaded where the figure asked for is not.
type loadedSeries struct {
	Source, Basis, Breakdown, Covers string
	Newest                           link
	NewestWhen                       string
}

// loadedInstead lists what is loaded of a measure for an area: totals first.
func loadedInstead(all []stats.Series, titles sourceTitles) []loadedSeries {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b stats.Series) int { return strings.Compare(a.Breakdown, b.Breakdown) })
	var list []loadedSeries
	for _, s := range sorted {
		latest, ok := s.Latest()
		if !ok {
			continue
		}
		one := loadedSeries{Source: titles.of(s.Source), Basis: s.Basis, Covers: covered(analysis.Span(s)),
			Newest: link{Text: withUnit(latest.Value, s.Measure, decimalsFor(s.Measure, s.Figures)), Address: figureAddress(latest)}, NewestWhen: latest.Period.Label()}
		if s.Breakdown != "" {
			one.Breakdown = s.Breakdown + ": " + s.BreakdownValue
		}
		list = append(list, one)
	}
	return list
}

// mostLoaded is how many series a page tells instead of a figure.
const mostLoaded = 30

// absence says why there is no figure.
func (q figureRequest) absence(err error, titles sourceTitles) string {
	of := fmt.Sprintf("%s of %s %s, from %s", nounOf(q.measure), q.area.Name, within(q.key.Period), titles.of(echoed(q.key.Source)))
	if more := strings.Trim(q.key.Basis+", "+q.key.BreakdownValue, ", "); more != "" {
		of += " (" + echoed(more) + ")"
	}
	return fmt.Sprintf("There is no figure of %s: %s.", of, err)
}
