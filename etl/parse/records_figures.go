package parse

import (
	"fmt"
	"time"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// A recordFigure is one of the figures that a kind of extract gives for every
// month.
type recordFigure struct{ measure, breakdown, value string }

// mostFigures is how many figures a kind gives at most.
const mostFigures = 9

// A monthTally is what has been counted of one month.
type monthTally struct {
	row     int // the first that is of this month, whatever its offence; 0: none
	figures [mostFigures]figureTally
	refused int // rejected rows that are of this month, or say so
}

type figureTally struct {
	things int
	rows   int
	row    int // the first that was counted
}

// longestGap is how many months without a row may lie between two with one.
const longestGap = 24

// give hands the figures of every month from the first to the last of the
// extract to Take. A month that has rows and none that counts is 0; so is one
// of a rare kind without a row. Of another kind nothing is known of such a
// month, and it is not available.
func (c *recordCounter) give() error {
	first, last, err := c.span()
	if err != nil {
		return err
	}
	for month := first; month <= last; month++ {
		for i, figure := range c.kind.figures {
			if err := c.take(c.observation(month, figure, c.months[month].figures[i])); err != nil {
				return err
			}
		}
	}
	return c.giveDays(first, last)
}

// take hands a figure to Take. One that is refused ends the file: it has no row
// that could be rejected.
func (c *recordCounter) take(o stats.Observation) error {
	fault, err := c.out.Take(o)
	if err != nil || fault == nil {
		return err
	}
	return &sheet.Error{Kind: stats.RowsRejected, File: c.in.File, Problem: fmt.Sprintf("the count %s of %s cannot be loaded: %s", o.Measure, o.Period.Label(), fault.Reason),
		Advice: "look at the source's settings and at the measures that are loaded"}
}

// span is the first and the last month that any row is of; where there is
// none, the last is before the first.
func (c *recordCounter) span() (first, last int, err error) {
	first, last = 0, -1
	for month, tally := range c.months {
		if tally.row == 0 {
			continue
		}
		if last < 0 {
			first = month
		} else if month-last-1 > longestGap {
			return 0, 0, &sheet.Error{Kind: stats.Incomplete, File: c.in.File, Row: tally.row,
				Problem: fmt.Sprintf("no row is of the %d months between %s (row %d) and %s", month-last-1,
					periodOf(last).Label(), c.months[last].row, periodOf(month).Label()),
				Advice: "look for a mistyped year; if there truly was nothing for so long, send the two parts as two files"}
		}
		last = month
	}
	return first, last, nil
}

func (c *recordCounter) observation(month int, figure recordFigure, tally figureTally) stats.Observation {
	period := periodOf(month)
	value, note := stats.Number(float64(tally.things)), countedFrom(tally.rows)
	if refused := c.months[month].refused; c.leftOut(month) {
		value, note = stats.Missing(stats.NotAvailable), "no row of the extract, of any offence, is of this month: it may be missing from the extract"
	} else if refused > 0 {
		value.Markers = value.Markers.With(stats.LowReliability)
		note = stats.JoinNotes(note, fmt.Sprintf("%s of this month %s rejected, so the count may be wrong", rows(refused), were(refused)))
	}
	if c.undated > 0 && value.Known {
		value.Markers = value.Markers.With(stats.LowReliability)
		note = stats.JoinNotes(note, fmt.Sprintf("%s that may be of any month %s rejected, so the count may be wrong", rows(c.undated), were(c.undated)))
	}
	row := tally.row
	if row == 0 {
		row = c.header
	}
	return stats.Observation{
		Key: stats.Key{Measure: figure.measure, Area: c.in.Settings.Area, Source: c.in.Source, Period: period,
			Breakdown: figure.breakdown, BreakdownValue: figure.value},
		Slice:  c.slice(period, figure.measure),
		Value:  value,
		Note:   note,
		Origin: stats.Origin{File: c.in.File, Row: row},
	}
}

// slice is what the figures of a measure and period replace.
func (c *recordCounter) slice(period stats.Period, measure string) string {
	return fmt.Sprintf("%s %s/%s %s", c.in.Settings.Area, period.Start.Format(time.DateOnly), period.End.Format(time.DateOnly), measure)
}

// leftOut reports whether a month without any row says nothing.
func (c *recordCounter) leftOut(month int) bool { return !c.kind.rare && c.months[month].row == 0 }

func countedFrom(n int) string {
	if n == 0 {
		return "no row of the extract in this month"
	}
	return "counted from " + rows(n) + " of the extract"
}

func rows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
