package query_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// newPortioned is a world whose figures are of five measures, some from two releases.
func newPortioned(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|5||demonstration", "B|charges|1", "D|charges|2|p", "A|outcomes|20", "B|outcomes|30", "D|outcomes|9", "BTP|outcomes|3", "A|people|2", "C|people|4", "A|median_days|20")
	w.release(t, "r1", "s", first, "one")
	w.observe(t, "r2", "two", "C|charges|7", "C|outcomes||c", "B|people|8")
	w.release(t, "r2", "s", second, "two")
	return w
}

func collected(t *testing.T, r *query.Reader, f query.Filter) (all []stats.Figure) {
	t.Helper()
	for figure, err := range r.Figures(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, figure)
	}
	return all
}

// TestFiguresInPortions: asked for one measure after the other, figures are the same
// to the last note, release and row, sums for England and Wales among them; also
// those that a reader keeps while the memory that they were read into is used again.
func TestFiguresInPortions(t *testing.T) {
	w := newPortioned(t)
	portioned := query.New(w.db).InPortions()
	for name, f := range map[string]query.Filter{"all": {}, "England and Wales": {Areas: []string{stats.EnglandAndWales}}, "bare": {Bare: true}, "from a start": {Start: query.Start{Measure: "outcomes", Area: "B"}}, "then": {AsAt: first}} {
		whole := collected(t, w.reader, f)
		if len(whole) < 3 {
			t.Errorf("%s: only %d figures", name, len(whole))
		}
		for range 3 { // the memory of one report serves the next
			if diff := cmp.Diff(whole, collected(t, portioned, f)); diff != "" {
				t.Errorf("%s (-whole +in portions):\n%s", name, diff)
			}
		}
	}
}

// counting is a connection that does something with the n-th question for counts.
type counting struct {
	driver.Conn
	asked atomic.Int32
	nth   int32
	then  func(context.Context) error
}

func (c *counting) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	if sql == query.CountsStatement() && c.asked.Add(1) == c.nth {
		return nil, c.then(ctx)
	}
	return c.Conn.Query(ctx, sql, args...)
}

// TestALaterPortionFails: what was read before it is a part of the figures, and an
// error ends them.
func TestALaterPortionFails(t *testing.T) {
	w := newPortioned(t)
	lost := errors.New("the engine is gone")
	conn := &counting{Conn: w.db, nth: 3, then: func(context.Context) error { return lost }}
	whole := collected(t, w.reader, query.Filter{})
	var got []stats.Figure
	var last error
	for figure, err := range query.New(conn).InPortions().Figures(t.Context(), query.Filter{}) {
		if last = err; err == nil {
			got = append(got, figure)
		}
	}
	if !errors.Is(last, lost) || len(got) == 0 || len(got) >= len(whole) {
		t.Fatalf("%d figures of %d, then %v", len(got), len(whole), last)
	}
	if diff := cmp.Diff(whole[:len(got)], got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAReaderLeavesBetweenPortions: the question that is being asked ends, and none
// follows.
func TestAReaderLeavesBetweenPortions(t *testing.T) {
	w := newPortioned(t)
	var ended error
	// The first question is of rates over a stock, the second of the first portion.
	conn := &counting{Conn: w.db, nth: 3, then: func(ctx context.Context) error {
		<-ctx.Done()
		ended = ctx.Err()
		return ended
	}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // and not for ever
	defer cancel()
	for _, err := range query.New(conn).InPortions().Figures(ctx, query.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if !errors.Is(ended, context.Canceled) || conn.asked.Load() != 3 {
		t.Errorf("the question of the second portion ended with %v, and %d were asked", ended, conn.asked.Load())
	}
}
