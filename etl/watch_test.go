package etl_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestWatchTellsOnce posts to a real server when a source fails, not again
// while it goes on failing, and when it is well again; and when it is late,
// though every day's run went well: nobody has put a newer file there.
func TestWatchTellsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	told := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var message struct{ Text string }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			t.Error(err)
		}
		told <- message.Text
	}))
	defer server.Close()
	b.cfg.Alerts = config.Alerts{Pages: "https://stalkstats.example/", Webhook: config.Webhook{Format: "slack", URL: server.URL}}
	b.cfg.ETL.Sources[2].Title = "the monthly return"
	b.cfg.ETL.Sources[2].FreshWithin = config.Duration(30 * 24 * time.Hour)
	b.etl = b.over(b.conn)
	// sent listens for what was told being recorded as told: a process that ends
	// before that tells it again.
	sent := hear("alert sent", "alert")
	wants := func(parts ...string) {
		t.Helper()
		select {
		case text := <-told:
			for _, part := range parts {
				if !strings.Contains(text, part) {
					t.Errorf("told %q, want %q in it", text, part)
				}
			}
		case <-time.After(time.Minute):
			t.Fatalf("nothing was told; want %q", parts)
		}
		sent.wait(t, "")
	}
	watching := func(do func(e *etl.ETL)) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		e := b.logging(b.conn, slog.New(sent))
		go func() { ended <- e.Watch(ctx) }()
		do(e)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	run := func(e *etl.ETL, want stats.Outcome) {
		t.Helper()
		if run := only(t, "force_return")(e.Run(t.Context(), "force_return", etl.Options{})); run.Outcome != want {
			t.Errorf("%s, %s; want %s", run.Outcome, run.Problem, want)
		}
	}
	path := b.cfg.DataDir + "/return.csv"
	watching(func(e *etl.ETL) {
		run(e, stats.Failed)
		wants("the monthly return failed", path+" is not there", "https://stalkstats.example/data/sources/force_return")
		run(e, stats.Failed)
		b.write(t, "return.csv", "Luton,2024-03,stalking_charges,,,5,,")
		run(e, stats.RejectedRun)
		wants("the monthly return was refused", "no area has this code")
	})
	// Another process goes on where the first ended.
	watching(func(e *etl.ETL) {
		run(e, stats.RejectedRun)
		b.write(t, "return.csv", march)
		run(e, stats.Published)
		wants("the monthly return is well again")
	})
	for range 31 {
		b.now = b.now.AddDate(0, 0, 1)
		run(b.etl, stats.Unchanged)
	}
	watching(func(e *etl.ETL) {
		wants("the monthly return is late", "The newest file was fetched 31 days ago; no more than 30 days is expected")
		b.write(t, "return.csv", march, "E23000026,2024-04,stalking_charges,,,11,,")
		run(e, stats.Published)
		wants("the monthly return is well again")
	})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if len(told) > 0 {
		t.Errorf("more was told: %q", <-told)
	}
}
