package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/stats"
)

// TestScheduledRunKeepsWhatAPersonLoaded: a newer file, loaded by hand, stays
// when the scheduler comes by the older configured one; a person may go back.
func TestScheduledRunKeepsWhatAPersonLoaded(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "home_office_recorded_crime", "")
	text, err := os.ReadFile("sample/home_office_recorded_crime.csv")
	if err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(t.TempDir(), "newer.csv")
	// Bedfordshire's 8Q of the first quarter is revised from 12 to 14.
	text = bytes.Replace(text, []byte("Stalking,Violence against the person,Stalking and harassment,8Q, 12 "), []byte("Stalking,Violence against the person,Stalking and harassment,8Q, 14 "), 1)
	if err := os.WriteFile(newer, text, 0o600); err != nil {
		t.Fatal(err)
	}
	bedfordshire := query.Filter{Measures: []string{"stalking_recorded"}, Areas: []string{"E23000026"}}
	if run := p.run(t, "home_office_recorded_crime", newer); run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
	runs, err := p.etl.Run(context.Background(), "home_office_recorded_crime", etl.Options{OnlyNew: true})
	if err != nil || len(runs) != 1 || runs[0].Outcome != stats.Unchanged {
		t.Errorf("the scheduled run: %+v, error %v", runs, err)
	}
	if got := p.figures(t, bedfordshire)[0].Value.Number; got != 14 {
		t.Errorf("after the scheduled run the first quarter is %v, want 14", got)
	}
	if run := p.run(t, "home_office_recorded_crime", ""); run.Outcome != stats.Published {
		t.Errorf("going back by hand: %+v", run)
	}
	if got := p.figures(t, bedfordshire)[0].Value.Number; got != 12 {
		t.Errorf("after going back the first quarter is %v, want 12", got)
	}
}

// ended hands on the source of each run that the log says has ended.
type ended struct {
	slog.Handler
	sources chan string
}

// Handle implements slog.Handler.
func (h ended) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "run ended" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "source" {
				select {
				case h.sources <- a.Value.String():
				default: // nobody waits for more
				}
			}
			return a.Key != "source"
		})
	}
	return nil
}

// TestScheduleRunsSources: the scheduler runs a source at its time, and comes
// back when its context ends.
func TestScheduleRunsSources(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	for i := range p.cfg.ETL.Sources {
		p.cfg.ETL.Sources[i].Schedule = ""
		if p.cfg.ETL.Sources[i].Name == "series_breaks" {
			p.cfg.ETL.Sources[i].Schedule = "@every 1s"
		}
	}
	handler := ended{slog.Default().Handler(), make(chan string, 1)}
	scheduled := etl.New(p.cfg, p.conn, p.reader, slog.New(handler), time.Now)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- scheduled.Schedule(ctx) }()
	select {
	case source := <-handler.sources:
		if source != "series_breaks" {
			t.Errorf("%s was run", source)
		}
	case <-ctx.Done():
		t.Fatal("no source was run within a minute")
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Schedule() error %v", err)
	}
	runs, err := p.reader.Runs(context.Background(), "series_breaks", 10)
	if err != nil || len(runs) == 0 || runs[len(runs)-1].Outcome != stats.Published {
		t.Errorf("runs %+v, error %v", runs, err)
	}
}
