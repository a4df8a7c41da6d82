package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	keptReaders = 50
	keptLimit   = 20 * time.Millisecond
	keptRatio   = 0.5
)

// BenchmarkKeptPages serves pages that are kept to fifty readers at once, and in
// the same run static files of the same bytes by net/http. It reports how many come
// in a second where each reader asks again at once, and their part of the files', of
// which the limit is a half; and the 99th percentile of the wait, against its limit
// of 20 ms, where each reader asks ten times a second. A reader takes what gzip has
// packed; the file is not packed, and as large as the page is on the wire.
func BenchmarkKeptPages(b *testing.B) {
	tune()
	address, _ := site(b)
	dir := b.TempDir()
	files := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer files.Close()
	for _, page := range []struct{ name, path string }{{"overview", "/"}, {"measure", "/measures/stalking_charges"}, {"chart", "/charts/stalking_charges.svg"}} {
		b.Run(page.name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: keptReaders, DisableCompression: true}}
			defer client.CloseIdleConnections()
			if err := os.WriteFile(filepath.Join(dir, page.name), packed(b, client, address+page.path), 0o600); err != nil {
				b.Fatal(err)
			}
			each := 100 * max(b.N, 1)
			_, fileRate := readKept(b, client, files.URL+"/"+page.name, each, 0)
			_, rate := readKept(b, client, address+page.path, each, 0)
			p99, _ := readKept(b, client, address+page.path, 10, time.Second/10)
			b.ReportMetric(rate, "pages/s")
			b.ReportMetric(rate/fileRate, "of-a-file")
			b.ReportMetric(rate/fileRate/keptRatio, "rate/limit")
			b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
			b.ReportMetric(p99.Seconds()/keptLimit.Seconds(), "p99/limit")
		})
	}
}

// packed is a page as it goes over the wire.
func packed(b *testing.B, client *http.Client, address string) []byte {
	body, _ := fetchPacked(b, client, address)
	return body
}

func fetchPacked(b *testing.B, client *http.Client, address string) ([]byte, time.Duration) {
	body, took, err := readPacked(client, address)
	if err != nil {
		b.Error(err)
	}
	return body, took
}

// readPacked reads a page as it goes over the wire, and says how long it took.
func readPacked(client *http.Client, address string) ([]byte, time.Duration, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	start := time.Now()
	response, err := client.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.200s", address, response.Status, body)
	}
	return body, time.Since(start), err
}

// readKept is the 99th percentile of what readers wait who ask so often, with a
// time from one question to the next, and how many answers come in a second.
func readKept(b *testing.B, client *http.Client, address string, each int, apart time.Duration) (p99 time.Duration, rate float64) {
	var mu sync.Mutex
	var took []time.Duration
	var readers sync.WaitGroup
	start := time.Now()
	for reader := range keptReaders {
		readers.Go(func() {
			var own []time.Duration
			first := start.Add(apart * time.Duration(reader) / keptReaders)
			for n := range each {
				<-time.After(time.Until(first.Add(apart * time.Duration(n)))) // the pace of a reader
				_, d := fetchPacked(b, client, address)
				own = append(own, d)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	readers.Wait()
	rate = float64(len(took)) / time.Since(start).Seconds()
	slices.Sort(took)
	return took[len(took)*99/100], rate
}
