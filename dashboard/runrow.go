package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// runRow is one run of a source as tables and its own page show it.
type runRow struct {
	Name, Source                             string // the short name, and the title
	Address, Outcome, Started, File          string
	Took                                     string // empty while it runs
	Kind                                     string // empty for a load
	By                                       string // who asked for it; empty where the schedule did
	Brief                                    string // when it started, for a table
	Problem                                  string
	Read, Loaded, ExcludedRows, RejectedRows string
	LoadedWords                              string // what the rows are called that nothing is wrong with
	Exclusions                               []string
	Checks                                   string // how many passed; empty where none was made
	Changes                                  string // figures new, changed and gone; empty where they were not counted
	Good                                     bool
}

// runTable is several runs, with their sources where they are of several.
type runTable struct {
	Rows    []runRow
	Sources bool
}

func runRowsOf(runs []stats.Run, titles sourceTitles) (rows []runRow) {
	for _, run := range runs {
		rows = append(rows, runRowOf(run, titles))
	}
	return rows
}

// successes are the outcomes that need nobody's attention.
var successes = []stats.Outcome{stats.Published, stats.Unchanged, stats.Checked, stats.Running, stats.Skipped}

// kindWords is what a run was for, where it was not to load.
var kindWords = map[stats.RunKind]string{stats.CheckRun: "a check only", stats.Withdrawal: "a withdrawal"}

func runRowOf(run stats.Run, titles sourceTitles) runRow {
	run = withoutFolders(run)
	row := runRow{
		Name: run.Source, Source: titles.heading(run.Source), Address: runAddress(run.ID), Outcome: outcomeOf(run),
		Started: moment(run.StartedAt), Brief: shortMoment(run.StartedAt), File: run.File, Problem: run.Problem, Kind: kindWords[run.Kind], By: run.AskedBy,
		Read: counted(run.Read), Loaded: counted(run.Loaded), LoadedWords: run.Outcome.LoadedWords(), ExcludedRows: counted(run.Excluded), RejectedRows: counted(run.Rejected),
		Checks: checksPassed(run.Checks), Changes: changesOf(run), Good: slices.Contains(successes, run.Outcome),
	}
	if !run.EndedAt.IsZero() {
		row.Took = span(run.EndedAt.Sub(run.StartedAt))
	}
	if row.Outcome == withdrawn {
		row.Kind = "" // the outcome says it
	}
	for _, exclusion := range run.Exclusions {
		row.Exclusions = append(row.Exclusions, counted(exclusion.Rows)+": "+exclusion.Reason)
	}
	return row
}

// withdrawn is how a withdrawal ended that did what it was for.
const withdrawn = "withdrawn"

// outcomeOf is how a run ended, in a word.
func outcomeOf(run stats.Run) string {
	if run.Kind == stats.Withdrawal && run.Outcome == stats.Published {
		return withdrawn
	}
	if run.Outcome == stats.Checked && run.Problem != "" {
		return "checked, would be held"
	}
	return string(run.Outcome)
}

func counted(n uint64) string { return numberText(float64(n), 0) }

// checksPassed is "5 of 6 checks passed, 1 accepted".
func checksPassed(checks []stats.Check) string {
	count := func(outcome stats.CheckOutcome) (n int) {
		for _, c := range checks {
			if c.Outcome == outcome {
				n++
			}
		}
		return n
	}
	if len(checks) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %s passed", count(stats.CheckPassed), plural(len(checks), "check", "checks"))
	if accepted := count(stats.CheckAccepted); accepted > 0 {
		text += fmt.Sprintf(", %d accepted", accepted)
	}
	if skipped := count(stats.CheckSkipped); skipped > 0 {
		text += fmt.Sprintf(", %d not looked at", skipped)
	}
	if warned := count(stats.CheckWarned); warned > 0 {
		text += fmt.Sprintf(", %d warned", warned)
	}
	if noted := count(stats.CheckNoted); noted > 0 {
		text += fmt.Sprintf(", %d noted", noted)
	}
	return text
}

// changesOf is "3 figures new, 2 changed, 1 gone" of a run that came as far as
// counting them, and empty of one that did not.
func changesOf(run stats.Run) string {
	if len(run.Checks) == 0 && run.New+run.Changed+run.Gone == 0 {
		return ""
	}
	return changesText(run.New, run.Changed, run.Gone)
}

func changesText(added, changed, gone uint64) string {
	var parts []string
	for _, part := range []struct {
		n     uint64
		words string
	}{{added, "new"}, {changed, "changed"}, {gone, "gone"}} {
		switch {
		case part.n == 0:
		case len(parts) == 0:
			parts = append(parts, plural(int(part.n), "figure", "figures")+" "+part.words)
		default:
			parts = append(parts, counted(part.n)+" "+part.words)
		}
	}
	if len(parts) == 0 {
		return "no figure differs"
	}
	return strings.Join(parts, ", ")
}

// span is how long something took or may take: "under 1 s", "2 min 5 s".
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under 1 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}
