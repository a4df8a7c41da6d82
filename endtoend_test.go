package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard"
	"stalkstats/internal/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestFromFileToCSV takes the real table of 2017/18 from its file to the CSV
// over HTTP and compares every byte. What differs from run to run, the id of
// the release and when it was loaded, is put into words first. The command
// line's report has the same bytes.
func TestFromFileToCSV(t *testing.T) {
	p := newPipeline(t)
	run := p.run(t, "home_office_recorded_crime", "")
	if run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
	handler, err := dashboard.New(dashboard.Options{Reader: p.reader, Home: p.cfg.Force, Version: "test", Logger: slog.New(slog.DiscardHandler),
		Ready: func(context.Context) error { return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	filters := url.Values{"measure": {"stalking_recorded"}, "area": {"E23000026", "E23000034", "BTP", stats.EnglandAndWales}}
	response, err := server.Client().Get(server.URL + "/reports/observations.csv?" + filters.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("%s, %v\n%s", response.Status, err, got)
	}
	var report bytes.Buffer
	if _, err := dashboard.WriteObservations(t.Context(), &report, dashboard.Readers{Internal: p.reader}, filters); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report.String(), string(got)); diff != "" {
		t.Errorf("-report +download:\n%s", diff)
	}
	got = bytes.ReplaceAll(got, []byte(run.ReleaseID), []byte("RELEASE"))
	got = regexp.MustCompile(`RELEASE,\d{4}-\d\d-\d\d,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,`).ReplaceAll(got, []byte("RELEASE,DAY,MOMENT,"))
	const path = "testdata/endtoend.csv"
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
