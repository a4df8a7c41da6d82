package dashboard

import (
	"context"
	"net/http"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// aboutPage explains how figures are made.
type aboutPage struct {
	frame
	Measures []definition
	Markers  []markerNote
	Breaks   []breakNote
	Sources  []link
	Hidden   []string // what “confidential” stands for
}

type aboutReader interface {
	areasReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
	Sources(ctx context.Context) ([]stats.Freshness, error)
}

func (s *site) about(reader aboutReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		breaks, err := reader.Breaks(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		sources, err := reader.Sources(r.Context())
		if err != nil {
			return err
		}
		page := buildAbout(reference{measures: measures, breaks: breaks, titles: s.titles}, sources)
		page.frame = s.frame(r, areas, s.homeArea(areas)).with(page.frame)
		page.Choice, page.Hidden = areaChoice{}, s.whatIsHidden()
		return s.render(w, "about", page)
	}
}

func buildAbout(ref reference, sources []stats.Freshness) aboutPage {
	page := aboutPage{Markers: markerNotes()}
	page.Title = "How the figures are made"
	for _, m := range ref.measures.All() {
		page.Measures = append(page.Measures, definitionOf(m, ref.measures))
	}
	for _, b := range ref.breaks {
		page.Breaks = append(page.Breaks, breakNote{b.Date.Format(longDay), b.Effect, b.Source})
	}
	for _, source := range sources {
		page.Sources = append(page.Sources, link{Text: ref.titles.of(source.Source), Address: sourceAddress(source.Source)})
	}
	return page
}
