package chart

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"stalkstats/internal/stats"
)

// A FunnelPlot is the rates of areas against their denominators, with the
// limits between which chance leaves nearly all of them.
type FunnelPlot struct {
	ID          string
	Measure     stats.Measure
	Denominator string // what the horizontal axis counts: "Stalking outcomes assigned"
	Period      stats.Period
	Points      []FunnelPoint
	Curves      []Curve
	Size        Size
	// Demonstration is set where any point is made up.
	Demonstration bool
}

// A FunnelPoint is one area.
type FunnelPoint struct {
	Name              string
	Denominator, Rate float64
	Home              bool // named on the chart, and drawn larger
	Outside           bool // of the outer limits
}

// A Curve is a limit, or the average, over the denominators.
type Curve struct {
	Kind     LevelKind
	Name     string // "99.8% limit"; several curves may share one
	At       []CurvePoint
	Labelled bool // its name stands at its right end, where there is room
}

// A CurvePoint is where a curve is at one denominator.
type CurvePoint struct{ Denominator, Rate float64 }

// What stands round the plot of a funnel, in CSS pixels: above it what it shows and,
// under that, the name of the home area; below it the scale and what it counts.
const (
	funnelTop    = 46
	homeName     = 27 // the middle of it
	funnelBottom = 24
)

// Funnel is the option of a funnel plot (Spiegelhalter 2005). It has no order
// of forces.
func Funnel(p FunnelPlot) ([]byte, error) {
	c := charts.NewScatter()
	frame := Plot{ID: p.ID, Size: p.Size, Series: stats.Series{Measure: p.Measure}}
	c.SetGlobalOptions(append(frame.options(),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", BorderColor: hair, BackgroundColor: "#FFFFFF"}),
		charts.WithTitleOpts(headOf(p.subtitle())),
		charts.WithXAxisOpts(p.xAxis()),
		charts.WithYAxisOpts(p.yAxis()),
	)...)
	c.GridList = []opts.Grid{{Left: "4", Right: px(nameMargin), Top: px(funnelTop), Bottom: px(funnelBottom), ContainLabel: opts.Bool(true)}}
	c.MultiSeries = append(p.curves(), p.points()...)
	if names := append(p.curveNames(), append(p.homeNames(), p.outsideNames()...)...); len(names) > 0 {
		c.MultiSeries = append(c.MultiSeries, words(p.ID+"-names", names))
	}
	c.Validate()
	return encode(&c.BaseConfiguration)
}

func (p FunnelPlot) subtitle() string {
	text := capital(p.Measure.Unit) + ", " + p.Period.Label()
	if p.Demonstration {
		text += " – " + stats.Demonstration
	}
	return text
}

func (p FunnelPlot) xAxis() opts.XAxis {
	axis := opts.XAxis{
		Type: "value", Min: 0, Name: p.Denominator, NameLocation: "middle", NameGap: 26,
		AxisLabel: &opts.AxisLabel{Color: ink, FontSize: fontSize, FontFamily: fontFamily, HideOverlap: opts.Bool(true), ShowMaxLabel: opts.Bool(false)},
		AxisLine:  &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink}},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
	}
	if end := p.end(); end > 0 {
		axis.Max = end
	}
	return axis
}

func (p FunnelPlot) yAxis() opts.YAxis {
	axis := Plot{Size: p.Size, Series: stats.Series{Measure: p.Measure}}.yAxis()
	axis.Max = p.top()
	return axis
}

func (p FunnelPlot) curves() []charts.SingleSeries {
	var list []charts.SingleSeries
	for i, curve := range p.Curves {
		data := make([]opts.LineData, len(curve.At))
		for at, point := range curve.At {
			data[at].Value = []float64{point.Denominator, point.Rate}
		}
		style := levelStyles[curve.Kind]
		list = append(list, charts.SingleSeries{
			Name: curve.Name, Id: fmt.Sprintf("%s-level-%d", p.ID, i), Type: "line", Data: data, Symbol: "none",
			LineStyle: &style, ItemStyle: &opts.ItemStyle{Color: style.Color},
		})
	}
	return list
}

// points is the areas inside the outer limits, those outside, those above the scale,
// and last the home area, which so lies on top.
func (p FunnelPlot) points() []charts.SingleSeries {
	groups := []charts.SingleSeries{
		{Name: "inside", ItemStyle: &opts.ItemStyle{Color: grey, Opacity: opts.Float(0.85)}, SymbolSize: insideSize},
		{Name: "outside the limits", ItemStyle: &opts.ItemStyle{Color: colours[2], Opacity: opts.Float(1)}, Symbol: "diamond", SymbolSize: outsideSize},
		{Name: "above the scale", ItemStyle: &opts.ItemStyle{Color: grey, Opacity: opts.Float(1)}, Symbol: "triangle", SymbolSize: aboveSize},
		{Name: "home", ItemStyle: &opts.ItemStyle{Color: colours[0], Opacity: opts.Float(1)}, SymbolSize: homeSize},
	}
	data := make([][]opts.ScatterData, len(groups))
	for _, point := range p.Points {
		value := []float64{point.Denominator, point.Rate}
		in := 0
		switch {
		case point.Home:
			in = 3
		case point.Outside:
			in = 1
		case point.Rate > p.top():
			in, value = 2, []float64{point.Denominator, p.top(), point.Rate}
		}
		item := opts.ScatterData{Name: point.Name, Value: value}
		if point.Home && point.Outside {
			item.Symbol, item.SymbolSize = "diamond", homeOutsideSize
		}
		data[in] = append(data[in], item)
	}
	var list []charts.SingleSeries
	for i, group := range groups {
		if len(data[i]) == 0 {
			continue
		}
		group.Type, group.Id, group.Data = "scatter", fmt.Sprintf("%s-%d", p.ID, i), data[i]
		list = append(list, group)
	}
	return append(list, p.pointers()...)
}

// pointers is a line from the home area up to its name, which stands above all
// areas.
func (p FunnelPlot) pointers() []charts.SingleSeries {
	var list []charts.SingleSeries
	for _, point := range p.Points {
		if point.Home {
			list = append(list, charts.SingleSeries{
				Name: point.Name, Id: p.ID + "-pointer", Type: "line", Symbol: "none",
				Data:      []opts.LineData{{Value: []float64{point.Denominator, point.Rate}}, {Value: []float64{point.Denominator, p.top()}}},
				LineStyle: &opts.LineStyle{Color: colours[0], Width: 1},
			})
		}
	}
	return list
}
