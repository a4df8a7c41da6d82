package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

// BenchmarkHomeOfficeODS takes a table of the real one's size (a content.xml
// of 400 MB in 14 yearly sheets) from the file to the published release, and
// reports the time against unzip -p of the same file in the same run, and the
// memory above what the process has before.
func BenchmarkHomeOfficeODS(b *testing.B) {
	path := filepath.Join(b.TempDir(), "prc-pfa.ods")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	made, err := sheettest.HomeOfficeODS(f, 400<<20)
	if err != nil || f.Close() != nil {
		b.Fatal(err)
	}
	unzip := inflate(b, path, "content.xml")
	var load time.Duration
	var above float64
	for range b.N {
		p := newPipeline(b)
		p.run(b, "areas", "")
		p.run(b, "measures", "")
		idle := resident(b)
		stop, peak := make(chan struct{}), make(chan float64)
		go watch(stop, peak)
		run := p.run(b, "home_office_recorded_crime", path)
		close(stop)
		above = max(above, <-peak-idle)
		if run.Outcome != stats.Published {
			b.Fatalf("run %+v", run)
		}
		load += run.EndedAt.Sub(run.StartedAt)
	}
	each := load.Seconds() / float64(b.N)
	b.ReportMetric(each, "load-s")
	b.ReportMetric(each/unzip.Seconds(), "load/unzip")
	b.ReportMetric(above/(1<<20), "MB-above-idle")
	b.ReportMetric(float64(made.ContentBytes)/(1<<20), "MB-of-XML")
}

// inflate is the shortest of three times that unzip takes.
func inflate(b *testing.B, path, part string) time.Duration {
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

func watch(stop chan struct{}, peak chan float64) {
	var most float64
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			peak <- most
			return
		case <-tick.C:
			text, _ := os.ReadFile("/proc/self/status")
			most = max(most, rss(string(text)))
		}
	}
}

func resident(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	return rss(string(text))
}

func rss(status string) float64 {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb * 1024
		}
	}
	return 0
}
