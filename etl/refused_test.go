package etl_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stalkstats/internal/stats"
)

// TestWhatDoesNotFitIsNotKept: an extract of records that is given to another
// source is refused at its heading, and nothing of it stays. A file whose rows
// were refused stays, because it can be read again with mended settings.
func TestWhatDoesNotFitIsNotKept(t *testing.T) {
	b := newBench(t)
	records := filepath.Join(b.cfg.DataDir, "records.csv")
	if err := os.WriteFile(records, []byte("record_id,arrest_date,offence,victim_name\n1,2024-03-01,Stalking,Zebulon Quix\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := b.run(t, "force_return", records)
	says := func(run stats.Run) bool {
		return slices.ContainsFunc(run.Log, func(l stats.LogLine) bool { return strings.Contains(l.Says, "was not kept") })
	}
	if run.Outcome != stats.RejectedRun || !says(run) {
		t.Errorf("%s: %s, %v", run.Outcome, run.Problem, run.Log)
	}
	if err := os.Remove(records); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadDir(b.cfg.SnapshotDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range kept {
		text, err := os.ReadFile(filepath.Join(b.cfg.SnapshotDir(), file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "Zebulon") {
			t.Errorf("%s holds what was refused", file.Name())
		}
	}
	if run := b.run(t, "force_return", b.write(t, "bad.csv", "Luton,2024-03,stalking_charges,,,5,,")); run.Outcome != stats.RejectedRun || says(run) {
		t.Errorf("%s: %s", run.Outcome, run.Problem)
	}
}
