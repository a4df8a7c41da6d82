package query_test

import (
	"fmt"
	"testing"

	"stalkstats/internal/stats"
)

// TestTheWorstOfTheRunsMadeTogether tells how a source stands: a good file
// after a bad one does not hide it, and a later good run does.
func TestTheWorstOfTheRunsMadeTogether(t *testing.T) {
	w := newWorld(t)
	run := func(id, outcome, pass string, minute int) {
		t.Helper()
		w.exec(t, fmt.Sprintf("INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, kind, pass) VALUES ('%s', '2026-07-01 09:%02d:30', 's', '%s', '2026-07-01 09:%02d:00', '2026-07-01 09:%02d:30', 'load', '%s')",
			id, minute, outcome, minute, minute, pass))
	}
	stands := func(id string, outcome stats.Outcome) {
		t.Helper()
		sources, err := w.reader.Sources(t.Context())
		if err != nil || len(sources) != 1 || sources[0].LastRun.ID != id || sources[0].LastRun.Outcome != outcome {
			t.Errorf("%+v, %v; want run %s, %s", sources, err, id, outcome)
		}
	}
	run("a", "published", "a", 1)
	stands("a", stats.Published)
	run("b", "held", "b", 2)
	run("c", "published", "b", 3)
	stands("b", stats.Held)
	run("d", "published", "d", 4)
	stands("d", stats.Published)
}
