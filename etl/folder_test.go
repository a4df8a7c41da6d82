package etl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl"
	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/internal/stats"
)

// inbox makes the source of returns take its files from a folder, and drops
// files into it that were last changed so many minutes before the clock.
func (b *bench) inbox(t *testing.T) (drop func(name string, age time.Duration, lines ...string)) {
	t.Helper()
	dir := filepath.Join(b.cfg.DataDir, "inbox")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b.cfg.ETL.Sources[2].From = "inbox/*.csv"
	b.etl = b.over(b.conn)
	b.now = time.Now().Add(time.Hour)
	return func(name string, age time.Duration, lines ...string) {
		t.Helper()
		b.write(t, filepath.Join("inbox", name), lines...)
		changed := b.now.Add(-age)
		if err := os.Chtimes(filepath.Join(dir, name), changed, changed); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) outcomes(t *testing.T, o etl.Options) []string {
	t.Helper()
	runs, err := b.etl.Run(t.Context(), "force_return", o)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, run := range runs {
		accounted(t, run)
		all = append(all, strings.TrimSpace(run.File+" "+string(run.Outcome)))
	}
	return all
}

// TestFolder: each file is read once, the oldest first, a bad one does not
// keep the others from it, and an old one never comes back over a newer.
func TestFolder(t *testing.T) {
	b := newBench(t)
	drop := b.inbox(t)
	b.must(t, "areas", "", stats.Published)
	b.must(t, "measures", "", stats.Published)
	if got := b.outcomes(t, etl.Options{OnlyNew: true}); !cmp.Equal(got, []string{"*.csv skipped"}) {
		t.Errorf("an empty folder: %q", got)
	}
	drop("b-first.csv", 3*time.Minute, march)
	drop("a-second.csv", 2*time.Minute, "E23000026,2024-03,stalking_charges,,,7,,", april)
	drop("c-bad.csv", 150*time.Second, "Luton,2024-03,stalking_charges,,,7,,")
	want := []string{"b-first.csv published", "c-bad.csv rejected", "a-second.csv published"}
	if got := b.outcomes(t, etl.Options{OnlyNew: true}); !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7", aprilServed)
	for _, o := range []etl.Options{{OnlyNew: true}, {}} {
		if got := b.outcomes(t, o); !cmp.Equal(got, []string{"c-bad.csv rejected"}) {
			t.Errorf("again: %q", got)
		}
	}
	if err := os.Remove(filepath.Join(b.cfg.DataDir, "inbox", "c-bad.csv")); err != nil {
		t.Fatal(err)
	}
	if got := b.outcomes(t, etl.Options{}); !cmp.Equal(got, []string{"a-second.csv unchanged"}) {
		t.Errorf("nothing new: %q", got)
	}
	drop("d.csv", time.Minute, "E23000026,2024-05,stalking_charges,,,8,,")
	drop("e.csv", time.Second, "E23000026,2024-06,stalking_charges,,,9,,")
	if got := b.outcomes(t, etl.Options{OnlyNew: true}); !cmp.Equal(got, []string{"d.csv published"}) {
		t.Errorf("one that is still being written: %q", got)
	}
	b.now = b.now.Add(time.Hour)
	if got := b.outcomes(t, etl.Options{OnlyNew: true}); !cmp.Equal(got, []string{"e.csv published"}) {
		t.Errorf("once it has settled: %q", got)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7", aprilServed, "E23000026 May 2024 stalking_charges 8", "E23000026 Jun 2024 stalking_charges 9")
	b.clean(t)
}

// TestFolderThatVanishes fails with a sentence, and what is served stays.
func TestFolderThatVanishes(t *testing.T) {
	b := newBench(t)
	drop := b.inbox(t)
	drop("a.csv", time.Minute, march)
	b.must(t, "force_return", "", stats.Published)
	dir := filepath.Join(b.cfg.DataDir, "inbox")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	run := b.must(t, "force_return", "", stats.Failed)
	if want := "the folder " + dir + " is not there: check its name, and that its drive is connected"; run.Problem != want {
		t.Errorf("problem %q, want %q", run.Problem, want)
	}
	b.serves(t, marchServed)
	b.clean(t)
}

// TestAHeldFileOfAFolderIsTold: a good file after it does not hide it, not in
// the night when both came and not in the next, and accepting it ends it.
func TestAHeldFileOfAFolderIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cfg.ETL.Sources[2].Checks.Off = nil
	drop := b.inbox(t)
	stands := func(want alert.Condition) {
		t.Helper()
		runs, err := load.LastRuns(t.Context(), b.conn)
		if err != nil {
			t.Fatal(err)
		}
		if got := alert.Judge(alert.Source{Name: "force_return"}, runs["force_return"], b.now).Condition; got != want {
			t.Errorf("the source is %q, want %q", got, want)
		}
	}
	drop("a.csv", 3*time.Minute, charges("03", "10"))
	b.nightly(t, "a.csv published")
	stands(alert.Well)
	drop("b.csv", 2*time.Minute, charges("03", "60"))
	drop("c.csv", time.Minute, charges("04", "12"))
	b.nightly(t, "b.csv held", "c.csv published")
	stands(alert.Held)
	b.nightly(t, "c.csv unchanged")
	stands(alert.Held)
	b.accept(t, "b.csv", stats.Published)
	stands(alert.Well)
	drop("d.csv", time.Minute, "Luton,2024-05,stalking_charges,,,7,,")
	drop("e.csv", 30*time.Second, charges("05", "12"))
	b.nightly(t, "d.csv rejected", "e.csv published")
	stands(alert.Refused)
}
