package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sort"
	"strconv"
	"sync"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

const (
	loadReaders  = 200
	loadPace     = 2 * time.Second        // from one page of a reader to the next
	loadLimit    = 100 * time.Millisecond // of the 99th percentile
	levelLimit   = 1.1                    // of the memory at the end, to that after the first quarter
	loadFor      = "STALKSTATS_LOAD_FOR"  // how long the readers read; else loadForShort
	loadForShort = 20 * time.Second
	loadForces   = "STALKSTATS_LOAD_FORCES" // of how many forces pages are read, the home force first; else of that alone
	loadEvery    = "STALKSTATS_LOAD_EVERY"  // from the beginning of one load to that of the next; else they follow at once
)

// BenchmarkReadersDuringLoads has two hundred readers open the pages of their force, each one every
// two seconds, while releases of the size of the Home Office's table (a content.xml of 400 MB) are loaded and
// published one after the other. It reports the pages that were opened, those that failed, and the part
// of them that took longer than 100 ms, of which the limit is a hundredth; the 99th percentile of the wait
// against its limit of 100 ms; the releases; the memory that the process,
// readers included, has at most, and that of its last quarter against that of its second, with
// the limit of 1.1.
func BenchmarkReadersDuringLoads(b *testing.B) {
	tune()
	lasting, every := span(b, loadFor, loadForShort), span(b, loadEvery, 0)
	handler, p := loadedSite(b)
	site := httptest.NewServer(handler)
	defer site.Close()
	editions := homeOfficeEditions(b)
	debug.FreeOSMemory() // what made the files has left memory behind
	for b.Loop() {
		ctx, end := context.WithTimeout(b.Context(), lasting)
		var beside sync.WaitGroup
		beside.Go(func() { handler.ReadAhead(ctx) })
		var published []time.Duration
		beside.Go(func() { published = p.loadInTurn(ctx, b, editions, every) })
		var memory []float64
		beside.Go(func() { memory = everySecond(ctx, b) })
		read := readThrough(ctx, site.URL, p.pagesOfForces(b))
		end()
		beside.Wait()
		read.report(b, lasting)
		reportMemory(b, memory)
		b.ReportMetric(float64(len(published)), "releases")
		b.ReportMetric(slices.Max(append(published, 0)).Seconds(), "slowest-load-s")
	}
}

// span is the time that an environment variable says.
func span(b *testing.B, variable string, otherwise time.Duration) time.Duration {
	b.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		b.Fatalf("%s is %q, want a time such as 10m", variable, text)
	}
	return d
}

// homeOfficeEditions writes two files of the size of the real one, with other figures.
func homeOfficeEditions(b *testing.B) (paths []string) {
	b.Helper()
	for n, size := range []int64{400 << 20, 404 << 20} { // the size decides the figures
		path := filepath.Join(b.TempDir(), fmt.Sprintf("prc-pfa-%d.ods", n))
		f, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := sheettest.HomeOfficeODS(f, size); err != nil || f.Close() != nil {
			b.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// loadInTurn loads and publishes the editions in turn until the context ends, one begun so long
// after the other, and says how long each took. A load that is under way then comes to its end.
func (p pipeline) loadInTurn(ctx context.Context, b *testing.B, editions []string, every time.Duration) (took []time.Duration) {
	var start time.Time
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return took
		case <-time.After(time.Until(start.Add(every))):
		}
		start = time.Now()
		runs, err := p.etl.Run(context.WithoutCancel(ctx), "home_office_recorded_crime", etl.Options{File: editions[n%len(editions)]})
		if err == nil && len(runs) == 1 && runs[0].Outcome == stats.Held { // figures that are made up jump
			runs[0], err = p.etl.Accept(context.WithoutCancel(ctx), runs[0].ID, etl.Options{AskedBy: "the benchmark", Why: "figures that are made up"})
		}
		if err != nil || len(runs) != 1 || runs[0].Outcome != stats.Published {
			b.Errorf("load %d: %+v, %v", n, runs, err)
			return took
		}
		took = append(took, time.Since(start))
	}
}

// pagesOfForces is what a reader of each force opens, one after the other.
func (p pipeline) pagesOfForces(b *testing.B) (all [][]string) {
	b.Helper()
	forces, err := strconv.Atoi(cmp.Or(os.Getenv(loadForces), "1"))
	if err != nil || forces < 1 {
		b.Fatalf("%s is %q, want a number of forces", loadForces, os.Getenv(loadForces))
	}
	areas, err := p.reader.Areas(context.Background(), query.Latest)
	if err != nil {
		b.Fatal(err)
	}
	home := func(a stats.Area) int { // first
		if a.Code == p.cfg.Force {
			return 0
		}
		return 1
	}
	list := slices.SortedStableFunc(slices.Values(areas.Forces()), func(a, b stats.Area) int { return cmp.Compare(home(a), home(b)) })
	for _, force := range list[:min(forces, len(list))] {
		all = append(all, []string{"/", "/forces/" + force.Code, "/recommendations", "/measures/stalking_recorded?area=" + force.Code, "/compare?measure=charge_rate&area=" + force.Code, "/orders?area=" + force.Code})
	}
	return all
}

// whatWasRead is the waits of all readers, and what failed.
type whatWasRead struct {
	sync.Mutex
	took   []time.Duration
	failed int
	first  error
}

// readThrough has the readers read until the context ends. They begin spread over the pace.
func readThrough(ctx context.Context, address string, pages [][]string) *whatWasRead {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadReaders, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var all whatWasRead
	var readers sync.WaitGroup
	start := time.Now()
	for reader := range loadReaders {
		readers.Go(func() {
			own := pages[reader%len(pages)]
			next := start.Add(loadPace * time.Duration(reader) / loadReaders)
			for n := reader; ; n++ { // not all begin with one page
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Until(next)): // the pace of a reader
				}
				_, took, err := readPacked(client, address+own[n%len(own)])
				all.add(took, err)
				next = next.Add(loadPace)
			}
		})
	}
	readers.Wait()
	return &all
}

func (r *whatWasRead) add(took time.Duration, err error) {
	r.Lock()
	defer r.Unlock()
	r.took = append(r.took, took)
	if err != nil {
		r.failed++
		if r.first == nil {
			r.first = err
		}
	}
}

func (r *whatWasRead) report(b *testing.B, lasting time.Duration) {
	if r.failed > 0 {
		b.Errorf("%d of %d pages failed; the first: %v", r.failed, len(r.took), r.first)
	}
	slices.Sort(r.took)
	p99 := r.took[len(r.took)*99/100]
	b.ReportMetric(float64(len(r.took)), "pages")
	b.ReportMetric(float64(len(r.took))/lasting.Seconds(), "pages/s")
	b.ReportMetric(float64(r.failed), "errors")
	b.ReportMetric(float64(r.took[len(r.took)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(r.took[len(r.took)-1].Microseconds())/1000, "longest-ms")
	b.ReportMetric(p99.Seconds()/loadLimit.Seconds(), "p99/limit")
	late := len(r.took) - sort.Search(len(r.took), func(i int) bool { return r.took[i] > loadLimit })
	b.ReportMetric(100*float64(late)/float64(len(r.took)), "%-late")
}

// everySecond is the memory that the process has, second by second.
func everySecond(ctx context.Context, b *testing.B) (all []float64) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		all = append(all, resident(b))
		select {
		case <-ctx.Done():
			return all
		case <-tick.C:
		}
	}
}

// reportMemory compares the last quarter with the second: in the first what is kept fills up.
func reportMemory(b *testing.B, all []float64) {
	mean := func(some []float64) (sum float64) {
		for _, bytes := range some {
			sum += bytes / float64(len(some))
		}
		return sum
	}
	quarter := max(len(all)/4, 1)
	level := mean(all[len(all)-quarter:]) / mean(all[min(quarter, len(all)-1):min(2*quarter, len(all))])
	b.ReportMetric(slices.Max(all)/(1<<20), "MB-at-most")
	b.ReportMetric(level/levelLimit, "level/limit")
}
