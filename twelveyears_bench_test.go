package main

import (
	"context"
	"fmt"
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

// outcomeYears is how many years of outcomes are published as XLSX, one file each.
const outcomeYears = 12

// BenchmarkTwelveYearsOfOutcomes loads all years of outcomes in one go, as a
// fresh installation does from its folder: eight million rows in twelve files,
// each from the file to its published release. It reports the rows a second, the
// time against unzip -p of the twelve data sheets in the same run (to stay under 3),
// and the memory above what the process has before (under 200 MB). Once is enough,
// whatever benchtime says: the files are made once, and it takes minutes.
func BenchmarkTwelveYearsOfOutcomes(b *testing.B) {
	tune()
	folder := b.TempDir()
	made := makeYears(b, folder)
	unzip := outcomeYears * inflate(b, filepath.Join(folder, "outcomes-01.xlsx"), made.Part)
	for n := 0; b.Loop(); n++ {
		if n > 0 {
			continue
		}
		p := newPipeline(b)
		p.cfg.ETL.Fetch.Settle = 0
		p.cfg.ETL.Sources = append(p.cfg.ETL.Sources, config.Source{Name: "home_office_outcomes", Parser: "home_office_outcomes", From: filepath.Join(folder, "*.xlsx"), Offences: map[string]string{"8Q": "stalking"}})
		p.etl = etl.New(p.cfg, p.conn, p.reader, slog.New(slog.DiscardHandler), time.Now)
		p.run(b, "areas", "")
		p.run(b, "measures", "")
		debug.FreeOSMemory() // what made the files has left memory behind
		idle := resident(b)
		stop, peak := make(chan struct{}), make(chan float64)
		go watch(stop, peak)
		start := time.Now()
		runs, err := p.etl.Run(context.Background(), "home_office_outcomes", etl.Options{})
		took := time.Since(start)
		close(stop)
		above := <-peak - idle
		if err != nil || len(runs) != outcomeYears {
			b.Fatalf("%d runs, %v", len(runs), err)
		}
		var rows, loaded uint64
		for _, run := range runs {
			if run.Outcome != stats.Published {
				b.Fatalf("%+v", run)
			}
			rows, loaded = rows+run.Read, loaded+run.Loaded
		}
		var served uint64
		if err := p.conn.QueryRow(b.Context(), "SELECT uniqExact(slice) FROM observations WHERE source = 'home_office_outcomes' AND (slice, release_id) IN "+
			"(SELECT slice, argMax(release_id, (published_at, release_id)) FROM published WHERE source = 'home_office_outcomes' GROUP BY slice)").Scan(&served); err != nil {
			b.Fatal(err)
		}
		if rows != outcomeYears*uint64(made.Rows) || rows < 8_000_000 || served != outcomeYears || loaded == 0 {
			b.Fatalf("%d rows read, %d loaded, %d years served", rows, loaded, served)
		}
		b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
		b.ReportMetric(took.Seconds(), "load-s")
		b.ReportMetric(took.Seconds()/unzip.Seconds(), "load/unzip")
		b.ReportMetric(above/(1<<20), "MB-above-idle")
	}
}

// makeYears makes one file and of it those of the other years.
func makeYears(b *testing.B, folder string) sheettest.Outcomes {
	path := filepath.Join(b.TempDir(), "outcomes.xlsx")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	made, err := sheettest.OutcomesXLSX(f, 705_000, false)
	if err != nil || f.Close() != nil {
		b.Fatal(err)
	}
	for n := range outcomeYears {
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("outcomes-%02d.xlsx", n+1)))
		if err != nil {
			b.Fatal(err)
		}
		year := fmt.Sprintf("%d/%02d", 2012+n, 13+n)
		if err := sheettest.OutcomesOfYear(f, path, year); err != nil || f.Close() != nil {
			b.Fatal(err)
		}
	}
	return made
}
