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
	Denominator string // what the horizontal axis counts: "outcomes assigned"
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
	Labelled bool
}

// A CurvePoint is where a curve is at one denominator.
type CurvePoint struct{ Denominator, Rate float64 }

// Funnel is the option of a funnel plot (Spiegelhalter 2005). It has no order
// of forces.
func Funnel(p FunnelPlot) ([]byte, error) {
	c := charts.NewScatter()
	frame := Plot{ID: p.ID, Size: p.Size, Series: stats.Series{Measure: p.Measure}}
	c.SetGlobalOptions(append(frame.options(),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", BorderColor: hair, BackgroundColor: "#FFFFFF"}),
		charts.WithTitleOpts(opts.Title{Subtitle: p.subtitle(), Left: "0", Top: "0", SubtitleStyle: &opts.TextStyle{Color: ink, FontSize: fontSize, FontFamily: fontFamily}}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "24", Top: "40", Bottom: "28", ContainLabel: opts.Bool(true)}),
		charts.WithXAxisOpts(p.xAxis()),
	)...)
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
	return opts.XAxis{
		Type: "value", Min: 0, Name: capital(p.Denominator), NameLocation: "middle", NameGap: 24,
		AxisLabel: &opts.AxisLabel{Color: ink, FontSize: fontSize, FontFamily: fontFamily, HideOverlap: opts.Bool(true)},
		AxisLine:  &opts.AxisLine{LineStyle: &opts.LineStyle{Color: ink}},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
	}
}

func (p FunnelPlot) curves() []charts.SingleSeries {
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
		if last := len(curve.At) - 1; curve.Labelled && last >= 0 {
			series.MarkPoints = endLabel(curve.Name, []any{curve.At[last].Denominator, curve.At[last].Rate}, style.Color)
		}
		list = append(list, series)
	}
	return list
}

// points is the other areas, then the home area, which so lies on top.
func (p FunnelPlot) points() []charts.SingleSeries {
	others := charts.SingleSeries{Name: "forces", Id: p.ID + "-0", Type: "scatter", ItemStyle: &opts.ItemStyle{Color: "#6F777B"}}
	home := charts.SingleSeries{
		Name: "home", Id: p.ID + "-1", Type: "scatter", ItemStyle: &opts.ItemStyle{Color: colours[0]},
		Label: &opts.Label{Show: opts.Bool(true), Formatter: "{b}", Position: "top", Color: ink, FontSize: fontSize, FontFamily: fontFamily},
	}
	var rest, own []opts.ScatterData
	for _, point := range p.Points {
		data := opts.ScatterData{Name: point.Name, Value: []float64{point.Denominator, point.Rate}, Symbol: "circle", SymbolSize: 8}
		if point.Outside {
			data.Symbol = "diamond"
			data.SymbolSize = 11
		}
		if point.Home {
			data.SymbolSize = 14
			own = append(own, data)
			continue
		}
		rest = append(rest, data)
	}
	others.Data, home.Data = rest, own
	return []charts.SingleSeries{others, home}
}
