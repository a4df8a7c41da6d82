package dashboard

import (
	"context"
	"net/http"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// heldBackRow is a measure of a source of which the public is shown nothing for some periods.
type heldBackRow struct{ source, Measure, Address, Days, Areas, Counts, Since string }

type heldBackReader interface {
	HeldBack(ctx context.Context, rules disclosure.Rules) ([]query.HeldBack, error)
}

// heldBack is what the public is not shown, for who answers for the sources: a correction or
// a new name can take a measure from every published page, and nothing in the file says so.
func (s *site) heldBack(r *http.Request, reader heldBackReader, names func() (sliceNamer, error)) block[[]heldBackRow] {
	return guarded(s, r, "what is held back from the public", func() ([]heldBackRow, error) {
		held, err := reader.HeldBack(r.Context(), s.rules)
		if err != nil || len(held) == 0 {
			return nil, err
		}
		known, err := names()
		return heldBackRows(held, known), err
	})
}

// heldBackOf is the rows of one source.
func heldBackOf(rows []heldBackRow, source string) (own []heldBackRow) {
	for _, row := range rows {
		if row.source == source {
			own = append(own, row)
		}
	}
	return own
}

// measuresHeldBack names the measures inside a sentence.
func measuresHeldBack(rows []heldBackRow) string {
	var names []string
	for _, row := range rows {
		names = append(names, row.Measure)
	}
	return listed(names)
}

func heldBackRows(held []query.HeldBack, names sliceNamer) (rows []heldBackRow) {
	for _, h := range held {
		m, ok := names.measures.Count(h.Measure)
		if !ok {
			m = stats.Measure{ID: h.Measure, Name: h.Measure}
		}
		area, _ := names.areas.ByCode(h.Area)
		row := heldBackRow{
			source: h.Source, Measure: m.Name, Address: measureAddress(m, area), Days: h.Span.Label(), Areas: area.Name,
			Counts: numberText(float64(h.Counts), 0), Since: moment(h.Since),
		}
		if h.Areas > 1 {
			row.Areas = plural(h.Areas, "area", "areas")
		}
		rows = append(rows, row)
	}
	return rows
}
