package alert_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/alert"
	"stalkstats/internal/stats"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 7, 10, 9, 0, 0, 0, time.UTC)
	source := alert.Source{Name: "force_return", Title: "Monthly return", Limit: stats.FreshLimit{Fetched: 7 * 24 * time.Hour}}
	run := func(outcome stats.Outcome, daysAgo int) stats.Run {
		at := now.AddDate(0, 0, -daysAgo)
		return stats.Run{ID: string(outcome), Kind: stats.LoadRun, Outcome: outcome, StartedAt: at, EndedAt: at, Problem: "p"}
	}
	partly := run(stats.Published, 3)
	partly.Read, partly.Rejected = 3400, 12
	dry, withdrawn := run(stats.Failed, 0), run(stats.Published, 0)
	dry.Kind, withdrawn.Kind = stats.CheckRun, stats.Withdrawal
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	late := alert.Standing{Condition: alert.Late, Since: ago(1), Problem: "The newest file was fetched 8 days ago; no more than 7 days is expected."}
	for _, tt := range []struct {
		name  string
		runs  []stats.Run // newest first
		fetch int         // days since the newest served file was fetched; -1: nothing is served
		want  alert.Standing
	}{
		{"no run", nil, -1, alert.Standing{}},
		{"published", []stats.Run{run(stats.Published, 1)}, 1, alert.Standing{}},
		{"failed", []stats.Run{run(stats.Failed, 1), run(stats.Published, 2)}, 2, alert.Standing{Condition: alert.Failed, Since: ago(1), RunID: "failed", Problem: "p"}},
		{"never anything but failed", []stats.Run{run(stats.Failed, 30)}, -1, alert.Standing{Condition: alert.Failed, Since: ago(30), RunID: "failed", Problem: "p"}},
		{"stopped", []stats.Run{run(stats.Interrupted, 1)}, -1, alert.Standing{Condition: alert.Failed, Since: ago(1), RunID: "interrupted", Problem: "p"}},
		{"refused", []stats.Run{run(stats.RejectedRun, 1)}, -1, alert.Standing{Condition: alert.Refused, Since: ago(1), RunID: "rejected", Problem: "p"}},
		{"held", []stats.Run{run(stats.Held, 1)}, -1, alert.Standing{Condition: alert.Held, Since: ago(1), RunID: "held", Problem: "p"}},
		{"held still, though another file was published", []stats.Run{run(stats.Published, 0), run(stats.Held, 1)}, 0, alert.Standing{Condition: alert.Held, Since: ago(1), RunID: "held", Problem: "p"}},
		{"refused earlier", []stats.Run{run(stats.Published, 0), run(stats.RejectedRun, 1)}, 0, alert.Standing{}},
		{"skipped, under way and dry runs say nothing", []stats.Run{run(stats.Running, 0), run(stats.Skipped, 0), dry, run(stats.Held, 1)},
			-1, alert.Standing{Condition: alert.Held, Since: ago(1), RunID: "held", Problem: "p"}},
		{"unchanged is good", []stats.Run{run(stats.Unchanged, 0), run(stats.Published, 6)}, 6, alert.Standing{}},
		{"to the hour", []stats.Run{run(stats.Published, 7)}, 7, alert.Standing{}},
		{"late", []stats.Run{run(stats.Published, 8)}, 8, late},
		{"unchanged every day", []stats.Run{run(stats.Unchanged, 0), run(stats.Published, 8)}, 8, late},
		{"read again yesterday", []stats.Run{run(stats.Published, 1)}, 8, late},
		{"withdrawn to an older file", []stats.Run{withdrawn, run(stats.Published, 1)}, 8, late},
		{"withdrawn to nothing", []stats.Run{withdrawn, run(stats.Published, 60)}, -1, alert.Standing{}},
		{"failed before late", []stats.Run{run(stats.Failed, 1), run(stats.Published, 60)}, 60, alert.Standing{Condition: alert.Failed, Since: ago(1), RunID: "failed", Problem: "p"}},
		{"partly rejected", []stats.Run{partly}, 3, alert.Standing{Condition: alert.PartlyRejected, Since: ago(3), RunID: "published", Problem: "12 of 3400 rows were rejected and are not in the figures."}},
		{"still served", []stats.Run{run(stats.Unchanged, 1), partly}, 3, alert.Standing{Condition: alert.PartlyRejected, Since: ago(3), RunID: "published", Problem: "12 of 3400 rows were rejected and are not in the figures."}},
		{"replaced", []stats.Run{run(stats.Published, 1), partly}, 1, alert.Standing{}},
		{"withdrawn", []stats.Run{withdrawn, partly}, 5, alert.Standing{}},
		{"a withdrawal mends no source", []stats.Run{withdrawn, run(stats.Failed, 1)}, 5, alert.Standing{Condition: alert.Failed, Since: ago(1), RunID: "failed", Problem: "p"}},
	} {
		source.Newest = time.Time{}
		if tt.fetch >= 0 {
			source.Newest = ago(tt.fetch)
		}
		tt.want.Source = source
		if diff := cmp.Diff(tt.want, alert.Judge(source, tt.runs, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	source.Newest, source.First = time.Time{}, ago(7)
	if got := alert.Judge(source, nil, now); got.Condition != alert.Well {
		t.Errorf("skipped for as long as it may be: %+v", got)
	}
	source.First = ago(10)
	empty := alert.Standing{Source: source, Condition: alert.Late, Since: ago(3), Problem: "Nothing has been loaded since 30 June 2026; no more than 7 days is expected."}
	for name, runs := range map[string][]stats.Run{"only skipped": nil, "only skipped since a dry run": {dry}} {
		if diff := cmp.Diff(empty, alert.Judge(source, runs, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := alert.Judge(source, []stats.Run{withdrawn, run(stats.Published, 10)}, now); got.Condition != alert.Well {
		t.Errorf("withdrawn to nothing today: %+v", got)
	}
	source.Limit, source.Newest, source.Covers = stats.FreshLimit{Covers: 30 * 24 * time.Hour}, now, stats.Day(2026, time.May, 31)
	old := alert.Standing{Source: source, Condition: alert.Late, Since: stats.Day(2026, time.July, 1), Problem: "No figure since 31 May 2026, which is 39 days ago; no more than 30 days is expected."}
	if diff := cmp.Diff(old, alert.Judge(source, []stats.Run{run(stats.Published, 0)}, now)); diff != "" {
		t.Errorf("read today, figures of old (-want +got):\n%s", diff)
	}
	source.Limit, source.Newest = stats.FreshLimit{}, ago(900)
	if got := alert.Judge(source, []stats.Run{run(stats.Published, 900)}, now); got.Condition != alert.Well {
		t.Errorf("a source that is never late is %s", got.Condition)
	}
}

// TestMessages are the words themselves.
func TestMessages(t *testing.T) {
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	failed := stands("Bedfordshire", alert.Failed)
	failed.Title, failed.Address = "the monthly return of Bedfordshire", "https://stalkstats.example.org/data#force_return"
	well := failed
	well.Condition, well.Since, well.RunID, well.Problem = alert.Well, time.Time{}, "", ""
	first := alert.Decide(nil, []alert.Standing{failed}, now, london)
	second := alert.Decide(map[string]stats.Alert{"Bedfordshire": first[0]}, []alert.Standing{well}, now, london)
	want := []stats.Alert{{
		ID: "Bedfordshire-1-failed", Source: "Bedfordshire", Number: 1, Condition: "failed", RaisedAt: now, RunID: "20260701T083000-0a1b2c3d",
		Subject: "stalkstats: the monthly return of Bedfordshire failed",
		Text: `the monthly return of Bedfordshire failed.

Bedfordshire.csv is not there: check the name and the folder

Nothing was changed: the pages show the figures of the last good run.

Since: 1 July 2026, 09:30 BST
Source: Bedfordshire
Run: 20260701T083000-0a1b2c3d
Page: https://stalkstats.example.org/data#force_return

This is told once. The next message about this source comes when something else is wrong with it or when it is well again.
`}, {
		ID: "Bedfordshire-2-recovered", Source: "Bedfordshire", Number: 2, Condition: "failed", Recovered: true, RaisedAt: now,
		Subject: "stalkstats: the monthly return of Bedfordshire is well again",
		Text: `the monthly return of Bedfordshire is well again: it failed before.

The last run went well and nothing is late.

Since: 1 July 2026, 10:00 BST
Source: Bedfordshire
Page: https://stalkstats.example.org/data#force_return
`}}
	if diff := cmp.Diff(want, append(first, second...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDecideOverTime lets sources go through random conditions: one alert for
// each change and none otherwise, each with an id of its own.
func TestDecideOverTime(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	conditions := []alert.Condition{alert.Well, alert.Failed, alert.Refused, alert.Held, alert.Late, alert.PartlyRejected}
	last, before, ids := map[string]stats.Alert{}, map[string]alert.Condition{}, map[string]bool{}
	for range 3000 {
		var standings []alert.Standing
		changes := map[string]alert.Condition{}
		for _, name := range []string{"a", "b", "c"} {
			c := conditions[r.IntN(len(conditions))]
			if r.IntN(2) == 0 {
				c = before[name]
			}
			if c != before[name] {
				changes[name] = c
			}
			before[name] = c
			standings = append(standings, stands(name, c))
		}
		for _, a := range alert.Decide(last, standings, time.Unix(0, 0), time.UTC) {
			c, changed := changes[a.Source]
			delete(changes, a.Source)
			if !changed || ids[a.ID] || a.Recovered != (c == alert.Well) || !a.Recovered && a.Condition != string(c) {
				t.Fatalf("%s now %q: %+v", a.Source, c, a)
			}
			ids[a.ID], last[a.Source] = true, a
		}
		if len(changes) > 0 {
			t.Fatalf("not told: %v", changes)
		}
	}
}

// FuzzOneLine: whatever a file or a title holds, the subject is one line of a
// length that can be read, and the text has the lines that it should have.
func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"Bedfordshire", "a\r\nBcc: x@example.org", "\u2028\u0085\v\f", "\xff\xfe", strings.Repeat("long ", 400), "\u202eevil", ""} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, problem string) {
		s := stands("source", alert.Held)
		s.Title, s.Problem = title, problem
		a := alert.Decide(nil, []alert.Standing{s}, time.Unix(0, 0), time.UTC)[0]
		if strings.ContainsAny(a.Subject, "\r\n\u2028\u2029\u0085\v\f\x00\u202e") || len([]rune(a.Subject)) > 140 {
			t.Errorf("subject %q", a.Subject)
		}
		if n := strings.Count(a.Text, "\n"); n > 11 || strings.ContainsAny(a.Text, "\r\u2028\u2029\u0085\v\f\x00\u202e") {
			t.Errorf("%d lines: %q", n, a.Text)
		}
	})
}
