package dashboard

import (
	"fmt"
	"html/template"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
)

// plot draws the funnel, and says in words what is in it; above names who is
// over the scale.
func (c forcesComparison) plot() (drawn *plot, above string, err error) {
	p := chart.FunnelPlot{
		ID: notInID.ReplaceAllString("funnel-"+c.measure.ID+"-"+c.chosen.basis, "_"), Measure: c.measure, Period: c.period, Size: chart.Full,
		Denominator: countName(c.measures, c.measure.Denominator), Curves: curvesOf(c.funnel),
	}
	for _, point := range c.funnel.Points {
		p.Points = append(p.Points, chart.FunnelPoint{
			Name: point.Area.Name, Denominator: point.Figure.Denominator.Number, Rate: point.Rate,
			Home: point.Area.Code == c.area.Code, Outside: isOutside(point),
		})
		p.Demonstration = p.Demonstration || point.Figure.Demonstration()
	}
	option, err := chart.Funnel(p)
	if err != nil {
		return nil, "", err
	}
	return &plot{
		ID: p.ID, Option: template.JS(option), Size: p.Size.Name, size: p.Size, Label: c.label(), Decimals: c.decimals, Unit: c.measure.Unit, Demonstration: p.Demonstration,
		File: "/charts/compare.svg?" + c.values().Encode(),
	}, c.above(p), nil
}

// above is the forces that stand on the upper edge of the chart, with the rates
// that they have.
func (c forcesComparison) above(p chart.FunnelPlot) string {
	var names []string
	for _, beyond := range p.Beyond() {
		for _, m := range c.members {
			if m.Area.Name == beyond.Name {
				names = append(names, m.Area.Name+", "+told(m.Figure, c.measure, c.decimals))
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "A triangle on the upper edge is above the scale: " + strings.Join(names, "; ") + "."
}

// curvesOf is the average and both pairs of limits.
func curvesOf(f analysis.FunnelPlot) []chart.Curve {
	drawn := f.Curves()
	curve := func(kind chart.LevelKind, name string, of func(analysis.FunnelLimits) float64) chart.Curve {
		c := chart.Curve{Kind: kind, Name: name, Labelled: true}
		for _, at := range drawn {
			c.At = append(c.At, chart.CurvePoint{Denominator: at.Denominator, Rate: of(at)})
		}
		return c
	}
	return []chart.Curve{
		curve(chart.Average, "Average", func(analysis.FunnelLimits) float64 { return f.Average }),
		curve(chart.Limit, "95% limit", func(l analysis.FunnelLimits) float64 { return l.Upper95 }),
		curve(chart.Limit, "95% limit", func(l analysis.FunnelLimits) float64 { return l.Lower95 }),
		curve(chart.OuterLimit, "99.8% limit", func(l analysis.FunnelLimits) float64 { return l.Upper998 }),
		curve(chart.OuterLimit, "99.8% limit", func(l analysis.FunnelLimits) float64 { return l.Lower998 }),
	}
}

// label is the chart for those who do not see it.
func (c forcesComparison) label() string {
	words := fmt.Sprintf("Funnel plot of %s, %s, by %s, with limits of 95%% and 99.8%% that narrow as forces have more of them. %s",
		plural(len(c.funnel.Points), "force", "forces"), nounOf(c.measure), nounOfCount(c.measures, c.measure.Denominator), c.averageWords())
	if p, ok := c.point(c.area.Code); ok {
		words += fmt.Sprintf(" %s, %s, is %s.", c.area.Name, told(p.Figure, c.measure, c.decimals), p.Position)
	}
	outside := c.outside()
	for _, says := range outside {
		words += " " + says.String()
	}
	if len(outside) > 0 {
		return words
	}
	return words + " No force is outside the 99.8% limits."
}
