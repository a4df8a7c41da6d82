package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// A LevelKind says what a level means, and so how it is drawn.
type LevelKind string

// The kinds of level: the average of a phase and the limits round it, and what
// somebody wants to reach.
const (
	Average    LevelKind = "average"
	Limit      LevelKind = "limit"
	OuterLimit LevelKind = "outer limit" // of two pairs of limits
	Target     LevelKind = "target"
)

// A Level is a horizontal rule over a part of the time axis.
type Level struct {
	Kind     LevelKind
	Name     string // "Average", "Upper limit", "Target"
	From, To int    // places on the axis, both included
	Value    float64
	Labelled bool // its name stands at its end
}

// A Shape tells a marked point from the others without its colour.
type Shape string

// The shapes: a point above, below, and one that is neither for the better nor
// for the worse.
const (
	Up      Shape = "up"
	Down    Shape = "down"
	Diamond Shape = "diamond"
)

// A Meaning is what a marked point says of performance. Each has a colour.
type Meaning string

// The meanings.
const (
	Improvement Meaning = "improvement"
	Concern     Meaning = "concern"
	Change      Meaning = "change" // of a measure without a direction
)

// A Mark makes one point of the line stand out.
type Mark struct {
	Place   int // on the axis
	Value   float64
	Shape   Shape
	Meaning Meaning
	Words   string // what the point shows: "outside the limits"
}

// Blue for improvement, orange for concern, grey for neither.
var meaningColours = map[Meaning]string{Improvement: "#12436D", Concern: "#F46A25", Change: "#6F777B"}

var levelStyles = map[LevelKind]opts.LineStyle{
	Average:    {Color: "#6F777B", Width: 1, Type: "solid"},
	Limit:      {Color: "#6F777B", Width: 1, Type: "dashed"},
	OuterLimit: {Color: "#3D3D3D", Width: 1, Type: "solid"},
	Target:     {Color: colours[2], Width: 1.5, Type: "dashed"},
}

// addLevels draws the levels as lines of their own, which the page's script
// tells from the figures by their ID.
func (p Plot) addLevels(c *charts.RectChart) {
	sides := p.labelSides()
	for i, level := range p.Levels {
		data := make([]opts.LineData, len(p.Periods))
		for place := level.From; place <= level.To && place < len(data); place++ {
			data[place].Value = level.Value
		}
		style := levelStyles[level.Kind]
		series := charts.SingleSeries{
			Name: level.Name, Id: fmt.Sprintf("%s-level-%d", p.ID, i), Type: "line", Data: data, Symbol: "none",
			LineStyle: &style, ItemStyle: &opts.ItemStyle{Color: style.Color}, ConnectNulls: opts.Bool(false),
		}
		if sides[i] != "" && p.Size != Small {
			series.MarkPoints = endLabel(level.Name, []any{min(level.To, len(p.Periods)-1), level.Value}, sides[i], style.Color)
		}
		c.MultiSeries = append(c.MultiSeries, series)
	}
}

// labelWorth is how much is lost where a level has no name: least where the
// table beside the chart is looked at for it anyway.
var labelWorth = map[LevelKind]int{Target: 9, Average: 5, OuterLimit: 3, Limit: 2}

// labelSides says for each level on which side of its right end its name
// stands: "top" or "bottom", or empty where it has none. No name stands on
// another. Of all ways to place them it takes the one that names most, the
// target before the average before limits, and of those the one with most names
// above their lines.
func (p Plot) labelSides() []string {
	line := textShare * p.top()
	best, most := make([]string, len(p.Levels)), -1
	var place func(i, worth int, sides []string, taken []float64)
	place = func(i, worth int, sides []string, taken []float64) {
		if i == len(p.Levels) {
			if worth > most {
				best, most = slices.Clone(sides), worth
			}
			return
		}
		level := p.Levels[i]
		for _, side := range []struct {
			name   string
			middle float64 // of the name
			worth  int
		}{{"top", level.Value + line/2, 1}, {"bottom", level.Value - line/2, 0}} {
			clash := func(other float64) bool { return math.Abs(other-side.middle) < line }
			if level.Labelled && side.middle > 0 && !slices.ContainsFunc(taken, clash) {
				place(i+1, worth+10*labelWorth[level.Kind]+side.worth, append(sides, side.name), append(taken, side.middle))
			}
		}
		place(i+1, worth, append(sides, ""), taken)
	}
	place(0, 0, nil, nil)
	return best
}

// endLabel names a line at its right end, on white so that it can be read over a
// line or a bar.
func endLabel(name string, at []any, side, colour string) *opts.MarkPoints {
	label := nameAt(name, at, side, colour)
	label.Label.Align = "right"
	label.Label.BackgroundColor = "rgba(255, 255, 255, 0.85)"
	return label
}

// nameAt is a name on one side of a place. ECharts has no label of one point,
// so it is a marked point without a drawing.
func nameAt(name string, at []any, side, colour string) *opts.MarkPoints {
	return &opts.MarkPoints{
		Data: []any{opts.MarkPointNameCoordItem{Name: name, Coordinate: at}},
		MarkPointStyle: opts.MarkPointStyle{
			Symbol: []string{"none"}, SymbolSize: 1,
			Label: &opts.Label{Show: opts.Bool(true), Formatter: "{b}", Position: side, Color: colour, FontSize: fontSize, FontFamily: fontFamily},
		},
	}
}

// addMarks draws the marked points over the line, those of one meaning
// together.
func (p Plot) addMarks(c *charts.RectChart) {
	for _, meaning := range []Meaning{Improvement, Concern, Change} {
		var data []opts.ScatterData
		for _, mark := range p.Marks {
			if mark.Meaning == meaning {
				data = append(data, p.markData(mark))
			}
		}
		if len(data) == 0 {
			continue
		}
		c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{
			Name: string(meaning), Id: p.ID + "-marks-" + string(meaning), Type: "scatter", Data: data,
			ItemStyle: &opts.ItemStyle{Color: meaningColours[meaning]},
		})
	}
}

func (p Plot) markData(mark Mark) opts.ScatterData {
	data := opts.ScatterData{Name: mark.Words, Value: []any{mark.Place, mark.Value}, Symbol: "triangle", SymbolSize: 12}
	if p.Size == Small {
		data.SymbolSize = 8
	}
	switch mark.Shape {
	case Down:
		data.SymbolRotate = 180
	case Diamond:
		data.Symbol = "diamond"
	}
	return data
}
