package dashboard

import (
	"fmt"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/internal/stats"
)

// chartGroup is small charts of what belongs together, over one kind of period. They
// share both axes, so that they can be compared by eye.
type chartGroup struct {
	Name   string // "Orders by month"
	Scale  string // what they share, in a sentence; empty for one chart alone
	Charts []stageChart
}

// stageChart is one stage over time.
type stageChart struct {
	Name, Address, Source string
	Finding               string // what the newest figure of the chart says
	Part                  string // the figure of newer days, which are no whole period and not in the chart
	Summary               string // what the chart shows, in words
	Plot                  *plot
	Verdict               verdict
	Table                 figureTable
	undrawn               string
}

// drawing is a stage that can be drawn: its figures as they came, and as they are drawn.
type drawing struct {
	series stats.Series
	judged judged
}

// groups draws every stage that has numbers. All of one kind of period share
// their time axis, which ends with the newest figure of any.
func (in ordersInput) groups() ([]chartGroup, error) {
	families := make([][]drawing, len(orderFamilies))
	spans := map[stats.PeriodKind]stats.Series{}
	for i, family := range orderFamilies {
		for _, m := range measuresNamed(in.measures, family.Stages) {
			s, ok := pick(in.series, m, in.area)
			kind, drawable := kindToDraw(s)
			if !ok || !drawable {
				continue
			}
			d := drawing{s, in.judge(analysis.Combine(s, kind), kind)}
			families[i] = append(families[i], d)
			span := spans[kind]
			span.Figures = append(span.Figures, d.judged.series.Figures...)
			spans[kind] = span
		}
	}
	var groups []chartGroup
	for i, family := range families {
		for _, kind := range kindsOf(family) {
			periods := analysis.Periods(kind, analysis.Span(spans[kind]))
			g, err := in.group(family, kind, periods[max(0, len(periods)-lastPeriods):])
			if err != nil {
				return nil, err
			}
			if len(g.Charts) > 0 {
				g.Name = orderFamilies[i].Name + " by " + chart.Word(kind)
				if old := howOld(analysis.Span(spans[kind]).End, in.now); old != "" {
					g.Name += ", last figures " + old
				}
				groups = append(groups, g)
			}
		}
	}
	return groups, nil
}

// kindsOf is the kinds of period of a family, each once, in the order in which they are met.
func kindsOf(family []drawing) (kinds []stats.PeriodKind) {
	for _, d := range family {
		if !slices.Contains(kinds, d.judged.kind) {
			kinds = append(kinds, d.judged.kind)
		}
	}
	return kinds
}

// group draws the stages of a family that are of one kind of period, on the scale of the
// highest of them.
func (in ordersInput) group(family []drawing, kind stats.PeriodKind, periods []stats.Period) (g chartGroup, err error) {
	family = slices.DeleteFunc(slices.Clone(family), func(d drawing) bool {
		return d.judged.kind != kind || !highest(d.judged.series, periods).Value.Known
	})
	plots, scale := make([]chart.Plot, len(family)), 0.0
	for i, d := range family {
		plots[i] = d.judged.over(periods, chart.Small)
		scale = max(scale, plots[i].Top())
	}
	for i, d := range family {
		plots[i].Scale = scale
		c, err := in.stageChart(plots[i], d)
		if err != nil {
			return g, err
		}
		g.Charts = append(g.Charts, c)
	}
	if len(g.Charts) > 1 && scale > 0 {
		g.Scale = fmt.Sprintf("These %d charts have the same scale, from 0 to %s a %s, and the same time axis: they can be compared by eye.", len(g.Charts), numberText(scale, 0), chart.Word(kind))
	}
	return g, nil
}

func (in ordersInput) stageChart(p chart.Plot, d drawing) (stageChart, error) {
	m := d.series.Measure
	decimals := decimalsFor(m, d.series.Figures)
	drawn, err := drawPlot(p, d.judged, decimals)
	if err != nil {
		return stageChart{}, err
	}
	c := stageChart{
		Name: m.Name, Address: measureAddress(m, in.area), Source: in.titles.ofSeries(d.series), Finding: capitalised(withoutOrderName(d.judged.finding())), Part: undrawnFigure(d.series, d.judged.series, d.judged.kind),
		Summary: summaryOf(d.judged, p.Periods, decimals), Plot: drawn, Verdict: d.judged.verdict(),
		Table: tableOf(d.series, d.judged.series, d.judged.kind, in.reference, decimals), undrawn: undrawn(d.series, d.judged.series, d.judged.kind),
	}
	if c.Finding == "" {
		c.Finding = m.Name
	}
	return c, nil
}

// summaryOf says what a chart over some periods shows: how many it has, and between
// which figures they lie.
func summaryOf(j judged, periods []stats.Period, decimals int) string {
	top := highest(j.series, periods)
	least, known := top, 0
	for _, p := range periods {
		if f, ok := j.series.At(p); ok && f.Value.Known {
			known++
			if f.Value.Number < least.Value.Number {
				least = f
			}
		}
	}
	told := func(f stats.Figure) string {
		return fmt.Sprintf("%s (%s)", withUnit(f.Value, j.series.Measure, decimals), f.Period.Label())
	}
	var shown, undrawn string
	if hidesIn(j.series, periods) {
		shown, undrawn = " shown", "; what is confidential is not drawn"
	}
	switch {
	case known == 1:
		return "One figure" + shown + ": " + told(top) + undrawn + "."
	case least.Value.Number == top.Value.Number:
		return fmt.Sprintf("%s%s, each %s%s.", plural(known, "figure", "figures"), shown, withUnit(top.Value, j.series.Measure, decimals), undrawn)
	}
	return fmt.Sprintf("%s%s, between %s and %s%s.", plural(known, "figure", "figures"), shown, told(least), told(top), undrawn)
}
