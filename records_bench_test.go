package main

import (
	"bufio"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// An extract is a file of records, and the engine's count of the same file.
type extract struct {
	kind, header, columns, query string
	days                         string // of the days from application to grant; empty where there are none
	rows                         int
	// row appends a row; it may read what it appended last time.
	row func(line []byte, i int, random *rand.Rand) []byte
}

var (
	arrestsExtract = extract{
		kind: "arrests", rows: 10_000_000, header: "record_id,arrest_date,offence,domestic,online",
		columns: "record_id String, arrest_date Date, offence String, domestic String, online String",
		query: `SELECT uniqExact(record_id), toStartOfMonth(arrest_date) AS month, domestic, online FROM %s
WHERE offence IN ('Stalking', 'Stalking involving fear of violence', '8/66') GROUP BY month, domestic, online`,
		row: arrestRow,
	}
	ordersExtract = extract{
		kind: "orders", rows: 10_000_000, header: "order_id,person_id,stage,stage_date,applied_date",
		columns: "order_id String, person_id String, stage String, stage_date Date, applied_date Date",
		query: `SELECT uniqExact(order_id, stage) + uniqExactIf(person_id, stage = 'applied') + uniqExactIf(person_id, stage != 'applied'),
toStartOfMonth(stage_date) AS month FROM %s GROUP BY month`,
		days: `SELECT quantileExact(0.5)(took) FROM (SELECT dateDiff('day', argMin(applied_date, stage_date), min(stage_date)) AS took
FROM %s WHERE stage IN ('interim_granted', 'full_granted') GROUP BY order_id)`,
		row: orderRow,
	}
)

// BenchmarkForceRecords takes extracts of ten million arrests and ten million
// stages of orders from the file to the published release, as a run does: read
// where they lie, each thing and each person counted once, checked, written and
// published. It reports the best time against the engine's best of the same count
// of the same file in the same run (to stay under 1.5), and the memory above what
// the process has before (under 500 MB).
func BenchmarkForceRecords(b *testing.B) {
	tune()
	for _, e := range []extract{arrestsExtract, ordersExtract} {
		b.Run(e.kind, func(b *testing.B) { benchmarkExtract(b, e) })
	}
}

func benchmarkExtract(b *testing.B, e extract) {
	path := filepath.Join(b.TempDir(), e.kind+".csv")
	writeExtract(b, path, e)
	best, engine := time.Hour, time.Hour
	var above float64
	for b.Loop() {
		p := newPipeline(b)
		p.cfg.ETL.Sources = append(p.cfg.ETL.Sources, config.Source{Name: e.kind, Parser: "force_records", Kind: e.kind, Area: "E23000026", From: path})
		p.etl = etl.New(p.cfg, p.conn, p.reader, slog.New(slog.DiscardHandler), time.Now)
		p.run(b, "areas", "")
		p.run(b, "measures", "")
		// The engine and what wrote the file have left memory behind, which
		// must not be counted as idle.
		debug.FreeOSMemory()
		idle := resident(b)
		stop, peak := make(chan struct{}), make(chan float64)
		go watch(stop, peak)
		run := p.run(b, e.kind, "")
		close(stop)
		above = max(above, <-peak-idle)
		if run.Outcome != stats.Published || run.Read != uint64(e.rows) {
			b.Fatalf("%+v", run)
		}
		best = min(best, run.EndedAt.Sub(run.StartedAt))
		var counted uint64
		if err := p.conn.QueryRow(b.Context(), "SELECT toUInt64(sum(value)) FROM observations WHERE release_id = {run:String} AND breakdown = '' AND measure NOT LIKE 'spo_days%'",
			clickhouse.Named("run", run.ID)).Scan(&counted); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if rows := engineCount(b, p.conn, path, e); rows != counted {
			b.Fatalf("the engine counts %d, the run %d", rows, counted)
		}
		engine = min(engine, time.Since(start))
	}
	b.ReportMetric(best.Seconds(), "run-s")
	b.ReportMetric(engine.Seconds(), "engine-s")
	b.ReportMetric(best.Seconds()/engine.Seconds(), "run/engine")
	b.ReportMetric(above/(1<<20), "MB-above-idle")
}

func writeExtract(b *testing.B, path string, e extract) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	random := rand.New(rand.NewPCG(3, 7))
	fmt.Fprintln(w, e.header)
	var line []byte
	for i := range e.rows {
		line = e.row(line, i, random)
		if _, err := w.Write(line); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

// arrestRow makes three years of arrests. Every twentieth row repeats one, as
// in an extract that is joined to its victims, and every fourth is of an
// offence that does not count.
func arrestRow(line []byte, i int, random *rand.Rand) []byte {
	if i%20 == 0 && len(line) > 0 {
		return line
	}
	offence := []string{"Stalking", "Stalking involving fear of violence", "8/66", "Harassment"}[random.IntN(4)]
	flags := []string{"yes", "no", "not known"}
	return fmt.Appendf(line[:0], "40/%08d/%02d,%s,%s,%s,%s\n", i, i%97, someDay(random), offence, flags[random.IntN(3)], flags[random.IntN(3)])
}

// orderRow makes orders of three stages, two orders for each person. Each row
// has the day of the application; the grants come up to four weeks later.
func orderRow(line []byte, i int, random *rand.Rand) []byte {
	stage, order := i%3, i/3
	applied := stats.Day(2021, time.January, 1).AddDate(0, 0, int(uint32(order)*2654435761>>8)%1095)
	day := applied.AddDate(0, 0, []int{0, random.IntN(14), random.IntN(28)}[stage])
	if last := stats.Day(2023, time.December, 31); day.After(last) {
		day = last
	}
	return fmt.Appendf(line[:0], "SPO/%08d,P%07d,%s,%s,%s\n", order, i/6, []string{"applied", "interim_granted", "full_granted"}[stage], day.Format(time.DateOnly), applied.Format(time.DateOnly))
}

// someDay is a day of 2021 to 2023.
func someDay(random *rand.Rand) string {
	return stats.Day(2021, time.January, 1).AddDate(0, 0, random.IntN(1095)).Format(time.DateOnly)
}

// engineCount is how many things and people the engine counts. Of orders it works
// out the days from application to grant too, as a run does.
func engineCount(b *testing.B, db driver.Conn, path string, e extract) (counted uint64) {
	file := fmt.Sprintf("file('%s', 'CSVWithNames', '%s')", path, e.columns)
	rows, err := db.Query(b.Context(), "SELECT sum(c.1) FROM (SELECT tuple(*) AS c FROM ("+fmt.Sprintf(e.query, file)+"))")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&counted); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	if e.days != "" {
		var took int64
		if err := db.QueryRow(b.Context(), fmt.Sprintf(e.days, file)).Scan(&took); err != nil || took < 1 || took > 14 {
			b.Fatal(took, err)
		}
	}
	return counted
}
