package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// clockConfig has a job of every kind at times that fall into the hour that is left out, or
// comes twice.
const clockConfig = `data_dir: d
reports: {folder: board}
backup: {folder: b, schedule: "30 1 * * *", verify: false}
etl:
  timezone: Europe/London
  sources:
    - {name: areas, parser: areas, from: 'builtin:areas.csv'}
    - {name: measures, parser: measures, from: 'builtin:measures.csv'}
    - {name: daily, parser: force_return, from: good.csv, schedule: "30 1 * * *"}
    - {name: at_two, parser: force_return, from: good.csv, schedule: "0 2 * * *"}
    - {name: hourly, parser: force_return, from: good.csv, schedule: "30 * * * *"}
`

// A turn is a change of the clocks through which the program lives, once or several times.
type turn struct {
	name  string
	lives [][2]string // the instants in UTC from and to which a process runs
	want  []string    // what began in them, with the day, hour and minute in UTC
}

// turns are lives of some minutes around the times that count.
func turns() []turn {
	return []turn{
		{"forward", [][2]string{{"2000-03-26 00:58", "2000-03-26 01:01"}}, []string{
			"26 00:58 at_two published", "26 00:58 daily published", "26 00:58 hourly published", "25 01:30 report delivered", // for the first time
			"26 01:00 at_two unchanged", "26 01:00 backup untried", "26 01:00 daily unchanged", "26 01:00 hourly unchanged", "26 01:00 report delivered"}},
		// The first life is at the first 01:30, the second at the second.
		{"back", [][2]string{{"2000-10-29 00:29", "2000-10-29 00:31"}, {"2000-10-29 01:29", "2000-10-29 01:31"}, {"2000-10-29 02:29", "2000-10-29 02:31"}}, []string{
			"29 00:29 at_two unchanged", "29 00:29 backup untried", "29 00:29 daily unchanged", "29 00:29 hourly unchanged", "28 00:30 report delivered", // of the months before
			"29 00:30 backup untried", "29 00:30 daily unchanged", "29 00:30 hourly unchanged", "29 00:30 report delivered",
			"29 02:29 at_two unchanged", // of 02:00
			"29 02:30 hourly unchanged"}},
		{"forward while nothing runs", [][2]string{{"2001-03-24 12:00", "2001-03-24 12:01"}, {"2001-03-25 01:40", "2001-03-25 01:41"}}, []string{
			"24 12:00 at_two unchanged", "24 12:00 backup untried", "24 12:00 daily unchanged", "24 12:00 hourly unchanged", "24 01:30 report delivered",
			"25 01:40 at_two unchanged", "25 01:40 backup untried", "25 01:40 daily unchanged", "25 01:40 hourly unchanged", "25 01:00 report delivered"}},
		// What is made up after the first 01:30 does not come at the second.
		{"back while nothing runs", [][2]string{{"2001-10-27 12:00", "2001-10-27 12:01"}, {"2001-10-28 01:28", "2001-10-28 01:31"}}, []string{
			"27 12:00 at_two unchanged", "27 12:00 backup untried", "27 12:00 daily unchanged", "27 12:00 hourly unchanged", "27 00:30 report delivered",
			"28 01:28 backup untried", "28 01:28 daily unchanged", "28 01:28 hourly unchanged", "28 00:30 report delivered"}},
	}
}

// wholeDays makes the test live through the 24 hours around both changes too, second by second,
// which takes some minutes.
const wholeDays = "STALKSTATS_WHOLE_DAYS"

// days are the 24 hours around both changes of another year.
func days() []turn {
	return []turn{
		{"forward, a whole day", [][2]string{{"2002-03-30 12:00", "2002-03-31 12:00"}}, slices.Concat([]string{
			"30 12:00 at_two unchanged", "30 12:00 backup untried", "30 12:00 daily unchanged", "30 12:00 hourly unchanged", "30 01:30 report delivered"},
			everyHour(30, 12, 23), everyHour(31, 0, 0),
			[]string{"31 01:00 at_two unchanged", "31 01:00 backup untried", "31 01:00 daily unchanged", "31 01:00 hourly unchanged", "31 01:00 report delivered"},
			everyHour(31, 1, 11))},
		{"back, a whole day", [][2]string{{"2002-10-26 12:00", "2002-10-27 12:00"}}, slices.Concat([]string{
			"26 12:00 at_two unchanged", "26 12:00 backup untried", "26 12:00 daily unchanged", "26 12:00 hourly unchanged", "26 00:30 report delivered"},
			everyHour(26, 12, 23),
			[]string{"27 00:30 backup untried", "27 00:30 daily unchanged", "27 00:30 hourly unchanged", "27 00:30 report delivered", "27 02:00 at_two unchanged"},
			everyHour(27, 2, 11))},
	}
}

// everyHour is what runs at half past the hours of a day, from the first to the last.
func everyHour(day, first, last int) (all []string) {
	for hour := first; hour <= last; hour++ {
		all = append(all, fmt.Sprintf("%d %02d:30 hourly unchanged", day, hour))
	}
	return all
}

// TestClocksChange lets everything that goes by the clock run over changes of the clocks, in
// simulated time: a source, the backup and a saved report that are due at 01:30 come once on
// the day that has no 01:30, and once on the day that has two.
func TestClocksChange(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", clockConfig)
	f.write(t, "good.csv", returnHeader+"E23000026,1999-03,stalking_charges,,,5,,\n")
	f.make(t, "board")
	f.make(t, "b")
	synctest.Test(t, func(t *testing.T) { // its clock begins with the year 2000
		f.savesDaily(t)
		all := turns()
		if os.Getenv(wholeDays) != "" {
			all = append(all, days()...)
		}
		for _, turn := range all {
			since := len(f.began(t))
			for _, life := range turn.lives {
				until(t, life[0])
				f.lives(t, life[1])
			}
			if diff := cmp.Diff(turn.want, f.began(t)[since:]); diff != "" {
				t.Errorf("the clocks go %s: what began (-want +got):\n%s", turn.name, diff)
			}
		}
	})
}

// savesDaily saves a report that is due at 01:30.
func (f folder) savesDaily(t *testing.T) {
	t.Helper()
	db := f.open(t)
	if err := query.New(db).SaveReport(t.Context(), stats.SavedReport{ID: "r", SavedAt: time.Now(), Who: "Ann", Name: "r", Filters: "audience=internal",
		Audience: "internal", Schedule: "30 1 * * *", Place: stats.FolderPlace}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// instant is a time in UTC.
func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// until lets the simulated clock go on to ten seconds after a time. At the instant at which the
// driver clears up its connections, an hour after it began, a process cannot end: it waits for itself.
func until(t *testing.T, text string) {
	t.Helper()
	<-time.After(time.Until(instant(t, text)) + 10*time.Second)
}

// lives runs all of `stalkstats serve` but its listeners, from now until a time.
func (f folder) lives(t *testing.T, to string) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	s := f.session(ctx)
	cfg, err := s.configFor(true)
	if err != nil {
		t.Fatal(err)
	}
	db := f.open(t)
	log := slog.New(slog.DiscardHandler)
	pages, err := s.pageOptions(cfg, query.New(db), log)
	if err != nil {
		t.Fatal(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.startLoads(ctx, group, cfg, db, pages, log, func() {}) })
	until(t, to)
	end()
	if err := errors.Join(group.Wait(), db.Close()); err != nil {
		t.Error(err)
	}
}

// began is what began and at which day and minute of UTC, in order, but for the reference data.
// A report has the time at which it was due: one that is due is looked for twice a minute.
func (f folder) began(t *testing.T) (all []string) {
	t.Helper()
	db := f.open(t)
	rows, err := db.Query(t.Context(), `SELECT formatDateTime(due, '%d %H:%i', 'UTC') || ' ' || what || ' ' || outcome FROM (
		SELECT started_at AS at, at AS due, source AS what, toString(argMax(outcome, ended_at)) AS outcome FROM runs WHERE source NOT IN ('areas', 'measures') GROUP BY run_id, source, started_at
		UNION ALL SELECT began_at, began_at, 'backup', toString(outcome) FROM backups
		UNION ALL SELECT recorded_at, due_at, 'report', toString(outcome) FROM report_deliveries) ORDER BY toStartOfMinute(at), what`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := errors.Join(rows.Err(), rows.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}
