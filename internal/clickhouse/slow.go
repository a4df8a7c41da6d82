package clickhouse

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Slow says which questions are told to the log with their plan. The zero Slow tells none.
type Slow struct {
	After   time.Duration // a question of which the first answer took longer is told
	Log     *slog.Logger
	Request func(context.Context) string // the request that a question was asked for
}

// planTime is how long a plan is waited for.
const planTime = 10 * time.Second

// watched is a connection that tells of slow questions. What counts is the time to the
// first block of the answer: the rest may wait for a reader who takes it slowly.
type watched struct {
	driver.Conn
	slow   Slow
	asking *sync.Mutex // for a plan: one at a time, so that none is asked for by all connections at once
	plans  *sync.WaitGroup
}

// watch makes a connection tell of slow questions, where there is a limit.
func (s Slow) watch(conn driver.Conn) driver.Conn {
	if s.After <= 0 {
		return conn
	}
	return watched{conn, s, &sync.Mutex{}, &sync.WaitGroup{}}
}

// Query implements driver.Conn.
func (w watched) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	began := time.Now()
	rows, err := w.Conn.Query(ctx, sql, args...)
	w.note(ctx, time.Since(began), sql, args)
	return rows, err
}

// QueryRow implements driver.Conn.
func (w watched) QueryRow(ctx context.Context, sql string, args ...any) driver.Row {
	began := time.Now()
	row := w.Conn.QueryRow(ctx, sql, args...)
	w.note(ctx, time.Since(began), sql, args)
	return row
}

// Close implements driver.Conn. Plans that are being read end first.
func (w watched) Close() error {
	w.plans.Wait()
	return w.Conn.Close()
}

// note tells of a question if it was slow. Its values are not told: they may name somebody.
func (w watched) note(ctx context.Context, took time.Duration, sql string, args []any) {
	if took < w.slow.After {
		return
	}
	told := []any{"request", w.slow.Request(ctx), "took", took, "statement", strings.Join(strings.Fields(sql), " ")}
	if !w.asking.TryLock() {
		w.slow.Log.WarnContext(ctx, "slow question", told...)
		return
	}
	w.plans.Go(func() {
		defer w.asking.Unlock()
		w.slow.Log.WarnContext(ctx, "slow question", append(told, "plan", w.plan(ctx, sql, args))...)
	})
}

// planned is what is told of a line of a plan: the name of a step, with the table that it reads,
// and how many parts and granules of how many. Conditions and filters have the values.
var planned = regexp.MustCompile(`^(ReadFrom\w+ \([\w.]+\)|(Parts|Granules|Ranges): [\d/]+( \| Granules: [\d/]+)?$|[A-Z][A-Za-z]+( \(|$))`)

// plan is how the engine answers a question: its steps, and of each table the parts and
// granules that it reads; or why it is not known.
func (w watched) plan(ctx context.Context, sql string, args []any) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), planTime)
	defer cancel()
	rows, err := w.Conn.Query(ctx, "EXPLAIN indexes = 1 "+sql, args...)
	if err != nil {
		return "not known: " + plain(err).Error()
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var step string
		if err := rows.Scan(&step); err != nil {
			return "not known: " + err.Error()
		}
		if step = planned.FindString(strings.TrimLeft(step, " │├└─")); step != "" {
			steps = append(steps, step)
		}
	}
	return strings.ReplaceAll(strings.Join(steps, "; "), " (;", ";")
}
