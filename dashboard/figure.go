package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// figurePage is all that is known of one figure: what it counts, how it was
// worked out, the rows that it came from, and what was revised.
type figurePage struct {
	frame
	Value, When  string // in large
	Where        string // the area
	Source       link
	Basis        string
	Breakdown    string
	Markers      []markerNote // that it carries
	Notes        []string
	Definition   definition
	InDepth      string // the address of its measure
	Formula      string // with the numbers in it; empty for a count that stands in one row
	Interval     string
	IntervalSays string
	Counts       []countLine
	Parts        []partLine // the figures of shorter periods that it is the sum of
	Rows         []originLine
	Untold       bool     // the rows of its files are not told: see disclosure.Gate
	ByArea       bool     // the rows are of several areas
	ByCount      bool     // of both counts of a rate
	NoFigureFrom []string // the forces that a sum lacks, a sentence for each period
	Releases     []releaseLine
	History      figureHistory
	Chance       *chanceTest // against the year before; nil for what is no count, and without one
	Metadata     string
}

// countLine is one of the two counts of a rate.
type countLine struct {
	Name, Value string
	Own         link   // its own page; empty where it has none
	Apart       string // why its own page has another number; empty where it has the same
}

// partLine is a figure that another is the sum of.
type partLine struct {
	Period string
	Value  link
	Worked string
}

type figureReader interface {
	areasReader
	figuresReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Release(ctx context.Context, id string) (stats.Release, error)
	FigureRevisions(ctx context.Context, of query.Counts) ([]stats.PublishedRevision, error)
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
}

func (s *site) figure(reader figureReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r = r.WithContext(query.OneState(r.Context()))
		in, err := s.readFigure(r, reader)
		if isNone(err) {
			return s.noFigure(w, r, reader, in.figureRequest, err)
		} else if err != nil {
			return err
		}
		if err := in.readBehind(r.Context(), reader); err != nil {
			return err
		}
		page := buildFigure(in)
		page.Standing.Last, page.Filters = in.figure.Period.End.Format(time.DateOnly), in.measure.Name+", "+in.figure.Period.Label()
		page.frame = s.frame(r, in.areas, in.area).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "figure", page)
	}
}

// isNone reports whether an error says why there is no figure.
func isNone(err error) bool {
	return errors.Is(err, analysis.ErrNotCovered) || errors.Is(err, analysis.ErrMixed)
}

// figureInput is what a figure's page is built from.
type figureInput struct {
	figureRequest
	figure    stats.Figure
	decimals  int            // as its series is shown with
	parts     []stats.Figure // what it is the sum of, or itself
	counts    []stats.Figure // the counts of its days, its own among them, of its area and of the forces of a sum
	releases  []stats.Release
	revisions []stats.PublishedRevision
	titles    sourceTitles
	// yearBefore is the figures of the same days a year before, and breaks the
	// series breaks, of a count that can be tested against it.
	yearBefore stats.Series
	breaks     []stats.Break
}

// readFigure finds the figure, or works it out of complete parts as every page
// does. The error is that of analysis.Over where there is none.
func (s *site) readFigure(r *http.Request, reader figureReader) (in figureInput, err error) {
	in.titles = s.titles
	if in.figureRequest, err = readFigureRequest(r, reader); err != nil {
		return in, err
	}
	filter := query.Filter{
		Measures: []string{in.key.Measure}, Areas: []string{in.key.Area}, Sources: []string{in.key.Source}, Totals: in.key.Breakdown == "",
	}
	if !in.measure.Derived() { // a rate's digits depend on its neighbours
		filter.From, filter.To = in.key.Period.Start, in.key.Period.End
	}
	figures, err := reader.AllFigures(r.Context(), filter)
	if err != nil {
		return in, err
	}
	series := in.series(figures)
	if in.figure, err = analysis.Over(series, in.key.Period); err != nil {
		return in, err
	}
	in.decimals = decimalsFor(in.measure, series.Figures)
	in.parts, err = analysis.Parts(series, in.key.Period)
	return in, err
}

// series is the figures that differ from the one asked for in nothing but the
// period.
func (q figureRequest) series(figures []stats.Figure) stats.Series {
	s := stats.Series{Measure: q.measure, Area: q.area, Source: q.key.Source, Basis: q.key.Basis, Breakdown: q.key.Breakdown, BreakdownValue: q.key.BreakdownValue}
	for _, f := range figures {
		key := f.Key
		key.Period = q.key.Period
		if key == q.key {
			s.Figures = append(s.Figures, f)
		}
	}
	return s
}

// readBehind reads the counts that the figure is made of, the releases that
// brought them and what was revised of them.
func (in *figureInput) readBehind(ctx context.Context, reader figureReader) (err error) {
	filter := query.Filter{
		Measures: in.countIDs(), Sources: []string{in.key.Source}, From: in.key.Period.Start, To: in.key.Period.End, Totals: in.key.Breakdown == "",
	}
	if in.area.Kind != stats.Country { // whose forces are read too
		filter.Areas = []string{in.key.Area}
	}
	if in.counts, err = reader.AllFigures(ctx, filter); err != nil {
		return err
	}
	if source := in.measure.DenominatorSource; source != "" {
		stocks, err := reader.AllFigures(ctx, query.Filter{Measures: []string{in.measure.Denominator}, Sources: []string{source}, Areas: filter.Areas, Totals: true})
		if err != nil {
			return err
		}
		in.counts = append(in.counts, stocks...)
	}
	for _, id := range in.figure.Releases {
		release, err := reader.Release(ctx, id)
		if err != nil {
			return err
		}
		in.releases = append(in.releases, release)
	}
	for _, of := range in.behind() {
		found, err := reader.FigureRevisions(ctx, of)
		if err != nil {
			return err
		}
		in.revisions = append(in.revisions, found...)
	}
	return in.readYearBefore(ctx, reader)
}

// countIDs is what was counted for the figure: itself, or both counts of a rate.
func (q figureRequest) countIDs() []string {
	if q.measure.Derived() {
		return []string{q.measure.Numerator, q.measure.Denominator}
	}
	return []string{q.key.Measure}
}

func buildFigure(in figureInput) figurePage {
	f, m, decimals := in.figure, in.measure, in.decimals
	page := figurePage{
		Value: figureText(f, m, decimals), When: f.Period.InWords(), Where: in.area.Name,
		Source: link{Text: in.titles.of(f.Source), Address: sourceAddress(f.Source)}, Basis: f.Basis,
		Markers: markersOf(f.Value.Markers), Notes: in.notes(),
		Definition: definitionOf(m, in.measures), InDepth: measureAddress(m, in.area),
		Formula: in.formula(), Counts: in.countLines(), Rows: in.originLines(), Untold: slices.ContainsFunc(f.Origins, func(o stats.Origin) bool { return o.Row == 0 }), ByArea: in.area.Kind == stats.Country, ByCount: m.Derived(), NoFigureFrom: in.noFigureFrom(),
		Releases: in.releaseLines(), History: in.history(), Chance: in.chanceTest(),
		Metadata: figurePath("/figure.csv-metadata.json", f.Key),
	}
	if f.Breakdown != "" {
		page.Breakdown = f.Breakdown + ": " + f.BreakdownValue
	}
	if bounds := rangeText(f, decimals); bounds != "" {
		page.Interval, page.IntervalSays = bounds, intervalSentence(m, f)
		if m.Unit == "percent" {
			page.Interval = strings.ReplaceAll(bounds, " to ", "% to ") + "%"
		}
	}
	if in.isSum() && in.isMadeOfMore() {
		for _, part := range in.parts {
			page.Parts = append(page.Parts, partLine{part.Period.Label(), link{Text: valueText(part.Value, decimals), Address: figureAddress(part)}, workings(part, m)})
		}
	}
	page.Title = in.title()
	page.Demonstration = f.Demonstration()
	page.CSV = figurePath("/figure.csv", f.Key)
	return page
}

// title says the figure in a sentence.
func (in figureInput) title() string {
	f := in.figure
	of := in.area.Name + ": " + nounOf(in.measure)
	if f.Breakdown != "" {
		of += fmt.Sprintf(" (%s: %s)", f.Breakdown, f.BreakdownValue)
	}
	if !f.Value.Known {
		return fmt.Sprintf("%s %s: %s", of, within(f.Period), f.Value.Markers.Meanings())
	}
	return fmt.Sprintf("%s %s %s %s", of, within(f.Period), verbOf(in.measure), figureText(f, in.measure, in.decimals))
}

// figureText is a figure in large: that of no count says what it is in.
func figureText(f stats.Figure, m stats.Measure, decimals int) string {
	text := withUnit(f.Value, m, decimals)
	if f.Value.Known && !m.Derived() && m.AddsUp == stats.OverNothing {
		text += " " + m.Unit
	}
	return text
}

// isSum reports whether the figure is worked out of figures of shorter periods.
func (in figureInput) isSum() bool {
	return len(in.parts) != 1 || in.parts[0].Period != in.key.Period
}

// isMadeOfMore reports whether each of its parts is more than one row: else the
// rows tell the parts too.
func (in figureInput) isMadeOfMore() bool {
	return in.measure.Derived() || in.area.Kind == stats.Country
}

// formula is how the figure was worked out, with the numbers in it.
func (in figureInput) formula() string {
	f := in.figure
	if in.measure.Derived() {
		counts := workings(f, in.measure)
		if counts == "" {
			return ""
		}
		return counts + " = " + withUnit(f.Value, in.measure, in.decimals)
	}
	if !f.Value.Known || !in.isSum() {
		return ""
	}
	var parts []string
	for _, part := range in.parts {
		parts = append(parts, valueText(part.Value, 0))
	}
	return strings.Join(parts, " + ") + " = " + valueText(f.Value, 0)
}

// intervalSentence is which method bounds a rate, and what the bounds mean.
func intervalSentence(m stats.Measure, f stats.Figure) string {
	method := "by the Wilson score interval"
	if m.Interval == stats.Byar {
		method = "by Byar’s approximation"
		if f.Numerator.Number < exactUnder {
			method = fmt.Sprintf("by the exact Poisson interval, because the count above the line is under %d", exactUnder)
		}
	}
	return fmt.Sprintf("These bounds are worked out %s. They allow for chance alone: of intervals made so, 19 in 20 hold the rate that would be seen without it.", method)
}

// exactUnder is below which count the exact limits stand for Byar's.
const exactUnder = 10

// countLines is the two counts of a rate, and where each leads.
func (in figureInput) countLines() []countLine {
	if !in.measure.Derived() {
		return nil
	}
	var lines []countLine
	for i, id := range in.countIDs() {
		value := in.figure.Numerator
		if i == 1 {
			value = in.figure.Denominator
		}
		line := countLine{Name: countName(in.measures, id), Value: valueText(value, 0)}
		if own, ok := in.ownCount(id); ok {
			line.Own = link{Text: valueText(own.Value, 0), Address: figureAddress(own)}
			if own.Value.Known && value.Known && own.Value.Number != value.Number {
				line.Apart = "its own figure counts all that has one; here only what has both counts is taken"
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// ownCount is the figure of one of the rate's counts for its area and days.
func (in figureInput) ownCount(id string) (stats.Figure, bool) {
	if id == in.measure.Denominator && in.measure.DenominatorSource != "" {
		for _, row := range in.behindRows() {
			i := slices.IndexFunc(in.counts, func(f stats.Figure) bool {
				return f.Measure == id && f.Area == in.key.Area && f.Source == row.Source && f.Period == row.Period
			})
			if row.Measure == id && i >= 0 {
				return in.counts[i], true
			}
		}
		return stats.Figure{}, false
	}
	m, _ := in.measures.Count(id)
	q := in.figureRequest
	q.key, q.measure = in.measure.CountKey(in.key, id), m
	own, err := analysis.Over(q.series(in.counts), in.key.Period)
	return own, err == nil
}

// markersOf is the markers of a value in words.
func markersOf(markers stats.Markers) []markerNote {
	return slices.DeleteFunc(markerNotes(), func(n markerNote) bool { return !markers.Has(stats.Marker(n.Letter[0])) })
}
