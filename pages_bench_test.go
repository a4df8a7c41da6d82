package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse/clickhousetest"
)

const (
	readersAtOnce = 20
	pageLimit     = 300 * time.Millisecond
)

// BenchmarkPages opens pages over the demonstration and eight million outcome
// figures, twenty readers at once, each asking again as soon as it has the
// answer. No page is there from before: each has an address of its own. It reports the
// 95th percentile against the limit of 300 ms, how long the first reader waits
// who finds none of the answers kept, the time of a processor that a page takes, readers included, and the memory that the
// process has at most.
func BenchmarkPages(b *testing.B) {
	tune()
	address, p := site(b)
	fillOutcomes(b, p)
	runtime.GC()
	idle := resident(b)
	for _, page := range []struct{ name, path string }{
		{"overview", "/"}, {"measure", "/measures/stalking_charges"}, {"recommendations", "/recommendations"},
		{"rate", "/measures/victim_does_not_support_rate"}, {"compare", "/compare?measure=charge_rate"}, {"orders", "/orders"},
		{"changes", "/changes?since=2024-01-01"},
		{"figure", "/figure?area=E23000026&basis=outcomes&measure=charge_rate&period=2021%2F22&source=published_force_figures"},
	} {
		b.Run(page.name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readersAtOnce}}
			defer client.CloseIdleConnections()
			first := open(b, client, address+page.path) // after a publication nothing of this page is kept
			stop, peak := make(chan struct{}), make(chan float64)
			go watch(stop, peak)
			before := processorTime(b)
			took := readTogether(b, client, address+page.path, 10*max(b.N, 1))
			used := processorTime(b) - before
			close(stop)
			slices.Sort(took)
			p95 := took[len(took)*95/100]
			b.ReportMetric(float64(p95.Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
			b.ReportMetric(p95.Seconds()/pageLimit.Seconds(), "p95/limit")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			b.ReportMetric(float64(used.Microseconds())/1000/float64(len(took)), "cpu-ms/page")
			b.ReportMetric((<-peak-idle)/(1<<20), "MB-above-idle")
		})
	}
}

// BenchmarkPagesAfterAPublication opens the pages of twenty forces at once, of
// which nothing was asked before: a release has just been published, and all
// answers that were kept are of what was served before it. It reports the wait of
// all, against the limit of 300 ms.
func BenchmarkPagesAfterAPublication(b *testing.B) {
	tune()
	address, p := site(b)
	fillOutcomes(b, p)
	areas, err := p.reader.Areas(context.Background(), query.Latest)
	if err != nil {
		b.Fatal(err)
	}
	forces := areas.Forces()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readersAtOnce}}
	defer client.CloseIdleConnections()
	for _, page := range []struct{ name, path string }{
		{"overview", "/forces/%s"}, {"measure", "/measures/stalking_charges?area=%s"}, {"recommendations", "/recommendations?area=%s"},
		{"rate", "/measures/victim_does_not_support_rate?area=%s"}, {"compare", "/compare?measure=charge_rate&area=%s"}, {"orders", "/orders?area=%s"},
		{"changes", "/changes?since=2024-01-01&area=%s"},
	} {
		b.Run(page.name, func(b *testing.B) {
			var took []time.Duration
			var used time.Duration
			for range max(b.N, 3) {
				p.publishAgain(b)
				before := processorTime(b)
				var mu sync.Mutex
				var readers sync.WaitGroup
				for i := range readersAtOnce {
					readers.Go(func() {
						for _, force := range []int{i, i + readersAtOnce} {
							d := open(b, client, address+fmt.Sprintf(page.path, forces[force].Code))
							mu.Lock()
							took = append(took, d)
							mu.Unlock()
						}
					})
				}
				readers.Wait()
				used += processorTime(b) - before
			}
			slices.Sort(took)
			p95 := took[len(took)*95/100]
			b.ReportMetric(float64(p95.Microseconds())/1000, "p95-ms")
			b.ReportMetric(p95.Seconds()/pageLimit.Seconds(), "p95/limit")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			b.ReportMetric(float64(used.Microseconds())/1000/float64(len(took)), "cpu-ms/page")
		})
	}
}

// publishAgain publishes a release that serves already, so that nothing kept
// stands any more.
func (p pipeline) publishAgain(b *testing.B) {
	b.Helper()
	err := p.conn.Exec(context.Background(), "INSERT INTO published (source, slice, release_id, published_at, run_id) "+
		"SELECT source, slice, release_id, now64(6), run_id FROM published WHERE source = 'areas' LIMIT 1")
	if err != nil {
		b.Fatal(err)
	}
}

// afresh is an address of a page of which nobody asked before, and which has the
// same parameters.
func afresh(address string, n int64) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + strings.Repeat("&", int(n))
}

// asked is how many pages were asked for afresh, in all runs of a benchmark.
var asked atomic.Int64

// readTogether is how long each page took that the readers opened, each made afresh.
func readTogether(b *testing.B, client *http.Client, address string, each int) (took []time.Duration) {
	var mu sync.Mutex
	var readers sync.WaitGroup
	for range readersAtOnce {
		readers.Go(func() {
			for range each {
				d := open(b, client, afresh(address, asked.Add(1)))
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	return took
}

// open reads a whole page and says how long it took.
func open(b *testing.B, client *http.Client, address string) time.Duration {
	start := time.Now()
	response, err := client.Get(address)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		b.Errorf("%s: %s, %v", address, response.Status, err)
	}
	return time.Since(start)
}

// fillOutcomes puts a full history of outcomes beside the demonstration.
func fillOutcomes(b *testing.B, p pipeline) {
	b.Helper()
	areas, err := p.reader.Areas(context.Background(), query.Latest)
	if err != nil {
		b.Fatal(err)
	}
	var forces []string
	for _, force := range areas.Forces() {
		forces = append(forces, force.Code)
	}
	history := clickhousetest.EightMillion(forces)
	if history.Rows() < 8_000_000 {
		b.Fatalf("only %d figures", history.Rows())
	}
	if err := history.Fill(context.Background(), p.conn); err != nil {
		b.Fatal(err)
	}
}

// processorTime is what this process has used of the processors.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
