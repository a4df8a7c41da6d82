package load_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"stalkstats/etl/load"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// loadedRows is how many figures the benchmark loads.
const loadedRows = 500_000

// BenchmarkWriter loads figures from memory to their publication, and reports
// the best rate against the best of the engine's own INSERT … SELECT FROM file
// of the same rows as CSV in the same run. The limit is half of it.
func BenchmarkWriter(b *testing.B) {
	db := clickhousetest.Open(b)
	if _, err := schemas.Apply(b.Context(), db); err != nil {
		b.Fatal(err)
	}
	rows := observed()
	path := filepath.Join(b.TempDir(), "observations.csv")
	writeCSV(b, path, rows)
	best, engine := time.Hour, time.Hour
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		write(b, db, fmt.Sprintf("written-%d", n), rows)
		best = min(best, time.Since(start))
		start = time.Now()
		engineInserts(b, db, fmt.Sprintf("inserted-%d", n), path)
		engine = min(engine, time.Since(start))
		same(b, db, n)
	}
	b.ReportMetric(loadedRows/best.Seconds(), "rows/s")
	b.ReportMetric(loadedRows/engine.Seconds(), "engine-rows/s")
	b.ReportMetric(engine.Seconds()/best.Seconds(), "engine-ratio")
}

// observed is figures as a table of outcomes has them: forces, years, quarters,
// offences and outcomes, each with its row.
func observed() []stats.Observation {
	all := make([]stats.Observation, 0, loadedRows)
	for i := range loadedRows {
		year := 2014 + i/50_000
		o := stats.Observation{
			Key: stats.Key{Measure: []string{"stalking_outcomes", "stalking_charges", "harassment_outcomes"}[i/43%3], Area: fmt.Sprintf("E230000%02d", i%43),
				Basis: "recorded", Period: stats.Quarter(year, 1+i/12_500%4), Breakdown: "outcome", BreakdownValue: fmt.Sprintf("outcome %d of an offence", i/129%97)},
			Slice: fmt.Sprintf("%d/%02d", year, (year+1)%100), Value: stats.Value{Number: float64(i % 1009), Known: i%31 > 0},
			Origin: stats.Origin{File: "outcomes-open-data.xlsx", Sheet: fmt.Sprintf("%d-%d", year, year+1), Row: i%50_000 + 2},
		}
		if !o.Value.Known {
			o.Value.Number, o.Value.Markers, o.Note = 0, "x", "the force could not say"
		}
		all = append(all, o)
	}
	return all
}

func write(b *testing.B, db *clickhouse.DB, id string, rows []stats.Observation) {
	w := load.Begin(db, load.Release{Release: stats.Release{ID: id, Source: "benchmark", RetrievedAt: time.Now()}})
	defer w.Close()
	for _, o := range rows {
		if err := w.Append(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Verify(b.Context()); err != nil {
		b.Fatal(err)
	}
	if _, err := w.Publish(b.Context(), time.Now()); err != nil {
		b.Fatal(err)
	}
}

const engineColumns = "slice, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value, value, value_note, note, file, sheet, source_row"

func writeCSV(b *testing.B, path string, rows []stats.Observation) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, engineColumns)
	for _, o := range rows {
		value := `\N`
		if o.Value.Known {
			value = fmt.Sprint(o.Value.Number)
		}
		fmt.Fprintf(w, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%d\n", o.Slice, o.Measure, o.Area, o.Basis, o.Period.Start.Format(time.DateOnly), o.Period.End.Format(time.DateOnly),
			o.Breakdown, o.BreakdownValue, value, o.Value.Markers, o.Note, o.Origin.File, o.Origin.Sheet, o.Origin.Row)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

func engineInserts(b *testing.B, db *clickhouse.DB, id, path string) {
	types := "slice String, measure String, area_code String, basis String, period_start Date, period_end Date, breakdown String, breakdown_value String, " +
		"value Nullable(Float64), value_note String, note String, file String, sheet String, source_row UInt32"
	sql := fmt.Sprintf("INSERT INTO observations (release_id, source, %[1]s) SELECT '%[2]s', 'benchmark', %[1]s FROM file('%[3]s', 'CSVWithNames', '%[4]s')", engineColumns, id, path, types)
	if err := db.Exec(b.Context(), sql); err != nil {
		b.Fatal(err)
	}
}

// same checks that both ways have brought the same rows.
func same(b *testing.B, db *clickhouse.DB, n int) {
	var written, inserted, rows uint64
	err := db.QueryRow(b.Context(), fmt.Sprintf(`
		SELECT groupBitXorIf(h, release_id = 'written-%[1]d'), groupBitXorIf(h, release_id = 'inserted-%[1]d'), countIf(release_id = 'written-%[1]d')
		FROM (SELECT release_id, cityHash64(source, %[2]s) AS h FROM observations WHERE release_id IN ('written-%[1]d', 'inserted-%[1]d'))`,
		n, engineColumns)).Scan(&written, &inserted, &rows)
	if err != nil || written != inserted || rows != loadedRows {
		b.Fatalf("written %d rows, %x against %x: %v", rows, written, inserted, err)
	}
}
