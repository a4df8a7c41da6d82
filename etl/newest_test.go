package etl_test

import (
	"testing"
	"time"

	"stalkstats/etl"
	"stalkstats/etl/load"
	"stalkstats/internal/stats"
)

// TestNewest: what is served is as old as when its bytes were first fetched.
// It gets newer by a newer file, and by nothing else.
func TestNewest(t *testing.T) {
	b := newBench(t)
	days := func(n int) time.Time { b.now = b.now.AddDate(0, 0, n); return b.now }
	wants := func(what string, want time.Time) {
		t.Helper()
		newest, err := load.Newest(t.Context(), b.conn)
		at, served := newest["force_return"]
		if err != nil || served == want.IsZero() || at.Before(want) || at.Sub(want) > time.Minute {
			t.Errorf("%s: %v, %v; want %v", what, newest, err, want)
		}
		states, err := b.reader.SourceStates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			if s.Source == "force_return" && !s.Newest.Equal(at) {
				t.Errorf("%s: the pages say %v, alerts %v", what, s.Newest, at)
			}
		}
	}
	first := b.now
	old := b.must(t, "force_return", b.write(t, "return.csv", march), stats.Published)
	wants("published", first)
	for range 3 {
		days(10)
		b.must(t, "force_return", "", stats.Unchanged)
	}
	wants("unchanged", first)
	days(1)
	b.cfg.ETL.Sources[2].RejectLimit = 0.1
	b.etl = b.over(b.conn)
	b.must(t, "force_return", "", stats.Published)
	wants("read again with other settings", first)
	again := old.ID
	for range 2 {
		days(1)
		run, err := b.etl.Replay(t.Context(), again, etl.Options{AskedBy: who, Why: why})
		if err != nil || run.Outcome != stats.Published {
			t.Fatalf("%+v, %v", run, err)
		}
		wants("read again", first)
		again = run.ID
	}
	// A file counts once it is served, from when it was first looked at.
	second := days(1)
	file := b.write(t, "april.csv", march, april)
	b.runWith(t, "force_return", etl.Options{File: file, DryRun: true})
	wants("looked at", first)
	days(2)
	april := b.must(t, "force_return", file, stats.Published)
	wants("a newer file", second)
	if run, err := b.etl.Withdraw(t.Context(), april.ID, etl.Options{AskedBy: who, Why: why}); err != nil || run.Outcome != stats.Published {
		t.Fatalf("%+v, %v", run, err)
	}
	wants("withdrawn", first)
}

// TestCovered: what is served covers to the end of its last figure, and to an
// earlier one again once that is withdrawn. The pages and the alerts agree.
func TestCovered(t *testing.T) {
	b := newBench(t)
	wants := func(what string, want time.Time) {
		t.Helper()
		alerts, err := load.Covered(t.Context(), b.conn, []string{"force_return", "areas"})
		if err != nil {
			t.Fatal(err)
		}
		pages, err := b.reader.Covered(t.Context(), []string{"force_return", "areas"})
		if err != nil || len(pages) > 1 || !pages["force_return"].Equal(want) || !alerts["force_return"].Equal(want) || len(alerts) != len(pages) {
			t.Errorf("%s: pages %v, alerts %v, %v; want %v", what, pages, alerts, err, want)
		}
	}
	wants("nothing is served", time.Time{})
	b.must(t, "force_return", b.write(t, "return.csv", march), stats.Published)
	wants("one month", stats.Day(2024, time.March, 31))
	second := b.must(t, "force_return", b.write(t, "april.csv", march, april, "E23000026,2024-05,stalking_charges,,,,x,"), stats.Published)
	wants("two months, and one without a number", stats.Day(2024, time.April, 30))
	if _, err := b.etl.Withdraw(t.Context(), second.ID, etl.Options{AskedBy: who, Why: why}); err != nil {
		t.Fatal(err)
	}
	wants("withdrawn", stats.Day(2024, time.March, 31))
}
