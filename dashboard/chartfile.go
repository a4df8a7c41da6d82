package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stalkstats/dashboard/draw"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// chartAddress is where a chart of a measure's page stands alone, as SVG.
func chartAddress(s stats.Series, kind stats.PeriodKind) string {
	values := url.Values{"area": {s.Area.Code}, "source": {s.Source}, "by": {string(kind)}}
	for name, value := range map[string]string{"basis": s.Basis, "breakdown": s.Breakdown, "breakdown_value": s.BreakdownValue} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return "/charts/" + url.PathEscape(s.Measure.ID) + ".svg?" + values.Encode()
}

// chartQuery is which chart of a measure an address asks for. What it leaves out
// is that of the first chart on the measure's page.
type chartQuery struct {
	source, basis, breakdown, value, by string
	given                               url.Values
}

func (q chartQuery) wants(name, want, is string) bool { return !q.given.Has(name) || want == is }

func (q chartQuery) ofSeries(s stats.Series) bool {
	return q.wants("source", q.source, s.Source) && q.wants("basis", q.basis, s.Basis) && q.breakdown == s.Breakdown && q.value == s.BreakdownValue
}

// measureChart is one chart of a measure's page alone.
func (s *site) measureChart(reader measureReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, ok := strings.CutSuffix(r.PathValue("file"), ".svg")
		values, err := parameters(r, "area", "source", "basis", "by", "breakdown", "breakdown_value")
		if err != nil {
			return err
		}
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		area, err := s.findArea(areas, values["area"])
		if err != nil {
			return err
		}
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		if !ok || len(measures.ByID(id)) == 0 {
			return notFound("There is no chart called “%s”.", echoed(r.PathValue("file")))
		}
		ref, all, failed, err := s.measureInput(r, reader, id, areas, area, measures)
		if err != nil {
			return err
		}
		if len(failed) > 0 { // a step that is left out would give other limits
			return problem{status: http.StatusServiceUnavailable, sentence: failed[0]}
		}
		q := chartQuery{values["source"], values["basis"], values["breakdown"], values["breakdown_value"], values["by"], r.URL.Query()}
		return s.sendBlock(w, r, q, preferredFirst(all, id, area), ref)
	}
}

// sendBlock sends the chart that a query asks for.
func (s *site) sendBlock(w http.ResponseWriter, r *http.Request, q chartQuery, all []stats.Series, ref reference) error {
	for _, series := range all {
		if !q.ofSeries(series) {
			continue
		}
		blocks, err := blocksOf(series, ref)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(blocks, func(b seriesBlock) bool { return b.Plot != nil && q.wants("by", q.by, string(b.kind)) })
		if i >= 0 {
			return s.sendChart(w, r, blocks[i].Plot, blocks[i].words(series))
		}
	}
	return notFound("There is no such chart: the page of the measure has those that there are.")
}

// words is what a chart of a measure says where no page does.
func (b seriesBlock) words(s stats.Series) draw.Words {
	w := draw.Words{Heading: s.Area.Name + ": " + s.Measure.Name, Description: b.Plot.Label}
	if b.finding != "" {
		w.Heading = heading(s.Area.Name, b.finding, b.old)
	}
	from := fmt.Sprintf("%s, %s, by %s. Source: %s.", s.Measure.Name, s.Area.Name, b.Kind, b.Source)
	if b.Basis != "" {
		from += " Basis: " + b.Basis + "."
	}
	if b.Breakdown != "" {
		from += " Only " + b.Breakdown + "."
	}
	w.Below = append(w.Below, from)
	if says := b.Verdict.says(); says != "" {
		w.Below = append(w.Below, says)
	}
	if b.Undrawn != "" {
		w.Below = append(w.Below, b.Undrawn)
	}
	for _, note := range b.Plot.Breaks {
		w.Below = append(w.Below, fmt.Sprintf("Series break, %s: %s (%s)", note.Date, note.Effect, note.Source))
	}
	for _, note := range b.Notes {
		w.Below = append(w.Below, note.Name+": "+note.Words)
	}
	return w
}

// compareChart is the funnel of the page of the same parameters, alone.
func (s *site) compareChart(reader compareReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.readCompareRequest(r, reader)
		if err != nil {
			return err
		}
		if len(q.chosen.periods) == 0 {
			return notFound("There is nothing to compare, and so no chart.")
		}
		figures, err := reader.AllFigures(r.Context(), q.filter())
		if err != nil {
			return err
		}
		page, err := buildComparison(q, figures, s.titles)
		if err != nil {
			return err
		}
		if page.Plot == nil {
			return notFound("There are no limits, and so no chart. %s", page.Undrawn)
		}
		words := draw.Words{Heading: page.Title, Description: page.Plot.Label, Below: []string{page.Caption, "To be outside the limits is a reason to ask why, and no verdict."}}
		if page.Above != "" {
			words.Below = append(words.Below, page.Above)
		}
		return s.sendChart(w, r, page.Plot, words)
	}
}

// sendChart sends a chart as a file of its own: nobody who is mailed it has the
// page, so it says what it is of, and whom the figures are for.
func (s *site) sendChart(w http.ResponseWriter, r *http.Request, p *plot, words draw.Words) error {
	drawing, err := s.drawing(r.Context(), p, p.size)
	if err != nil {
		return fmt.Errorf("draw %s: %w", p.ID, err)
	}
	words.Below = append(words.Below, s.audienceWords()+".")
	if marking := s.marking(); marking != "" {
		words.Below = append(words.Below, marking)
	}
	w.Header().Set("Content-Type", "image/svg+xml; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="`+p.ID+`.svg"`)
	_, _ = w.Write(drawing.File(words)) // the reader may have gone
	return nil
}
