package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// A rule stands between two periods. On an axis of categories there is
// nothing between two categories, so the rules have a second axis of their
// own, hidden, on which the first period runs from 0 to 1.
func (p Plot) addRules(c *charts.RectChart) {
	drawn := p.Drawn()
	if len(drawn) == 0 {
		return
	}
	c.ExtendXAxis(opts.XAxis{
		Type: "value", Min: 0, Max: len(p.Periods), Show: opts.Bool(false),
		AxisPointer: &opts.AxisPointer{Show: opts.Bool(false)},
	})
	label := &opts.Label{Show: opts.Bool(p.Size != Small), Color: ink, FontSize: fontSize, FontFamily: fontFamily, Formatter: "{b}"}
	rules := &opts.MarkLines{MarkLineStyle: opts.MarkLineStyle{
		Symbol: []string{"none", "none"}, Label: label,
		LineStyle: &opts.LineStyle{Color: ink, Width: 1, Type: "solid"},
	}}
	for _, b := range drawn {
		rules.Data = append(rules.Data, opts.MarkLineNameXAxisItem{
			Name:  b.Date.Format("Jan 2006") + ": series break",
			XAxis: p.place(b),
		})
	}
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{
		Name: "breaks", Id: p.ID + "-breaks", Type: "line", XAxisIndex: 1, Data: []opts.LineData{}, MarkLines: rules,
	})
}
