package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestRevisedByACorrectedFile: a figure that a corrected file changes carries
// the marker, alone and in its rate, and the log has it with both its rows.
func TestRevisedByACorrectedFile(t *testing.T) {
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "force_return"} {
		if run := p.run(t, source, ""); run.Outcome != stats.Published {
			t.Fatalf("%+v", run)
		}
	}
	run := p.correctReturn(t)
	var marked []string
	for _, f := range p.figures(t, query.Filter{Areas: []string{"E23000026"}}) {
		if f.Value.Markers.Has(stats.Revised) {
			marked = append(marked, f.Measure+" "+f.Period.Label())
		}
	}
	if got := strings.Join(marked, ", "); !strings.HasPrefix(got, "charge_rate Jan 2022, ") || !strings.HasSuffix(got, "stalking_charges Jan 2022") {
		t.Errorf("revised: %s", got)
	}
	var log []stats.PublishedRevision
	for revision, err := range p.reader.Revisions(context.Background(), query.RevisionFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, revision)
	}
	if len(log) != 1 || log[0].Run != run.ID || log[0].Kind != stats.LoadRun || !log[0].Demonstration || log[0].Former.Number != 7 || log[0].Now.Number != 8 ||
		log[0].FormerOrigin != (stats.Origin{File: "force_return.csv", Row: 4}) || log[0].Origin != log[0].FormerOrigin {
		t.Errorf("the log is %+v", log)
	}
}

// correctReturn loads the force’s return with one count corrected from 7 to 8.
func (p *pipeline) correctReturn(t *testing.T) stats.Run {
	t.Helper()
	text := strings.Replace(read(t, "sample/force_return.csv"), "E23000026,2022-01,stalking_charges,,,7,", "E23000026,2022-01,stalking_charges,,,8,", 1)
	corrected := filepath.Join(t.TempDir(), "force_return.csv")
	if err := os.WriteFile(corrected, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := p.run(t, "force_return", corrected)
	if run.Outcome != stats.Published {
		t.Fatalf("%+v", run)
	}
	return run
}
