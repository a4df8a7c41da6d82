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

// Room to the right of the curves for their names, in CSS pixels.
const curveNames = 76

// Funnel is the option of a funnel plot (Spiegelhalter 2005). It has no order
// of forces.
func Funnel(p FunnelPlot) ([]byte, error) {
	c := charts.NewScatter()
	frame := Plot{ID: p.ID, Size: p.Size, Series: stats.Series{Measure: p.Measure}}
	c.SetGlobalOptions(append(frame.options(),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", BorderColor: hair, BackgroundColor: "#FFFFFF"}),
		charts.WithTitleOpts(opts.Title{Subtitle: p.subtitle(), Left: "0", Top: "0", SubtitleStyle: &opts.TextStyle{Color: ink, FontSize: fontSize, FontFamily: fontFamily}}),
		charts.WithXAxisOpts(p.xAxis()),
		charts.WithYAxisOpts(p.yAxis()),
	)...)
	c.GridList = []opts.Grid{{Left: "4", Right: fmt.Sprint(curveNames), Top: "40", Bottom: "24", ContainLabel: opts.Bool(true)}}
	c.MultiSeries = append(p.curves(), p.points()...)
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
	named := p.named()
	var list []charts.SingleSeries
	for i, curve := range p.Curves {
		data := make([]opts.LineData, len(curve.At))
		for at, point := range curve.At {
			data[at].Value = []float64{point.Denominator, point.Rate}
		}
		style := levelStyles[curve.Kind]
		series := charts.SingleSeries{
			Name: curve.Name, Id: fmt.Sprintf("%s-level-%d", p.ID, i), Type: "line", Data: data, Symbol: "none",
			LineStyle: &style, ItemStyle: &opts.ItemStyle{Color: style.Color},
		}
		if named[i] {
			last := curve.At[len(curve.At)-1]
			series.MarkPoints = nameAt(curve.Name, []any{last.Denominator, last.Rate}, "right", ink)
		}
		list = append(list, series)
	}
	return list
}

// points is the areas inside the outer limits, those above and below them, those
// above the scale, and last the home area, which so lies on top.
func (p FunnelPlot) points() []charts.SingleSeries {
	text := func(side string) *opts.Label {
		return &opts.Label{Show: opts.Bool(true), Formatter: "{b}", Position: side, Color: ink, FontSize: fontSize, FontFamily: fontFamily}
	}
	apart := &opts.LabelLayout{HideOverlap: opts.Bool(true)}
	groups := []charts.SingleSeries{
		{Name: "inside", ItemStyle: &opts.ItemStyle{Color: "#6F777B", Opacity: opts.Float(0.75)}, SymbolSize: 8},
		{Name: "above the limits", ItemStyle: &opts.ItemStyle{Color: colours[2]}, Symbol: "diamond", SymbolSize: 13, Label: text("top"), LabelLayout: apart},
		{Name: "below the limits", ItemStyle: &opts.ItemStyle{Color: colours[2]}, Symbol: "diamond", SymbolSize: 13, Label: text(p.below()), LabelLayout: apart},
		{Name: "above the scale", ItemStyle: &opts.ItemStyle{Color: "#6F777B"}, Symbol: "triangle", SymbolSize: 11},
		{Name: "home", ItemStyle: &opts.ItemStyle{Color: colours[0]}, SymbolSize: 14},
	}
	data := make([][]opts.ScatterData, len(groups))
	top, average := p.top(), p.average()
	for _, point := range p.Points {
		value := []float64{point.Denominator, point.Rate}
		in := 0
		switch {
		case point.Home:
			in = 4
		case point.Outside && point.Rate < average:
			in = 2
		case point.Outside:
			in = 1
		case point.Rate > top:
			in, value = 3, []float64{point.Denominator, top, point.Rate}
		}
		item := opts.ScatterData{Name: point.Name, Value: value}
		if point.Home && point.Outside {
			item.Symbol, item.SymbolSize = "diamond", 18
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

// below is the side on which names stand of areas under the limits: not under
// them where that would be on the axis.
func (p FunnelPlot) below() string {
	for _, point := range p.Points {
		if point.Outside && point.Rate < 1.5*textShare*p.top() {
			return "left"
		}
	}
	return "bottom"
}

// pointers is a line from the home area up to its name, which so stands clear
// of the other areas.
func (p FunnelPlot) pointers() []charts.SingleSeries {
	var list []charts.SingleSeries
	for _, point := range p.Points {
		if !point.Home {
			continue
		}
		side, high := "right", 0.97*p.top()
		if point.Denominator > p.end()/2 {
			side = "left"
		}
		list = append(list, charts.SingleSeries{
			Name: point.Name, Id: p.ID + "-pointer", Type: "line", Symbol: "none",
			Data:       []opts.LineData{{Value: []float64{point.Denominator, point.Rate}}, {Value: []float64{point.Denominator, high}}},
			LineStyle:  &opts.LineStyle{Color: colours[0], Width: 1},
			MarkPoints: nameAt(point.Name, []any{point.Denominator, high}, side, colours[0]),
		})
	}
	return list
}
