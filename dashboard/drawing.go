package dashboard

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"sync"

	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/draw"
)

// chartRenderer draws the charts of all sites of the program, with the library that
// the program has in it: no more charts are drawn side by side than there are
// processors for, and one that two sites show is drawn once.
var chartRenderer = sync.OnceValue(func() *draw.Renderer {
	text, err := staticFiles.ReadFile(echartsPath)
	if err != nil {
		panic(err) // no site is made without its assets
	}
	return draw.New(draw.NewLibrary(text), draw.Usual())
})

// charted is a page with charts.
type charted interface {
	plots() []*plot // a nil one is a chart that has no number
}

func (p overviewPage) plots() (list []*plot) {
	for _, h := range p.Headlines {
		list = append(list, h.Plot)
	}
	return list
}

func (p measurePage) plots() []*plot { return plotsOf(p.Blocks) }

func (p recommendationPage) plots() []*plot { return plotsOf(p.Charts) }

func (p comparePage) plots() []*plot { return []*plot{p.Plot} }

func (p ordersPage) plots() (list []*plot) {
	for _, g := range p.Groups {
		for _, c := range g.Charts {
			list = append(list, c.Plot)
		}
	}
	return list
}

func plotsOf(blocks []seriesBlock) (list []*plot) {
	for _, b := range blocks {
		list = append(list, b.Plot)
	}
	return list
}

// renderDrawn is render for a page with charts: they are drawn first, and stand
// in the page.
func (s *site) renderDrawn(w http.ResponseWriter, r *http.Request, status int, name string, page charted) error {
	s.draw(r, page.plots())
	return s.renderStatus(w, status, name, page)
}

// The boxes that a full chart is drawn for: a wide screen's, one for paper and
// tablets, and a phone's. The style sheet shows the one that fits, so that text is
// never under 12 pixels.
var fullBoxes = []chart.Size{chart.Full, chart.Middle, chart.Narrow}

func boxesOf(size chart.Size) []chart.Size {
	if size == chart.Full {
		return fullBoxes
	}
	return []chart.Size{size}
}

// draw draws the charts of a page side by side. One that cannot be drawn says so
// on the page, and the log says why.
func (s *site) draw(r *http.Request, plots []*plot) {
	var all sync.WaitGroup
	for _, p := range plots {
		if p != nil {
			all.Go(func() { s.drawPlot(r, p) })
		}
	}
	all.Wait()
}

func (s *site) drawPlot(r *http.Request, p *plot) {
	sizes := boxesOf(p.size)
	drawn, errs := make([]template.HTML, len(sizes)), make([]error, len(sizes))
	var all sync.WaitGroup
	for i, size := range sizes {
		all.Go(func() {
			var d draw.Drawing
			if d, errs[i] = s.drawing(r.Context(), p, size); errs[i] == nil {
				drawn[i] = template.HTML(d.Inline("chart__drawn chart__drawn--" + size.Name)) // the renderer has cleaned it
			}
		})
	}
	all.Wait()
	err := errors.Join(errs...)
	if err == nil {
		p.Drawn = drawn
		return
	}
	p.Failed = true
	spoil(r)
	if r.Context().Err() == nil { // else the reader has gone
		s.log.ErrorContext(r.Context(), "chart failed", "request", RequestID(r.Context()), "path", r.URL.Path, "chart", p.ID, "error", err)
	}
}

// drawing is a plot as the server draws it in one size.
func (s *site) drawing(ctx context.Context, p *plot, size chart.Size) (draw.Drawing, error) {
	return s.renderer.Draw(ctx, draw.Chart{ID: p.ID, Option: []byte(p.Option), Box: draw.Box{Width: size.Width, Height: size.Height}})
}
