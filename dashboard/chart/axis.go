package chart

import (
	"math"

	"github.com/go-echarts/go-echarts/v2/opts"

	"stalkstats/internal/stats"
)

func (p Plot) grid() opts.Grid {
	if p.Size == Small {
		return opts.Grid{Left: "2", Right: "6", Top: "6", Bottom: "2"}
	}
	// The top leaves room for the subtitle and, under it, the names of rules.
	return opts.Grid{Left: px(max(4, p.overhang()-18)), Right: px(p.margin()), Top: px(p.above()), Bottom: "4", ContainLabel: opts.Bool(true)}
}

// margin is the room to the right of the plot: for the names of levels, where there
// are any.
func (p Plot) margin() float64 {
	if len(p.named()) > 0 {
		return nameMargin
	}
	return max(16, p.overhang()-8)
}

// overhang is how far the name of the first or the last period reaches beyond its place.
func (p Plot) overhang() float64 {
	longest := 0.0
	for _, label := range p.labels() {
		longest = max(longest, textWidth(label))
	}
	return longest / 2
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
	if top := p.top(); top > 0 {
		axis.Max = top
	}
	if p.Size == Small {
		axis.Show = opts.Bool(false)
		axis.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
		return axis
	}
	axis.AxisLabel = &opts.AxisLabel{Color: ink, FontSize: fontSize, FontFamily: fontFamily}
	axis.SplitLine = &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: hair}}
	axis.SplitNumber = 4
	axis.AxisLine = &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink}}
	return axis
}

// headroom is how much of the scale stays free above the highest point or level:
// a mark and a name.
const headroom = 1.1

// top is where the axis ends.
func (p Plot) top() float64 { return max(p.Scale, p.Top()) }

// Top is where the axis of a chart by itself ends, with room above all that is drawn; 0
// where there is nothing above zero. A share ends at 100%.
func (p Plot) Top() float64 {
	highest := 0.0
	for _, value := range p.values() {
		if value != nil {
			highest = max(highest, *value)
		}
	}
	for _, level := range p.Levels {
		highest = max(highest, level.Value)
	}
	if highest <= 0 {
		return 0
	}
	least := 0.0
	if !p.Series.Measure.Derived() {
		least = 1
	}
	top := evenTop(headroom*highest, least)
	if p.Series.Measure.Interval == stats.Wilson && highest <= p.Series.Measure.Per {
		top = min(top, p.Series.Measure.Per)
	}
	return top
}

// evenTop is the next number from n up that ECharts divides into even steps,
// none under least.
func evenTop(n, least float64) float64 {
	best, unit := math.Inf(1), math.Pow(10, math.Floor(math.Log10(n/4)))
	for _, share := range []float64{1, 2, 3, 5, 10} {
		step := max(least, share*unit)
		for top := math.Ceil(n/step) * step; top < min(best, 4*n+4*least); top += step {
			if same := max(least, evenStep(top/4)); math.Abs(same-step) < step/1000 {
				best = top
			}
		}
	}
	return best
}

// evenStep is the step that ECharts makes of a quarter of an axis: 1, 2, 3 or 5
// of a power of ten, whichever is nearest.
func evenStep(n float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(n)))
	switch share := n / unit; {
	case share < 1.5:
		return unit
	case share < 2.5:
		return 2 * unit
	case share < 4:
		return 3 * unit
	case share < 7:
		return 5 * unit
	}
	return 10 * unit
}

// labels are the periods as a reader knows them: "Sep 2024", "2017/18 Q2".
func (p Plot) labels() []string {
	labels := make([]string, len(p.Periods))
	for i, period := range p.Periods {
		labels[i] = period.Label()
	}
	return labels
}
