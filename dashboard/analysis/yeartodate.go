package analysis

import (
	"time"

	"stalkstats/internal/stats"
)

// YearToDate adds up a series from 1 January to the last day its figures
// cover, never to today, and the same days a year earlier, leap years
// included (methods: "year to date compares with the same days of last year").
// The error says why there is none, ErrNotCovered or ErrMixed; where there is
// only none of last year, before is not available.
func YearToDate(s stats.Series) (this, before stats.Figure, err error) {
	ps := newParts(s)
	last, ok := ps.lastDay(s)
	if !ok {
		return stats.Figure{}, stats.Figure{}, ErrNotCovered
	}
	this, err = ps.figure(stats.Period{Start: stats.Day(last.Year(), time.January, 1), End: last})
	if err != nil {
		return stats.Figure{}, stats.Figure{}, err
	}
	if before, err = ps.yearBefore(this); err != nil {
		before = stats.Figure{Key: this.Key, Value: stats.Missing(stats.NotAvailable)}
		before.Period = this.Period.YearEarlier()
	}
	return this, before, nil
}

// lastDay is the last day of the last figure that can be counted: a month
// that only says "not available" covers nothing.
func (ps parts) lastDay(s stats.Series) (last time.Time, ok bool) {
	for _, f := range s.Figures {
		if ps.countable(&f) && f.Period.End.After(last) {
			last, ok = f.Period.End, true
		}
	}
	return last, ok
}
