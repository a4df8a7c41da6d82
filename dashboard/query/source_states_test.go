package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// ran writes runs, each of source, outcome, kind and hours after the first;
// each takes a minute and reads 6 rows. The n-th is called runN.
func (w world) ran(t testing.TB, lines ...[3]string) {
	t.Helper()
	for i, line := range lines {
		start := first.Add(time.Duration(i) * time.Hour)
		stamp := func(at time.Time) string { return at.Format("2006-01-02 15:04:05.000000") }
		insert := "INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, kind, read_rows, loaded_rows, excluded_rows, rejected_rows) VALUES "
		w.exec(t, insert+fmt.Sprintf("('run%d','%s','%s','running','%s',NULL,'%s',0,0,0,0)", i, stamp(start), line[0], stamp(start), line[2]))
		if line[1] != "running" {
			end := start.Add(time.Minute)
			w.exec(t, insert+fmt.Sprintf("('run%d','%s','%s','%s','%s','%s','%s',6,3,2,1)", i, stamp(end), line[0], line[1], stamp(start), stamp(end), line[2]))
		}
	}
}

func TestSourceStates(t *testing.T) {
	at := func(hours, minutes int) time.Time {
		return first.Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
	}
	last := func(n int, outcome stats.Outcome) stats.Run {
		return stats.Run{ID: fmt.Sprintf("run%d", n), Source: "s", Outcome: outcome, StartedAt: at(n, 0), EndedAt: at(n, 1)}
	}
	for name, tt := range map[string]struct {
		runs [][3]string
		want query.SourceState
	}{
		"one load": {[][3]string{{"s", "published", "load"}},
			query.SourceState{LastLoad: last(0, "published"), LastSuccess: at(0, 1), Outcomes: map[stats.Outcome]uint64{"published": 1}, Loaded: 3, Excluded: 2, Rejected: 1}},
		"a failure after it": {[][3]string{{"s", "published", "load"}, {"s", "failed", "load"}},
			query.SourceState{LastLoad: last(1, "failed"), LastSuccess: at(0, 1), Outcomes: map[stats.Outcome]uint64{"published": 1, "failed": 1}, Loaded: 6, Excluded: 4, Rejected: 2}},
		"what is unchanged is a success": {[][3]string{{"s", "rejected", "load"}, {"s", "unchanged", "load"}},
			query.SourceState{LastLoad: last(1, "unchanged"), LastSuccess: at(1, 1), Outcomes: map[stats.Outcome]uint64{"rejected": 1, "unchanged": 1}, Loaded: 6, Excluded: 4, Rejected: 2}},
		"dry runs, withdrawals and skipped or running runs hide nothing": {
			[][3]string{{"s", "held", "load"}, {"s", "checked", "check"}, {"s", "published", "withdrawal"}, {"s", "skipped", "load"}, {"s", "running", "load"}},
			query.SourceState{LastLoad: last(0, "held"), Outcomes: map[stats.Outcome]uint64{"held": 1, "checked": 1, "published": 1, "skipped": 1}, Loaded: 3, Excluded: 2, Rejected: 1}},
		"a dry run alone": {[][3]string{{"s", "failed", "check"}}, query.SourceState{Outcomes: map[stats.Outcome]uint64{"failed": 1}}},
		"of others":       {[][3]string{{"s", "published", "load"}, {`t"; --`, "failed", "load"}}, query.SourceState{LastLoad: last(0, "published"), LastSuccess: at(0, 1), Outcomes: map[stats.Outcome]uint64{"published": 1}, Loaded: 3, Excluded: 2, Rejected: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.ran(t, tt.runs...)
			w.release(t, "r1", "s", second, "one", "two")
			states, err := w.reader.SourceStates(t.Context())
			if err != nil || len(states) == 0 {
				t.Fatal(states, err)
			}
			tt.want.Source, tt.want.ServedSince, tt.want.Newest = "s", second, second
			if diff := cmp.Diff(tt.want, states[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSourceStatesOfRecommendations: what holds them is told from the rest,
// and what serves nothing has no time of service.
func TestSourceStatesOfRecommendations(t *testing.T) {
	w := newWorld(t)
	w.ran(t, [3]string{"other", "failed", "load"}, [3]string{"progress", "failed", "load"}, [3]string{"running", "running", "load"})
	w.exec(t, "INSERT INTO recommendation_progress (release_id, source, slice) VALUES ('r9', 'progress', 'all')")
	states, err := w.reader.SourceStates(t.Context())
	if err != nil || len(states) != 2 || states[0].Recommendations || !states[1].Recommendations || !states[1].ServedSince.IsZero() || !states[1].Newest.IsZero() || !states[1].LastSuccess.IsZero() {
		t.Errorf("%+v, %v", states, err)
	}
}

// TestNewest is of the files that serve anything now, whatever the runs were:
// a withdrawal goes back to the older file, and to nothing.
func TestNewest(t *testing.T) {
	w := newWorld(t)
	w.ran(t, [3]string{"s", "published", "load"}, [3]string{"s", "unchanged", "load"})
	third := second.Add(time.Hour)
	serve := func(slice, release string, at time.Time) {
		w.exec(t, fmt.Sprintf("INSERT INTO published (source, slice, release_id, published_at) VALUES ('s','%s','%s','%s')", slice, release, at.Format("2006-01-02 15:04:05.000000")))
	}
	wants := func(want time.Time) {
		t.Helper()
		states, err := w.reader.SourceStates(t.Context())
		if err != nil || len(states) != 1 || !states[0].Newest.Equal(want) {
			t.Errorf("%+v, %v; want %v", states, err, want)
		}
		sources, err := w.reader.Sources(t.Context())
		if err != nil || len(sources) != 1 || !sources[0].Newest().Equal(want) {
			t.Errorf("%+v, %v; want %v", sources, err, want)
		}
	}
	wants(time.Time{})
	w.release(t, "r1", "s", first, "one", "two")
	wants(first)
	w.release(t, "r2", "s", second, "two")
	wants(second)
	serve("two", "r1", third) // r2 is withdrawn
	wants(first)
	serve("one", "", third.Add(time.Hour))
	serve("two", "", third.Add(time.Hour))
	wants(time.Time{})
}
