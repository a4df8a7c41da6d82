package query

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/singleflight"

	"stalkstats/internal/stats"
)

// A state is what is served at one moment, and how much people have entered.
type state struct {
	*served
	entered stamp
}

// served is the release behind each slice. It never changes. What was read of
// it is kept in it: rows are only ever added under a release that serves, so
// the answer would be the same. What was read of people's entries is kept by
// how many they were.
type served struct {
	stamp  stamp
	slices []servedSlice // by source, release and slice

	indexing sync.Once
	index    map[[3]string]*servedSlice // by source, release and slice

	mu      sync.Mutex
	answers map[answered]any
	asking  singleflight.Group
	figures keptFigures
}

// question is what an answer is kept under: a question's file, its parameter
// and, of a question about people's entries, the table that they stand in.
type question struct{ name, of, entries string }

// answered is a question and how many entries there were when it was asked.
type answered struct {
	question
	entries uint64
}

// servedSlice is a slice and the release that serves it.
type servedSlice struct {
	slice       string
	release     stats.Release // published at the time at which it came to serve the slice
	run         string        // that published it for the slice
	brought     uint64        // for how many slices the release was ever published
	hasRecorded bool          // the release is in releases
}

// state is what is served at a time. For Latest an inexpensive question
// confirms that what was read before is still so, whoever published meanwhile;
// within a context of OneState the first answer stands.
func (r *Reader) state(ctx context.Context, at time.Time) (*state, error) {
	once, ok := ctx.Value(oneState{}).(*onceRead)
	if !ok {
		return r.confirmed(ctx, at)
	}
	once.mu.Lock()
	defer once.mu.Unlock()
	if s := once.states[at.UTC()]; s != nil && once.reader == r {
		return s, nil
	}
	s, err := r.confirmed(ctx, at)
	if err == nil {
		once.reader, once.states[at.UTC()] = r, s
	}
	return s, err
}

// OneState is a context in which all questions to one Reader are answered from
// one state: a page that asks several never shows half of a release that is
// published meanwhile.
func OneState(ctx context.Context) context.Context {
	if ctx.Value(oneState{}) != nil {
		return ctx
	}
	return Anew(ctx)
}

// Anew is a context in which what was read before in OneState is asked again,
// for whoever is about to write and must see what others wrote meanwhile.
func Anew(ctx context.Context) context.Context {
	return context.WithValue(ctx, oneState{}, &onceRead{states: map[time.Time]*state{}})
}

type oneState struct{}

type onceRead struct {
	mu     sync.Mutex
	reader *Reader
	states map[time.Time]*state
}

func (r *Reader) confirmed(ctx context.Context, at time.Time) (*state, error) {
	if !at.IsZero() {
		return r.readState(ctx, at)
	}
	// The stamp is read first: a release that comes between the two questions
	// is then read again by the next one, and never missed.
	now, entered, err := r.stamps(ctx)
	if err != nil {
		return nil, err
	}
	current := func() (*served, bool) {
		s := r.latest.Load()
		return s, s != nil && maps.Equal(s.stamp, now)
	}
	s, err := together(ctx, &r.reading, fmt.Sprint(now), current, func() (*served, error) {
		s, err := r.readState(ctx, at)
		if err != nil {
			return nil, err
		}
		s.stamp = now
		r.latest.Store(s.served)
		return s.served, nil
	})
	return &state{s, entered}, err
}

func (r *Reader) readState(ctx context.Context, at time.Time) (*state, error) {
	s := &served{answers: map[answered]any{}}
	err := r.each(ctx, "served.sql", func(rows driver.Rows) error {
		var v servedSlice
		if err := rows.Scan(&v.release.Source, &v.slice, &v.release.ID, &v.release.PublishedAt, &v.run, &v.brought,
			&v.hasRecorded, &v.release.File, &v.release.From, &v.release.SHA256, &v.release.RetrievedAt); err != nil {
			return err
		}
		v.release.PublishedAt, v.release.RetrievedAt = v.release.PublishedAt.UTC(), v.release.RetrievedAt.UTC()
		s.slices = append(s.slices, v)
		return nil
	}, asAt(at))
	return &state{served: s}, err
}

// mostAnswers is how many answers are kept of one state: addresses can ask for
// any day, and their answers must not fill the memory.
const mostAnswers = 1000

// kept answers from what is kept in the state of a time, or asks and keeps the
// answer. Of those who ask the same at once one is sent to the tables, and the
// others wait for the answer.
func kept[T any](ctx context.Context, r *Reader, q question, at time.Time, ask func(ctx context.Context, at time.Time) (T, error)) (T, error) {
	var none T
	s, err := r.state(ctx, at)
	if err != nil {
		return none, err
	}
	count, counted := s.entered[q.entries]
	if q.entries != "" && !counted {
		return ask(ctx, at)
	}
	key := answered{q, count}
	get := func() (T, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		answer, ok := s.answers[key].(T)
		return answer, ok
	}
	return together(ctx, &s.asking, fmt.Sprint(key), get, func() (T, error) {
		answer, err := ask(ctx, at)
		if err != nil {
			return answer, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.answers) >= mostAnswers {
			clear(s.answers)
		}
		s.answers[key] = answer
		return answer, nil
	})
}

// together gets what is there, or has it made by one of those who ask at once.
// Who asks waits no longer than its own reader does, and where the one who makes
// it goes away another one does.
func together[T any](ctx context.Context, group *singleflight.Group, key string, get func() (T, bool), make func() (T, error)) (T, error) {
	var none T
	for {
		if answer, ok := get(); ok {
			return answer, nil
		}
		mine := false
		waiting := group.DoChan(key, func() (any, error) {
			mine = true
			if answer, ok := get(); ok { // made since it was looked for
				return answer, nil
			}
			return make()
		})
		select {
		case <-ctx.Done():
			return none, ctx.Err()
		case made := <-waiting:
			if made.Err == nil {
				return made.Val.(T), nil
			}
			if mine || ctx.Err() != nil || !gone(made.Err) {
				return none, made.Err
			}
		}
	}
}

// gone reports whether an error says that somebody's reader went away.
func gone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// serving is a slice of a release that serves it.
func (s *served) serving(source, release, slice string) servedSlice {
	s.indexing.Do(func() {
		s.index = make(map[[3]string]*servedSlice, len(s.slices))
		for i := range s.slices {
			v := &s.slices[i]
			s.index[[3]string{v.release.Source, v.release.ID, v.slice}] = v
		}
	})
	if v := s.index[[3]string{source, release, slice}]; v != nil {
		return *v
	}
	return servedSlice{}
}
