package etl_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// ask puts a request into the table as a page does.
func (b *bench) ask(t *testing.T, r stats.Request) {
	t.Helper()
	batch, err := b.conn.PrepareBatch(t.Context(), "INSERT INTO requests (request_id, asked_at, kind, source, run_id, release_id, upload_id, file, dry_run, who, why)")
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	if err := batch.Append(r.ID, b.tick(), string(r.Kind), r.Source, r.Run, r.Release, r.Upload, r.File, r.DryRun, r.Who, r.Why); err != nil {
		t.Fatal(err)
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

// upload puts a file's parts into the table as a page does.
func (b *bench) upload(t *testing.T, id string, parts ...string) {
	t.Helper()
	batch, err := b.conn.PrepareBatch(t.Context(), "INSERT INTO uploads (upload_id, part, uploaded_at, bytes)")
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	for i, part := range parts {
		if err := batch.Append(id, uint32(i), b.tick(), part); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

// answer is the last answer to a request.
func (b *bench) answer(t *testing.T, id string) stats.Answer {
	t.Helper()
	a := stats.Answer{Request: id}
	var state string
	row := b.conn.QueryRow(t.Context(), "SELECT argMax(state, answered_at), argMax(run_ids, answered_at), argMax(problem, answered_at) FROM request_answers WHERE request_id = {request:String}",
		clickhouse.Named("request", id))
	if err := row.Scan(&state, &a.Runs, &a.Problem); err != nil {
		t.Fatal(err)
	}
	a.State = stats.RequestState(state)
	return a
}

// takingUp has what is asked for carried out until stop. answered waits until
// the log tells that a request has its last answer.
func (b *bench) takingUp(t *testing.T) (answered func(id string) stats.Answer, stop func()) {
	t.Helper()
	log := hear("answered", "request")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.logging(b.conn, slog.New(log)).TakeUp(ctx, ctx); close(ended) }()
	answered = func(id string) stats.Answer {
		t.Helper()
		log.wait(t, id)
		return b.answer(t, id)
	}
	return answered, func() { cancel(); <-ended }
}

// TestRequestsAreTakenUp goes the way of a data owner on the pages: upload, see
// what would change, publish, withdraw.
func TestRequestsAreTakenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "gone", Parser: "force_return", From: "none.csv"})
	b.etl = b.over(b.conn)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	answered, stop := b.takingUp(t)
	defer stop()

	b.upload(t, "u1", header[:20], header[20:]+"E23000026,2024-03,stalking_charges,,,", "7,,\n")
	b.ask(t, stats.Request{ID: "1", Kind: stats.RunRequest, Source: "force_return", Upload: "u1", File: "../../March return.csv", DryRun: true, Who: who})
	a := answered("1")
	if a.State != stats.RequestDone || len(a.Runs) != 1 {
		t.Fatalf("answer %+v", a)
	}
	run, err := b.reader.Run(t.Context(), a.Runs[0])
	if err != nil || run.Outcome != stats.Checked || run.File != "March return.csv" || run.Loaded != 1 {
		t.Errorf("%+v, %v", run, err)
	}
	b.serves(t, marchServed)
	b.ask(t, stats.Request{ID: "2", Kind: stats.ReplayRequest, Run: run.ID, Who: who})
	published := answered("2")
	b.serves(t, "E23000026 Mar 2024 stalking_charges 7")
	b.ask(t, stats.Request{ID: "3", Kind: stats.WithdrawRequest, Release: published.Runs[0], Who: who, Why: why})
	if a := answered("3"); a.State != stats.RequestDone || len(a.Runs) != 1 {
		t.Errorf("answer %+v", a)
	}
	b.serves(t, marchServed)

	for i, tt := range []struct {
		r     stats.Request
		state stats.RequestState
		says  string
	}{
		{stats.Request{Kind: stats.WithdrawRequest, Release: published.Runs[0], Who: who, Why: why}, stats.RequestRefused, "serves nothing now"},
		{stats.Request{Kind: stats.RunRequest, Source: "nobody", Who: who}, stats.RequestRefused, `no source "nobody" is configured`},
		{stats.Request{Kind: stats.RunRequest, Source: "gone", Who: who}, stats.RequestDone, ""},
		{stats.Request{Kind: stats.RunRequest, Source: "force_return", Upload: "none", File: "x.csv", Who: who}, stats.RequestRefused, "the uploaded file is empty, or is no longer there"},
		{stats.Request{Kind: stats.ReplayRequest, Run: "none", Who: who}, stats.RequestRefused, "there is no such run"},
		{stats.Request{Kind: stats.AcceptRequest, Run: run.ID, Who: who, Why: why}, stats.RequestRefused, "was not held"},
		{stats.Request{Kind: "delete", Who: who}, stats.RequestRefused, `nobody knows how to "delete"`},
		{stats.Request{Kind: stats.RunRequest, Source: "force_return"}, stats.RequestRefused, "nobody's name"},
	} {
		tt.r.ID = "more" + string(rune('a'+i))
		b.ask(t, tt.r)
		if a := answered(tt.r.ID); a.State != tt.state || !strings.Contains(a.Problem, tt.says) {
			t.Errorf("%+v: answer %+v", tt.r, a)
		}
	}
	var left uint64
	if err := b.conn.QueryRow(t.Context(), "SELECT count() FROM uploads").Scan(&left); err != nil || left > 0 {
		t.Errorf("%d parts of uploads are left, %v", left, err)
	}
	if files, err := filepath.Glob(filepath.Join(b.cfg.DataDir, "uploads", "*")); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, %v", files, err)
	}
	b.serves(t, marchServed)
	b.clean(t)
}

// TestWhatAProcessLeftIsAnswered: a request that was taken up by a process that
// ended, and an upload that nobody asked to have run.
func TestWhatAProcessLeftIsAnswered(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = b.cfg.ETL.Sources[:2]
	b.etl = b.over(b.conn)
	b.upload(t, "old", "x")
	b.now = b.now.Add(25 * time.Hour)
	b.upload(t, "young", "x")
	if err := b.conn.Exec(t.Context(), "INSERT INTO request_answers (request_id, answered_at, state) VALUES ('r', '2026-07-01 09:00:00', 'taken')"); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(b.cfg.DataDir, "uploads", "r")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.etl.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := b.answer(t, "r"); a.State != stats.RequestRefused || a.Problem != "the program ended while it was at this: ask again" {
		t.Errorf("answer %+v", a)
	}
	var uploads []string
	if err := b.conn.QueryRow(t.Context(), "SELECT groupArray(upload_id) FROM uploads").Scan(&uploads); err != nil || !slices.Equal(uploads, []string{"young"}) {
		t.Errorf("uploads %v, %v", uploads, err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the folder of an upload is left: %v", err)
	}
}

// TestAMissedRunIsMadeUpOnce, however many were missed; and not at all where
// the configuration says so.
func TestAMissedRunIsMadeUpOnce(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources[2].Schedule = "30 6 * * *"
	b.cfg.ETL.Sources = b.cfg.ETL.Sources[:3]
	b.etl = b.over(b.conn)
	b.write(t, "return.csv", march)
	starts := func(want int) {
		t.Helper()
		if err := b.etl.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		runs, err := b.reader.Runs(t.Context(), "force_return", 100)
		if err != nil || len(runs) != want {
			t.Errorf("%d runs, %v; want %d", len(runs), err, want)
		}
	}
	starts(1)
	starts(1)
	b.now = time.Date(2026, 7, 2, 5, 29, 59, 0, time.UTC) // 06:29:59 in London
	starts(1)
	b.now = time.Date(2026, 7, 2, 5, 30, 1, 0, time.UTC)
	starts(2)
	starts(2)
	b.now = b.now.AddDate(0, 1, 0)
	starts(3)
	starts(3)
	if _, err := b.etl.Run(t.Context(), "force_return", etl.Options{File: b.write(t, "x.csv", april), DryRun: true}); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.AddDate(0, 1, 0)
	b.cfg.ETL.CatchUp = false
	b.etl = b.over(b.conn)
	starts(4)
	b.cfg.ETL.CatchUp = true
	b.etl = b.over(b.conn)
	starts(5)
}

// TestShuttingDown: a run under way is let finish within the grace time, and
// is stopped cleanly after it.
func TestShuttingDown(t *testing.T) {
	for name, tt := range map[string]struct {
		grace   time.Duration
		outcome stats.Outcome
	}{"it may finish": {time.Hour, stats.Published}, "its time is up": {0, stats.Interrupted}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cfg.ETL.Grace = config.Duration(tt.grace)
			b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
			b.cfg.ETL.Sources[2].From = b.write(t, "return.csv", april)
			ctx, stop := context.WithCancel(t.Context())
			// The run ends the program by itself, in the middle.
			e := etl.New(b.cfg, stopping{b.conn, stop, tt.grace == 0}, b.reader, quiet, b.tick)
			b.ask(t, stats.Request{ID: "1", Kind: stats.RunRequest, Source: "force_return", Who: who})
			if err := e.Schedule(ctx); err != nil {
				t.Fatal(err)
			}
			a := b.answer(t, "1")
			run, err := b.reader.Run(t.Context(), a.Runs[0])
			if err != nil || run.Outcome != tt.outcome {
				t.Errorf("%s, %q, %v; want %s", run.Outcome, run.Problem, err, tt.outcome)
			}
			want := []string{marchServed}
			if tt.outcome == stats.Published {
				want = append(want, aprilServed)
			}
			b.serves(t, want...)
			b.clean(t)
		})
	}
}
