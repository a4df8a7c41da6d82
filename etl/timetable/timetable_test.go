package timetable_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"stalkstats/etl/timetable"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func parse(t testing.TB, spec string, loc *time.Location) cron.Schedule {
	t.Helper()
	s, err := timetable.Parse(spec, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	from = time.Date(2019, 12, 31, 12, 0, 0, 0, time.UTC)
	to   = time.Date(2041, 1, 1, 12, 0, 0, 0, time.UTC)
)

// perDay counts the due times of each local day from 2020 to 2040.
func perDay(t *testing.T, s cron.Schedule, loc *time.Location) map[string]int {
	t.Helper()
	days := map[string]int{}
	for last, at := from, s.Next(from); !at.After(to); last, at = at, s.Next(at) {
		if !at.After(last) {
			t.Fatalf("after %v comes %v", last, at)
		}
		days[at.In(loc).Format(time.DateOnly)]++
	}
	return days
}

// TestEveryDay counts the due times of every day over twenty-one years.
func TestEveryDay(t *testing.T) {
	always := func(time.Time) bool { return true }
	for _, name := range []string{"Europe/London", "Australia/Lord_Howe", "America/New_York"} {
		loc := zone(t, name)
		for _, tt := range []struct {
			spec string
			day  func(time.Time) bool // is it due on that day
			// how often on a day of 24 hours, and on those when the clocks go
			// forward by an hour, and by half an hour
			times, forward, half int
		}{
			{"30 1 * * *", always, 1, 1, 1},
			{"59 0 * * *", always, 1, 1, 1},
			{"0 1 * * *", always, 1, 1, 1},
			{"0 2 * * *", always, 1, 1, 1},
			{"15 2 * * *", always, 1, 1, 1},
			{"30 6 * * *", always, 1, 1, 1},
			{"0 0 * * *", always, 1, 1, 1},
			{"@daily", always, 1, 1, 1},
			{"0 * * * *", always, 24, 23, 24},
			{"*/15 * * * *", always, 96, 92, 94},
			{"30 1 31 * *", func(d time.Time) bool { return d.Day() == 31 }, 1, 1, 1},
			{"30 1 * * 1-5", func(d time.Time) bool { return d.Weekday() >= time.Monday && d.Weekday() <= time.Friday }, 1, 1, 1},
			{"30 1 * * 0", func(d time.Time) bool { return d.Weekday() == time.Sunday }, 1, 1, 1},
			{"30 1 1 * 0", func(d time.Time) bool { return d.Day() == 1 || d.Weekday() == time.Sunday }, 1, 1, 1},
			{"30 1 29 2 *", func(d time.Time) bool { return d.Month() == time.February && d.Day() == 29 }, 1, 1, 1},
		} {
			t.Run(name+" "+tt.spec, func(t *testing.T) {
				t.Parallel()
				got, want := perDay(t, parse(t, tt.spec, loc), loc), map[string]int{}
				changes := 0
				for d := time.Date(2020, 1, 1, 12, 0, 0, 0, loc); d.Year() <= 2040; d = d.AddDate(0, 0, 1) {
					n := tt.times
					_, before := d.AddDate(0, 0, -1).Zone()
					_, after := d.Zone()
					switch after - before {
					case 3600:
						n, changes = tt.forward, changes+1
					case 1800:
						n, changes = tt.half, changes+1
					}
					if tt.day(d) {
						want[d.Format(time.DateOnly)] = n
					}
				}
				delete(got, "2019-12-31")
				delete(got, "2041-01-01")
				delete(got, "2041-01-02")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("times due on each day (-want +got):\n%s", diff)
				}
				if changes != 21 {
					t.Errorf("the clocks went forward %d times in 21 years", changes)
				}
			})
		}
	}
}

// TestClockChanges names the instants, in UTC, around both changes of 2026.
func TestClockChanges(t *testing.T) {
	const spring, autumn = "2026-03-28T12:00Z", "2026-10-24T12:00Z"
	for _, tt := range []struct {
		zone, spec, after string
		want              string
	}{
		{"Europe/London", "30 1 * * *", spring, "03-29 01:00, 03-30 00:30"}, // there is no 01:30; 02:00 BST is 01:00
		{"Europe/London", "0 1 * * *", spring, "03-29 01:00, 03-30 00:00"},
		{"Europe/London", "59 0 * * *", spring, "03-29 00:59, 03-29 23:59"},
		{"Europe/London", "0 2 * * *", spring, "03-29 01:00, 03-30 01:00"},
		{"Europe/London", "0,30 1,2 * * *", spring, "03-29 01:00, 03-29 01:30, 03-30 00:00"},
		{"Europe/London", "30 1 * * *", autumn, "10-25 00:30, 10-26 01:30"}, // the first of two
		{"Europe/London", "0 1 * * *", autumn, "10-25 00:00, 10-26 01:00"},
		{"Europe/London", "59 0 * * *", autumn, "10-24 23:59, 10-26 00:59"},
		{"Europe/London", "0 2 * * *", autumn, "10-25 02:00, 10-26 02:00"},
		{"Europe/London", "30 * * * *", "2026-10-25T00:00Z", "10-25 00:30, 10-25 02:30"},
		{"Europe/London", "*/15 * * * *", "2026-10-25T01:10Z", "10-25 02:00, 10-25 02:15"}, // in the hour that is repeated
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-03T10:00Z", "10-03 15:30, 10-04 15:15"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-04T10:00Z", "04-04 14:45, 04-05 15:15"},
		{"Pacific/Apia", "30 6 * * *", "2011-12-29T10:00Z", "12-29 16:30, 12-30 10:00, 12-30 16:30"}, // there was no 30 December
		{"UTC", "30 1 * * *", spring, "03-29 01:30, 03-30 01:30"},
	} {
		s := parse(t, tt.spec, zone(t, tt.zone))
		at, err := time.Parse("2006-01-02T15:04Z", tt.after)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range strings.Split(tt.want, ", ") {
			at = s.Next(at)
			got = append(got, at.UTC().Format("01-02 15:04"))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s %q after %s (-want +got):\n%s", tt.zone, tt.spec, tt.after, diff)
		}
	}
}

// randomSpec is a line that is due at least once a day, so that some of its
// times fall on a change of the clocks.
func randomSpec(r *rand.Rand) string {
	field := func(limit int) string {
		switch r.IntN(4) {
		case 0:
			return fmt.Sprintf("*/%d", 1+r.IntN(limit))
		case 1:
			return fmt.Sprintf("%d,%d", r.IntN(limit), r.IntN(limit))
		case 2:
			a := r.IntN(limit)
			return fmt.Sprintf("%d-%d", a, a+r.IntN(limit-a))
		}
		return fmt.Sprint(r.IntN(limit))
	}
	hours := field(24)
	if r.IntN(2) == 0 {
		hours = field(4) // when clocks change
	}
	return field(60) + " " + hours + " * * *"
}

// TestAgainstEveryMinute compares, over the days around a change of the
// clocks, with what a look at the wall clock at every minute gives: a time is
// due at the first minute at which the clock shows it or a later one.
func TestAgainstEveryMinute(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, change := range []struct{ zone, day string }{
		{"Europe/London", "2026-03-28"}, {"Europe/London", "2026-10-24"},
		{"America/New_York", "2026-03-07"}, {"America/New_York", "2026-10-31"},
		{"Australia/Lord_Howe", "2026-04-04"}, {"Australia/Lord_Howe", "2026-10-03"},
		{"America/Sao_Paulo", "2018-11-03"}, // where midnight did not come
		{"Africa/Monrovia", "1972-01-06"},
		{"Pacific/Apia", "2011-12-29"}, // by a whole day
		{"America/Juneau", "2026-10-31"},
	} {
		loc := zone(t, change.zone)
		start, err := time.ParseInLocation(time.DateOnly, change.day, loc)
		if err != nil {
			t.Fatal(err)
		}
		end, step := start.Add(72*time.Hour), time.Minute
		if change.zone == "Africa/Monrovia" {
			step = 30 * time.Second // by 44 minutes and 30 seconds
		}
		for range 60 {
			spec := randomSpec(r)
			inUTC := parse(t, spec, time.UTC)
			var want, got []time.Time
			due := inUTC.Next(shown(start))
			for at := start.Add(step); !at.After(end); at = at.Add(step) {
				if now := shown(at); !due.After(now) {
					want = append(want, at)
					due = inUTC.Next(now)
				}
			}
			s := parse(t, spec, loc)
			for at := s.Next(start); !at.After(end); at = s.Next(at) {
				got = append(got, at)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s, %q (-want +got):\n%s", change.zone, change.day, spec, diff)
			}
		}
	}
}

// shown is the wall clock's reading, written as if it were in UTC.
func shown(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func TestEvery(t *testing.T) {
	at := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	s := parse(t, " @every 1h ", zone(t, "Europe/London"))
	for range 4 {
		next := s.Next(at)
		if next.Sub(at) != time.Hour {
			t.Errorf("after %v comes %v", at, next)
		}
		at = next
	}
}

func TestNoTime(t *testing.T) {
	for _, spec := range []string{"0 6 30 2 *", "0 6 31 4,6,9,11 *"} {
		if got := parse(t, spec, zone(t, "Europe/London")).Next(from); !got.IsZero() {
			t.Errorf("%s is due at %v", spec, got)
		}
	}
}

func TestFaults(t *testing.T) {
	for spec, says := range map[string]string{
		"":                             "is not a cron line",
		"7 o'clock":                    "is not a cron line",
		"* * * * * *":                  "is not a cron line",
		"60 * * * *":                   "is not a cron line",
		"*/0 * * * *":                  "is not a cron line",
		"@reboot":                      "is not a cron line",
		"TZ=Europe/London":             "set it in etl.timezone",
		" TZ=Europe/London 0 6 * * *":  "set it in etl.timezone",
		"CRON_TZ=Asia/Tokyo 0 6 * * *": "set it in etl.timezone",
		"@every":                       "is not a cron line",
		"@every day":                   "is not a time span, such as @every 1h30m",
		"@every -1h":                   "is less than a second",
		"@every 0s":                    "is less than a second",
	} {
		s, err := timetable.Parse(spec, time.UTC)
		if err == nil || s != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, error %v; want %q", spec, s, err, says)
		}
	}
}

func TestMissed(t *testing.T) {
	london := zone(t, "Europe/London")
	clock := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, london) }
	daily, hourly, never := parse(t, "30 6 * * *", london), parse(t, "@every 1h", london), parse(t, "0 6 30 2 *", london)
	for _, tt := range []struct {
		name      string
		s         cron.Schedule
		last, now time.Time
		want      time.Time
	}{
		{"run today", daily, clock(6, 6, 30), clock(6, 9, 0), time.Time{}},
		{"due this second", daily, clock(5, 6, 30), clock(6, 6, 30), clock(6, 6, 30)},
		{"a second before", daily, clock(5, 6, 30), clock(6, 6, 30).Add(-time.Second), time.Time{}},
		{"down for three days", daily, clock(5, 6, 30), clock(8, 9, 0), clock(6, 6, 30)},
		{"made up", daily, clock(8, 9, 0), clock(8, 9, 1), time.Time{}},
		{"a person ran it since", daily, clock(8, 8, 0), clock(8, 9, 0), time.Time{}},
		{"never ran", daily, time.Time{}, clock(8, 9, 0), daily.Next(time.Time{})},
		{"the clock went back", daily, clock(8, 9, 0), clock(7, 9, 0), time.Time{}},
		{"every hour", hourly, clock(5, 6, 30), clock(6, 9, 0), clock(5, 7, 30)},
		{"no such day", never, clock(5, 6, 30), clock(6, 9, 0), time.Time{}},
	} {
		due, missed := timetable.Missed(tt.s, tt.last, tt.now)
		if missed == tt.want.IsZero() || !due.Equal(tt.want) {
			t.Errorf("%s: %v, %v; want %v", tt.name, due, missed, tt.want)
		}
	}
}

// TestCronKeepsIt lets cron itself run a job over a year of its clock, which
// the test turns: once a day, also when the clocks of 2000 changed.
func TestCronKeepsIt(t *testing.T) {
	london := zone(t, "Europe/London")
	s := parse(t, "30 1 * * *", london)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // jobs are goroutines of their own
		runs := map[string]int{}
		c := cron.New(cron.WithLocation(london))
		c.Schedule(s, cron.FuncJob(func() {
			mu.Lock()
			defer mu.Unlock()
			runs[time.Now().In(london).Format(time.DateOnly)]++
		}))
		c.Start()
		<-time.After(366 * 24 * time.Hour) // of the bubble's clock, which starts with 2000
		<-c.Stop().Done()
		mu.Lock()
		defer mu.Unlock()
		if len(runs) != 366 || runs["2000-03-26"] != 1 || runs["2000-10-29"] != 1 {
			t.Errorf("runs on %d days, %d and %d when the clocks changed", len(runs), runs["2000-03-26"], runs["2000-10-29"])
		}
		for day, n := range runs {
			if n != 1 {
				t.Errorf("%d runs on %s", n, day)
			}
		}
	})
}

// FuzzNext: no line ends the program, and the next time is a later one or none.
func FuzzNext(f *testing.F) {
	for _, spec := range []string{"30 1 * * *", "*/15 * * * *", "0 6 31 * 1", "0 6 30 2 *", "@every 1h", "@monthly", "TZ=", "TZ=UTC", "CRON_TZ=Europe/London 1 1 1 1 1", "@every 2562047h47m16s", "? * L * *"} {
		f.Add(spec, int64(1_774_745_999), int64(1))
		f.Add(spec, int64(1_792_890_000), int64(0))
		f.Add(spec, int64(-62_135_596_800), int64(0)) // the zero time
		f.Add(spec, int64(1)<<62, int64(0))
	}
	zones := []*time.Location{zone(f, "Europe/London"), zone(f, "Australia/Lord_Howe"), zone(f, "America/New_York"), zone(f, "Pacific/Apia"), time.UTC}
	f.Fuzz(func(t *testing.T, spec string, seconds, nanoseconds int64) {
		at := time.Unix(seconds, nanoseconds)
		for _, loc := range zones {
			s, err := timetable.Parse(spec, loc)
			if (s == nil) != (err != nil) {
				t.Fatalf("%v and error %v", s, err)
			}
			if err != nil {
				return
			}
			next := s.Next(at)
			if !next.IsZero() && !next.After(at) {
				t.Errorf("%s: after %v comes %v", loc, at, next)
			}
			if due, missed := timetable.Missed(s, at, next); missed != !next.IsZero() || !due.Equal(next) {
				t.Errorf("%s: missed %v, %v at %v", loc, due, missed, next)
			}
		}
	})
}
