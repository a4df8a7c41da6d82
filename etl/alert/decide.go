package alert

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"stalkstats/internal/stats"
)

// A Condition is what can be wrong with a source; empty where nothing is.
type Condition string

// The conditions. A source is in one at most: the first of these that holds.
const (
	Well           Condition = ""
	Failed         Condition = "failed"          // its last run could not fetch, read or write, or was stopped
	Refused        Condition = "refused"         // its last file breaks the source's contract
	Held           Condition = "held"            // a check held its last release back
	Late           Condition = "late"            // its newest served file was fetched too long ago, its figures end too early, or it has long served nothing
	PartlyRejected Condition = "partly_rejected" // what it published lacks rows that were rejected
	NoBackup       Condition = "no_backup"       // of Backups alone: the last scheduled one failed, or has not come
)

// Backups is what alerts call the backups, which stand beside the sources. No source can
// be called so.
const Backups = "-backup"

// A Source is what is known of one beforehand.
type Source struct {
	Name    string
	Title   string           // what messages call it; empty: its name
	Limit   stats.FreshLimit // how old what it serves may be
	Newest  time.Time        // when the newest file that serves anything was fetched; zero: nothing is served
	Covers  time.Time        // the last day that the served figures cover; zero where there is none, or no limit
	First   time.Time        // when its first run started, of whatever kind; zero: it never ran
	Address string           // its page; empty: messages have no link
}

// A Standing is how a source stands at a moment.
type Standing struct {
	Source
	Condition Condition
	Since     time.Time // when the condition began; zero for Well
	RunID     string    // the run that brought it about; empty for Late
	Problem   string    // one sentence
	Cause     stats.Cause
}

// Judge says how a source stands by how old what it serves is and by its runs,
// newest first, as load.LastRuns gives them: of the files that were read
// together the worst counts, and a held one as long as it waits. A dry run, and one that was skipped or is under
// way, say nothing; a withdrawal reads no file, so it only says what is served.
func Judge(source Source, runs []stats.Run, now time.Time) Standing {
	loads := func(r stats.Run) bool { return r.Kind != stats.CheckRun && r.Kind != stats.Withdrawal }
	newest := find(runs, func(r stats.Run) bool { return loads(r) && r.Outcome != stats.Running && r.Outcome != stats.Skipped })
	together := func(r stats.Run) bool { return r.ID == newest.ID || r.Pass != "" && r.Pass == newest.Pass }
	published := find(runs, func(r stats.Run) bool { return r.Outcome == stats.Published })
	for _, wrong := range []struct {
		condition Condition
		is        func(r stats.Run) bool
	}{
		{Failed, func(r stats.Run) bool {
			return together(r) && (r.Outcome == stats.Failed || r.Outcome == stats.Interrupted)
		}},
		{Refused, func(r stats.Run) bool { return together(r) && r.Outcome == stats.RejectedRun }},
		{Held, func(r stats.Run) bool { return r.Outcome == stats.Held }},
	} {
		if r := find(runs, func(r stats.Run) bool { return loads(r) && wrong.is(r) }); r.ID != "" {
			return Standing{source, wrong.condition, r.EndedAt, r.ID, r.Problem, r.Cause}
		}
	}
	if late, ok := lateness(source, published.EndedAt, now); ok {
		return late
	}
	if published.Rejected > 0 {
		return Standing{source, PartlyRejected, published.EndedAt, published.ID,
			fmt.Sprintf("%d of %d rows were rejected and are not in the figures.", published.Rejected, published.Read), ""}
	}
	return Standing{Source: source}
}

// lateness is the standing of a source that is late. One that serves nothing
// counts from its first run, though that and all since were skipped: its folder
// may be empty because its name is mistyped. Where all was withdrawn it counts from the last run that published: the withdrawal.
func lateness(source Source, published, now time.Time) (Standing, bool) {
	from, covers := source.Newest, source.Covers
	if from.IsZero() {
		from, covers = source.First, time.Time{}
		if published.After(from) {
			from = published
		}
	}
	late, is := source.Limit.Late(from, covers, now)
	if !is || from.IsZero() {
		return Standing{}, false
	}
	within := source.Limit.Fetched
	if late.Figures {
		within = source.Limit.Covers
	}
	expected := "no more than " + span(within) + " is expected."
	says := fmt.Sprintf("The newest file was fetched %s ago; %s", span(now.Sub(from)), expected)
	switch {
	case source.Newest.IsZero():
		says = fmt.Sprintf("Nothing has been loaded since %s; %s", dayOf(from), expected)
	case late.Figures && covers.IsZero():
		says = fmt.Sprintf("The newest file was fetched %s ago and has no figure; %s", span(now.Sub(from)), expected)
	case late.Figures:
		says = fmt.Sprintf("No figure since %s, which is %s ago; %s", dayOf(covers), span(now.Sub(covers.AddDate(0, 0, 1))), expected)
	}
	return Standing{source, Late, late.Since, "", says, ""}, true
}

func dayOf(t time.Time) string { return t.UTC().Format("2 January 2006") }

func find(runs []stats.Run, is func(stats.Run) bool) stats.Run {
	for _, run := range runs {
		if is(run) {
			return run
		}
	}
	return stats.Run{}
}

// span is a time span as people say it, rounded down.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " hours"
	}
	return strconv.Itoa(int(d/time.Minute)) + " minutes"
}

// Decide says what is to be told now: one alert for each source that stands
// otherwise than its last alert told, or for a cause that was not told since
// then. last holds that alert by source; a
// source without one was well. The same alert has the same ID whoever
// decides, so that two processes that look at once raise one.
func Decide(last map[string]stats.Alert, standings []Standing, now time.Time, zone *time.Location) []stats.Alert {
	var alerts []stats.Alert
	for _, s := range standings {
		told := last[s.Name]
		before := Condition(told.Condition)
		if told.Recovered {
			before = Well
		}
		again := s.Condition == before
		if again && (slices.Contains(told.Causes, s.Cause) || s.Cause == "" || len(told.Causes) == 0) {
			continue // an alert from before causes were kept does not say of which it was
		}
		a := stats.Alert{Source: s.Name, Number: told.Number + 1, Condition: string(s.Condition), RaisedAt: now.UTC(), RunID: s.RunID}
		if a.RaisedAt.Before(told.RaisedAt) { // the clock went back; alerts are sent in order
			a.RaisedAt = told.RaisedAt
		}
		what := a.Condition
		if s.Condition == Well {
			a.Condition, a.Recovered, what = string(before), true, "recovered"
		}
		a.ID = fmt.Sprintf("%s-%d-%s", a.Source, a.Number, what)
		if again {
			a.Causes = slices.Clone(told.Causes)
		}
		if s.Cause != "" {
			a.Causes = append(a.Causes, s.Cause)
		}
		a.Subject, a.Text = subject(s, again), text(s, before, now, zone)
		alerts = append(alerts, a)
	}
	return alerts
}
