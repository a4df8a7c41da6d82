package chart

import (
	"slices"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// A Step is a day from which on somebody accepted a new level, or to which
// they put a note. It is a rule on the chart.
type Step struct {
	Date time.Time
	Name string // a few words: "note 1"
	Cuts bool   // a new level begins there: the line stops, as at a break
}

// rule is an upright line before the period at a place of the axis.
type rule struct {
	place int
	name  string
	kind  string // of line
	row   int    // in which its name stands above the plot, the lowest first
	left  bool   // its name stands to its left
}

func (p Plot) rules() []rule {
	var list []rule
	for _, b := range p.Drawn() {
		list = append(list, rule{place: p.place(b.Date), name: b.Date.Format("Jan 2006") + ": series break", kind: "solid"})
	}
	for _, step := range p.Steps {
		if place := p.place(step.Date); place >= 0 {
			list = append(list, rule{place: place, name: step.Name, kind: "dotted"})
		}
	}
	slices.SortStableFunc(list, func(a, b rule) int { return a.place - b.place })
	p.arrange(list)
	return list
}

// Names of rules stand in rows above the plot.
const (
	ruleRow  = textHeight + 1
	mostRows = 5 // a rule beyond that has no name: the words under the chart have its day
	noRow    = -1
)

// arrange gives each name a row in which it stands on no other. What is free on the
// narrowest chart is free on all.
func (p Plot) arrange(list []rule) {
	width := float64(Narrow.Width)
	from, to := axisRoom, width-p.margin()
	var rows [mostRows]float64 // up to where each is taken
	for i := range list {
		r := &list[i]
		x := from + (to-from)*float64(r.place)/float64(len(p.Periods))
		start, end := x, x+textWidth(r.name)
		if end > width {
			r.left, start, end = true, x-textWidth(r.name), x
		}
		r.row = slices.IndexFunc(rows[:], func(taken float64) bool { return start >= taken })
		if r.row != noRow {
			rows[r.row] = end + letter
		}
	}
}

// axisRoom is what the names of a scale take to the left of the plot, and more.
const axisRoom = 44.0

// above is the room over the plot: for what the chart counts, and the names of rules.
func (p Plot) above() float64 {
	rows := 0
	for _, r := range p.rules() {
		rows = max(rows, r.row+1)
	}
	return 30 + ruleRow*float64(rows)
}

// ruleItem is one rule. go-echarts has none with a label of its own.
type ruleItem struct {
	Name  string    `json:"name"`
	XAxis int       `json:"xAxis"`
	Label ruleLabel `json:"label"`
}

type ruleLabel struct {
	Show     bool       `json:"show"`
	Align    string     `json:"align"`
	Distance [2]float64 `json:"distance"`
}

func (r rule) item(size Size) ruleItem {
	item := ruleItem{r.name, r.place, ruleLabel{Show: size != Small && r.row != noRow, Align: "left", Distance: [2]float64{0, 3 + ruleRow*float64(r.row)}}}
	if r.left {
		item.Label.Align = "right"
	}
	return item
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
				rules.Data = append(rules.Data, r.item(p.Size))
			}
		}
		if len(rules.Data) > 0 {
			c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{
				Name: "rules", Id: p.ID + "-rules-" + kind, Type: "line", XAxisIndex: 1, Data: []opts.LineData{}, MarkLines: rules,
			})
		}
	}
}
