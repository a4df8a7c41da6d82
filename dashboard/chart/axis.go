package chart

import (
	"github.com/go-echarts/go-echarts/v2/opts"
)

func (p Plot) grid() opts.Grid {
	if p.Size == Small {
		return opts.Grid{Left: "2", Right: "6", Top: "6", Bottom: "2"}
	}
	// The top leaves room for the subtitle and, under it, the labels of breaks.
	return opts.Grid{Left: "4", Right: "16", Top: "52", Bottom: "4", ContainLabel: opts.Bool(true)}
}

func (p Plot) xAxis() opts.XAxis {
	if p.Size == Small {
		return opts.XAxis{Type: "category", Show: opts.Bool(false)}
	}
	return opts.XAxis{
		Type:      "category",
		AxisLabel: &opts.AxisLabel{Color: ink, FontSize: fontSize, FontFamily: fontFamily, HideOverlap: opts.Bool(true)},
		AxisTick:  &opts.AxisTick{AlignWithLabel: opts.Bool(true), LineStyle: &opts.LineStyle{Color: hair}},
		AxisLine:  &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink}},
	}
}

// yAxis starts at zero, always: a count's or a rate's axis that does not makes
// chance look like change.
func (p Plot) yAxis() opts.YAxis {
	axis := opts.YAxis{Type: "value", Min: 0}
	if !p.Series.Measure.Derived() {
		axis.MinInterval = 1
	}
	if p.Size == Small {
		axis.Show = opts.Bool(false)
		axis.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
		return axis
	}
	axis.AxisLabel = &opts.AxisLabel{Color: ink, FontSize: fontSize, FontFamily: fontFamily}
	axis.SplitLine = &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: hair}}
	axis.SplitNumber = 4
	return axis
}

// labels are the periods as a reader knows them: "Sep 2024", "2017/18 Q2".
func (p Plot) labels() []string {
	labels := make([]string, len(p.Periods))
	for i, period := range p.Periods {
		labels[i] = period.Label()
	}
	return labels
}
