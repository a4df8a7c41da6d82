package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// A SourceState is what the runs of one source that have ended came to.
type SourceState struct {
	Source string
	// LastLoad is the id, outcome, start and end of the newest run that tells how
	// the source stands (see telling_runs in the data dictionary); zero where
	// there is none.
	LastLoad    stats.Run
	LastSuccess time.Time // the end of the last load that was published or unchanged; zero if never
	ServedSince time.Time // when what is served was last changed; zero where nothing is
	Newest      time.Time // when the newest file that serves anything was fetched; zero where nothing is served
	// Recommendations is set where the source brings recommendations or what
	// forces say of them.
	Recommendations            bool
	Outcomes                   map[stats.Outcome]uint64 // runs of every kind
	Loaded, Excluded, Rejected uint64                   // rows of all loads, whatever came of them
}

// SourceStates is the state of each source that has a run which ended, by
// name. The caller must not change them.
func (r *Reader) SourceStates(ctx context.Context) ([]SourceState, error) {
	return kept(ctx, r, question{name: "source_states.sql"}, Latest, r.readSourceStates)
}

func (r *Reader) readSourceStates(ctx context.Context, at time.Time) ([]SourceState, error) {
	var states []SourceState
	err := r.each(ctx, "source_states.sql", func(rows driver.Rows) error {
		var s SourceState
		var outcome string
		var outcomes map[string]uint64
		if err := rows.Scan(&s.Source, &s.LastLoad.ID, &outcome, &s.LastLoad.StartedAt, &s.LastLoad.EndedAt, &s.LastSuccess, &s.ServedSince, &s.Newest,
			&s.Recommendations, &outcomes, &s.Loaded, &s.Excluded, &s.Rejected); err != nil {
			return err
		}
		s.LastLoad.Source, s.LastLoad.Outcome = s.Source, stats.Outcome(outcome)
		for _, at := range []*time.Time{&s.LastLoad.StartedAt, &s.LastLoad.EndedAt, &s.LastSuccess, &s.ServedSince, &s.Newest} {
			*at = zeroIfNever(*at)
		}
		if s.LastLoad.ID == "" {
			s.LastLoad = stats.Run{}
		}
		s.Outcomes = map[stats.Outcome]uint64{}
		for name, n := range outcomes {
			s.Outcomes[stats.Outcome(name)] = n
		}
		states = append(states, s)
		return nil
	}, asAt(at))
	return states, err
}
