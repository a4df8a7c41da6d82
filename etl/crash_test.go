package etl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/stats"
)

var errLost = errors.New("the connection was lost")

// A failing connection is the real one, except that its n-th call fails: before
// it is carried out, or after, when the caller cannot know that it was. With
// dead, all calls after it fail too, as if the process had ended. With writes,
// only the calls that change something count: a question changes nothing, so
// that one whose answer is lost is one that was not asked.
type failing struct {
	driver.Conn
	at          int64
	carriedOut  bool
	dead        bool
	writes      bool
	calls       atomic.Int64
	whichFailed atomic.Value
}

// fails counts a call, does it where it is to be done, and says whether the
// caller is told of a failure.
func (f *failing) fails(what string, do func()) bool {
	if f.writes && !writes(what) {
		lost := f.dead && f.calls.Load() >= f.at
		if !lost {
			do()
		}
		return lost
	}
	n := f.calls.Add(1)
	lost := n == f.at || f.dead && n > f.at
	if n == f.at {
		f.whichFailed.Store(what)
	}
	if !lost || n == f.at && f.carriedOut {
		do()
	}
	return lost
}

// writes reports whether a call changes something.
func writes(what string) bool {
	return strings.HasPrefix(what, "exec ") || strings.HasPrefix(what, "send ")
}

func (f *failing) Query(ctx context.Context, sql string, args ...any) (rows driver.Rows, err error) {
	if f.fails("query "+sql, func() { rows, err = f.Conn.Query(ctx, sql, args...) }) {
		if rows != nil {
			rows.Close()
		}
		return nil, errLost
	}
	return rows, err
}

func (f *failing) QueryRow(ctx context.Context, sql string, args ...any) driver.Row {
	return failingRow{f.Conn.QueryRow(ctx, sql, args...), f, sql}
}

func (f *failing) Exec(ctx context.Context, sql string, args ...any) (err error) {
	if f.fails("exec "+sql, func() { err = f.Conn.Exec(ctx, sql, args...) }) {
		return errLost
	}
	return err
}

func (f *failing) PrepareBatch(ctx context.Context, sql string, o ...driver.PrepareBatchOption) (batch driver.Batch, err error) {
	if f.fails("prepare "+sql, func() { batch, err = f.Conn.PrepareBatch(ctx, sql, o...) }) {
		if batch != nil {
			batch.Close()
		}
		return nil, errLost
	}
	return failingBatch{batch, f, sql}, err
}

type failingRow struct {
	driver.Row
	f   *failing
	sql string
}

func (r failingRow) Scan(dest ...any) (err error) {
	if r.f.fails("row "+r.sql, func() { err = r.Row.Scan(dest...) }) {
		return errLost
	}
	return err
}

type failingBatch struct {
	driver.Batch
	f   *failing
	sql string
}

func (b failingBatch) Send() (err error) {
	if b.f.fails("send "+b.sql, func() { err = b.Batch.Send() }) {
		return errLost
	}
	return err
}

// edition is a return in which every figure tells which edition it is of, and
// what is served with it beside the return that is never replaced.
func edition(n int) (lines, served []string) {
	for _, force := range []string{"E23000026", "E23000027", "BTP"} {
		for month := 1; month <= 4; month++ {
			value := n*1000 + month
			lines = append(lines, fmt.Sprintf("%s,2024-%02d,stalking_charges,,,%d,,", force, month, value))
			served = append(served, fmt.Sprintf("%s %s stalking_charges %d", force, stats.Month(2024, time.Month(month)).Label(), value))
		}
	}
	served = append(served, "E23000028 Mar 2024 stalking_arrests 7")
	slices.Sort(served)
	return lines, served
}

// TestCrashAtEveryStep takes a new edition of a return to its publication over
// a connection that fails at the first call, at the second, and so on until a
// run gets through. Whatever fails, readers have the former edition or the new
// one whole, and the next start ends well.
func TestCrashAtEveryStep(t *testing.T) {
	for _, mode := range []struct {
		name                     string
		carriedOut, dead, writes bool
		fewest                   int // calls that a run must make
	}{
		{"one call fails", false, false, false, 25},
		{"the answer to one write is lost", true, false, true, 6},
		{"the process ends after a write", true, true, true, 6}, // which is before the next one too
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.must(t, "lenient", b.write(t, "other.csv", "E23000028,2024-03,stalking_arrests,,,7,,"), stats.Published)
			lines, former := edition(0)
			b.must(t, "force_return", b.write(t, "edition.csv", lines...), stats.Published)
			for n := 1; ; n++ {
				lines, next := edition(n)
				path := b.write(t, "edition.csv", lines...)
				conn := &failing{Conn: b.conn, at: int64(n), carriedOut: mode.carriedOut, dead: mode.dead, writes: mode.writes}
				var run stats.Run
				runs, err := b.over(conn).Run(t.Context(), "force_return", etl.Options{File: path})
				if len(runs) > 0 {
					run = runs[0]
				}
				failed := conn.whichFailed.Load()
				isNext := b.whole(t, former, next)
				if err == nil && isNext != (run.Outcome == stats.Published) {
					t.Errorf("the run says %s, and the new edition is served: %v", run.Outcome, isNext)
				}
				if err := b.etl.Recover(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.clean(t)
				last := b.run(t, "force_return", path)
				if last.Outcome != stats.Published && last.Outcome != stats.Unchanged {
					t.Errorf("the next run: %s, %s", last.Outcome, last.Problem)
				}
				if got := b.counts(t); !slices.Equal(got, next) {
					t.Errorf("after the next run %q is served, want %q", got, next)
				}
				if t.Failed() {
					t.Fatalf("call %d failed: %v; the run: %+v, %v", n, failed, run, err)
				}
				if failed == nil {
					if n <= mode.fewest {
						t.Fatalf("a run makes only %d calls: they do not all go through the failing connection", n-1)
					}
					return
				}
				former = next
			}
		})
	}
}

// whole checks that one edition is served whole, and says whether it is the new one.
func (b *bench) whole(t *testing.T, former, next []string) (isNext bool) {
	t.Helper()
	got := b.served(t, query.Latest)
	if counts := b.counts(t); !slices.Equal(got, counts) {
		t.Errorf("a reader sees %q, and %q is published", got, counts)
	}
	isNext = slices.Equal(got, next)
	if !isNext && !slices.Equal(got, former) {
		t.Errorf("neither edition is served whole:\n%q", got)
	}
	return isNext
}

// counts is what is served, as the tables have it: the same as served now says,
// in a tenth of the time.
func (b *bench) counts(t *testing.T) (all []string) {
	t.Helper()
	rows, err := b.conn.Query(context.WithoutCancel(t.Context()), `
		SELECT area_code, period_start, measure, value
		FROM observations AS o
		INNER JOIN served(as_at = toDateTime64('2100-01-01 00:00:00', 6, 'UTC')) AS s
			ON s.source = o.source AND s.slice = o.slice AND s.release_id = o.release_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var area, measure string
		var start time.Time
		var value *float64
		if err := rows.Scan(&area, &start, &measure, &value); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s %s %v", area, stats.Month(start.Year(), start.Month()).Label(), measure, *value))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
