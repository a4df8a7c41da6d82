package main

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPagesReportsAndLoadsAtOnce has readers open every kind of page and report
// while corrections are loaded and published. Each answer is whole, and each CSV is
// one that was served between two corrections. The race detector watches it.
func TestPagesReportsAndLoadsAtOnce(t *testing.T) {
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "home_office_recorded_crime", "force_return"} {
		p.run(t, source, "")
	}
	site := internalSite(t, p, usualRules)
	const report = "/reports/observations.csv?measure=stalking_charges&audience="
	paths := []string{
		"/", "/measures/stalking_charges", "/measures/charge_rate", "/compare", "/changes?since=2024-01-01",
		"/recommendations", "/orders", "/data", "/reports", "/api/v1/observations?limit=50", report + "internal", report + "published",
	}
	var seen, served sync.Map // CSVs that readers had, and those that stand when nothing is loaded
	serves := func() {
		for _, audience := range []string{"internal", "published"} {
			served.Store(body(t, site+report+audience), true)
		}
	}
	serves()
	var over atomic.Bool
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for n := i; !over.Load() || n < len(paths); n += 4 { // each has a share of the paths
				path := paths[n%len(paths)]
				text := body(t, site+path)
				if strings.HasPrefix(path, report) {
					seen.Store(text, path)
				}
			}
		})
	}
	for _, charges := range []string{"28", "35"} {
		p.correct(t, "force_return", strings.ReplaceAll(read(t, "sample/force_return.csv"), ",stalking_charges,,,7,", ",stalking_charges,,,"+charges+","))
		serves()
	}
	over.Store(true)
	readers.Wait()
	seen.Range(func(text, path any) bool {
		if _, ok := served.Load(text); !ok {
			t.Errorf("%s: a report that is of no one state:\n%.2000s", path, text)
		}
		return true
	})
}

// body is what an address answers. It may be called from any goroutine.
func body(t *testing.T, address string) string {
	response, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v: %.300s", address, response.Status, err, text)
	}
	return string(text)
}
