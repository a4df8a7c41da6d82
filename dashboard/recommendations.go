package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// recommendationsPage is all 29, for one force.
type recommendationsPage struct {
	frame
	Numbered []listedItem
	Asks     []listedItem
	Entered  int
	Legend   []stateCount
}

// listedItem is a recommendation with the figures that bear on it.
type listedItem struct {
	item
	Figures []bearingLink
}

// bearingLink is a measure that bears on an ask, how strongly, and in words
// how much it proves.
type bearingLink struct {
	link
	Strength, Shows string
}

type recommendationsReader interface {
	areasReader
	figuresReader
	recordReader
	stateReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
}

func (s *site) recommendations(reader recommendationsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, err := s.forceOf(r, reader)
		if err != nil {
			return err
		}
		rec, err := readRecord(r.Context(), reader, area.Code)
		if err != nil {
			return err
		}
		evidence, err := readEvidence(r.Context(), reader, area, "")
		if err != nil {
			return err
		}
		page := buildRecommendations(rec, area, evidence, s.now())
		fresh, err := s.freshness(r, reader)
		if err != nil {
			return err
		}
		page.Late = fresh.notes(append(evidence.sources, fresh.recommending()...), evidence.newest)
		page.frame = s.frame(r, areas, area).with(page.frame)
		page.Choice = page.Choice.withoutCountries()
		return s.render(w, "recommendations", page)
	}
}

func buildRecommendations(rec record, area stats.Area, evidence evidence, now time.Time) recommendationsPage {
	strip := stripOf(rec, area, now)
	page := recommendationsPage{Entered: strip.Entered, Legend: strip.Legend}
	for _, it := range itemsOf(rec, area, now) {
		listed := listedItem{it, evidence.bearing(it.Ref, area)}
		if it.Numbered {
			page.Numbered = append(page.Numbered, listed)
		} else {
			page.Asks = append(page.Asks, listed)
		}
	}
	page.CSV = "/reports/recommendations.csv?area=" + url.QueryEscape(area.Code)
	page.Title = recommendationsTitle(strip, area)
	page.Demonstration = evidence.demonstration || strip.Demonstration
	return page
}

func recommendationsTitle(strip recommendationStrip, area stats.Area) string {
	switch {
	case strip.Entered == 0 && len(strip.Asks) == 0:
		return "The recommendations have not been entered yet"
	case len(strip.Overdue) == 0:
		return area.Name + ": no recommendation that is entered is overdue"
	}
	return fmt.Sprintf("%s: %s deadline and not known to be complete", area.Name,
		plural(len(strip.Overdue), "ask of chief constables is past its", "asks of chief constables are past their"))
}

// evidence is the measures that bear on recommendations and have a figure for
// an area.
type evidence struct {
	measures      []stats.Measure
	demonstration bool
	sources       []string             // that the figures come from
	newest        map[string]time.Time // the last day of each source's figures
}

type evidenceReader interface {
	figuresReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
}

// readEvidence reads the evidence on one recommendation; an empty ref is all
// of them.
func readEvidence(ctx context.Context, reader evidenceReader, area stats.Area, ref string) (evidence, error) {
	var found evidence
	all, err := reader.Measures(ctx, query.Latest)
	if err != nil {
		return found, err
	}
	filter := query.Filter{Areas: []string{area.Code}}
	for _, m := range all.All() {
		if len(m.Bearings) > 0 && (ref == "" || m.Bears(ref)) {
			filter.Measures = append(filter.Measures, m.ID)
		}
	}
	if len(filter.Measures) == 0 { // none would mean all
		return found, nil
	}
	figures, err := allFigures(ctx, reader, filter)
	return evidenceOf(all, figures), err
}

// evidenceOf is the measures that have a number among the figures, in the
// order of the measures.
func evidenceOf(all *stats.Measures, figures []stats.Figure) evidence {
	found := evidence{sources: sourcesOf(figures), newest: newestOf(figures)}
	known := map[string]bool{}
	for _, f := range figures {
		if f.Value.Known {
			m, _ := all.Of(f.Measure, f.Basis)
			known[m.ID+" "+m.Basis] = true
			found.demonstration = found.demonstration || f.Demonstration()
		}
	}
	for _, m := range all.All() {
		if known[m.ID+" "+m.Basis] {
			found.measures = append(found.measures, m)
		}
	}
	return found
}

// bearing is the pages of the measures that bear on an ask; none means that
// evidence is needed. A measure on two bases has one page.
func (e evidence) bearing(ref string, area stats.Area) []bearingLink {
	var links []bearingLink
	for _, m := range e.measures {
		l := link{Text: m.Name, Address: "/measures/" + url.PathEscape(m.ID) + "?area=" + url.QueryEscape(area.Code)}
		same := func(other bearingLink) bool { return other.Address == l.Address }
		i := slices.IndexFunc(m.Bearings, func(b stats.Bearing) bool { return b.Ref == ref })
		if i >= 0 && !slices.ContainsFunc(links, same) {
			links = append(links, bearingLink{l, strengthWords[m.Bearings[i].Strength], m.WhatItShows})
		}
	}
	return links
}

var strengthWords = map[stats.Strength]string{stats.Strong: "strong", stats.Partial: "partial", stats.Document: "a document"}
