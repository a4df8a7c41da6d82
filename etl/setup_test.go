package etl_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/etl/source"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// bench is an ETL over a database and a data directory of its own, with the
// reference data and two sources of force returns.
type bench struct {
	cfg    config.Config
	conn   driver.Conn
	etl    *etl.ETL
	reader *query.Reader
	now    time.Time // the clock; every look at it takes a millisecond
	ticks  sync.Mutex
}

func newBench(t *testing.T) *bench {
	t.Helper()
	conn := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	b := &bench{cfg: config.Default(), conn: conn, reader: query.New(conn), now: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)}
	b.cfg.DataDir = t.TempDir()
	b.cfg.Dir = b.cfg.DataDir
	b.cfg.ETL.Sources = []config.Source{
		{Name: "areas", Parser: "areas", From: "builtin:areas.csv"},
		{Name: "measures", Parser: "measures", From: "builtin:measures.csv"},
		// Most tests let figures jump, to tell editions of them apart.
		{Name: "force_return", Parser: "force_return", From: "return.csv", Checks: config.Checks{Off: []string{"jumps"}}},
		{Name: "lenient", Parser: "force_return", From: "lenient.csv", RejectLimit: 0.5, Checks: config.Checks{Off: []string{"jumps"}}},
	}
	b.etl = b.over(conn)
	return b
}

// over is an ETL of the same configuration over another connection.
// Servers are asked again without much of a pause.
func (b *bench) over(conn driver.Conn) *etl.ETL { return b.logging(conn, quiet) }

// logging is over with a log that somebody reads.
func (b *bench) logging(conn driver.Conn, log *slog.Logger) *etl.ETL {
	e := etl.New(b.cfg, conn, query.New(conn), log, b.tick)
	e.SetRules(func(r *source.Rules) { r.Pause = time.Microsecond })
	return e
}

// tick is a look at the clock.
func (b *bench) tick() time.Time {
	b.ticks.Lock()
	defer b.ticks.Unlock()
	b.now = b.now.Add(time.Millisecond)
	return b.now
}

const header = "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\n"

// write puts lines below the header of a return and gives the file's path.
func (b *bench) write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(b.cfg.DataDir, name)
	if err := os.WriteFile(path, []byte(header+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (b *bench) run(t *testing.T, source, file string) stats.Run {
	t.Helper()
	return b.runWith(t, source, etl.Options{File: file})
}

// runWith runs a source and wants one run of it.
func (b *bench) runWith(t *testing.T, source string, o etl.Options) stats.Run {
	t.Helper()
	return only(t, source)(b.etl.Run(t.Context(), source, o))
}

// only is the one run that came of a source.
func only(t *testing.T, source string) func([]stats.Run, error) stats.Run {
	return func(runs []stats.Run, err error) stats.Run {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if len(runs) != 1 {
			t.Fatalf("%s: %d runs: %+v", source, len(runs), runs)
		}
		return accounted(t, runs[0])
	}
}

// accounted checks that every row of the file is accounted for.
func accounted(t *testing.T, run stats.Run) stats.Run {
	t.Helper()
	source := run.Source
	if run.Read != run.Loaded+run.Excluded+run.Rejected {
		t.Errorf("%s: read %d is not loaded %d + excluded %d + rejected %d", source, run.Read, run.Loaded, run.Excluded, run.Rejected)
	}
	return run
}

// must runs a source and wants an outcome.
func (b *bench) must(t *testing.T, source, file string, want stats.Outcome) stats.Run {
	t.Helper()
	run := b.run(t, source, file)
	if run.Outcome != want {
		t.Fatalf("%s: %s (%s), want %s", source, run.Outcome, run.Problem, want)
	}
	return run
}

// served is every figure that was counted, as a reader sees it at a moment.
func (b *bench) served(t *testing.T, at time.Time) []string {
	t.Helper()
	var all []string
	for f, err := range b.reader.Figures(context.WithoutCancel(t.Context()), query.Filter{AsAt: at}) {
		if err != nil {
			t.Fatal(err)
		}
		if !f.Denominator.Known && f.Area != stats.EnglandAndWales {
			all = append(all, fmt.Sprintf("%s %s %s %v", f.Area, f.Period.Label(), f.Measure, f.Value.Number))
		}
	}
	slices.Sort(all)
	return all
}

func (b *bench) serves(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, b.served(t, query.Latest)); diff != "" {
		t.Errorf("served (-want +got):\n%s", diff)
	}
}

// clean checks that no table holds a row of a release that was not published,
// that every run has an end, and that no file is half fetched.
func (b *bench) clean(t *testing.T) {
	t.Helper()
	var parts []string
	for _, table := range []string{"observations", "recommendations", "recommendation_progress", "areas", "measures", "series_breaks", "most_similar_groups", "releases"} {
		parts = append(parts, "SELECT release_id FROM "+table)
	}
	var left []string
	sql := "SELECT groupArray(toString(release_id)) FROM (" + strings.Join(parts, " UNION ALL ") + ") WHERE release_id NOT IN (SELECT release_id FROM published)"
	if err := b.conn.QueryRow(t.Context(), sql).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("rows are left of releases that were not published: %v", left)
	}
	runs, err := b.reader.Runs(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		if run.Outcome == stats.Running || run.EndedAt.Before(run.StartedAt) {
			t.Errorf("a run without an end: %+v", run)
		}
	}
	if files, err := filepath.Glob(filepath.Join(b.cfg.SnapshotDir(), "incoming-*")); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, %v", files, err)
	}
}

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// stopping is a connection over which the first figure that is written tells
// the program to end. With stopped, it waits until the run itself is stopped.
type stopping struct {
	driver.Conn
	stop    context.CancelFunc
	stopped bool
}

// PrepareBatch implements driver.Conn.
func (s stopping) PrepareBatch(ctx context.Context, sql string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	if strings.Contains(sql, "INTO observations") {
		s.stop()
		if s.stopped {
			<-ctx.Done()
		}
	}
	return s.Conn.PrepareBatch(ctx, sql, o...)
}
