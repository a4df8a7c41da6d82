package alert_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/internal/mail"
	"stalkstats/internal/mail/mailtest"
	"stalkstats/internal/stats"
)

// TestOnceEach takes sources through their conditions, with a new process
// before each look: a change is told once, in one mail and one post.
func TestOnceEach(t *testing.T) {
	b, mails, posts := newBench(t), mailtest.New(t, mail.STARTTLS), newPosts(t)
	for i, tt := range []struct {
		bedford, luton alert.Condition
		told           []string
	}{
		{alert.Well, alert.Well, nil},
		{alert.Failed, alert.Well, []string{"Bedford failed"}},
		{alert.Failed, alert.Well, nil},
		{alert.Failed, alert.Late, []string{"Luton is late"}},
		{alert.Held, alert.Late, []string{"Bedford is held back"}},
		{alert.Held, alert.Late, nil},
		{alert.Well, alert.Late, []string{"Bedford is well again"}},
		{alert.Well, alert.Late, nil},
		{alert.PartlyRejected, alert.Well, []string{"Bedford was published without some rows", "Luton is well again"}},
		{alert.Refused, alert.Well, []string{"Bedford was refused"}},
		{alert.Failed, alert.Well, []string{"Bedford failed"}},
		{alert.Well, alert.Well, []string{"Bedford is well again"}},
		{alert.Well, alert.Well, nil},
	} {
		former := len(mails.Subjects())
		a := b.start(t, emailBy(mails, mail.STARTTLS), posts.slack())
		b.look(t, a, stands("Bedford", tt.bedford), stands("Luton", tt.luton))
		var want []string
		for _, s := range tt.told {
			want = append(want, "stalkstats: the return of "+s)
		}
		if diff := cmp.Diff(want, mails.Subjects()[former:], emptyIsNil); diff != "" {
			t.Errorf("look %d, mails (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(mails.Subjects(), posts.subjects(t), emptyIsNil); diff != "" {
			t.Errorf("look %d, posts (-mails +posts):\n%s", i, diff)
		}
	}
	if waiting := b.waiting(t); waiting != nil {
		t.Errorf("not delivered: %q", waiting)
	}
}

// TestAnotherCause: while a source goes on failing, a cause is told once, also
// where two take turns, and each again once the source was well or otherwise
// wrong. Each look is of a new process.
func TestAnotherCause(t *testing.T) {
	b, posts := newBench(t), newPosts(t)
	for i, tt := range []struct {
		condition alert.Condition
		cause     stats.Cause
		told      string
	}{
		{alert.Failed, stats.ServerUnreachable, "failed"},
		{alert.Failed, stats.ServerUnreachable, ""},
		{alert.Failed, stats.FileMissing, "failed for another reason"},
		{alert.Failed, stats.ServerUnreachable, ""},
		{alert.Failed, stats.FileMissing, ""},
		{alert.Failed, stats.DiskFull, "failed for another reason"},
		{alert.Refused, stats.WrongLayout, "was refused"},
		{alert.Refused, stats.RowsRejected, "was refused for another reason"},
		{alert.Refused, stats.WrongLayout, ""},
		{alert.Failed, stats.ServerUnreachable, "failed"},
		{alert.Well, "", "is well again"},
		{alert.Failed, stats.ServerUnreachable, "failed"},
		{alert.Held, "jumps", "is held back"},
		{alert.Held, "jumps+periods", "is held back for another reason"},
		{alert.Late, "", "is late"},
		{alert.Late, "", ""},
	} {
		former := len(posts.subjects(t))
		standing := stands("Bedford", tt.condition)
		standing.Cause = tt.cause
		b.look(t, b.start(t, nil, posts.slack()), standing)
		var want []string
		if tt.told != "" {
			want = []string{"stalkstats: the return of Bedford " + tt.told}
		}
		if diff := cmp.Diff(want, posts.subjects(t)[former:], emptyIsNil); diff != "" {
			t.Errorf("look %d (-want +got):\n%s", i, diff)
		}
	}
	if waiting := b.waiting(t); waiting != nil {
		t.Errorf("not delivered: %q", waiting)
	}
}

// TestAnAlertFromBeforeCauses: which cause it told is not known, so no other is told
// until the source is well or otherwise wrong.
func TestAnAlertFromBeforeCauses(t *testing.T) {
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	standing := stands("Bedford", alert.Failed)
	old := alert.Decide(nil, []alert.Standing{standing}, now, time.UTC)[0]
	standing.Cause = stats.DiskFull
	if got := alert.Decide(map[string]stats.Alert{"Bedford": old}, []alert.Standing{standing}, now, time.UTC); got != nil {
		t.Errorf("%+v", got)
	}
}

var emptyIsNil = cmp.Transformer("list", func(s []string) string { return strings.Join(s, "\n") })

// TestTwoProcesses look at the same sources: the second has nothing to tell.
// A source that the second knows to be otherwise is told in its turn.
func TestTwoProcesses(t *testing.T) {
	b, posts := newBench(t), newPosts(t)
	one, two := b.start(t, nil, posts.slack()), b.start(t, nil, posts.slack())
	b.look(t, one, stands("Bedford", alert.Failed))
	b.look(t, two, stands("Bedford", alert.Failed))
	b.look(t, two, stands("Bedford", alert.Well))
	b.look(t, one, stands("Bedford", alert.Well))
	want := []string{"stalkstats: the return of Bedford failed", "stalkstats: the return of Bedford is well again"}
	if diff := cmp.Diff(want, posts.subjects(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOneChannelDown: the mail goes out at once, and the posts wait and come
// in order when the webhook is back, each once.
func TestOneChannelDown(t *testing.T) {
	b, mails, posts := newBench(t), mailtest.New(t, mail.Implicit), newPosts(t)
	posts.answer = func(int) int { return http.StatusInternalServerError }
	a := b.start(t, emailBy(mails, mail.Implicit), posts.slack())
	b.look(t, a, stands("Bedford", alert.Failed), stands("Luton", alert.Late))
	if got := mails.Subjects(); len(got) != 2 {
		t.Errorf("mails %q", got)
	}
	if posts.tries() != 1 {
		t.Errorf("%d posts were tried; the second is not to be tried after the first failed", posts.tries())
	}
	b.look(t, a, stands("Bedford", alert.Well), stands("Luton", alert.Late))
	if diff := cmp.Diff([]string{"", "", "the webhook at " + posts.host() + " did not take the message: it answered 500 Internal Server Error"}, b.waiting(t)); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	posts.answer = nil
	b = &bench{store: b.store, now: b.now.Add(time.Hour)}
	a = b.start(t, emailBy(mails, mail.Implicit), posts.slack())
	b.look(t, a, stands("Bedford", alert.Well), stands("Luton", alert.Late))
	want := []string{"stalkstats: the return of Bedford failed", "stalkstats: the return of Luton is late", "stalkstats: the return of Bedford is well again"}
	if diff := cmp.Diff(want, posts.subjects(t)); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, mails.Subjects()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if waiting := b.waiting(t); waiting != nil {
		t.Errorf("waiting: %q", waiting)
	}
}

// TestNoRecoveryBeforeItsAlert: while one alert of a source waits for its next
// attempt, a later one of that source waits too, and another source's does not.
func TestNoRecoveryBeforeItsAlert(t *testing.T) {
	b, posts := newBench(t), newPosts(t)
	posts.answer = func(try int) int {
		if try == 1 {
			return http.StatusBadGateway
		}
		return http.StatusOK
	}
	a := b.start(t, nil, posts.slack())
	b.look(t, a, stands("Bedford", alert.Failed))
	b.now = b.now.Add(30*time.Second - 2*time.Minute)
	b.look(t, a, stands("Bedford", alert.Well), stands("Luton", alert.Late))
	b.look(t, a, stands("Bedford", alert.Well), stands("Luton", alert.Late))
	is := "stalkstats: the return of "
	want := []string{is + "Luton is late", is + "Bedford failed", is + "Bedford is well again"}
	if diff := cmp.Diff(want, posts.subjects(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBackOff counts the attempts of a day over a channel that stays down.
func TestBackOff(t *testing.T) {
	b, posts := newBench(t), newPosts(t)
	posts.answer = func(int) int { return http.StatusBadGateway }
	a := b.start(t, nil, posts.slack())
	for range 24 * 4 { // every quarter of an hour
		b.now = b.now.Add(13 * time.Minute)
		b.look(t, a, stands("Bedford", alert.Failed))
	}
	if n := posts.tries(); n < 24 || n > 32 {
		t.Errorf("%d attempts in a day", n)
	}
	if !strings.Contains(b.log.String(), "will be tried again") {
		t.Errorf("the log: %s", b.log.String())
	}
}

// TestNobodyToTell: without a channel nothing is kept, so that the first one
// is told what is wrong then.
func TestNobodyToTell(t *testing.T) {
	b, posts := newBench(t), newPosts(t)
	b.look(t, b.start(t, nil, nil), stands("Bedford", alert.Failed))
	b.look(t, b.start(t, nil, posts.slack()), stands("Bedford", alert.Failed))
	if got := posts.subjects(t); len(got) != 1 {
		t.Errorf("posts %q", got)
	}
}

// TestANewChannel is told what comes from then on, and a channel that is gone
// keeps nothing from the others.
func TestANewChannel(t *testing.T) {
	b, mails, posts := newBench(t), mailtest.New(t, mail.STARTTLS), newPosts(t)
	posts.answer = func(int) int { return http.StatusNotFound }
	b.look(t, b.start(t, nil, posts.slack()), stands("Bedford", alert.Failed))
	a := b.start(t, emailBy(mails, mail.STARTTLS), nil)
	b.look(t, a, stands("Bedford", alert.Failed))
	b.look(t, a, stands("Bedford", alert.Well))
	if diff := cmp.Diff([]string{"stalkstats: the return of Bedford is well again"}, mails.Subjects()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if posts.tries() != 1 {
		t.Errorf("%d posts", posts.tries())
	}
}

// TestTheStoreFails: what is not kept is not sent; what was sent and could
// not be kept as sent comes again, and is never lost.
func TestTheStoreFails(t *testing.T) {
	for name, tt := range map[string]struct {
		store lossy
		posts int // by the look that fails, and one after it
	}{
		"read":                     {lossy{reads: true}, 1},
		"write":                    {lossy{writes: true}, 1},
		"the answer to a write":    {lossy{writes: true, written: true}, 1},
		"the record of a delivery": {lossy{}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b, posts := newBench(t), newPosts(t)
			store := tt.store
			store.Alerts = b.store
			if name == "the record of a delivery" {
				posts.answer = func(int) int { store.writes = true; return http.StatusOK }
			}
			err := b.over(t, &store, nil, posts.slack()).Look(t.Context(), []alert.Standing{stands("Bedford", alert.Failed)})
			if !errors.Is(err, errStore) {
				t.Errorf("error %v", err)
			}
			posts.answer = nil
			b.look(t, b.start(t, nil, posts.slack()), stands("Bedford", alert.Failed))
			b.look(t, b.start(t, nil, posts.slack()), stands("Bedford", alert.Failed))
			if got := posts.subjects(t); len(got) != tt.posts {
				t.Errorf("posts %q", got)
			}
		})
	}
}

// TestTheClockGoesBack: the last alert is the one with the highest number,
// alerts are sent in order, and one that waits need not wait for the clock.
func TestTheClockGoesBack(t *testing.T) {
	b, posts := newBench(t), newPosts(t)
	posts.answer = func(try int) int {
		if try == 1 {
			return http.StatusBadGateway
		}
		return http.StatusOK
	}
	a := b.start(t, nil, posts.slack())
	for _, c := range []alert.Condition{alert.Failed, alert.Well, alert.Late, alert.Late, alert.Well} {
		b.now = b.now.Add(-24 * time.Hour)
		b.look(t, a, stands("Bedford", c))
	}
	is := "stalkstats: the return of Bedford "
	want := []string{is + "failed", is + "is well again", is + "is late", is + "is well again"}
	if diff := cmp.Diff(want, posts.subjects(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStore: what is recorded is what comes back.
func TestStore(t *testing.T) {
	b := newBench(t)
	at := func(minute int) time.Time { return time.Date(2026, 7, 1, 9, minute, 0, 0, time.UTC) }
	first := stats.Delivery{Alert: stats.Alert{ID: "a-1-failed", Source: "a", Number: 1, Condition: "failed", RaisedAt: at(0), RunID: "r", Subject: "s", Text: "t\n"}, Channel: "webhook"}
	failed := first
	failed.Attempts, failed.TriedAt, failed.Problem = 1, at(1), "it answered 500"
	sent := first
	sent.Attempts, sent.TriedAt, sent.SentAt = 2, at(2), at(2)
	second := first
	second.ID, second.Number, second.Recovered, second.RaisedAt = "a-2-recovered", 2, true, at(3)
	other := second
	other.Channel = "email-00000000"
	for _, tt := range []struct {
		record, want []stats.Delivery
	}{
		{nil, nil},
		{[]stats.Delivery{first}, []stats.Delivery{first}},
		{[]stats.Delivery{failed}, []stats.Delivery{failed}},
		{[]stats.Delivery{second, other}, []stats.Delivery{failed, other, second}},
		{[]stats.Delivery{sent}, []stats.Delivery{other, second}},
	} {
		if err := b.store.Record(t.Context(), at(9), tt.record); err != nil {
			t.Fatal(err)
		}
		got, err := b.store.Deliveries(t.Context())
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestLastRuns are those that a source is judged by.
func TestLastRuns(t *testing.T) {
	b := newBench(t)
	at := func(day int) time.Time { return time.Date(2026, 7, day, 9, 0, 0, 0, time.UTC) }
	run := func(id, source string, day int, kind stats.RunKind, outcome stats.Outcome) stats.Run {
		r := stats.Run{ID: id, Source: source, Kind: kind, Outcome: stats.Running, StartedAt: at(day)}
		if err := load.RecordRun(t.Context(), b.store.Conn, r, "here", at(day)); err != nil {
			t.Fatal(err)
		}
		if outcome != stats.Running {
			r.Outcome, r.EndedAt, r.Read, r.Rejected, r.Problem = outcome, at(day).Add(time.Minute), 3, 1, "p"
			if err := load.RecordRun(t.Context(), b.store.Conn, r, "here", r.EndedAt); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	run("1", "a", 1, stats.LoadRun, stats.Published)
	published := run("2", "a", 2, stats.LoadRun, stats.Published)
	run("3", "a", 3, stats.LoadRun, stats.Unchanged)
	run("4", "a", 4, stats.LoadRun, stats.Failed)
	held := run("5", "a", 5, stats.LoadRun, stats.Held)
	run("6", "a", 6, stats.CheckRun, stats.Failed)
	run("7", "a", 7, stats.LoadRun, stats.Skipped)
	run("8", "a", 8, stats.LoadRun, stats.Running)
	only := run("9", "b", 1, stats.LoadRun, stats.Failed)
	loaded := run("10", "c", 1, stats.LoadRun, stats.Published)
	withdrawn := run("11", "c", 2, stats.Withdrawal, stats.Published)
	want := map[string][]stats.Run{"a": {held, published}, "b": {only}, "c": {withdrawn, loaded}}
	got, err := load.LastRuns(t.Context(), b.store.Conn)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
