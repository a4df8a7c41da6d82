package etl_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestChecks loads a return over one that is served and says which check holds
// it, if any.
func TestChecks(t *testing.T) {
	t.Parallel()
	served := []string{
		"E23000026,2023-03,stalking_charges,,,20,,", "E23000026,2024-03,stalking_charges,,,21,,", "E23000026,2024-04,stalking_charges,,,22,,",
	}
	for name, tt := range map[string]struct {
		rows   []string
		checks config.Checks
		says   string
	}{
		"all is well": {[]string{"E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-05,stalking_charges,domestic,yes,13,,", "E23000026,2024-05,stalking_charges,domestic,no,10,,"}, config.Checks{}, ""},
		"a month is missing": {[]string{"E23000026,2024-06,stalking_charges,,,23,,"}, config.Checks{},
			"no figure of Stalking charges of Bedfordshire for May 2024, though there are earlier and later ones"},
		"a month is missing and nobody minds": {[]string{"E23000026,2024-06,stalking_charges,,,23,,"}, config.Checks{Off: []string{"periods"}}, ""},
		"parts do not add up": {[]string{"E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-05,stalking_charges,domestic,yes,13,,", "E23000026,2024-05,stalking_charges,domestic,no,9,,"}, config.Checks{},
			"row 2: Stalking charges of Bedfordshire, May 2024, is 23 and its domestic figures add up to 22"},
		"a part is not known": {[]string{"E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-05,stalking_charges,domestic,yes,13,,", "E23000026,2024-05,stalking_charges,domestic,no,,c,"}, config.Checks{}, ""},
		"the known parts are too many": {[]string{"E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-05,stalking_charges,domestic,yes,24,,", "E23000026,2024-05,stalking_charges,domestic,no,,c,"}, config.Checks{},
			"is 23 and its domestic figures add up to 24"},
		"one part of several": {[]string{"E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-05,stalking_charges,domestic,yes,13,,"}, config.Checks{}, ""},
		"months and their quarter": {[]string{"E23000026,2024/25 Q1,stalking_charges,,,70,,", "E23000026,2024-04,stalking_charges,,,22,,", "E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-06,stalking_charges,,,24,,"}, config.Checks{},
			"row 2: Stalking charges of Bedfordshire, 2024/25 Q1, is 70 and the shorter periods in it add up to 69"},
		"months of their quarter": {[]string{"E23000026,2024/25 Q1,stalking_charges,,,69,,", "E23000026,2024-04,stalking_charges,,,22,,", "E23000026,2024-05,stalking_charges,,,23,,", "E23000026,2024-06,stalking_charges,,,24,,"}, config.Checks{}, ""},
		"a month whole and in two parts": {[]string{"E23000026,2024/25 Q2,stalking_charges,,,100,,", "E23000026,2024-07,stalking_charges,,,10,,", "E23000026,2024-08,stalking_charges,,,10,,", "E23000026,2024-09,stalking_charges,,,10,,", "E23000026,2024-09-01/2024-09-27,stalking_charges,,,9,,", "E23000026,2024-09-28/2024-09-30,stalking_charges,,,1,,"}, config.Checks{Off: []string{"periods"}},
			"is 100 and the shorter periods in it add up to 30"},
		"people of three months": {[]string{"E23000026,2024/25 Q2,spo_people_granted,,,2,,", "E23000026,2024-07,spo_people_granted,,,1,,", "E23000026,2024-08,spo_people_granted,,,1,,", "E23000026,2024-09,spo_people_granted,,,1,,"}, config.Checks{}, ""},
		"medians of three months and of parts": {[]string{"E23000026,2024/25 Q2,spo_days_to_grant_median,,,21,,", "E23000026,2024-07,spo_days_to_grant_median,,,20,,", "E23000026,2024-08,spo_days_to_grant_median,,,22,,", "E23000026,2024-09,spo_days_to_grant_median,,,25,,",
			"E23000026,2024/25 Q2,spo_days_to_grant_median,order,interim,9,,", "E23000026,2024/25 Q2,spo_days_to_grant_median,order,full,33,,"}, config.Checks{}, ""},
		"a count that vanishes":          {[]string{"E23000026,2024-04,stalking_charges,,,0,,"}, config.Checks{}, "is 0 and was served as 22"},
		"a number that becomes a marker": {[]string{"E23000026,2024-04,stalking_charges,,,,x,"}, config.Checks{}, "1 of the 1 figures that it would replace are not in it, or no numbers any more"},
		"two months of a quarter":        {[]string{"E23000026,2024/25 Q1,stalking_charges,,,69,,", "E23000026,2024-05,stalking_charges,,,23,,"}, config.Checks{}, ""},
		"five times as many as served": {[]string{"E23000026,2024-04,stalking_charges,,,110,,"}, config.Checks{},
			"row 2: Stalking charges of Bedfordshire, Apr 2024, is 110 and was served as 22"},
		"fewer than five times":                 {[]string{"E23000026,2024-04,stalking_charges,,,109,,"}, config.Checks{}, ""},
		"three times, where three are too many": {[]string{"E23000026,2024-04,stalking_charges,,,66,,"}, config.Checks{MaxJump: 3}, "is 66 and was served as 22"},
		"far fewer than served": {[]string{"E23000026,2024-03,stalking_charges,,,30,,", "E23000026,2023-03,stalking_charges,,,180,,"}, config.Checks{},
			"Stalking charges of Bedfordshire, Mar 2023, is 180 and was served as 20 (and 1 more such jump)"},
		"few are never a jump":    {[]string{"E23000026,2024-04,spo_applied,,,1,,", "E23000026,2023-04,spo_applied,,,29,,"}, config.Checks{Off: []string{"periods"}}, ""},
		"many against a few":      {[]string{"E23000026,2024-04,spo_applied,,,1,,", "E23000026,2023-04,spo_applied,,,30,,"}, config.Checks{Off: []string{"periods"}}, "row 2: Stalking Protection Orders applied for of Bedfordshire, Apr 2024, is 1 and was 30 in Apr 2023"},
		"a year later, in a file": {[]string{"E23000027,2023-02,stalking_charges,,,10,,", "E23000027,2024-02,stalking_charges,,,50,,"}, config.Checks{Off: []string{"periods"}}, "Feb 2024, is 50 and was 10 in Feb 2023"},
		"forces are missing":      {[]string{"E23000026,2024-05,stalking_charges,,,23,,"}, config.Checks{AllForces: true}, "Stalking charges, May 2024: there is no figure of Avon and Somerset, Cambridgeshire, Cheshire and 39 more; all 43 forces must be there"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cfg.ETL.Sources[2].Checks = config.Checks{Off: []string{"periods"}}
			b.must(t, "force_return", b.write(t, "a.csv", served...), stats.Published)
			b.cfg.ETL.Sources[2].Checks = tt.checks
			b.etl = b.over(b.conn)
			run := b.run(t, "force_return", b.write(t, "b.csv", tt.rows...))
			if (tt.says == "") != (run.Outcome == stats.Published) || !strings.Contains(run.Problem, tt.says) || tt.says == "" && run.Problem != "" {
				t.Errorf("%s, %q, want %q", run.Outcome, run.Problem, tt.says)
			}
			b.clean(t)
		})
	}
}

// TestAnOlderVintageIsHeld: the date is in the file's name.
func TestAnOlderVintageIsHeld(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "return-230726.csv", march), stats.Published)
	b.must(t, "force_return", b.write(t, "return-240726.csv", "E23000026,2024-03,stalking_charges,,,6,,"), stats.Published)
	old, err := os.ReadFile(filepath.Join(b.cfg.DataDir, "return-230726.csv"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.cfg.DataDir, "return-230426.csv")
	if err := os.WriteFile(path, append(old, april+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	run := b.must(t, "force_return", path, stats.Held)
	if want := "return-230426.csv: the file is of 23 April 2026 and return-240726.csv, which is served, is of 24 July 2026"; !strings.HasPrefix(run.Problem, want) {
		t.Errorf("problem %q", run.Problem)
	}
}

// TestAGapOfOneForce: that the other forces have the quarter does not hide it.
func TestAGapOfOneForce(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime"})
	b.etl = b.over(b.conn)
	whole, err := os.ReadFile("../sample/home_office_recorded_crime.csv")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, lines []string) string {
		path := filepath.Join(b.cfg.DataDir, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lines := strings.SplitAfter(string(whole), "\n")
	header := lines[0]
	without := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.HasPrefix(line, "2017/18,3,Kent,") })
	run := b.must(t, "crime", file("kent.csv", without), stats.Held)
	if want := "of Kent for 2017/18 Q3, though there are earlier and later ones (and "; !strings.Contains(run.Problem, want) {
		t.Errorf("problem %q does not say %q", run.Problem, want)
	}
	b.must(t, "crime", file("whole.csv", lines), stats.Published)
	later := header + strings.ReplaceAll(strings.Join(lines[1:], ""), "2017/18,", "2019/20,")
	run = b.must(t, "crime", file("later.csv", []string{later}), stats.Held)
	if want := "of Avon and Somerset for year to Mar 2019, though there are earlier and later ones"; !strings.Contains(run.Problem, want) {
		t.Errorf("problem %q does not say %q", run.Problem, want)
	}
	both := later + strings.ReplaceAll(strings.Join(lines[1:], ""), "2017/18,", "2018/19,")
	b.must(t, "crime", file("both.csv", []string{both}), stats.Published)
	b.clean(t)
}

// TestALastLineWithoutItsEnd is published with a warning, and one that was cut
// off in a cell is refused.
func TestALastLineWithoutItsEnd(t *testing.T) {
	b := newBench(t)
	path := b.write(t, "a.csv", march, april)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := func(bytes int) {
		if err := os.WriteFile(path, text[:len(text)-bytes], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cut(1)
	run := b.must(t, "force_return", path, stats.Published)
	want := stats.Check{Name: "last line", Outcome: stats.CheckWarned, Says: "the last line has no line end: check that the file is whole"}
	if len(run.Checks) == 0 || run.Checks[0] != want {
		t.Errorf("checks %+v", run.Checks)
	}
	cut(4)
	run = b.must(t, "force_return", path, stats.RejectedRun)
	if want := "a.csv, row 3: the file looks cut off in its last line"; !strings.HasPrefix(run.Problem, want) {
		t.Errorf("problem %q", run.Problem)
	}
}
