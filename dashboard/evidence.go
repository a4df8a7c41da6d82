package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// evidence is the measures that bear on recommendations, and their series for
// an area.
type evidence struct {
	reference
	area   stats.Area
	series []stats.Series
	failed string // said where it cannot be read just now; nothing else is then known
}

type evidenceReader interface {
	figuresReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
	Annotations(ctx context.Context, area string, asAt time.Time) ([]stats.Annotation, error)
}

// evidenceOn is readEvidence as a part of a page that can fail alone.
func (s *site) evidenceOn(r *http.Request, reader evidenceReader, areas *stats.Areas, area stats.Area, ref string) evidence {
	read := guarded(s, r, "the figures that bear on the recommendations", func() (evidence, error) {
		return s.readEvidence(r.Context(), reader, areas, area, ref)
	})
	if read.Failed != "" {
		return evidence{reference: reference{measures: stats.NewMeasures(nil), titles: s.titles}, area: area, failed: read.Failed}
	}
	return read.Shows
}

// readEvidence reads the evidence on one recommendation; an empty ref is all
// of them.
func (s *site) readEvidence(ctx context.Context, reader evidenceReader, areas *stats.Areas, area stats.Area, ref string) (evidence, error) {
	known := reference{titles: s.titles, now: s.now()}
	figures, err := readBearing(ctx, reader, &known, []string{area.Code}, func(m stats.Measure) bool { return ref == "" || m.Bears(ref) })
	if err != nil {
		return evidence{}, err
	}
	if known.annotations, err = reader.Annotations(ctx, area.Code, query.Latest); err != nil {
		return evidence{}, err
	}
	known.breaks, err = reader.Breaks(ctx, query.Latest)
	return evidenceOf(figures, areas, area, known), err
}

// readBearing reads the measures, and the figures of some areas of those that bear on a
// recommendation and are wanted.
func readBearing(ctx context.Context, reader evidenceReader, known *reference, areas []string, wanted func(stats.Measure) bool) (figures []stats.Figure, err error) {
	if known.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return nil, err
	}
	filter := query.Filter{Areas: areas, Totals: true}
	for _, m := range known.measures.All() {
		if len(m.Bearings) > 0 && wanted(m) {
			filter.Measures = append(filter.Measures, m.ID)
		}
	}
	if len(filter.Measures) == 0 { // none would mean all
		return nil, nil
	}
	return reader.AllFigures(ctx, filter)
}

func evidenceOf(figures []stats.Figure, areas *stats.Areas, area stats.Area, known reference) evidence {
	return evidence{reference: known, area: area, series: analysis.Group(figures, known.measures, areas)}
}

// A bearingFigure is a measure that bears on a recommendation, and its newest
// figure.
type bearingFigure struct {
	Name, Address string
	Latest        link          // the value with its unit, and the page that says how it is known
	When          string        // its period
	Worked        string        // a rate's formula with its numbers in it
	Proves        string        // how much, and what it can show; empty where nobody has said
	Verdict       verdict       // whether it moved by more than chance
	Judged        *judgedFigure // what the verdict is of, where that is not the newest figure
	Demonstration bool
	series        stats.Series
}

// A judgedFigure is the figure of the newest whole period, which a verdict is of where the
// newest figure is of days that are none.
type judgedFigure struct {
	Value      link
	Kind, When string // "month", "Aug 2024"
	Worked     string
}

// judgedFigure is nil where the newest figure is itself what is judged.
func (j judged) judgedFigure(newest stats.Figure, decimals int) *judgedFigure {
	place, ok := j.chart.Latest()
	if !ok || j.chart.Points[place].Period == newest.Period {
		return nil
	}
	f := j.chart.Points[place].Figure
	return &judgedFigure{link{Text: withUnit(f.Value, j.series.Measure, decimals), Address: figureAddress(f)}, chart.Word(j.kind), f.Period.Label(), worked(f, j.series.Measure, decimals)}
}

// bearing is the measures that bear on a recommendation and have a number for
// the area, and the names of those that have none.
func (e evidence) bearing(ref string) (figures []bearingFigure, missing []string) {
	for _, m := range e.measures.All() {
		i := slices.IndexFunc(m.Bearings, func(b stats.Bearing) bool { return b.Ref == ref })
		if i < 0 {
			continue
		}
		s, ok := pick(e.series, m, e.area)
		if figure, known := newestKnown(s); ok && known {
			bearing := bearingOf(s, figure, e.reference)
			bearing.Proves = proofWords(m.Bearings[i].Strength, m.WhatItShows)
			figures = append(figures, bearing)
		} else {
			missing = append(missing, m.Name)
		}
	}
	return figures, missing
}

// A subject is what something is asked about of which neither the number nor the wording
// is known: measures bear on it by its name, such as orders. It is none of the 29 that a
// page lists, and nobody states a status of it.
type subject struct {
	Ref, Name string
	Figures   []bearingFigure
	Needed    string // said where no figure of it is loaded
}

// subjects is what measures bear on that is none of the items, in the order of the
// measures. One that the register comes to hold is an item from then on.
func (e evidence) subjects(items []item) (found []subject) {
	seen := map[string]bool{}
	for _, it := range items {
		seen[it.Ref] = true
	}
	for _, m := range e.measures.All() {
		for _, b := range m.Bearings {
			if seen[b.Ref] {
				continue
			}
			seen[b.Ref] = true
			s := subject{Ref: b.Ref, Name: askName(b.Ref)}
			var missing []string
			if s.Figures, missing = e.bearing(b.Ref); len(s.Figures) == 0 {
				s.Needed = "Evidence needed: no figure of “" + listed(missing) + "” is loaded."
			}
			found = append(found, s)
		}
	}
	return found
}

var strengthWords = map[stats.Strength]string{stats.Strong: "strong", stats.Partial: "partial", stats.Document: "a document"}

// proofWords says how much a measure proves and what it can show. What it can
// show may begin with how much, which is then not said twice.
func proofWords(strength stats.Strength, shows string) string {
	words := strengthWords[strength]
	switch {
	case words == "" || strings.HasPrefix(shows, words):
		return capitalised(shows)
	case shows == "":
		return capitalised(words)
	}
	return capitalised(words) + ": " + shows
}

// bearingOf is the one place that says what a measure tells of a
// recommendation.
func bearingOf(s stats.Series, newest stats.Figure, ref reference) bearingFigure {
	decimals := decimalsFor(s.Measure, s.Figures)
	kind, _ := kindToDraw(s)
	j := ref.judge(drawable(s, kind), kind)
	return bearingFigure{
		Name:    s.Measure.Name,
		Address: measureAddress(s.Measure, s.Area),
		Latest:  link{Text: withUnit(newest.Value, s.Measure, decimals), Address: figureAddress(newest)}, When: newest.Period.Label(),
		Worked: worked(newest, s.Measure, decimals), Demonstration: newest.Demonstration(),
		Verdict: j.verdict(), Judged: j.judgedFigure(newest, decimals),
		series: s,
	}
}

// newestKnown is the newest figure of a series that has a number.
func newestKnown(s stats.Series) (stats.Figure, bool) {
	s.Figures = slices.DeleteFunc(slices.Clone(s.Figures), func(f stats.Figure) bool { return !f.Value.Known })
	return s.Latest()
}

// of tells apart, of what a force has said nothing of and of what it says is complete, that
// on which a figure bears and that which has no evidence of any kind. Where the figures
// cannot be read nobody knows.
func (e evidence) of(items []item) []item {
	if e.measures == nil || e.failed != "" {
		return items
	}
	items, figured := slices.Clone(items), e.figured()
	for i := range items {
		switch it := &items[i]; {
		case figured[it.Ref]:
		case it.State == stateNoReturn:
			it.State = stateNeeded
		case it.namesNone():
			it.State = it.bare()
		}
	}
	return items
}

// figured is the recommendations on which a measure bears that has a number.
func (e evidence) figured() map[string]bool {
	refs := map[string]bool{}
	for _, m := range e.measures.All() {
		if len(m.Bearings) == 0 {
			continue
		}
		if s, ok := pick(e.series, m, e.area); ok && hasNumber(s) {
			for _, b := range m.Bearings {
				refs[b.Ref] = true
			}
		}
	}
	return refs
}

func hasNumber(s stats.Series) bool {
	for i := range s.Figures { // they are too large to hand over each
		if s.Figures[i].Value.Known {
			return true
		}
	}
	return false
}

// needed says which evidence an item still needs, or how little there is; it is empty
// where figures bear on it, and of what is for others to answer.
func needed(it item, figures []bearingFigure, missing []string) string {
	what := "no figure that bears on it is loaded"
	if len(missing) > 0 {
		what = "no figure of “" + listed(missing) + "” is loaded"
	}
	switch {
	case len(figures) > 0 || !it.ForForces:
		return ""
	case it.Said != nil && it.Said.Evidence != "":
		return capitalised(what) + ": all there is to see is what the force names as its evidence."
	case it.Said != nil && it.Said.Withheld:
		return capitalised(what) + ", and whether the force names evidence is not published: all there is to see here is its own word."
	case it.Said != nil:
		return capitalised(what) + ", and the force names no evidence: all there is to see is its own word."
	case it.State == stateUnread:
		return capitalised(what) + "."
	}
	return "Evidence needed: the force has said nothing, and " + what + "."
}
