package etl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// outcomesTable writes a table of outcomes; a line is force, offence code, outcome
// type and the two counts, of the first quarter of 2021/22.
func (b *bench) outcomesTable(t *testing.T, lines ...string) string {
	t.Helper()
	text := strings.Join(sheettest.OutcomesHeader, ",") + "\n"
	for _, line := range lines {
		f := strings.Split(line, ",")
		text += fmt.Sprintf("2021/22,1,%s,%s,,,,,%s,,,%s,%s\n", f[0], f[1], f[2], f[3], f[4])
	}
	path := filepath.Join(b.cfg.DataDir, "outcomes.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOutcomes: from the file to the figures that a reader is served, a rate
// on each of the two bases and on nothing else.
func TestOutcomes(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "home_office_outcomes", Parser: "home_office_outcomes", From: "outcomes.csv"})
	b.etl = b.over(b.conn)
	b.must(t, "areas", "", stats.Published)
	b.must(t, "measures", "", stats.Published)
	file := b.outcomesTable(t, "Kent,8Q,1,5,4", "Kent,8Q,0,900,0", "Kent,8Q,16,15,36", "Kent,8Q,1a,5,4", "Kent,8L,1,70,80",
		"Dorset,8Q,1,1,N/A - data not provided", "Dorset,8Q,16,3,2", "Durham,8Q,16,3,2")
	run := b.must(t, "home_office_outcomes", file, stats.Published)
	if run.Read != 8 || run.Loaded != 5 || run.Excluded != 3 {
		t.Errorf("read %d, loaded %d, excluded %d", run.Read, run.Loaded, run.Excluded)
	}
	var got []string
	for f, err := range b.reader.Figures(t.Context(), query.Filter{Sources: []string{"home_office_outcomes"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Breakdown != "" {
			continue
		}
		value := string(f.Value.Markers)
		if f.Value.Known {
			value = fmt.Sprint(f.Value.Number)
		}
		if f.Numerator.Known && f.Denominator.Known {
			value += fmt.Sprintf(" = %v/%v", f.Numerator.Number, f.Denominator.Number)
		}
		got = append(got, fmt.Sprintf("%s %s (%s): %s", f.Area, f.Measure, strings.ReplaceAll(f.Basis, " in the quarter", ""), value))
	}
	want := []string{
		"E23000008 stalking_outcomes (closed): 2", "E23000008 stalking_outcomes (recorded): 3",
		"E23000008 stalking_victim_does_not_support (closed): 2", "E23000008 stalking_victim_does_not_support (recorded): 3",
		"E23000008 victim_does_not_support_rate (outcomes, closed): 100 = 2/2", "E23000008 victim_does_not_support_rate (outcomes, recorded): 100 = 3/3",
		"E23000032 charge_rate (outcomes, closed): 10 = 4/40", "E23000032 charge_rate (outcomes, recorded): 25 = 5/20",
		"E23000032 stalking_charges (closed): 4", "E23000032 stalking_charges (recorded): 5",
		"E23000032 stalking_outcomes (closed): 40", "E23000032 stalking_outcomes (recorded): 20",
		"E23000032 stalking_victim_does_not_support (closed): 36", "E23000032 stalking_victim_does_not_support (recorded): 15",
		"E23000032 victim_does_not_support_rate (outcomes, closed): 90 = 36/40", "E23000032 victim_does_not_support_rate (outcomes, recorded): 75 = 15/20",
		"E23000039 charge_rate (outcomes, closed): x", "E23000039 charge_rate (outcomes, recorded): 25 = 1/4",
		"E23000039 stalking_charges (closed): x", "E23000039 stalking_charges (recorded): 1",
		"E23000039 stalking_outcomes (closed): x", "E23000039 stalking_outcomes (recorded): 4",
		"E23000039 stalking_victim_does_not_support (closed): 2", "E23000039 stalking_victim_does_not_support (recorded): 3",
		"E23000039 victim_does_not_support_rate (outcomes, closed): x", "E23000039 victim_does_not_support_rate (outcomes, recorded): 75 = 3/4",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("served (-want +got):\n%s", diff)
	}
	b.clean(t)
}

// TestOutcomesOfAWordWithoutMeasures: its rows are rejected and the run says
// why; where the source tolerates that, what is left has its totals.
func TestOutcomesOfAWordWithoutMeasures(t *testing.T) {
	b := newBench(t)
	source := config.Source{Name: "home_office_outcomes", Parser: "home_office_outcomes", From: "outcomes.csv", Offences: map[string]string{"8Q": "stalking", "8L": "harassment"}}
	tolerant := source
	tolerant.Name, tolerant.RejectLimit = "tolerant", 0.5
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, source, tolerant)
	b.etl = b.over(b.conn)
	b.must(t, "areas", "", stats.Published)
	b.must(t, "measures", "", stats.Published)
	file := b.outcomesTable(t, "Kent,8Q,14,5,4", "Kent,8Q,16,15,36", "Kent,8L,14,70,80")
	run := b.must(t, "home_office_outcomes", file, stats.RejectedRun)
	if want := `outcomes.csv, row 4, column "measure", "harassment_outcomes": no measure has this name: the page of measures lists them`; run.Problem != want {
		t.Errorf("says %q, want %q", run.Problem, want)
	}
	run = b.must(t, "tolerant", file, stats.Published)
	if run.Read != 3 || run.Loaded != 2 || run.Rejected != 1 {
		t.Errorf("read %d, loaded %d, rejected %d", run.Read, run.Loaded, run.Rejected)
	}
	for f, err := range b.reader.Figures(t.Context(), query.Filter{Measures: []string{"stalking_outcomes"}, Sources: []string{"tolerant"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Breakdown == "" && f.Value.Number != 20 && f.Value.Number != 40 {
			t.Errorf("total %+v", f)
		}
	}
}
