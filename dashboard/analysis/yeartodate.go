package analysis

import (
	"time"

	"stalkstats/internal/stats"
)

// YearToDate adds up a series from 1 January to the last day its figures
// cover, never to today, and the same days a year earlier, leap years
// included (methods: "year to date compares with the same days of last year").
// It is false where the figures do not cover this year's days exactly; where
// they do not cover last year's, before is not available.
func YearToDate(s stats.Series) (this, before stats.Figure, ok bool) {
	ps := newParts(s)
	last, ok := ps.lastDay(s)
	if !ok {
		return stats.Figure{}, stats.Figure{}, false
	}
	this, ok = ps.figure(stats.Period{Start: stats.Day(last.Year(), time.January, 1), End: last})
	if !ok {
		return stats.Figure{}, stats.Figure{}, false
	}
	before, found := ps.figure(this.Period.YearEarlier())
	if !found {
		before = stats.Figure{Key: this.Key, Value: stats.Missing(stats.NotAvailable)}
		before.Period = this.Period.YearEarlier()
	}
	return this, before, true
}

// lastDay is the last day of the last figure that can be counted: a month
// that only says "not available" covers nothing.
func (ps parts) lastDay(s stats.Series) (last time.Time, ok bool) {
	for _, f := range s.Figures {
		if ps.countable(f) && f.Period.End.After(last) {
			last, ok = f.Period.End, true
		}
	}
	return last, ok
}
