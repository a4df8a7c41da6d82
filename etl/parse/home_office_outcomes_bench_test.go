package parse_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

// BenchmarkHomeOfficeOutcomes reads a table of outcomes of the size of a real
// year, 700,000 rows of 13 columns, as Excel and as openpyxl write it. It
// reports the time against unzip -p of the data sheet in the same run (to stay
// under 3), and the memory above what the process has before (under 200 MB).
func BenchmarkHomeOfficeOutcomes(b *testing.B) {
	for name, plain := range map[string]bool{"excel": false, "openpyxl": true} {
		b.Run(name, func(b *testing.B) { benchmarkOutcomes(b, plain) })
	}
}

func benchmarkOutcomes(b *testing.B, plain bool) {
	path := filepath.Join(b.TempDir(), "outcomes.xlsx")
	made := makeOutcomes(b, path, 705_000, plain)
	areas()
	unzip := unzipped(b, path, made.Part)
	debug.FreeOSMemory()
	idle := resident(b)
	stop, peak := make(chan struct{}), make(chan float64)
	go watch(b, stop, peak)
	for b.Loop() {
		out := readOutcomes(b, path)
		if out.Read != uint64(made.Rows) || out.Loaded != 21*44*4 || made.Rows < 700_000 {
			b.Fatalf("%d rows read of %d, %d loaded", out.Read, made.Rows, out.Loaded)
		}
	}
	close(stop)
	b.ReportMetric((<-peak-idle)/(1<<20), "MB-above-idle")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(unzip), "unzip-ratio")
	b.ReportMetric(float64(made.SheetBytes)/(1<<20), "MB-of-XML")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MB-packed")
}

func makeOutcomes(tb testing.TB, path string, rows int, plain bool) sheettest.Outcomes {
	tb.Helper()
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	made, err := sheettest.OutcomesXLSX(file, rows, plain)
	if err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return made
}

func readOutcomes(tb testing.TB, path string) *parse.Output {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	book, err := sheet.Open(file, info.Size(), "outcomes.xlsx", sheet.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	defer book.Close()
	out := &parse.Output{Take: func(any) (*stats.Fault, error) { return nil, nil }}
	p, _ := parse.Find("home_office_outcomes")
	if err := p.Parse(parse.Input{Book: book, File: "outcomes.xlsx", Source: "test", Areas: areas()}, out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// unzipped is the shortest of three times that unzip takes.
func unzipped(b *testing.B, path, part string) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		if err := exec.Command("unzip", "-p", path, part).Run(); err != nil {
			b.Fatalf("unzip: %v", err)
		}
		best = min(best, time.Since(start))
	}
	return best
}

func watch(b *testing.B, stop chan struct{}, peak chan float64) {
	var most float64
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			peak <- most
			return
		case <-tick.C:
			most = max(most, resident(b))
		}
	}
}

// resident is the memory that the process has now, in bytes.
func resident(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Error(err)
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb * 1024
		}
	}
	return 0
}
