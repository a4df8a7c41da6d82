package etl_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/etl/load"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// revisions is what a run changed, or would have changed.
func (b *bench) revisions(t *testing.T, run string) []string {
	t.Helper()
	var all []string
	row := b.conn.QueryRow(t.Context(), `
		SELECT groupArray(concat(change, ' ', area_code, ' ', toString(period_start), ' ', measure, ': ',
			ifNull(toString(former_value), '-'), former_value_note, ' to ', ifNull(toString(value), '-'), value_note,
			' (', toString(former_row), ', ', toString(source_row), ')'))
		FROM revisions WHERE run_id = {run:String}`, clickhouse.Named("run", run))
	if err := row.Scan(&all); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

const who, why = "A. Owner", "the force confirmed it"

// TestMadeUpToReal: a figure that loses or gains its mark of demonstration has
// changed, though it is the same number.
func TestMadeUpToReal(t *testing.T) {
	b := newBench(t)
	figure := "E23000026,2024-03,stalking_charges,,,5,,"
	b.must(t, "force_return", b.write(t, "a.csv", figure+"demonstration"), stats.Published)
	for i, comment := range []string{"", "demonstration"} {
		run := b.must(t, "force_return", b.write(t, fmt.Sprintf("b%d.csv", i), figure+comment), stats.Published)
		want := []string{"changed E23000026 2024-03-01 stalking_charges: 5 to 5 (2, 2)"}
		if diff := cmp.Diff(want, b.revisions(t, run.ID)); run.Changed != 1 || diff != "" {
			t.Errorf("%q: %d changed (-want +got):\n%s", comment, run.Changed, diff)
		}
	}
}

// TestDryRun makes all the checks, shows the difference and leaves nothing.
func TestDryRun(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources[2].Checks = config.Checks{Off: []string{"jumps", "losses"}}
	b.etl = b.over(b.conn)
	b.must(t, "force_return", b.write(t, "a.csv", march, april), stats.Published)
	file := b.write(t, "b.csv", "E23000026,2024-03,stalking_charges,,,7,p,", "E23000026,2024-04,stalking_charges,,,,x,", "E23000026,2024-05,stalking_charges,,,8,,")
	run := b.runWith(t, "force_return", etl.Options{File: file, DryRun: true, AskedBy: who})
	if run.Outcome != stats.Checked || run.Kind != stats.CheckRun || run.Problem != "" || run.ReleaseID != "" || run.New != 1 || run.Changed != 2 || run.Gone != 0 || len(run.Checks) != 3 {
		t.Errorf("run %+v", run)
	}
	want := []string{
		"changed E23000026 2024-03-01 stalking_charges: 5 to 7p (2, 2)",
		"changed E23000026 2024-04-01 stalking_charges: 6 to -x (3, 3)",
		"new E23000026 2024-05-01 stalking_charges: - to 8 (0, 4)",
	}
	if diff := cmp.Diff(want, b.revisions(t, run.ID)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	b.serves(t, marchServed, aprilServed)
	b.clean(t)
	kept, err := b.reader.Run(t.Context(), run.ID)
	if err != nil || kept.Outcome != stats.Checked {
		t.Errorf("%+v, %v", kept, err)
	}
	// What was shown is published by reading the same bytes again.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	replayed, err := b.etl.Replay(t.Context(), run.ID, etl.Options{AskedBy: who})
	if err != nil || replayed.Outcome != stats.Published || replayed.Of != run.ID || replayed.AskedBy != who || replayed.SHA256 != run.SHA256 || replayed.File != "b.csv" {
		t.Errorf("%+v, %v", replayed, err)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7", "E23000026 Apr 2024 stalking_charges 0", "E23000026 May 2024 stalking_charges 8")
	if diff := cmp.Diff(want, b.revisions(t, replayed.ID)); diff != "" {
		t.Errorf("revisions (-want +got):\n%s", diff)
	}
}

// TestDryRunOfABadFile tells what is wrong as a run would, and changes nothing.
func TestDryRunOfABadFile(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march, april), stats.Published)
	run := b.runWith(t, "force_return", etl.Options{File: b.write(t, "b.csv", "Luton,2024-03,stalking_charges,,,5,,"), DryRun: true})
	if run.Outcome != stats.RejectedRun || run.Rejected != 1 || run.Kind != stats.CheckRun {
		t.Errorf("run %+v", run)
	}
	held := b.runWith(t, "force_return", etl.Options{File: b.write(t, "c.csv", "E23000026,2024-07,stalking_charges,,,9,,"), DryRun: true})
	if want := "it would be held: c.csv: no figure of Stalking charges of Bedfordshire for 1 May to 30 Jun 2024, though there are earlier and later ones"; held.Outcome != stats.Checked || held.Problem != want {
		t.Errorf("%s, %q, want %q", held.Outcome, held.Problem, want)
	}
	b.serves(t, marchServed, aprilServed)
	b.clean(t)
}

// TestHeldAndAccepted: a failed check holds the release, only who gives a name
// and a reason lets it through, and only the checks that failed are let through.
func TestHeldAndAccepted(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources[2].Checks = config.Checks{}
	b.etl = b.over(b.conn)
	b.must(t, "force_return", b.write(t, "a.csv", "E23000026,2024-03,stalking_charges,,,10,,"), stats.Published)
	file := b.write(t, "b.csv", "E23000026,2024-03,stalking_charges,,,51,,")
	held := b.must(t, "force_return", file, stats.Held)
	want := fmt.Sprintf("b.csv: row 2: Stalking charges of Bedfordshire, Mar 2024, is 51 and was served as 10; nothing was published: mend the file, or accept run %s", held.ID)
	if held.Problem != want || held.Changed != 1 || len(b.revisions(t, held.ID)) != 1 {
		t.Errorf("%+v", held)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 10")
	b.clean(t)
	for name, o := range map[string]etl.Options{"no name": {Why: why}, "no reason": {AskedBy: who}} {
		if _, err := b.etl.Accept(t.Context(), held.ID, o); err == nil || !strings.Contains(err.Error(), "must both be given") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := b.etl.Accept(t.Context(), "none", etl.Options{AskedBy: who, Why: why}); !errors.Is(err, load.ErrNoRun) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(file, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	run, err := b.etl.Accept(t.Context(), held.ID, etl.Options{AskedBy: who, Why: why})
	if err != nil || run.Outcome != stats.Published || run.Of != held.ID || run.Why != why || run.AskedBy != who {
		t.Fatalf("%+v, %v", run, err)
	}
	i := slices.IndexFunc(run.Checks, func(c stats.Check) bool { return c.Name == "jumps" })
	if run.Checks[i].Outcome != stats.CheckAccepted || run.Checks[i].Says == "" {
		t.Errorf("checks %+v", run.Checks)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 51")
	if _, err := b.etl.Accept(t.Context(), run.ID, etl.Options{AskedBy: who, Why: why}); err == nil || !strings.Contains(err.Error(), "was not held (its outcome is published)") {
		t.Errorf("error %v", err)
	}
}

// TestAcceptHoldsWhatFailsAnew: between the holding and the accepting more has
// been published, and the file would now take figures away.
func TestAcceptHoldsWhatFailsAnew(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime"})
	b.etl = b.over(b.conn)
	crime := func(name string, rows ...string) string {
		path := filepath.Join(b.cfg.DataDir, name)
		text := "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences\n" + strings.Join(rows, "\n") + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	b.must(t, "crime", crime("a.csv", "2017/18,1,Kent,Stalking,V,S,8Q,10"), stats.Published)
	held := b.must(t, "crime", crime("b.csv", "2017/18,1,Kent,Stalking,V,S,8Q,90"), stats.Held)
	b.must(t, "crime", crime("c.csv", "2017/18,1,Kent,Stalking,V,S,8Q,11", "2017/18,1,Bedfordshire,Stalking,V,S,8Q,12"), stats.Published)
	run, err := b.etl.Accept(t.Context(), held.ID, etl.Options{AskedBy: who, Why: why})
	if err != nil || run.Outcome != stats.Held || !strings.Contains(run.Problem, "1 of the 2 figures that it would replace are not in it") {
		t.Errorf("%s, %q, %v", run.Outcome, run.Problem, err)
	}
	b.serves(t, "E23000026 2017/18 Q1 stalking_recorded 12", "E23000032 2017/18 Q1 stalking_recorded 11")
}

// TestReplayAfterAMappingWasMended: the kept bytes are read again, the release
// replaces the former one, and the revisions say what changed.
func TestReplayAfterAMappingWasMended(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime", RejectLimit: 0.5})
	b.etl = b.over(b.conn)
	file := filepath.Join(b.cfg.DataDir, "crime.csv")
	text := "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences\n" +
		"2017/18,1,Bedfordshyre,Stalking,V,S,8Q,12\n2017/18,1,Kent,Stalking,V,S,8Q,30\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	first := b.must(t, "crime", file, stats.Published)
	b.must(t, "areas", builtinAreas(t, b, "areas.csv", ",Bedfordshire Police\n", ",Bedfordshire Police|Bedfordshyre\n"), stats.Published)
	run, err := b.etl.Replay(t.Context(), first.ID, etl.Options{AskedBy: who})
	if err != nil || run.Outcome != stats.Published || run.New != 1 || run.Changed != 0 || run.Rejected != 0 {
		t.Errorf("%+v, %v", run, err)
	}
	if diff := cmp.Diff([]string{"new E23000026 2017-04-01 stalking_recorded: - to 12 (0, 2)"}, b.revisions(t, run.ID)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := b.etl.Replay(t.Context(), first.ID, etl.Options{AskedBy: who})
	if err != nil || again.Outcome != stats.Published || again.New+again.Changed+again.Gone != 0 {
		t.Errorf("what is served already is replayed: %+v, %v", again, err)
	}
	// The kept file is changed behind our back: nothing is read from it.
	kept := filepath.Join(b.cfg.SnapshotDir(), first.SHA256)
	if err := os.WriteFile(kept, []byte(text+"x"), 0o600); err != nil {
		t.Fatal(err)
	}
	spoilt, err := b.etl.Replay(t.Context(), first.ID, etl.Options{AskedBy: who})
	if err != nil || spoilt.Outcome != stats.Failed || !strings.Contains(spoilt.Problem, "the kept copy of crime.csv is no longer in") {
		t.Errorf("%+v, %v", spoilt, err)
	}
}

// TestWithdraw goes back release by release, slice by slice, to nothing.
func TestWithdraw(t *testing.T) {
	b := newBench(t)
	first := b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	second := b.must(t, "force_return", b.write(t, "b.csv", "E23000026,2024-03,stalking_charges,,,50,,", april), stats.Published)
	third := b.must(t, "force_return", b.write(t, "c.csv", "E23000026,2024-03,stalking_charges,,,51,,"), stats.Published)
	thirdAt := published(t, b, third)
	withdraw := func(release string) stats.Run {
		t.Helper()
		run, err := b.etl.Withdraw(t.Context(), release, etl.Options{AskedBy: who, Why: why})
		if err != nil || run.Outcome != stats.Published || run.Kind != stats.Withdrawal || run.Of != release {
			t.Fatalf("%+v, %v", run, err)
		}
		return run
	}
	run := withdraw(third.ID)
	b.serves(t, "E23000026 Mar 2024 stalking_charges 50", aprilServed)
	if diff := cmp.Diff([]string{"changed E23000026 2024-03-01 stalking_charges: 51 to 50 (2, 2)"}, b.revisions(t, run.ID)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	run = withdraw(second.ID)
	b.serves(t, marchServed)
	if run.Changed != 1 || run.Gone != 1 || run.New != 0 {
		t.Errorf("%+v", run)
	}
	withdraw(first.ID)
	b.serves(t)
	if _, err := b.etl.Withdraw(t.Context(), first.ID, etl.Options{AskedBy: who, Why: why}); err == nil || !strings.Contains(err.Error(), "serves nothing now") {
		t.Errorf("error %v", err)
	}
	if _, err := b.etl.Withdraw(t.Context(), first.ID, etl.Options{AskedBy: who}); err == nil {
		t.Error("a release is withdrawn without a reason")
	}
	if diff := cmp.Diff([]string{aprilServed, "E23000026 Mar 2024 stalking_charges 51"}, b.served(t, thirdAt)); diff != "" {
		t.Errorf("as at the third release (-want +got):\n%s", diff)
	}
	// What a person withdrew, the scheduler does not bring back.
	b.cfg.ETL.Sources[2].From = "c.csv"
	b.etl = b.over(b.conn)
	if again := b.runWith(t, "force_return", etl.Options{OnlyNew: true}); again.Outcome != stats.Unchanged {
		t.Errorf("the scheduled run: %+v", again)
	}
	back, err := b.etl.Replay(t.Context(), second.ID, etl.Options{AskedBy: who})
	if err != nil || back.Outcome != stats.Published {
		t.Errorf("%+v, %v", back, err)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 50", aprilServed)
	b.clean(t)
	if got := b.served(t, query.Latest); len(got) != 2 {
		t.Errorf("served %v", got)
	}
}
