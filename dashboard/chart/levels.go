package chart

import (
	"fmt"
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
var meaningColours = map[Meaning]string{Improvement: colours[0], Concern: colours[3], Change: grey}

var levelStyles = map[LevelKind]opts.LineStyle{
	Average:    {Color: grey, Width: 1, Type: "solid"},
	Limit:      {Color: grey, Width: 1, Type: "dashed"},
	OuterLimit: {Color: ink, Width: 1, Type: "solid"},
	Target:     {Color: colours[2], Width: 1.5, Type: "dashed"},
}

// addLevels draws the levels as lines of their own, which the page's script
// tells from the figures by their ID.
func (p Plot) addLevels(c *charts.RectChart) {
	for i, level := range p.Levels {
		data := make([]opts.LineData, len(p.Periods))
		for place := level.From; place <= level.To && place < len(data); place++ {
			data[place].Value = level.Value
		}
		style := levelStyles[level.Kind]
		c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{
			Name: level.Name, Id: fmt.Sprintf("%s-level-%d", p.ID, i), Type: "line", Data: data, Symbol: "none",
			LineStyle: &style, ItemStyle: &opts.ItemStyle{Color: style.Color}, ConnectNulls: opts.Bool(false),
		})
	}
	if names := p.levelNames(); len(names) > 0 {
		c.MultiSeries = append(c.MultiSeries, words(p.ID+"-names", names))
	}
}

// named is the levels whose names stand beside the chart.
func (p Plot) named() []Level {
	if p.Size == Small {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Levels), func(l Level) bool { return !l.Labelled })
}

// levelNames puts the name of a level beside its right end, in the margin.
func (p Plot) levelNames() []word {
	named := p.named()
	heights := make([]float64, len(named))
	for i, level := range named {
		heights[i] = level.Value
	}
	var names []word
	for i, height := range spread(heights, p.top()) {
		names = append(names, inMargin(named[i].Name, min(named[i].To, len(p.Periods)-1), height, levelStyles[named[i].Kind].Color))
	}
	return names
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
			ItemStyle: &opts.ItemStyle{Color: meaningColours[meaning], Opacity: opts.Float(1)},
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
