package parse

import (
	"fmt"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// A daysFigure is a figure of the days from application to grant: the quantile
// in tenths (5 is the median), and the fewest grants that it is given for.
type daysFigure struct {
	measure string
	tenths  int
	fewest  int
}

// grantFigures are given for the twelve months that end with each month: in
// one month a force has too few grants for a quantile. Of fewer than five the
// figure would say little and could be one person's; the ninth decile of fewer
// than ten is the slowest case, or nearly.
var grantFigures = []daysFigure{{"spo_days_to_grant_median", 5, 5}, {"spo_days_to_grant_p90", 9, 10}}

// daysMonths is how many months such a figure is of.
const daysMonths = 12

// A grant is the first of an order, interim or full, that has been read so
// far. It is remembered by the hash of the order, until the file is read.
type grant struct {
	granted recordDay
	applied recordDay // 0 where no row of a grant says
	row     int
}

// granted notes a grant of an order. Rows come in any order: the earliest
// grant counts, and its own day of application before that of a later one.
func (c *recordCounter) granted(r *record, day, applied recordDay) {
	before, known := c.grants[r.hash]
	switch {
	case !known || day < before.granted:
		if applied == 0 {
			applied = before.applied
		}
		c.grants[r.hash] = grant{day, applied, r.row}
	case before.applied == 0:
		before.applied = applied
		c.grants[r.hash] = before
	}
}

// giveDays hands the days from application to grant of every twelve months
// that lie in the extract to Take.
func (c *recordCounter) giveDays(first, last int) error {
	if len(c.kind.days) == 0 {
		return nil
	}
	byMonth := map[int][]grant{}
	for _, g := range c.grants {
		byMonth[g.granted.month()] = append(byMonth[g.granted.month()], g)
	}
	for month := first + daysMonths - 1; month <= last; month++ {
		var grants []grant
		for m := month - daysMonths + 1; m <= month; m++ {
			grants = append(grants, byMonth[m]...)
		}
		for _, figure := range c.kind.days {
			if err := c.take(c.daysOf(month, figure, grants)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *recordCounter) daysOf(month int, figure daysFigure, grants []grant) stats.Observation {
	period := stats.Period{Start: periodOf(month - daysMonths + 1).Start, End: periodOf(month).End}
	var days []int
	row := c.header
	for _, g := range grants {
		if g.applied > 0 {
			days = append(days, daysBetween(g.applied, g.granted))
		}
		if row == c.header || g.row < row {
			row = g.row
		}
	}
	o := stats.Observation{
		Key:    stats.Key{Measure: figure.measure, Area: c.in.Settings.Area, Source: c.in.Source, Period: period},
		Slice:  c.slice(period, figure.measure),
		Origin: stats.Origin{File: c.in.File, Row: row},
	}
	if len(days) < figure.fewest {
		o.Value, o.Note = stats.Missing(stats.NotAvailable), fmt.Sprintf("fewer than %d first grants with a date of application: too few", figure.fewest)
		return o
	}
	o.Value, o.Note = stats.Number(float64(quantile(days, figure.tenths))), fmt.Sprintf("of %d first grants", len(days))
	if without := len(grants) - len(days); without > 0 {
		o.Note += fmt.Sprintf("; %d more without a date of application", without)
	}
	refused := c.undated
	for m := month - daysMonths + 1; m <= month; m++ {
		refused += c.months[m].refused
	}
	if refused > 0 {
		o.Value.Markers = o.Value.Markers.With(stats.LowReliability)
		o.Note = stats.JoinNotes(o.Note, fmt.Sprintf("%s that may be of these months %s rejected, so it may be wrong", rows(refused), were(refused)))
	}
	return o
}

// quantile is the sample quantile of at least one number in tenths, to a whole
// number, halves up. It is definition 7 of Hyndman and Fan, "Sample Quantiles in
// Statistical Packages", The American Statistician 50 (1996), which is also the
// one of a spreadsheet's MEDIAN and PERCENTILE.INC.
func quantile(numbers []int, tenths int) int {
	sorted := slices.Sorted(slices.Values(numbers))
	at := (len(sorted) - 1) * tenths
	below, part := sorted[at/10], at%10
	if part == 0 {
		return below
	}
	return (10*below + part*(sorted[at/10+1]-below) + 5) / 10
}

func daysBetween(from, to recordDay) int {
	return int(to.time().Sub(from.time()) / (24 * time.Hour))
}
