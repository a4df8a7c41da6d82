package etl_test

import (
	"os"
	"testing"
	"time"

	"stalkstats/etl"
	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/internal/stats"
)

// stands wants a run to tell how the source of returns stands, wherever that is
// worked out: on pages, in metrics and for alerts.
func (b *bench) stands(t *testing.T, run stats.Run, want alert.Condition) {
	t.Helper()
	sources, err := b.reader.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		if s.Source == "force_return" && (s.LastRun.ID != run.ID || !s.Tells) {
			t.Errorf("pages go by run %s (%s), tells %v; want %s (%s)", s.LastRun.ID, s.LastRun.Outcome, s.Tells, run.ID, run.Outcome)
		}
	}
	states, err := b.reader.SourceStates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		if s.Source == "force_return" && (s.LastLoad.ID != run.ID || s.LastLoad.Outcome != run.Outcome) {
			t.Errorf("metrics go by run %s (%s), want %s (%s)", s.LastLoad.ID, s.LastLoad.Outcome, run.ID, run.Outcome)
		}
	}
	last, err := load.LastRuns(t.Context(), b.conn)
	if err != nil {
		t.Fatal(err)
	}
	if got := alert.Judge(alert.Source{Name: "force_return"}, last["force_return"], b.tick()); got.Condition != want {
		t.Errorf("alerts say %q, want %q", got.Condition, want)
	}
}

// TestAnotherFileByHand: one that fails is for whoever sent it to mend. It is a
// row of history, and no fault of the source.
func TestAnotherFileByHand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write(t, "return.csv", march)
	good := b.runWith(t, "force_return", etl.Options{OnlyNew: true})
	b.stands(t, good, alert.Well)

	bad := b.write(t, "bad.csv", "Luton,2024-03,stalking_charges,,,5,,")
	byHand := func(o etl.Options, want stats.Outcome) stats.Run {
		t.Helper()
		o.AskedBy = who
		run := b.runWith(t, "force_return", o)
		b.stored(t, run)
		if run.Outcome != want {
			t.Errorf("%s, %s; want %s", run.Outcome, run.Problem, want)
		}
		return run
	}
	refused := byHand(etl.Options{File: bad}, stats.RejectedRun)
	b.stands(t, good, alert.Well)
	byHand(etl.Options{File: b.cfg.DataDir + "/nowhere.csv"}, stats.Failed)
	b.stands(t, good, alert.Well)
	if again, err := b.etl.Replay(t.Context(), refused.ID, etl.Options{AskedBy: who}); err != nil || again.Outcome != stats.RejectedRun {
		t.Errorf("%+v, %v", again, err)
	}
	b.stands(t, good, alert.Well)
	b.ask(t, stats.Request{ID: "1", Kind: stats.RunRequest, Source: "force_return", Upload: "u", File: "bad.csv", Who: who})
	b.upload(t, "u", header, "Luton,2024-03,stalking_charges,,,5,,\n")
	answered, stop := b.takingUp(t)
	a := answered("1")
	stop()
	if run, err := b.reader.Run(t.Context(), a.Runs[0]); err != nil || run.Outcome != stats.RejectedRun {
		t.Errorf("the upload: %+v, %v", run, err)
	}
	b.stands(t, good, alert.Well)

	// What waits to be accepted, and what is served, tells.
	b.cfg.ETL.Sources[2].Checks.Off = nil
	b.etl = b.over(b.conn)
	held := byHand(etl.Options{File: b.write(t, "jump.csv", "E23000026,2024-03,stalking_charges,,,5000,,")}, stats.Held)
	b.stands(t, held, alert.Held)
	served := byHand(etl.Options{File: b.write(t, "next.csv", april)}, stats.Published)
	b.stands(t, served, alert.Well)

	// The source's own file is what the schedule would read, whoever asks.
	b.write(t, "return.csv", "Luton,2024-03,stalking_charges,,,5,,")
	b.stands(t, byHand(etl.Options{File: b.cfg.DataDir + "/return.csv"}, stats.RejectedRun), alert.Refused)
	if err := os.Remove(b.cfg.DataDir + "/return.csv"); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(time.Minute)
	b.stands(t, b.runWith(t, "force_return", etl.Options{OnlyNew: true}), alert.Failed)
}
