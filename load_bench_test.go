package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/etl/load"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// BenchmarkLoad writes half a million observations under a release and
// verifies them, and has the engine insert the same rows by itself from a CSV
// in the same run. The ratio is the loader's rate to the engine's: the limit
// is half.
func BenchmarkLoad(b *testing.B) {
	ctx, conn := context.Background(), clickhousetest.Open(b)
	if _, err := schemas.Apply(ctx, conn); err != nil {
		b.Fatal(err)
	}
	const rows = 500_000
	all := make([]stats.Observation, rows)
	for i := range all {
		all[i] = numbered(i)
	}
	path := writeObservations(b, all)
	best, engine := time.Hour, time.Hour
	n := 0
	for b.Loop() {
		n++
		start := time.Now()
		loadObservations(b, conn, fmt.Sprintf("release%d", n), all)
		best = min(best, time.Since(start))
		start = time.Now()
		err := conn.Exec(ctx, fmt.Sprintf(`INSERT INTO observations (release_id, source, slice, measure, area_code, basis, period_start, period_end,
			breakdown, breakdown_value, value, value_note, note, file, sheet, source_row)
			SELECT 'engine%d', * FROM file('%s', 'CSV', 'source String, slice String, measure String, area_code String, basis String, period_start Date,
			period_end Date, breakdown String, breakdown_value String, value Nullable(Float64), value_note String, note String, file String, sheet String, source_row UInt32')`, n, path))
		if err != nil {
			b.Fatal(err)
		}
		engine = min(engine, time.Since(start))
	}
	b.ReportMetric(rows/best.Seconds(), "rows/s")
	b.ReportMetric(rows/engine.Seconds(), "engine-rows/s")
	b.ReportMetric(engine.Seconds()/best.Seconds(), "rate-ratio")
}

// numbered is one of many different observations.
func numbered(i int) stats.Observation {
	year := 1990 + i/12%100
	return stats.Observation{
		Key: stats.Key{Measure: "stalking_recorded", Area: fmt.Sprintf("E23%06d", i/1200), Source: "bench",
			Period: stats.Month(year, time.Month(i%12+1)), Breakdown: "offence", BreakdownValue: "8Q"},
		Slice: fmt.Sprint(year), Value: stats.Number(float64(i % 1000)),
		Origin: stats.Origin{File: "bench.ods", Sheet: "2017_18", Row: i + 2},
	}
}

func loadObservations(b *testing.B, conn driver.Conn, release string, rows []stats.Observation) {
	b.Helper()
	ctx := context.Background()
	w := load.Begin(conn, load.Release{Release: stats.Release{ID: release, Source: "bench"}})
	defer w.Close()
	for _, o := range rows {
		if err := w.Append(ctx, o); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Verify(ctx); err != nil {
		b.Fatal(err)
	}
}

func writeObservations(b *testing.B, rows []stats.Observation) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "observations.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(f)
	for _, o := range rows {
		fmt.Fprintf(out, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%v,,,%s,%s,%d\n", o.Source, o.Slice, o.Measure, o.Area, o.Basis,
			o.Period.Start.Format(time.DateOnly), o.Period.End.Format(time.DateOnly), o.Breakdown, o.BreakdownValue, o.Value.Number, o.Origin.File, o.Origin.Sheet, o.Origin.Row)
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}
