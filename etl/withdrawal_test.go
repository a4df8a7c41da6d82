package etl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

func (b *bench) withdraw(t *testing.T, release string) stats.Run {
	t.Helper()
	run, err := b.etl.Withdraw(t.Context(), release, etl.Options{AskedBy: who, Why: why})
	if err != nil || run.Outcome != stats.Published {
		t.Fatalf("%+v, %v", run, err)
	}
	return run
}

// TestWithdrawalBringsBackNothingWithdrawn: a release that was withdrawn where
// it served does not serve again where another had replaced it; what the page
// shows before is what is done.
func TestWithdrawalBringsBackNothingWithdrawn(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march, april), stats.Published)
	bad := b.must(t, "force_return", b.write(t, "b.csv", "E23000026,2024-03,stalking_charges,,,99,,", "E23000026,2024-04,stalking_charges,,,99,,"), stats.Published)
	last := b.must(t, "force_return", b.write(t, "c.csv", "E23000026,2024-04,stalking_charges,,,7,,"), stats.Published)
	b.withdraw(t, bad.ID)
	b.serves(t, marchServed, "E23000026 Apr 2024 stalking_charges 7")
	effect, err := b.reader.Withdrawal(t.Context(), stats.Release{ID: last.ID, Source: "force_return"})
	if err != nil || len(effect.Slices) != 1 || effect.Slices[0].Back.File != "a.csv" || effect.Changed != 1 || effect.New+effect.Gone != 0 {
		t.Errorf("%+v, %v", effect, err)
	}
	run := b.withdraw(t, last.ID)
	b.serves(t, marchServed, aprilServed)
	if diff := cmp.Diff([]string{"changed E23000026 2024-04-01 stalking_charges: 7 to 6 (2, 3)"}, b.revisions(t, run.ID)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWithdrawalOfAllThatServed leaves a slice empty where what served it
// before was withdrawn too.
func TestWithdrawalOfAllThatServed(t *testing.T) {
	b := newBench(t)
	bad := b.must(t, "force_return", b.write(t, "b.csv", march, april), stats.Published)
	last := b.must(t, "force_return", b.write(t, "c.csv", "E23000026,2024-04,stalking_charges,,,7,,"), stats.Published)
	b.withdraw(t, bad.ID)
	b.withdraw(t, last.ID)
	b.serves(t)
}

// TestCorrectedAfterWithdrawal: the corrected file is compared with what was
// served last, though nothing is served; and no check takes that for right.
func TestCorrectedAfterWithdrawal(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources[2].Checks = config.Checks{}
	b.etl = b.over(b.conn)
	const may = "E23000026,2024-05,stalking_charges,,,8,,"
	bad := b.must(t, "force_return", b.write(t, "a.csv", "E23000026,2024-03,stalking_charges,,,500,,", april, may), stats.Published)
	b.withdraw(t, bad.ID)
	run := b.must(t, "force_return", b.write(t, "c.csv", "E23000026,2024-03,stalking_charges,,,7,,", april, may), stats.Published)
	want := []string{
		"changed E23000026 2024-03-01 stalking_charges: 500 to 7 (2, 2)",
		"new E23000026 2024-04-01 stalking_charges: - to 6 (0, 3)",
		"new E23000026 2024-05-01 stalking_charges: - to 8 (0, 4)",
	}
	if diff := cmp.Diff(want, b.revisions(t, run.ID)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if run.New != 2 || run.Changed != 1 || run.Gone != 0 {
		t.Errorf("%+v", run)
	}
	for f, err := range b.reader.Figures(t.Context(), query.Filter{Areas: []string{"E23000026"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if revised := f.Value.Number == 7; revised != f.Value.Markers.Has(stats.Revised) {
			t.Errorf("%s: %v", f.Period.Label(), f.Value)
		}
	}
}

// TestGoneIsToldOnce: what was withdrawn and stays away is not gone again.
func TestGoneIsToldOnce(t *testing.T) {
	b := newBench(t)
	const domestic = "E23000026,2024-03,stalking_charges,domestic,yes,3,,"
	bad := b.must(t, "force_return", b.write(t, "a.csv", march, domestic), stats.Published)
	if run := b.withdraw(t, bad.ID); run.Gone != 2 {
		t.Errorf("%+v", run)
	}
	run := b.must(t, "force_return", b.write(t, "c.csv", march), stats.Published)
	if run.New != 1 || run.Changed+run.Gone != 0 {
		t.Errorf("%+v", run)
	}
}
