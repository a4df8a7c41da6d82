package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// originLine is one row of a file, and the count that was read from it.
type originLine struct {
	Area, Measure, Period string
	Value                 link
	Beside                string // the markers beside it
	Place                 string // file, sheet and row
	Load                  link
}

// releaseLine is one load that brought the figure or a part of it.
type releaseLine struct {
	Load, Source         link
	File, SHA256         string
	Retrieved, Published string
}

// behindRows is the counts that the figure is made of, each read from one row:
// above the line before below it, then in order of time and of area. A sum has
// only those that were added to it.
func (in figureInput) behindRows() []stats.Figure {
	rows := slices.DeleteFunc(slices.Clone(in.counts), func(f stats.Figure) bool {
		return f.Area == stats.EnglandAndWales || len(f.Origins) != 1 || len(f.Releases) != 1 || !in.isBehind(f) ||
			!slices.Contains(in.figure.Origins, f.Origins[0]) || !slices.Contains(in.figure.Releases, f.Releases[0])
	})
	rank := func(f stats.Figure) int { return slices.Index(in.countIDs(), f.Measure) }
	slices.SortStableFunc(rows, func(a, b stats.Figure) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), stats.ComparePeriods(a.Period, b.Period), strings.Compare(in.areaName(a.Area), in.areaName(b.Area)))
	})
	return rows
}

// isBehind reports whether a count is of the days, the basis and the breakdown
// of the figure or of one of its parts. A stock is of its own days.
func (in figureInput) isBehind(f stats.Figure) bool {
	if in.measure.DenominatorSource != "" && f.Measure == in.measure.Denominator {
		return f.Source == in.measure.DenominatorSource
	}
	of := f.Key
	of.Area, of.Period = in.key.Area, in.key.Period
	want := in.key
	if in.measure.Derived() {
		want = in.measure.CountKey(in.key, f.Measure)
	}
	return of == want && slices.ContainsFunc(in.parts, func(part stats.Figure) bool { return part.Period == f.Period })
}

func (q figureRequest) areaName(code string) string {
	if area, ok := q.areas.ByCode(code); ok {
		return area.Name
	}
	return code
}

func (in figureInput) originLines() []originLine {
	var lines []originLine
	for _, f := range in.behindRows() {
		if f.Origins[0].Row == 0 { // of such a file no row is told: see disclosure.Gate
			continue
		}
		line := originLine{
			Area: in.areaName(f.Area), Measure: countName(in.measures, f.Measure), Period: f.Period.Label(),
			Value: link{Text: valueText(f.Value, 0)}, Place: placeText(f.Origins[0], []int{f.Origins[0].Row}),
			Load: link{Text: shortID(f.Releases[0]), Address: runAddress(f.Releases[0])},
		}
		if f.Value.Known {
			line.Beside = f.Value.Markers.Meanings()
		}
		if f.Key != in.key {
			line.Value.Address = figureAddress(f)
		}
		lines = append(lines, line)
	}
	return lines
}

// noFigureFrom names the forces that the sum for England and Wales lacks: all
// that have not each count.
func (in figureInput) noFigureFrom() []string {
	if in.area.Kind != stats.Country {
		return nil
	}
	rows := in.behindRows()
	var lacks []string
	for _, part := range in.parts {
		var names []string
		for _, force := range in.areas.Forces() {
			has := slices.ContainsFunc(rows, func(f stats.Figure) bool {
				return f.Area == force.Code && f.Measure == in.countIDs()[0] && f.Period == part.Period
			})
			if !has {
				names = append(names, force.Name)
			}
		}
		if len(names) > 0 {
			lacks = append(lacks, fmt.Sprintf("%s is the sum of %d of %d forces: no figure from %s", capitalised(part.Period.InWords()),
				len(in.areas.Forces())-len(names), len(in.areas.Forces()), listed(names)))
		}
	}
	return lacks
}

// notes is what a reader must know of the figure, without what the forces that a
// sum lacks are named by: they stand beside the rows.
func (in figureInput) notes() []string {
	return slices.DeleteFunc(noteParts(in.figure.Note), func(part string) bool {
		return in.area.Kind == stats.Country && strings.HasPrefix(part, "sum of ")
	})
}

// behind names the counts whose revisions are revisions of the figure: those of
// its rows, and of a sum those of the forces that have no row in it now.
func (in figureInput) behind() []query.Counts {
	of := query.Counts{Measures: in.countIDs(), Areas: []string{in.key.Area}, Source: in.key.Source, Basis: in.key.Basis,
		Breakdown: in.key.Breakdown, BreakdownValue: in.key.BreakdownValue}
	if in.measure.Derived() {
		of.Basis = in.measure.CountKey(in.key, in.measure.Numerator).Basis
	}
	if in.area.Kind == stats.Country {
		of.Areas = nil
		for _, force := range in.areas.Forces() {
			of.Areas = append(of.Areas, force.Code)
		}
	}
	for _, part := range in.parts {
		of.Periods = append(of.Periods, part.Period)
	}
	if in.measure.DenominatorSource == "" {
		return []query.Counts{of}
	}
	stock := query.Counts{Measures: []string{in.measure.Denominator}, Areas: of.Areas, Source: in.measure.DenominatorSource}
	for _, row := range in.behindRows() {
		if row.Measure == in.measure.Denominator && !slices.Contains(stock.Periods, row.Period) {
			stock.Periods = append(stock.Periods, row.Period)
		}
	}
	of.Measures = []string{in.measure.Numerator}
	return []query.Counts{of, stock}
}

func (in figureInput) releaseLines() []releaseLine {
	var lines []releaseLine
	for _, release := range in.releases {
		lines = append(lines, releaseLine{
			Load: link{Text: release.ID, Address: runAddress(release.ID)}, Source: link{Text: in.titles.heading(release.Source), Address: sourceAddress(release.Source)},
			File: release.File, SHA256: release.SHA256, Retrieved: moment(release.RetrievedAt), Published: moment(release.PublishedAt),
		})
	}
	return lines
}
