package etl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// nightly runs the source of returns as the schedule does and says what came
// of each file.
func (b *bench) nightly(t *testing.T, want ...string) {
	t.Helper()
	b.now = b.now.Add(24 * time.Hour)
	if got := b.outcomes(t, etl.Options{OnlyNew: true}); !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func charges(month, value string) string {
	return "E23000026,2024-" + month + ",stalking_charges,,," + value + ",,"
}

// TestAnOldFileDoesNotComeBack: a copy of it, a new name for it, one that was
// held and accepted, or one that was held while a newer one was published.
func TestAnOldFileDoesNotComeBack(t *testing.T) {
	t.Parallel()
	const served = "E23000026 Mar 2024 stalking_charges 12"
	for name, play := range map[string]func(b *bench, drop func(string, time.Duration, ...string)){
		"a copy": func(b *bench, drop func(string, time.Duration, ...string)) {
			drop("a.csv", 3*time.Minute, charges("03", "10"))
			b.nightly(t, "a.csv published")
			drop("a (1).csv", 2*time.Minute, charges("03", "10"))
			drop("c.csv", time.Minute, charges("03", "12"))
			b.nightly(t, "a (1).csv unchanged", "c.csv published")
			b.nightly(t, "c.csv unchanged")
		},
		"a new name": func(b *bench, drop func(string, time.Duration, ...string)) {
			drop("a.csv", 2*time.Minute, charges("03", "10"))
			drop("c.csv", time.Minute, charges("03", "12"))
			b.nightly(t, "a.csv published", "c.csv published")
			inbox := filepath.Join(b.cfg.DataDir, "inbox")
			if err := os.Rename(filepath.Join(inbox, "a.csv"), filepath.Join(inbox, "old.csv")); err != nil {
				t.Fatal(err)
			}
			b.nightly(t, "old.csv unchanged")
			b.nightly(t, "c.csv unchanged")
		},
		"held and accepted": func(b *bench, drop func(string, time.Duration, ...string)) {
			drop("a.csv", 3*time.Minute, charges("03", "10"))
			b.nightly(t, "a.csv published")
			drop("b.csv", 2*time.Minute, charges("03", "60"))
			b.nightly(t, "b.csv held")
			b.nightly(t, "b.csv skipped")
			b.accept(t, "b.csv", stats.Published)
			drop("c.csv", time.Minute, charges("03", "12"))
			b.cfg.ETL.Sources[2].Checks.Off = []string{"jumps"}
			b.etl = b.over(b.conn)
			b.nightly(t, "c.csv published")
			b.nightly(t, "c.csv unchanged")
		},
		"held and overtaken": func(b *bench, drop func(string, time.Duration, ...string)) {
			drop("a.csv", 3*time.Minute, charges("03", "11"))
			b.nightly(t, "a.csv published")
			drop("b.csv", 2*time.Minute, charges("03", "55"))
			drop("c.csv", time.Minute, charges("03", "12"))
			b.nightly(t, "b.csv held", "c.csv published")
			b.nightly(t, "c.csv unchanged")
			held := b.accept(t, "b.csv", stats.Held)
			if !strings.Contains(held.Problem, "has published figures that it holds since it was first read") {
				t.Errorf("problem %q", held.Problem)
			}
		},
		"refused, mended and overtaken": func(b *bench, drop func(string, time.Duration, ...string)) {
			drop("b.csv", 2*time.Minute, charges("03", "11"), "E23000026,2024-03,never_heard_of,,,1,,")
			drop("c.csv", time.Minute, charges("03", "12"))
			b.nightly(t, "b.csv rejected", "c.csv published")
			b.cfg.ETL.Sources[2].RejectLimit = 0.5
			b.etl = b.over(b.conn)
			b.nightly(t, "b.csv held")
			b.nightly(t, "c.csv unchanged")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cfg.ETL.Sources[2].Checks = config.Checks{Off: []string{"periods"}}
			drop := b.inbox(t)
			b.must(t, "areas", "", stats.Published)
			b.must(t, "measures", "", stats.Published)
			play(b, drop)
			b.serves(t, served)
			b.clean(t)
		})
	}
}

// accept accepts the newest held run of a file.
func (b *bench) accept(t *testing.T, file string, want stats.Outcome) stats.Run {
	t.Helper()
	runs, err := b.reader.Runs(t.Context(), "force_return", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		if run.Outcome == stats.Held && run.File == file {
			accepted, err := b.etl.Accept(t.Context(), run.ID, etl.Options{AskedBy: who, Why: why})
			if err != nil || accepted.Outcome != want {
				t.Fatalf("%s, %q, %v; want %s", accepted.Outcome, accepted.Problem, err, want)
			}
			return accepted
		}
	}
	t.Fatalf("no run of %s is held", file)
	return stats.Run{}
}

// TestAWithdrawnFileIsHeld: whoever runs it again is told who withdrew it. A
// replay of it, by somebody's wish, brings it back.
func TestAWithdrawnFileIsHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "return.csv", march), stats.Published)
	bad := b.write(t, "bad.csv", charges("03", "6"))
	run := b.must(t, "force_return", bad, stats.Published)
	if _, err := b.etl.Withdraw(t.Context(), run.ID, etl.Options{AskedBy: who, Why: "counted twice"}); err != nil {
		t.Fatal(err)
	}
	held := b.must(t, "force_return", bad, stats.Held)
	if want := "bad.csv: A. Owner withdrew this file on 1 July 2026 (counted twice)"; !strings.HasPrefix(held.Problem, want) {
		t.Errorf("problem %q", held.Problem)
	}
	b.serves(t, marchServed)
	if back, err := b.etl.Accept(t.Context(), held.ID, etl.Options{AskedBy: who, Why: why}); err != nil || back.Outcome != stats.Published {
		t.Errorf("%+v, %v", back, err)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 6")
	if _, err := b.etl.Accept(t.Context(), held.ID, etl.Options{AskedBy: who, Why: why}); err != nil {
		t.Fatal(err)
	}
	runs, err := b.reader.Runs(t.Context(), "force_return", 1)
	if err != nil || runs[0].Outcome != stats.Held {
		t.Errorf("accepted twice: %+v, %v", runs, err)
	}
}

// TestReferenceDataIsNotWithdrawnToNothing: every load would be refused.
func TestReferenceDataIsNotWithdrawnToNothing(t *testing.T) {
	b := newBench(t)
	run := b.must(t, "areas", "", stats.Published)
	if _, err := b.etl.Withdraw(t.Context(), run.ID, etl.Options{AskedBy: who, Why: why}); err == nil || !strings.Contains(err.Error(), "without areas nothing could be checked or shown") {
		t.Errorf("error %v", err)
	}
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
}
