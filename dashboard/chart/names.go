package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// No name on a chart may cover a figure: names of levels and curves stand in a
// margin to the right of everything that is drawn, those of rules above it, and the
// names of areas of a funnel only where nothing is, at any width that a chart has.

// Room for names, in CSS pixels, at a text of 12: the longest of levels is
// "Upper limit", of curves "99.8% limit".
const (
	nameRoom   = 62                 // that a name takes
	nameMargin = nameRoom + nameGap // to the right of the plot
	nameGap    = 10                 // more than half of the largest mark: the last point may stand on the edge
	textHeight = 14
	letter     = 6.2 // that a letter takes, with some to spare
)

// textShare is how much of the scale a line of text takes on the lowest chart.
const textShare = 0.075

// A word is text at a place of a chart. ECharts has no label of one place, so it is a
// marked point without a drawing; go-echarts has none of which one coordinate is in
// pixels.
type word struct {
	Name       string    `json:"name"`
	Coordinate []any     `json:"coord"`
	X          string    `json:"x,omitempty"` // of the box, instead of the coordinate
	Y          float64   `json:"y,omitempty"` // in CSS pixels from the top, instead of the coordinate
	ItemStyle  unseen    `json:"itemStyle"`
	Label      wordLabel `json:"label"`
}

// unseen is the style of the mark that a word hangs on: without a mark ECharts leaves the
// word out too, and one without opacity takes the word's away.
type unseen struct {
	Color string `json:"color"`
}

type wordLabel struct {
	Show          bool    `json:"show"`
	Formatter     string  `json:"formatter"`
	Position      any     `json:"position"` // "top", or pixels from the place
	Distance      float64 `json:"distance,omitempty"`
	Align         string  `json:"align,omitempty"`
	VerticalAlign string  `json:"verticalAlign,omitempty"`
	Color         string  `json:"color"`
	FontSize      float64 `json:"fontSize"`
	FontFamily    string  `json:"fontFamily"`
}

func newWord(name string, at []any, position any, colour string) word {
	return word{Name: name, Coordinate: at, ItemStyle: unseen{"transparent"}, Label: wordLabel{Show: true, Formatter: "{b}", Position: position, Color: colour, FontSize: fontSize, FontFamily: fontFamily}}
}

// inMargin is a name in the right margin, at a height of the scale.
func inMargin(name string, at any, height float64, colour string) word {
	w := newWord(name, []any{at, height}, []float64{-nameRoom, 0}, colour)
	w.X, w.Label.Align, w.Label.VerticalAlign = "100%", "left", "middle"
	return w
}

// words is a series that has nothing but words.
func words(id string, list []word) charts.SingleSeries {
	points := &opts.MarkPoints{MarkPointStyle: opts.MarkPointStyle{Symbol: []string{"rect"}, SymbolSize: 1}}
	for _, w := range list {
		points.Data = append(points.Data, w)
	}
	return charts.SingleSeries{Name: "names", Id: id, Type: "line", Symbol: "none", Data: []opts.LineData{}, MarkPoints: points}
}

// spread moves heights of a scale apart, each as little as it can, so that no name
// stands on another or beyond the scale. What it moves apart it keeps in order
// (isotonic regression: Barlow and others 1972, pool adjacent violators).
func spread(heights []float64, top float64) []float64 {
	line := textShare * top
	order := make([]int, len(heights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case heights[a] < heights[b]:
			return -1
		case heights[a] > heights[b]:
			return 1
		}
		return 0
	})
	type pool struct{ mean, size float64 }
	var pools []pool
	for at, i := range order {
		pools = append(pools, pool{heights[i] - float64(at)*line, 1})
		for last := len(pools) - 1; last > 0 && pools[last-1].mean > pools[last].mean; last-- {
			a, b := pools[last-1], pools[last]
			pools = append(pools[:last-1], pool{(a.mean*a.size + b.mean*b.size) / (a.size + b.size), a.size + b.size})
		}
	}
	lowest, highest := line/2, top-line/2-float64(len(heights)-1)*line
	apart := make([]float64, len(heights))
	at := 0
	for _, p := range pools {
		for range int(p.size) {
			// Rounded, so that the text of a chart does not hang on the machine's arithmetic.
			apart[order[at]] = rounded(math.Max(lowest, math.Min(highest, p.mean))+float64(at)*line, top)
			at++
		}
	}
	return apart
}

// rounded is a height to a ten thousandth of the scale.
func rounded(height, top float64) float64 {
	if top <= 0 {
		return height
	}
	digits := max(1, 4-int(math.Floor(math.Log10(top))))
	n, _ := strconv.ParseFloat(strconv.FormatFloat(height, 'f', digits, 64), 64)
	return n
}

// textWidth is how wide a text is at most, in CSS pixels.
func textWidth(text string) float64 { return letter * float64(len([]rune(text))) }

// px is a length as ECharts takes it.
func px(n float64) string { return fmt.Sprint(n) }
