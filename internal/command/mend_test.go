package command

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// ran is what one run prints for machines.
func (f folder) ran(t *testing.T, args ...string) (runObject, answer) {
	t.Helper()
	got := f.command(t, append(args, "--json")...)
	var run runObject
	if err := json.Unmarshal([]byte(got.out), &run); err != nil {
		t.Fatalf("%v: %v: %+v", args, err, got)
	}
	return run, got
}

// TestMending looks before it publishes, accepts what is held, replays and
// withdraws, all on the command line.
func TestMending(t *testing.T) {
	f := newFolder(t)
	first, _ := f.ran(t, "etl", "run", "force_return")
	bad := f.write(t, "bad.csv", returnHeader+"E23000026,2024-03,stalking_charges,,,60,,\n")

	got := f.command(t, "etl", "run", "force_return", "--file", bad, "--dry-run")
	for _, want := range []string{"force_return: checked, would be held: 1 row read, 1 in order, 0 excluded", "nothing was published; 0 figures would be new, 1 changed, 0 gone", "check totals: passed", "check vintage: skipped: not looked at: no date in the file’s name",
		"check jumps: failed: row 2: Stalking charges of Bedfordshire, Mar 2024, is 60 and was served as 5"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the dry run does not say %q: %+v", want, got)
		}
	}
	if got.status != ExitFailed || !strings.Contains(got.errors, "it would be held") {
		t.Errorf("the dry run: %+v", got)
	}
	got = f.command(t, "etl", "run", "force_return", "--file", bad, "--dry-run", "--json")
	for _, want := range []string{`"outcome":"checked"`, `"kind":"check","new":0,"changed":1,"gone":0,"checks":[{"check":"periods","outcome":"passed","says":""}`, `{"check":"jumps","outcome":"failed","says":"row 2: `} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the dry run’s JSON does not say %q: %+v", want, got)
		}
	}
	held, answer := f.ran(t, "etl", "run", "force_return", "--file", bad)
	if held.Outcome != "held" || answer.status != ExitFailed {
		t.Errorf("%+v", held)
	}
	if got := f.command(t, "etl", "accept", held.RunID); got.status != ExitUsage || !strings.Contains(got.errors, "--why") {
		t.Errorf("accepted without a reason: %+v", got)
	}
	accepted, answer := f.ran(t, "etl", "accept", held.RunID, "--why", "the court's list was late")
	if accepted.Outcome != "published" || answer.status != ExitDone {
		t.Errorf("%+v", accepted)
	}
	got = f.command(t, "etl", "withdraw", accepted.RunID, "--why", "it was not", "--by", "A. Owner")
	if want := "force_return: release " + accepted.RunID + " is withdrawn: 0 figures are new, 1 changed, 0 gone"; got.status != ExitDone || !strings.HasPrefix(got.out, want) {
		t.Errorf("%+v", got)
	}
	if replayed, _ := f.ran(t, "etl", "replay", first.RunID); replayed.Outcome != "published" {
		t.Errorf("%+v", replayed)
	}
	history := f.command(t, "etl", "history").out
	for _, want := range []string{`force_return +load +held `, `force_return +check +checked `, `force_return +withdrawal +published `, `force_return +replay +published `} {
		if !regexp.MustCompile(want).MatchString(history) {
			t.Errorf("the history does not have %q:\n%s", want, history)
		}
	}
	if got := f.command(t, "etl", "replay", "none"); got.status != ExitFailed || !strings.Contains(got.errors, "there is no such run") {
		t.Errorf("%+v", got)
	}
}

// TestTemplate fills in the file that is printed, and runs it.
func TestTemplate(t *testing.T) {
	f := newFolder(t)
	got := f.command(t, "etl", "template", "force_return")
	if got.status != ExitDone || got.out != "\ufeff"+strings.ReplaceAll(returnHeader, "\n", "\r\n") || !strings.Contains(got.errors, "period: 2024-03, 2024/25 Q1") {
		t.Errorf("%+v", got)
	}
	filled := f.write(t, "filled.csv", got.out+"E23000026,2024-03,stalking_charges,,,5,,\r\n")
	if run, _ := f.ran(t, "etl", "run", "force_return", "--file", filled); run.Outcome != "published" || run.Loaded != 1 {
		t.Errorf("%+v", run)
	}
	if got := f.command(t, "etl", "template", "spo_returns"); got.status != ExitDone || !strings.HasPrefix(got.out, "\ufeffarea_code,period,applied") {
		t.Errorf("a layout without a source: %+v", got)
	}
	for source, says := range map[string]string{"home_office_recorded_crime": "a table that others publish", "nobody": "no layout of ours: areas, measures"} {
		if got := f.command(t, "etl", "template", source); got.status == ExitDone || !strings.Contains(got.errors, says) {
			t.Errorf("%s: %+v", source, got)
		}
	}
}
