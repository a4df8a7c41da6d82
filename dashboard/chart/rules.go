package chart

import (
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// A Step is a day from which on somebody accepted a new level, or to which
// they put a note. It is a rule on the chart, and does not cut the line.
type Step struct {
	Date time.Time
	Name string // a few words: "note 1"
}

// rule is an upright line before the period at a place of the axis.
type rule struct {
	place int
	name  string
	kind  string // of line
}

func (p Plot) rules() []rule {
	var list []rule
	for _, b := range p.Drawn() {
		list = append(list, rule{p.place(b.Date), b.Date.Format("Jan 2006") + ": series break", "solid"})
	}
	for _, step := range p.Steps {
		if place := p.place(step.Date); place >= 0 {
			list = append(list, rule{place, step.Name, "dotted"})
		}
	}
	return list
}

// A rule stands between two periods. On an axis of categories there is
// nothing between two categories, so the rules have a second axis of their
// own, hidden, on which the first period runs from 0 to 1.
func (p Plot) addRules(c *charts.RectChart) {
	drawn := p.rules()
	if len(drawn) == 0 {
		return
	}
	c.ExtendXAxis(opts.XAxis{
		Type: "value", Min: 0, Max: len(p.Periods), Show: opts.Bool(false),
		AxisPointer: &opts.AxisPointer{Show: opts.Bool(false)},
	})
	label := &opts.Label{Show: opts.Bool(p.Size != Small), Color: ink, FontSize: fontSize, FontFamily: fontFamily, Formatter: "{b}"}
	for _, kind := range []string{"solid", "dotted"} {
		rules := &opts.MarkLines{MarkLineStyle: opts.MarkLineStyle{
			Symbol: []string{"none", "none"}, Label: label,
			LineStyle: &opts.LineStyle{Color: ink, Width: 1, Type: kind},
		}}
		for _, r := range drawn {
			if r.kind == kind {
				rules.Data = append(rules.Data, opts.MarkLineNameXAxisItem{Name: r.name, XAxis: r.place})
			}
		}
		if len(rules.Data) > 0 {
			c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{
				Name: "rules", Id: p.ID + "-rules-" + kind, Type: "line", XAxisIndex: 1, Data: []opts.LineData{}, MarkLines: rules,
			})
		}
	}
}
