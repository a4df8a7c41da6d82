// Package chart turns a series into an ECharts option: data, and nothing but
// data. It is the only importer of go-echarts, and uses neither its Render nor
// its Script, which let a label become script: the option is marshalled as
// JSON, in which "<" stands as \u003c, and the page's one script file starts
// the chart from it.
package chart

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"stalkstats/internal/stats"
)

// A Size is how large a chart is drawn, in CSS pixels at its widest.
type Size struct {
	Name          string // as the style sheet knows it
	Width, Height int
}

// The sizes of a chart.
var (
	Small = Size{"small", 240, 48} // a row's: the line alone, no text
	Full  = Size{"full", 960, 420}

	// What a full chart is drawn in where it has less room.
	Middle = Size{"middle", 496, 320} // paper, a tablet, and a phone held across
	Narrow = Size{"narrow", 288, 320} // a phone
)

// A Plot is what a chart shows: one series over periods of one kind.
type Plot struct {
	ID      string // of the element that holds the chart
	Series  stats.Series
	Periods []stats.Period // the time axis, in order and without holes
	Breaks  []stats.Break  // those that bear on the series
	Levels  []Level        // the average, the limits and the target
	Marks   []Mark         // the points that stand out
	Steps   []Step         // accepted steps and notes
	Size    Size
	Scale   float64 // where the axis of values ends, for several charts that share one; 0: at its own Top
}

// Colours of series in order (Analysis Function, each at least 3:1 on white),
// and the greys of everything that is not data. On a page dashboard/static/_themes.scss
// names each, and says what it is in the dark.
var (
	colours = []string{"#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"}
	ink     = "#3D3D3D"
	grey    = "#6F777B"
	hair    = "#D9DCE0"
)

const (
	fontFamily = "Helvetica, Arial, sans-serif"
	fontSize   = 12
)

// Line is the option of a line chart. A period without a number is a gap, and
// the line does not cross a break or an accepted step.
func Line(p Plot) ([]byte, error) {
	c := charts.NewLine()
	c.SetGlobalOptions(p.options()...)
	c.SetXAxis(p.labels())
	for i, values := range p.segments() {
		c.AddSeries(p.name(), p.lineData(values), charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Id = fmt.Sprintf("%s-%d", p.ID, i)
			s.LineStyle = &opts.LineStyle{Color: colours[0], Width: 2}
			s.ItemStyle = &opts.ItemStyle{Color: colours[0]}
			s.Symbol = "circle"
			s.SymbolSize = 5
			s.ConnectNulls = opts.Bool(false)
		}))
	}
	p.addLevels(&c.RectChart)
	p.addMarks(&c.RectChart)
	p.addRules(&c.RectChart)
	c.Validate()
	return encode(&c.BaseConfiguration)
}

// Bar is the option of a bar chart, for series of a few long periods.
func Bar(p Plot) ([]byte, error) {
	c := charts.NewBar()
	c.SetGlobalOptions(p.options()...)
	c.SetXAxis(p.labels())
	c.AddSeries(p.name(), barData(p.values()), charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.Id = p.ID + "-0"
		s.ItemStyle = &opts.ItemStyle{Color: colours[0]}
		s.BarMaxWidth = "56"
	}))
	p.addLevels(&c.RectChart)
	p.addMarks(&c.RectChart)
	p.addRules(&c.RectChart)
	c.Validate()
	return encode(&c.BaseConfiguration)
}

// encode is the one way out of this package. The marshaller escapes <, > and
// &, so the bytes are inert inside a script element of type application/json.
func encode(c *charts.BaseConfiguration) ([]byte, error) {
	c.Accept(richTooltip{})
	option, err := json.Marshal(c.JSON())
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return option, nil
}

// pointer is the line at the period that a reader points at.
type pointer struct {
	Type      string         `json:"type"`
	LineStyle opts.LineStyle `json:"lineStyle"`
}

// richTooltip adds what go-echarts has no field for: a tooltip drawn in the
// chart itself. ECharts' usual one is HTML with inline styles, which the
// page's Content-Security-Policy refuses.
type richTooltip struct {
	charts.BaseConfigurationVisitor
}

func (richTooltip) VisitTooltipOpt(t opts.Tooltip) any {
	return struct {
		opts.Tooltip
		RenderMode  string         `json:"renderMode"`
		Confine     bool           `json:"confine"`
		TextStyle   opts.TextStyle `json:"textStyle"`
		AxisPointer pointer        `json:"axisPointer"`
	}{t, "richText", true, opts.TextStyle{Color: ink, FontSize: fontSize, FontFamily: fontFamily}, pointer{"line", opts.LineStyle{Color: grey}}}
}

func (p Plot) options() []charts.GlobalOpts {
	return []charts.GlobalOpts{
		charts.WithInitializationOpts(opts.Initialization{ChartID: p.ID, Theme: "white"}),
		charts.WithColorsOpts(colours),
		charts.WithAnimation(false),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithTooltipOpts(opts.Tooltip{
			Show: opts.Bool(true), Trigger: "axis", BorderColor: hair, BackgroundColor: "#FFFFFF",
		}),
		charts.WithTitleOpts(headOf(p.subtitle())),
		charts.WithGridOpts(p.grid()),
		charts.WithXAxisOpts(p.xAxis()),
		charts.WithYAxisOpts(p.yAxis()),
	}
}

// headOf is what a chart counts, above it. What it finds stands on the page.
func headOf(words string) opts.Title {
	return opts.Title{Title: words, Left: "0", Top: "0", TitleStyle: &opts.TextStyle{Color: ink, FontSize: fontSize, FontFamily: fontFamily, FontWeight: "normal"}}
}

// subtitle is the unit and the kind of period; a small chart has no room for
// text, and its row says the same in words.
func (p Plot) subtitle() string {
	if p.Size == Small {
		return ""
	}
	text := capital(p.Series.Measure.Unit)
	if len(p.Periods) > 0 {
		text += " by " + Word(p.Periods[0].Kind())
	}
	if p.Series.Demonstration() {
		text += " – " + stats.Demonstration
	}
	return text
}

// Word is a kind of period as it follows "by": "month", "financial year".
func Word(kind stats.PeriodKind) string {
	if kind == stats.KindTwelveMonths {
		return "twelve months"
	}
	return strings.ReplaceAll(string(kind), "_", " ")
}

func (p Plot) name() string { return p.Series.Measure.Name }

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
