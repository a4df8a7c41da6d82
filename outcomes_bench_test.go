package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"stalkstats/etl"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// BenchmarkHomeOfficeOutcomesRun takes a table of outcomes of the size of a real
// year, 700,000 rows of XLSX, from the file to the published release: kept,
// read, checked, written, held against what was served and published. It reports
// the best time against unzip -p of the data sheet in the same run (to stay under
// 3), and the memory above what the process has before (under 200 MB).
func BenchmarkHomeOfficeOutcomesRun(b *testing.B) {
	tune()
	for name, plain := range map[string]bool{"excel": false, "openpyxl": true} {
		b.Run(name, func(b *testing.B) { benchmarkOutcomesRun(b, plain) })
	}
}

func benchmarkOutcomesRun(b *testing.B, plain bool) {
	path := filepath.Join(b.TempDir(), "outcomes.xlsx")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	made, err := sheettest.OutcomesXLSX(f, 705_000, plain)
	if err != nil || f.Close() != nil {
		b.Fatal(err)
	}
	unzip, best := inflate(b, path, made.Part), time.Hour
	var above float64
	for b.Loop() {
		p := newPipeline(b)
		p.cfg.ETL.Sources = append(p.cfg.ETL.Sources, config.Source{Name: "home_office_outcomes", Parser: "home_office_outcomes", From: path, Offences: map[string]string{"8Q": "stalking"}})
		p.etl = etl.New(p.cfg, p.conn, p.reader, slog.New(slog.DiscardHandler), time.Now)
		p.run(b, "areas", "")
		p.run(b, "measures", "")
		// What made the file has left memory behind, which must not be counted as idle.
		debug.FreeOSMemory()
		idle := resident(b)
		stop, peak := make(chan struct{}), make(chan float64)
		go watch(stop, peak)
		run := p.run(b, "home_office_outcomes", "")
		close(stop)
		above = max(above, <-peak-idle)
		if run.Outcome != stats.Published || run.Read != uint64(made.Rows) || made.Rows < 700_000 {
			b.Fatalf("run %+v of %d rows", run, made.Rows)
		}
		best = min(best, run.EndedAt.Sub(run.StartedAt))
	}
	b.ReportMetric(best.Seconds(), "run-s")
	b.ReportMetric(best.Seconds()/unzip.Seconds(), "run/unzip")
	b.ReportMetric(above/(1<<20), "MB-above-idle")
}
