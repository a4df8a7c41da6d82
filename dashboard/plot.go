package dashboard

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/internal/stats"
)

// plot is a chart on a page: the option that server and script draw it from, what
// the server drew, and in words what it shows.
type plot struct {
	ID            string
	Option        template.JS // JSON, as chart wrote it
	Size          string
	Drawn         []template.HTML // the chart as the server drew it, once for each box
	Failed        bool            // the server could not draw it
	File          string          // where it stands alone, as SVG; empty where it does not
	Label         string          // what a screen reader says instead of the drawing
	Decimals      int
	Unit          string
	First, Last   string // the ends of the time axis
	Top           string // the highest value and its period: "17.2% (year to Mar 2020)"
	Target        string // the target, and whether the chart has a line of it; empty where there is none
	Breaks        []breakNote
	Demonstration bool
	size          chart.Size
}

type breakNote struct{ Date, Effect, Source string }

// lastPeriods is how many periods a small chart shows.
const lastPeriods = 24

// drawable is a series in one kind of period, made whole where parts allow.
func drawable(s stats.Series, kind stats.PeriodKind) stats.Series { return analysis.Combine(s, kind) }

// kindToDraw is the shortest kind of whole period that the series was
// published in, or that its parts make; false where there is none.
func kindToDraw(s stats.Series) (stats.PeriodKind, bool) {
	if kinds := analysis.Kinds(s); len(kinds) > 0 {
		return kinds[0], true
	}
	for _, kind := range []stats.PeriodKind{stats.KindMonth, stats.KindQuarter, stats.KindFinancialYear} {
		if len(analysis.Combine(s, kind).Figures) > 0 {
			return kind, true
		}
	}
	return "", false
}

// plotOf draws a judged series. There is no plot where there is no number to
// draw.
func plotOf(j judged, size chart.Size, decimals int) (*plot, error) {
	periods := analysis.Periods(j.kind, analysis.Span(j.series))
	if size == chart.Small {
		periods = periods[max(0, len(periods)-lastPeriods):]
	}
	return plotOver(j, size, decimals, periods)
}

// plotOver draws a judged series over the periods of an axis, which may begin
// before it and end after it. There is no plot where it has no number in them.
func plotOver(j judged, size chart.Size, decimals int, periods []stats.Period) (*plot, error) {
	if !highest(j.series, periods).Value.Known {
		return nil, nil
	}
	return drawPlot(j.over(periods, size), j, decimals)
}

// over is the chart of a judged series over the periods of an axis.
func (j judged) over(periods []stats.Period, size chart.Size) chart.Plot {
	// Where the axis begins among the series' own periods: below zero where it
	// begins before them.
	own := analysis.Periods(j.kind, analysis.Span(j.series))
	first := slices.Index(own, periods[0])
	if first < 0 {
		first = -slices.Index(periods, own[0])
	}
	return chart.Plot{
		ID: plotID(j.series, j.kind), Series: j.series, Periods: periods, Breaks: j.breaks,
		Levels: j.levels(first), Marks: j.marks(first), Steps: j.chartSteps(), Size: size,
	}
}

func drawPlot(p chart.Plot, j judged, decimals int) (*plot, error) {
	draw := chart.Line
	if !j.hasLimits() && (j.kind == stats.KindFinancialYear || j.kind == stats.KindCalendarYear) {
		draw = chart.Bar
	}
	option, err := draw(p)
	if err != nil {
		return nil, err
	}
	return describe(p, option, decimals, j), nil
}

func describe(p chart.Plot, option []byte, decimals int, j judged) *plot {
	first, last := p.Periods[0], p.Periods[len(p.Periods)-1]
	top := highest(p.Series, p.Periods)
	most := fmt.Sprintf("%s (%s)", withUnit(top.Value, p.Series.Measure, decimals), top.Period.Label())
	if hidesIn(p.Series, p.Periods) { // the highest of all may be one that is not told
		most = "shown " + most + "; what is confidential is not drawn"
	}
	described := &plot{
		ID: p.ID, Option: template.JS(option), Size: p.Size.Name, size: p.Size, Decimals: decimals, Unit: p.Series.Measure.Unit,
		First: first.Label(), Last: last.Label(),
		Top:           most,
		Demonstration: p.Series.Demonstration(),
		Label: fmt.Sprintf("%s, %s, by %s from %s to %s: highest %s.", p.Series.Measure.Name, p.Series.Area.Name, chart.Word(first.Kind()),
			first.Label(), last.Label(), most) + spoken(j),
	}
	if len(p.Periods) == 1 {
		described.First = ""
		described.Label = fmt.Sprintf("%s, %s, %s: %s.", p.Series.Measure.Name, p.Series.Area.Name, first.Label(), withUnit(top.Value, p.Series.Measure, decimals)) + spoken(j)
	}
	if target := j.target(); target.Known {
		described.Target = j.targetLine()
		described.Label += " " + described.Target + "."
	}
	for _, b := range p.Drawn() {
		described.Breaks = append(described.Breaks, breakNote{b.Date.Format("Jan 2006"), b.Effect, b.Source})
	}
	return described
}

// spoken is the verdict as it follows the description of a chart.
func spoken(j judged) string {
	if says := j.verdict().says(); says != "" {
		return " " + says
	}
	return ""
}

func highest(s stats.Series, periods []stats.Period) stats.Figure {
	var top stats.Figure
	for _, p := range periods {
		if f, ok := s.At(p); ok && f.Value.Known && (!top.Value.Known || f.Value.Number > top.Value.Number) {
			top = f
		}
	}
	return top
}

// bearing is the breaks that bear on a series, and those that its own sums have.
func bearing(breaks []stats.Break, s stats.Series) []stats.Break {
	var found []stats.Break
	for _, b := range breaks {
		if b.Bears(s.Measure, s.Area.Code) {
			found = append(found, b)
		}
	}
	return append(found, memberBreaks(s)...)
}

// plotID names a chart after what it shows, so that it is the same in every
// answer. Whatever a breakdown is called, it is an ID without a space.
func plotID(s stats.Series, kind stats.PeriodKind) string {
	parts := []string{"chart", s.Measure.ID, s.Area.Code, s.Source, s.Basis, s.Breakdown, s.BreakdownValue, string(kind)}
	id := strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "-")
	return notInID.ReplaceAllString(id, "_")
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9_-]`)
