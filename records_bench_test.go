package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
)

// An extract is a file of records, and the engine's count of the same file.
type extract struct {
	kind, header, columns, query string
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
		kind: "orders", rows: 1_000_000, header: "order_id,person_id,stage,stage_date,applied_date",
		columns: "order_id String, person_id String, stage String, stage_date Date, applied_date String",
		query: `SELECT uniqExact(order_id, stage) + uniqExactIf(person_id, stage = 'applied') + uniqExactIf(person_id, stage != 'applied'),
toStartOfMonth(stage_date) AS month FROM %s GROUP BY month`,
		row: orderRow,
	}
)

// BenchmarkForceRecords counts extracts of ten million arrests and a million
// stages of orders, each thing and each person once, and reports the best time against the engine's best of the
// same count of the same file in the same run, and the memory above what the
// process has before.
func BenchmarkForceRecords(b *testing.B) {
	tune()
	db := clickhousetest.Open(b)
	for _, e := range []extract{arrestsExtract, ordersExtract} {
		b.Run(e.kind, func(b *testing.B) { benchmarkExtract(b, db, e) })
	}
}

func benchmarkExtract(b *testing.B, db *clickhouse.DB, e extract) {
	path := filepath.Join(b.TempDir(), e.kind+".csv")
	writeExtract(b, path, e)
	best, engine := time.Hour, time.Hour
	var above float64
	for b.Loop() {
		// The engine and what wrote the file have left memory behind, which
		// must not be counted as idle.
		debug.FreeOSMemory()
		idle := resident(b)
		stop, peak := make(chan struct{}), make(chan float64)
		go watch(stop, peak)
		start := time.Now()
		counted := countRecords(b, path, e)
		best = min(best, time.Since(start))
		close(stop)
		above = max(above, <-peak-idle)
		start = time.Now()
		if rows := engineCount(b, db, path, e); rows != counted {
			b.Fatalf("the engine counts %d, the parser %d", rows, counted)
		}
		engine = min(engine, time.Since(start))
	}
	b.ReportMetric(best.Seconds(), "count-s")
	b.ReportMetric(engine.Seconds(), "engine-s")
	b.ReportMetric(best.Seconds()/engine.Seconds(), "engine-ratio")
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

// orderRow makes orders of three stages, two orders for each person.
func orderRow(line []byte, i int, random *rand.Rand) []byte {
	return fmt.Appendf(line[:0], "SPO/%08d,P%07d,%s,%s,\n", i/3, i/6, []string{"applied", "interim_granted", "full_granted"}[i%3], someDay(random))
}

// someDay is a day of 2021 to 2023.
func someDay(random *rand.Rand) string {
	return stats.Day(2021, time.January, 1).AddDate(0, 0, random.IntN(1095)).Format(time.DateOnly)
}

// countRecords is how many things and people the parser counts.
func countRecords(b *testing.B, path string, e extract) (counted uint64) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	book, err := sheet.Open(f, info.Size(), filepath.Base(path), sheet.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	parser, _ := parse.Find("force_records")
	out := &parse.Output{Take: func(row any) (*stats.Fault, error) {
		if o := row.(stats.Observation); o.Breakdown == "" {
			counted += uint64(o.Value.Number)
		}
		return nil, nil
	}}
	in := parse.Input{Book: book, File: filepath.Base(path), Source: e.kind, Today: stats.Day(2024, time.March, 1),
		Settings: parse.Settings{Area: "E23000026", Kind: e.kind}}
	if err := parser.Parse(in, out); err != nil {
		b.Fatal(err)
	}
	if out.Read != uint64(e.rows) || out.Rejected > 0 {
		b.Fatalf("read %d rows, rejected %d", out.Read, out.Rejected)
	}
	return counted
}

// engineCount is how many things and people the engine counts.
func engineCount(b *testing.B, db *clickhouse.DB, path string, e extract) (counted uint64) {
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
	return counted
}
