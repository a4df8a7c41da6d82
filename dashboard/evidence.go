package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// evidence is the measures that bear on recommendations, and their series for
// an area.
type evidence struct {
	reference
	area    stats.Area
	series  []stats.Series
	sources []string             // that the figures come from
	newest  map[string]time.Time // the last day of each source's figures
	failed  string               // said where it cannot be read just now; nothing else is then known
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
	known := reference{titles: s.titles}
	var err error
	if known.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return evidence{}, err
	}
	filter := query.Filter{Areas: []string{area.Code}, Totals: true}
	for _, m := range known.measures.All() {
		if len(m.Bearings) > 0 && (ref == "" || m.Bears(ref)) {
			filter.Measures = append(filter.Measures, m.ID)
		}
	}
	var figures []stats.Figure
	if len(filter.Measures) > 0 { // none would mean all
		if figures, err = reader.AllFigures(ctx, filter); err != nil {
			return evidence{}, err
		}
	}
	if known.annotations, err = reader.Annotations(ctx, area.Code, query.Latest); err != nil {
		return evidence{}, err
	}
	known.breaks, err = reader.Breaks(ctx, query.Latest)
	return evidenceOf(figures, areas, area, known), err
}

func evidenceOf(figures []stats.Figure, areas *stats.Areas, area stats.Area, known reference) evidence {
	return evidence{
		reference: known, area: area, series: analysis.Group(figures, known.measures, areas),
		sources: sourcesOf(figures), newest: newestOf(figures),
	}
}

// A bearingFigure is a measure that bears on a recommendation, and its newest
// figure.
type bearingFigure struct {
	Name, Address string
	Latest        link   // the value with its unit, and the page that says how it is known
	When          string // its period
	Worked        string // a rate's formula with its numbers in it
	Proves        string // how much, and what it can show; empty where nobody has said
	Verdict       string // whether it moved by more than chance, in words
	Demonstration bool
	series        stats.Series
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
	return bearingFigure{
		Name:    s.Measure.Name,
		Address: measureAddress(s.Measure, s.Area),
		Latest:  link{Text: withUnit(newest.Value, s.Measure, decimals), Address: figureAddress(newest)}, When: newest.Period.Label(),
		Worked: worked(newest, s.Measure, decimals), Demonstration: newest.Demonstration(),
		Verdict: ref.judge(drawable(s, kind), kind).verdict().Words,
		series:  s,
	}
}

// newestKnown is the newest figure of a series that has a number.
func newestKnown(s stats.Series) (stats.Figure, bool) {
	s.Figures = slices.DeleteFunc(slices.Clone(s.Figures), func(f stats.Figure) bool { return !f.Value.Known })
	return s.Latest()
}

// needed says which evidence an item still needs; it is empty where there is
// none to be needed.
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
	}
	return "Evidence needed: " + what + "."
}
