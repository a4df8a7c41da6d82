package etl_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// builtinAreas is the program's own areas, with one text put for another.
func builtinAreas(t *testing.T, b *bench, name, old, new string) string {
	t.Helper()
	f, err := schemas.Reference().Open("areas.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(text.String(), old, new, 1)
	if changed == text.String() {
		t.Fatalf("the areas do not hold %q", old)
	}
	path := filepath.Join(b.cfg.DataDir, name)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestShortReferenceFileIsRefused: England and Wales must never be the sum of
// fewer forces than there are.
func TestShortReferenceFileIsRefused(t *testing.T) {
	b := newBench(t)
	b.must(t, "areas", "", stats.Published)
	b.must(t, "measures", "", stats.Published)
	short := filepath.Join(b.cfg.DataDir, "areas.csv")
	if err := os.WriteFile(short, []byte("area_code,area_name,region,kind,population_mid_2018,aliases\nK04000001,England and Wales,,country,,\nE23000026,Bedfordshire,,territorial_force,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := b.must(t, "areas", short, stats.RejectedRun)
	if want := "areas.csv: the file has 1 territorial forces and must have all 43"; !strings.HasPrefix(run.Problem, want) {
		t.Errorf("problem %q, want %q", run.Problem, want)
	}
	measures := filepath.Join(b.cfg.DataDir, "measures.csv")
	if err := os.WriteFile(measures, []byte("measure,basis,name,definition,unit,numerator,denominator,denominator_source,per,interval,adds_up,parts,direction,target,headline,force_source,compare_source,caveat,recommendations,what_it_shows\n"+
		"stalking_charges,,Charges,Charges.,charges,,,,,,areas and periods,,up,,,,,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run = b.must(t, "measures", measures, stats.RejectedRun)
	if want := "measures.csv: the measure stalking_recorded is served and is not in the file"; !strings.HasPrefix(run.Problem, want) {
		t.Errorf("problem %q, want %q", run.Problem, want)
	}
	areas, err := b.reader.Areas(t.Context(), query.Latest)
	if err != nil || len(areas.Forces()) != stats.ForceCount {
		t.Errorf("%d forces are served, error %v", len(areas.Forces()), err)
	}
	b.clean(t)
}

// TestMendedAreasLoadTheSameFileAgain: a file of which rows were rejected
// loads anew once the areas that it is checked against are mended.
func TestMendedAreasLoadTheSameFileAgain(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime", RejectLimit: 0.5})
	b.etl = b.over(b.conn)
	file := filepath.Join(b.cfg.DataDir, "crime.csv")
	text := "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences\n" +
		"2017/18,1,Bedfordshyre,Stalking,V,S,8Q,12\n2017/18,1,Kent,Stalking,V,S,8Q,30\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if run := b.must(t, "crime", file, stats.Published); run.Rejected != 1 {
		t.Errorf("run %+v", run)
	}
	b.must(t, "crime", file, stats.Unchanged)
	b.must(t, "areas", builtinAreas(t, b, "areas.csv", ",Bedfordshire Police\n", ",Bedfordshire Police|Bedfordshyre\n"), stats.Published)
	if run := b.must(t, "crime", file, stats.Published); run.Rejected != 0 || run.Loaded != 2 {
		t.Errorf("run %+v", run)
	}
}

// TestScheduledRunSeesEveryChangeOfItsFile: also one back to what it was.
func TestScheduledRunSeesEveryChangeOfItsFile(t *testing.T) {
	b := newBench(t)
	scheduled := func(want stats.Outcome) {
		t.Helper()
		run := b.runWith(t, "force_return", etl.Options{OnlyNew: true})
		if run.Outcome != want {
			t.Errorf("%s (%s); want %s", run.Outcome, run.Problem, want)
		}
	}
	b.write(t, "return.csv", march)
	scheduled(stats.Published)
	scheduled(stats.Unchanged)
	b.write(t, "return.csv", "E23000026,2024-03,stalking_charges,,,50,,")
	scheduled(stats.Published)
	b.write(t, "return.csv", march)
	scheduled(stats.Published)
	b.serves(t, marchServed)
	// What a person loads from elsewhere stays.
	b.must(t, "force_return", b.write(t, "byhand.csv", "E23000026,2024-03,stalking_charges,,,7,,"), stats.Published)
	scheduled(stats.Unchanged)
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7")
}

// TestAFileThatWasCutShort: one that lacks a quarter, or many forces, of what
// it would replace is refused, though each of its rows is right.
func TestAFileThatWasCutShort(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime"})
	b.etl = b.over(b.conn)
	whole, err := os.ReadFile("../sample/home_office_recorded_crime.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	cut := func(name string, rows int) string {
		path := filepath.Join(b.cfg.DataDir, name)
		if err := os.WriteFile(path, bytes.Join(lines[:rows], nil), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	b.must(t, "crime", cut("whole.csv", len(lines)), stats.Published)
	before := b.served(t, query.Latest)
	for name, c := range map[string]struct {
		rows int
		says string
	}{
		"three quarters": {1 + 3*176, "of 2017/18 Q4 is served and is not in the file"},
		"most of them":   {1 + 4*176 - 100, "100 of the 704 figures that it would replace are not in it"},
	} {
		run := b.must(t, "crime", cut("cut.csv", c.rows), stats.Held)
		if !strings.Contains(run.Problem, c.says) {
			t.Errorf("%s: problem %q does not say %q", name, run.Problem, c.says)
		}
	}
	b.serves(t, before...)
	b.clean(t)
}

// TestAnotherDataDirectorysRunIsLeftAlone: over one server it may be under way.
func TestAnotherDataDirectorysRunIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	insert := "INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, owner) VALUES ('20260701T080000-00000000', '2026-07-01 08:00:00', 'force_return', 'running', '2026-07-01 08:00:00', 'another')"
	if err := b.conn.Exec(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	if err := b.etl.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	run, err := b.reader.Run(t.Context(), "20260701T080000-00000000")
	if err != nil || run.Outcome != stats.Running {
		t.Errorf("the other's run is %s, error %v", run.Outcome, err)
	}
}

// TestAPeriodThatIsNotOver is no period to have a figure of.
func TestAPeriodThatIsNotOver(t *testing.T) {
	b := newBench(t)
	b.now = time.Date(2024, 4, 15, 9, 0, 0, 0, time.UTC)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	run := b.must(t, "force_return", b.write(t, "b.csv", march, april), stats.RejectedRun)
	if !strings.Contains(run.Problem, `b.csv, row 3, column "period", "Apr 2024": the period has not ended yet`) {
		t.Errorf("problem %q", run.Problem)
	}
}
