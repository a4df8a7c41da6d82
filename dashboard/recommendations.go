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

// bearsOn is which measures bear on which ask. It is our reading of the
// asks and no part of the register; a count never proves that an ask is met.
var bearsOn = map[string][]string{
	"16": {"victims_offered_support"},
	"25": {"victims_offered_support", "cases_reviewed_by_team"},
	"E2": {"arrests_per_100_offences", "charge_rate"},
}

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
	Figures []link
}

type recommendationsReader interface {
	areasReader
	figuresReader
	recordReader
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
		evidence, err := readEvidence(r.Context(), reader, area, allBearing())
		if err != nil {
			return err
		}
		page := buildRecommendations(rec, area, evidence, s.now())
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

// evidence is the names of the bearing measures that have a figure for an
// area.
type evidence struct {
	names         map[string]string
	demonstration bool
}

func allBearing() []string {
	var ids []string
	for _, list := range bearsOn {
		ids = append(ids, list...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

type evidenceReader interface {
	figuresReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
}

func readEvidence(ctx context.Context, reader evidenceReader, area stats.Area, measures []string) (evidence, error) {
	found := evidence{names: map[string]string{}}
	if len(measures) == 0 { // none would mean all
		return found, nil
	}
	directory, err := reader.Measures(ctx, query.Latest)
	if err != nil {
		return found, err
	}
	for f, err := range reader.Figures(ctx, query.Filter{Measures: measures, Areas: []string{area.Code}}) {
		if err != nil {
			return found, err
		}
		if m, ok := directory.Of(f.Measure, f.Basis); ok && f.Value.Known {
			if _, there := found.names[m.ID]; !there {
				found.names[m.ID] = m.Name
			}
			found.demonstration = found.demonstration || f.Demonstration()
		}
	}
	return found, nil
}

// bearing is the pages of the measures that bear on an ask and have figures;
// none means that evidence is needed.
func (e evidence) bearing(ref string, area stats.Area) []link {
	var links []link
	for _, id := range bearsOn[ref] {
		if name, ok := e.names[id]; ok {
			links = append(links, link{Text: name, Address: "/measures/" + url.PathEscape(id) + "?area=" + url.QueryEscape(area.Code)})
		}
	}
	return links
}
