// Package timetable says when a source is due. A line of cron is read as wall
// clock time in one zone: a job at 01:30 runs once every day, also on the day
// that has no 01:30 and on the day that has two. The package has no clock.
package timetable

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Parse reads a line of cron: minute, hour, day of the month, month and
// weekday; or a name such as @daily; or @every with a time span. All but
// @every go by the wall clock in the zone:
//
//   - A time that the clocks leave out when they go forward is due at the
//     first instant after the gap.
//   - A time that comes twice when they go back is due the first time only.
//     A line for every hour, or oftener, so pauses while the hour repeats.
//   - Times that fall on one instant are due once.
//
// @every counts real time, in whole seconds, and knows no wall clock. Where
// both the day of the month and the weekday are given, either is enough.
//
// The schedule gives times in the zone, strictly after the one it is asked
// about, and the zero time where none comes within five years, as for 30
// February. The error is one sentence.
func Parse(spec string, zone *time.Location) (s cron.Schedule, err error) {
	spec = strings.TrimSpace(spec)
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		return nil, fmt.Errorf("%q names a time zone: set it in etl.timezone and leave it out here", spec)
	}
	// The library has panicked on lines before; a bad line must not end the
	// program that holds the good ones.
	defer func() {
		if recover() != nil {
			s, err = nil, fmt.Errorf("%q is not a cron line (minute hour day month weekday)", spec)
		}
	}()
	if span, ok := strings.CutPrefix(spec, "@every "); ok {
		return every(spec, strings.TrimSpace(span))
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("%q is not a cron line (minute hour day month weekday): %w", spec, err)
	}
	wall, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q is not a cron line (minute hour day month weekday)", spec)
	}
	wall.Location = time.UTC
	return daily{wall, zone}, nil
}

// every is a span of real time. The library would take one of nothing, or
// less, for a second.
func every(spec, span string) (cron.Schedule, error) {
	d, err := time.ParseDuration(span)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time span, such as @every 1h30m: %w", spec, err)
	}
	if d < time.Second {
		return nil, fmt.Errorf("%q is less than a second: give a longer time, such as @every 15m", spec)
	}
	return cron.Every(d), nil
}

// Missed reports whether a run was due after last and up to now, and when
// the first of them was. Several due times that were missed are one missed
// run: it is made up once, and from then on last is the start of that run.
func Missed(s cron.Schedule, last, now time.Time) (due time.Time, missed bool) {
	due = s.Next(last)
	if due.IsZero() || due.After(now) {
		return time.Time{}, false
	}
	return due, true
}

// daily goes by the wall clock of a zone. The cron line is worked out in UTC,
// where no hour is left out or repeated, over times that carry the wall clock
// of the zone.
type daily struct {
	wall *cron.SpecSchedule
	zone *time.Location
}

// Next implements cron.Schedule.
func (d daily) Next(t time.Time) time.Time {
	w := wallClock(t.In(d.zone))
	for {
		next := d.wall.Next(w)
		if !next.After(w) { // none; or the end of what a time can hold
			return time.Time{}
		}
		if at := d.instant(next); at.After(t) {
			return at
		}
		w = next // the hour is repeated and its times have been: go on after it
	}
}

// wallClock is what the clock on the wall shows, as a time in UTC.
func wallClock(t time.Time) time.Time {
	_, seconds := t.Zone()
	return t.UTC().Add(time.Duration(seconds) * time.Second)
}

// instant is the first at which the wall clock shows w: the first of two where
// it comes twice, and the end of the gap where it does not come. time.Date
// does not say which of two it gives, and Time.ZoneBounds gives an end that is
// not after the time itself on the last day of leap years from 2040.
func (d daily) instant(w time.Time) time.Time {
	const aDay = 26 * time.Hour // no zone is further from UTC, even across the date line
	before, after := d.offset(w.Add(-aDay)), d.offset(w.Add(aDay))
	early, late := w.Add(-max(before, after)), w.Add(-min(before, after))
	for _, t := range []time.Time{early, late} {
		if wallClock(t.In(d.zone)).Equal(w) {
			return t.In(d.zone)
		}
	}
	gap := sort.Search(int(late.Sub(early)/time.Second), func(seconds int) bool {
		return d.offset(early.Add(time.Duration(seconds)*time.Second)) == after
	})
	return early.Add(time.Duration(gap) * time.Second).In(d.zone)
}

// offset is how far the zone's wall clock is ahead of UTC.
func (d daily) offset(t time.Time) time.Duration {
	_, seconds := t.In(d.zone).Zone()
	return time.Duration(seconds) * time.Second
}
