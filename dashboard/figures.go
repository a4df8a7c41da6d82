package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

type figuresReader interface {
	AllFigures(ctx context.Context, f query.Filter) ([]stats.Figure, error)
}

// beside asks for an area's figures of some measures, with no more of England
// and Wales beside them than is shown: the totals of the sources that all
// forces are compared in.
func beside(area stats.Area, measures []stats.Measure) query.Filter {
	filter := query.Filter{Areas: []string{area.Code}}
	for _, m := range measures {
		filter.Measures = append(filter.Measures, m.ID)
		if m.CompareSource != "" && area.Kind != stats.Country {
			filter.National = append(filter.National, m.CompareSource)
		}
	}
	if len(filter.National) > 0 {
		filter.Areas = append(filter.Areas, stats.EnglandAndWales)
	}
	return filter
}

// shown is one figure as a page shows it.
type shown struct {
	Period        string
	Value         string // the number with its unit, or the marker's meaning
	Known         bool
	Beside        string // the meanings of markers beside a number: "provisional"
	Worked        string // a rate's formula with its numbers in it
	Range         string // a rate's 95% bounds
	Notes         []note
	Demonstration bool
	From          provenance
	Address       string // of the page that says how it is known
}

// Link is the value with the page that says how it is known.
func (s shown) Link() link { return link{Text: s.Value, Address: s.Address} }

func show(f stats.Figure, measure stats.Measure, decimals int) shown {
	s := shown{
		Period: f.Period.Label(), Value: withUnit(f.Value, measure, decimals), Known: f.Value.Known,
		Worked: worked(f, measure, decimals), Range: rangeText(f, decimals),
		Notes: notesOf(f), Demonstration: f.Demonstration(), From: provenanceOf(f), Address: figureAddress(f),
	}
	if f.Value.Known {
		s.Beside = f.Value.Markers.Meanings()
	}
	return s
}

// worked writes a rate out: "100 × 151 ÷ 420 = 36.0".
func worked(f stats.Figure, measure stats.Measure, decimals int) string {
	counts := workings(f, measure)
	switch {
	case counts == "":
		return ""
	case !f.Value.Known:
		return counts + ": " + f.Value.Markers.Meanings()
	}
	return counts + " = " + numberText(f.Value.Number, decimals)
}

// workings is the two counts of a rate, as it stands beside them: "100 × 151 ÷
// 420"; it is empty for a count.
func workings(f stats.Figure, measure stats.Measure) string {
	if !measure.Derived() || !f.Numerator.Known || !f.Denominator.Known {
		return ""
	}
	return fmt.Sprintf("%s × %s ÷ %s", numberText(measure.Per, 0), numberText(f.Numerator.Number, 0), numberText(f.Denominator.Number, 0))
}

func rangeText(f stats.Figure, decimals int) string {
	if !f.Lower95.Known || !f.Upper95.Known {
		return ""
	}
	return numberText(f.Lower95.Number, decimals) + " to " + numberText(f.Upper95.Number, decimals)
}

// A note is what a reader must know beside a figure. A long one, such as the
// list of forces that a sum lacks, has a short form that opens.
type note struct{ Short, Full string }

const longNote = 90

// notesOf is the parts of a figure's note, without the demonstration label,
// which a page shows as a tag.
func notesOf(f stats.Figure) []note {
	var notes []note
	for _, part := range noteParts(f.Note) {
		n := note{Short: part}
		if len(part) > longNote {
			n.Full = part
			n.Short, _, _ = strings.Cut(part, ", ")
		}
		notes = append(notes, n)
	}
	return notes
}

func noteParts(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "; "), func(part string) bool {
		return part == "" || part == stats.Demonstration
	})
}

// withoutLabel is a text without the demonstration label.
func withoutLabel(text string) string {
	return strings.Join(noteParts(text), "; ")
}

// figureTable is the figures of a chart in words and numbers, newest first.
type figureTable struct {
	Caption     string
	Measure     string // heading of the values' column, with the unit
	Numerator   string // headings of a rate's two counts; empty for a count
	Denominator string
	Rows        []tableRow
	Apart       string // what the dagger at a last year's figure means; empty without one
	Hides       bool   // a number in it is hidden
}

// Demonstration reports whether each figure of the table is made up, which its caption says.
func (t figureTable) Demonstration() bool {
	return len(t.Rows) > 0 && !slices.ContainsFunc(t.Rows, func(r tableRow) bool { return !r.Demonstration })
}

type tableRow struct {
	shown
	Plain       string // the value without its unit, which the heading has
	LastYear    string
	LastYearOf  string // a rate's workings
	Apart       bool   // last year's figure does not compare with this one
	Numerator   string
	Denominator string
	Parts       bool // added up from shorter periods
	Ways        ways
}

// ways is where the numbers beside a row's value lead; empty where to nowhere.
type ways struct{ LastYear, Numerator, Denominator string }

// tableOf lists every figure of a series that is of the chart's kind of
// period, the chart's own sums among them, and every run of days that is no
// whole period.
func tableOf(s stats.Series, drawn stats.Series, kind stats.PeriodKind, ref reference, decimals int) figureTable {
	t := figureTable{
		Caption: fmt.Sprintf("%s, %s, from %s, by %s", s.Measure.Name, s.Area.Name, ref.titles.ofSeries(s), chart.Word(kind)),
		Measure: capitalised(s.Measure.Unit),
	}
	if s.Measure.Derived() {
		t.Numerator, t.Denominator = countName(ref.measures, s.Measure.Numerator), countName(ref.measures, s.Measure.Denominator)
	}
	var parting []stats.Break
	lastYear := analysis.LastYearOf(s)
	figures := tableFigures(s, drawn, kind)
	t.Rows = make([]tableRow, 0, len(figures))
	for _, f := range slices.Backward(figures) {
		row, breaks := rowOf(s, f, lastYear, ref, decimals)
		t.Rows, parting = append(t.Rows, row), append(parting, breaks...)
		t.Hides = t.Hides || hidesNumber(row.Plain, row.LastYear, row.Numerator, row.Denominator)
	}
	t.Apart = capitalised(apart(parting))
	return t
}

func tableFigures(s, drawn stats.Series, kind stats.PeriodKind) []stats.Figure {
	figures := slices.Clone(drawn.Figures)
	for _, f := range s.Figures {
		if f.Period.Kind() == stats.KindRange || f.Period.Kind() == kind {
			if _, there := drawn.At(f.Period); !there {
				figures = append(figures, f)
			}
		}
	}
	slices.SortFunc(figures, func(a, b stats.Figure) int { return stats.ComparePeriods(a.Period, b.Period) })
	return figures
}

// rowOf is a figure's row, and the breaks that part it from last year's.
func rowOf(s stats.Series, f stats.Figure, lastYear func(stats.Figure) (stats.Figure, error), ref reference, decimals int) (row tableRow, parting []stats.Break) {
	_, published := s.At(f.Period)
	row = tableRow{
		shown: show(f, s.Measure, decimals), Plain: valueText(f.Value, decimals),
		LastYear: "–", Parts: !published,
	}
	if before, err := lastYear(f); err == nil {
		row.LastYear, row.LastYearOf = valueText(before.Value, decimals), workings(before, s.Measure)
		row.Ways.LastYear = figureAddress(before)
		if before.Value.Known && f.Value.Known {
			parting = ref.parting(s, before.Period, f.Period)
		}
	}
	row.Apart = len(parting) > 0
	if s.Measure.Derived() {
		row.Numerator, row.Denominator = valueText(f.Numerator, 0), valueText(f.Denominator, 0)
		row.Ways.Numerator, row.Ways.Denominator = countAddresses(f, s.Measure)
	}
	return row, parting
}

func countName(measures *stats.Measures, id string) string {
	if measure, ok := measures.Count(id); ok {
		return measure.Name
	}
	return id
}

func capitalised(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
