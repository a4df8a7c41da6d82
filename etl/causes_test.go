package etl_test

import (
	"os"
	"strings"
	"testing"

	"stalkstats/etl/load"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestCauses: what kind of thing went wrong is recorded with the run, and is
// what alerts are decided by.
func TestCauses(t *testing.T) {
	b := newBench(t)
	ends := func(want stats.Outcome, cause stats.Cause) {
		t.Helper()
		run := b.run(t, "force_return", "")
		last, err := load.LastRuns(t.Context(), b.conn)
		if err != nil {
			t.Fatal(err)
		}
		if got := last["force_return"][0]; run.Outcome != want || run.Cause != cause || got.ID != run.ID || got.Cause != cause {
			t.Errorf("%s, %q (%s), recorded %+v; want %s, %q", run.Outcome, run.Cause, run.Problem, got, want, cause)
		}
	}
	ends(stats.Failed, stats.FileMissing)
	path := b.cfg.DataDir + "/return.csv"
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	ends(stats.Failed, stats.FileUnreadable)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text    string
		cause   stats.Cause
		outcome stats.Outcome
	}{
		{"area,period\nx,y\n", stats.WrongLayout, stats.RejectedRun},
		{"name,postcode\nx,y\n", stats.PersonalData, stats.RejectedRun},
		{header + "E23000026,2024-03,stalking_charges,,,5,,born 12 March 1985\n", stats.PersonalData, stats.RejectedRun},
		{header, stats.NoRows, stats.RejectedRun},
		{header + "Luton,2024-03,stalking_charges,,,5,,\n", stats.RowsRejected, stats.RejectedRun},
		{"PK\x03\x04", stats.FileDamaged, stats.Failed},
	} {
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		ends(tt.outcome, tt.cause)
	}
	b.cfg.ETL.Sources[2].Checks = config.Checks{}
	b.etl = b.over(b.conn)
	b.write(t, "return.csv", "E23000026,2024-03,stalking_charges,,,50,,")
	ends(stats.Published, "")
	b.write(t, "return.csv", "E23000026,2024-03,stalking_charges,,,500,,", "E23000026,2024-06,stalking_charges,,,50,,")
	ends(stats.Held, "periods+jumps")
}

// TestEveryCauseIsExplained holds docs/alerts.md to the causes.
func TestEveryCauseIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[stats.Cause]bool{}
	for _, cause := range stats.Causes() {
		if seen[cause] || !strings.Contains(string(page), "| `"+string(cause)+"` |") {
			t.Errorf("docs/alerts.md does not explain %s, or it stands twice", cause)
		}
		seen[cause] = true
	}
}
