package parse

import (
	"cmp"
	"fmt"
	"maps"
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

// grant takes the day of application of a further grant of an order. Rows come in any
// order: the earliest grant counts, and its own day of application before that of a
// later one.
func (o *keptOrder) grant(day, applied recordDay) {
	first, there := o.firstGrant()
	if o.applied == 0 || applied != 0 && (!there || day < o.days[first].day()) {
		o.applied = packed(applied)
	}
}

// grantTally is the first grants of some months, by how many days they took.
// The days are few where the grants are many.
type grantTally struct {
	took  map[int]int // grants by days
	dated int         // those that have a day of application
	all   int
	row   int // the first, 0 where there is none
}

// add counts an order by the stage of its first grant.
func (t *grantTally) add(o *keptOrder, stage int) {
	t.all++
	if row := int(o.rows[stage]); t.row == 0 || row < t.row {
		t.row = row
	}
	if o.applied > 0 {
		t.dated++
		t.took[daysBetween(o.applied.day(), o.days[stage].day())]++
	}
}

func (t *grantTally) join(other *grantTally) {
	t.all, t.dated = t.all+other.all, t.dated+other.dated
	if t.row == 0 || other.row > 0 && other.row < t.row {
		t.row = other.row
	}
	for days, n := range other.took {
		t.took[days] += n
	}
}

// giveDays hands the days from application to grant of every twelve months
// that lie in the extract to Take.
func (c *recordCounter) giveDays(first, last int) error {
	if len(c.kind.days) == 0 {
		return nil
	}
	byMonth := map[int]*grantTally{}
	for o := range c.orders.all() {
		stage, granted := o.firstGrant()
		if !granted {
			continue
		}
		month := o.days[stage].day().month()
		if byMonth[month] == nil {
			byMonth[month] = &grantTally{took: map[int]int{}}
		}
		byMonth[month].add(o, stage)
	}
	for month := first + daysMonths - 1; month <= last; month++ {
		year := &grantTally{took: map[int]int{}}
		for m := month - daysMonths + 1; m <= month; m++ {
			if byMonth[m] != nil {
				year.join(byMonth[m])
			}
		}
		for _, figure := range c.kind.days {
			if err := c.take(c.daysOf(month, figure, year)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *recordCounter) daysOf(month int, figure daysFigure, year *grantTally) stats.Observation {
	period := stats.Period{Start: periodOf(month - daysMonths + 1).Start, End: periodOf(month).End}
	o := stats.Observation{
		Key:    stats.Key{Measure: figure.measure, Area: c.in.Settings.Area, Source: c.in.Source, Period: period},
		Slice:  c.slice(period, figure.measure),
		Origin: stats.Origin{File: c.in.File, Row: cmp.Or(year.row, c.header)},
	}
	if year.dated < figure.fewest {
		o.Value, o.Note = stats.Missing(stats.NotAvailable), fmt.Sprintf("fewer than %d first grants with a date of application: too few", figure.fewest)
		return o
	}
	o.Value, o.Note = stats.Number(float64(quantile(year.took, figure.tenths))), fmt.Sprintf("of %d first grants", year.dated)
	if without := year.all - year.dated; without > 0 {
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
// number, halves up; times says how often each number is there. It is definition 7
// of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
// Statistician 50 (1996), which is also the one of a spreadsheet's MEDIAN and
// PERCENTILE.INC.
func quantile(times map[int]int, tenths int) int {
	all := 0
	for _, n := range times {
		all += n
	}
	sorted := slices.Sorted(maps.Keys(times))
	nth := func(n int) int { // from 0
		for _, number := range sorted {
			if n -= times[number]; n < 0 {
				return number
			}
		}
		return sorted[len(sorted)-1]
	}
	at := (all - 1) * tenths
	below, part := nth(at/10), at%10
	if part == 0 {
		return below
	}
	return (10*below + part*(nth(at/10+1)-below) + 5) / 10
}

func daysBetween(from, to recordDay) int {
	return int(to.time().Sub(from.time()) / (24 * time.Hour))
}
