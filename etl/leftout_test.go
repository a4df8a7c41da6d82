package etl_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl"
	"stalkstats/internal/stats"
)

// TestWhatACorrectionLeavesOutIsTold: a corrected file without a row of the
// former one takes nothing away, and says so before it is published; to withdraw
// the former one afterwards takes away exactly that.
func TestWhatACorrectionLeavesOutIsTold(t *testing.T) {
	b := newBench(t)
	first := b.must(t, "force_return", b.write(t, "a.csv", march, april), stats.Published)
	told := func(run stats.Run) string {
		i := slices.IndexFunc(run.Checks, func(c stats.Check) bool { return c.Name == stats.CheckLeftOut })
		if i < 0 {
			return ""
		}
		return string(run.Checks[i].Outcome) + ": " + run.Checks[i].Says
	}
	if says := told(first); says != "" {
		t.Errorf("the first file leaves out %q", says)
	}
	corrected := b.write(t, "b.csv", "E23000026,2024-03,stalking_charges,,,7,,")
	dry := b.runWith(t, "force_return", etl.Options{File: corrected, DryRun: true})
	want := "warned: 1 figure is served now and not in this file, and stays served as it is: Stalking charges of Bedfordshire, Apr 2024. " +
		"To take it away, publish this file and then withdraw the release that brought it: what served there before, if anything did, serves again."
	if got := told(dry); dry.Outcome != stats.Checked || dry.Gone != 0 || got != want {
		t.Errorf("%s, %d gone: %q, want %q", dry.Outcome, dry.Gone, got, want)
	}
	if diff := cmp.Diff([]string{"changed E23000026 2024-03-01 stalking_charges: 5 to 7 (2, 2)", "stays E23000026 2024-04-01 stalking_charges: 6 to - (3, 0)"}, b.revisions(t, dry.ID)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.serves(t, marchServed, aprilServed)

	b.must(t, "force_return", corrected, stats.Published)
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7", aprilServed)
	b.withdraw(t, first.ID)
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7")

	next := b.runWith(t, "force_return", etl.Options{File: b.write(t, "c.csv", april), DryRun: true})
	if says := told(next); says != "" {
		t.Errorf("a file of another month leaves out %q", says)
	}
}

// TestARollingWindowIsNoWarning: a file that begins a month later each month
// leaves the oldest figures out as it should, and one that misses a month in its
// midst is still warned of.
func TestARollingWindowIsNoWarning(t *testing.T) {
	b := newBench(t)
	months := func(from, to time.Month, without ...time.Month) (lines []string) {
		for m := from; m <= to; m++ {
			if !slices.Contains(without, m) {
				lines = append(lines, fmt.Sprintf("E23000026,2024-%02d,stalking_charges,,,%d,,", m, 10+m))
			}
		}
		return lines
	}
	b.must(t, "force_return", b.write(t, "a.csv", months(time.January, time.April)...), stats.Published)
	found := func(name string, lines []string) stats.Check {
		t.Helper()
		run := b.must(t, "force_return", b.write(t, name, lines...), stats.Published)
		i := slices.IndexFunc(run.Checks, func(c stats.Check) bool { return c.Name == stats.CheckLeftOut })
		if i < 0 {
			t.Fatalf("%+v", run.Checks)
		}
		return run.Checks[i]
	}
	want := stats.Check{Name: stats.CheckLeftOut, Outcome: stats.CheckNoted, Says: "1 figure is older than February 2024, with which this file begins, and stays served as it is."}
	if diff := cmp.Diff(want, found("b.csv", months(time.February, time.May))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want.Outcome, want.Says = stats.CheckWarned, "1 figure is served now and not in this file, and stays served as it is: Stalking charges of Bedfordshire, Apr 2024. "+
		"To take it away, publish this file and then withdraw the release that brought it: what served there before, if anything did, serves again. "+
		"2 figures are older than March 2024, with which this file begins, and stay served as they are."
	if diff := cmp.Diff(want, found("c.csv", months(time.March, time.June, time.April))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.serves(t, "E23000026 Jan 2024 stalking_charges 11", "E23000026 Feb 2024 stalking_charges 12", "E23000026 Mar 2024 stalking_charges 13",
		"E23000026 Apr 2024 stalking_charges 14", "E23000026 May 2024 stalking_charges 15", "E23000026 Jun 2024 stalking_charges 16")
}
