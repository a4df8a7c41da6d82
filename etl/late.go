package etl

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"stalkstats/internal/stats"
)

// ended is a run that has ended, and the rows that it rejected.
type ended struct {
	run        stats.Run
	rejections []stats.Rejection
}

// late is the runs whose end could not be recorded: the disk was full, or the
// server did not answer. They are kept here until it can be. Should the process
// end before, the next start sees only that they have no end.
type late struct {
	mu   sync.Mutex
	runs map[string]ended // by id
	wait time.Time        // nothing is tried before
}

func (l *late) keep(e ended) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.runs == nil {
		l.runs = map[string]ended{}
	}
	l.runs[e.run.ID] = e
}

// forget is for a source none of whose runs is without an end.
func (l *late) forget(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.runs, func(_ string, e ended) bool { return e.run.Source == source })
}

// of is how the runs of a source ended: those that are kept here, recorded in
// part or not at all, and those found without an end, which were interrupted.
func (l *late) of(source string, unended []stats.Run, now func(stats.Run) time.Time) (all []ended) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, run := range unended {
		if _, ok := l.runs[run.ID]; ok {
			continue
		}
		run.EndedAt, run.Outcome, run.Cause = now(run), stats.Interrupted, stats.Stopped
		run.Problem = "the run did not come to its end: the process ended in the middle, or ClickHouse could not be reached; nothing of this run is shown: run the source again"
		all = append(all, ended{run: run})
	}
	for _, id := range slices.Sorted(maps.Keys(l.runs)) {
		if l.runs[id].run.Source == source {
			all = append(all, l.runs[id])
		}
	}
	return all
}

// sources is the sources of the runs, in order.
func (l *late) sources() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string]bool{}
	for _, e := range l.runs {
		all[e.run.Source] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// catchUp records the ends that could not be recorded before, now that
// ClickHouse answers. A source that is being run does so by itself.
func (e *ETL) catchUp(ctx context.Context) {
	if e.now().Before(e.late.wait) {
		return
	}
	for _, source := range e.late.sources() {
		if err := e.recoverAlone(ctx, source); err != nil && ctx.Err() == nil {
			e.late.wait = e.now().Add(time.Minute)
			e.log.Error("the end of a run could not be recorded yet", "source", source, "error", err)
		}
	}
}
