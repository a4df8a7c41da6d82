package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// newFigures is the figures of one count and source that were not served
// before.
type newFigures struct {
	Name, Address string
	Periods       string // that are new
	Source        string
	Newest        link   // the figure of the newest of them, with the page that says how it is known
	NewestOf      string // its period
	Together      link   // all forces' figure of that period; empty where there is none
	Demonstration bool
}

// revisedFigures is how many figures were revised, and those of them that were
// changed most.
type revisedFigures struct {
	Says          string
	Largest       []revisedRow
	All           string // where the log of them is
	Demonstration bool
	counts        query.RevisionCounts
}

func (f revisedFigures) count() uint64 { return f.counts.Changed + f.counts.Gone }

// mostRevised is how many revised figures the page lists.
const mostRevised = 5

// sinceFigures is what is served now, and which of it came lately.
type sinceFigures struct {
	measures *stats.Measures
	fresh    []query.Fresh
	series   []stats.Series
}

func readSinceFigures(ctx context.Context, reader figuresReader, in sinceInput, measures func() (*stats.Measures, error), fresh func() ([]query.Fresh, error)) (f sinceFigures, err error) {
	if f.measures, err = measures(); err != nil {
		return f, err
	}
	if f.fresh, err = fresh(); err != nil {
		return f, err
	}
	told := f.told()
	if len(told) == 0 {
		return f, nil
	}
	// Every measure is asked for, so that it is one question for all forces.
	filter := query.Filter{Areas: []string{in.area.Code, stats.EnglandAndWales}, Totals: true}
	for _, m := range f.measures.All() {
		filter.Measures = append(filter.Measures, m.ID)
	}
	figures, err := reader.AllFigures(ctx, filter)
	figures = slices.DeleteFunc(slices.Clone(figures), func(v stats.Figure) bool { return !slices.Contains(told, v.Measure) })
	f.series = analysis.Group(figures, f.measures, in.areas)
	return f, err
}

// told is the measures that the page may tell of: the watched measures, and the
// counts that came lately.
func (f sinceFigures) told() []string {
	var ids []string
	for _, v := range f.fresh {
		ids = append(ids, v.Measure)
	}
	for _, m := range watchedMeasures(f.measures) {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// headlines is the series that the overview shows of an area; none where they could not be read.
func (f sinceFigures) headlines(area stats.Area) []stats.Series {
	if f.measures == nil {
		return nil
	}
	return pickedOf(f.series, headlineMeasures(f.measures), area)
}

// mostOnPaper is how many rows of new figures paper has: a board does not leaf through
// sheets of them. The style sheet hides the others there.
const mostOnPaper = 20

// onPaper says of a longer table how many rows paper leaves out, and where they are.
func onPaper(rows int, address string) string {
	if rows <= mostOnPaper {
		return ""
	}
	return fmt.Sprintf("On paper these are the first %d of %s. The page has the other %d: %s", mostOnPaper, plural(rows, "count", "counts"), rows-mostOnPaper, address)
}

// newFiguresOf is a line for each count and source, in the order of the measures.
func newFiguresOf(in sinceInput, f sinceFigures) []newFigures {
	var list []newFigures
	for _, m := range f.measures.All() {
		for _, s := range f.series {
			if m.Derived() || !isTotal(s, m, in.area.Code) {
				continue
			}
			if line, ok := newFiguresIn(in, f, s); ok {
				list = append(list, line)
			}
		}
	}
	return list
}

// newFiguresIn is what of a series is new; false where nothing is.
func newFiguresIn(in sinceInput, f sinceFigures, s stats.Series) (newFigures, bool) {
	part := s
	fresh := map[stats.Period]bool{}
	for _, v := range f.fresh {
		if v.New && v.Measure == s.Measure.ID && v.Source == s.Source && v.Basis == s.Basis {
			fresh[v.Period] = true
		}
	}
	part.Figures = slices.DeleteFunc(slices.Clone(s.Figures), func(figure stats.Figure) bool { return !fresh[figure.Period] })
	newest, ok := part.Latest()
	if !ok {
		return newFigures{}, false
	}
	line := newFigures{
		Name: s.Measure.Name, Address: measureAddress(s.Measure, in.area),
		Source: in.titles.ofSeries(s), Periods: periodsText(part.Figures), Demonstration: part.Demonstration(),
		Newest: knownCount(newest), NewestOf: newest.Period.Label(),
	}
	if in.area.Kind != stats.Country {
		line.Together = f.togetherIn(s, newest.Period)
	}
	return line, true
}

// togetherIn is all forces' figure of a period beside a force's own; empty where
// the source has none.
func (f sinceFigures) togetherIn(s stats.Series, p stats.Period) link {
	for _, other := range f.series {
		if isTotal(other, s.Measure, stats.EnglandAndWales) && other.Source == s.Source && other.Basis == s.Basis {
			if all, ok := other.At(p); ok {
				return knownCount(all)
			}
		}
	}
	return link{}
}

// knownCount is a count with the page that says how it is known.
func knownCount(f stats.Figure) link {
	return link{Text: valueText(f.Value, 0), Address: figureAddress(f)}
}

// fewPeriods is how many periods a line names one by one.
const fewPeriods = 3

func periodsText(figures []stats.Figure) string {
	var labels []string
	for _, f := range figures {
		labels = append(labels, f.Period.Label())
	}
	if len(labels) > fewPeriods {
		return fmt.Sprintf("%d periods, the first %s and the last %s", len(labels), labels[0], labels[len(labels)-1])
	}
	return listed(labels)
}

// readRevised counts what was revised, and tells what was changed most.
func readRevised(ctx context.Context, reader revisionsReader, in sinceInput, measures func() (*stats.Measures, error)) (f revisedFigures, err error) {
	known, err := measures()
	if err != nil {
		return f, err
	}
	if f.counts, err = reader.CountRevisions(ctx, in.filter()); err != nil {
		return f, err
	}
	log, err := reader.LargestRevisions(ctx, in.filter(), mostRevised)
	if err != nil {
		return f, err
	}
	f.Demonstration = log.Demonstration
	q := revisionRequest{since: in.since, areas: in.areas, measures: known}
	for _, revision := range log.Largest {
		f.Largest = append(f.Largest, revisedRowOf(revision, q))
	}
	q.area = in.area
	f.Says = revisionsTitle(q, f.counts) + "."
	if f.count() > mostRevised {
		f.Says += fmt.Sprintf(" The %d that were changed most:", mostRevised)
	}
	f.All = revisionsAddress("", url.Values{"since": {in.since.Format(time.DateOnly)}, "area": {in.area.Code}})
	return f, nil
}
