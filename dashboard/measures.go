package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// measuresPage lists every measure.
type measuresPage struct {
	frame
	Measures []listedMeasure
	Hides    bool // a newest figure is hidden
}

// listedMeasure is a measure with its newest figure for an area.
type listedMeasure struct {
	Name, Address, Definition, Unit string
	Latest                          *shown // nil where there is no figure
	Source                          string
}

type measuresReader interface {
	areasReader
	figuresReader
	stateReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
}

func (s *site) measures(reader measuresReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, err := s.areaOf(r, reader)
		if err != nil {
			return err
		}
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		figures, err := reader.AllFigures(r.Context(), query.Filter{Areas: []string{area.Code}, Totals: true})
		if err != nil {
			return err
		}
		series := analysis.Group(figures, measures, areas)
		page := buildMeasures(area, series, reference{measures: measures, titles: s.titles})
		page.Standing = s.standing(r, reader, func(freshness) contents {
			return contents{series: pickedOf(series, measures.All(), area), awaited: preferredSources(measures.All(), area)}
		})
		page.frame = s.frame(r, areas, area).with(page.frame)
		return s.render(w, "measures", page)
	}
}

func buildMeasures(area stats.Area, all []stats.Series, ref reference) measuresPage {
	var page measuresPage
	var ids []string
	for _, m := range ref.measures.All() {
		listed := listedMeasure{
			Name: m.Name, Definition: m.Definition, Unit: m.Unit,
			Address: measureAddress(m, area),
		}
		if s, ok := pick(all, m, area); ok {
			latest, _ := s.Latest()
			f := show(latest, m, decimalsFor(m, s.Figures))
			listed.Latest, listed.Source = &f, ref.titles.ofSeries(s)
			page.Demonstration = page.Demonstration || f.Demonstration
			page.Hides = page.Hides || hidesNumber(f.Value)
			ids = append(ids, m.ID)
		}
		page.Measures = append(page.Measures, listed)
	}
	page.Title = fmt.Sprintf("%s has figures for %d of %s", area.Name, len(ids), plural(len(page.Measures), "measure", "measures"))
	if len(ids) > 0 {
		page.CSV = csvAddress(slices.Compact(ids), area.Code)
	}
	return page
}
