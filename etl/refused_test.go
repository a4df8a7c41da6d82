package etl_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestWhatDoesNotFitIsNotKept: an extract of records that is given to another
// source is refused at its heading, and nothing of it stays. A file whose rows
// were refused stays, because it can be read again with mended settings.
func TestWhatDoesNotFitIsNotKept(t *testing.T) {
	b := newBench(t)
	records := filepath.Join(b.cfg.DataDir, "records.csv")
	if err := os.WriteFile(records, []byte("record_id,arrest_date,offence,victim_name\n1,2024-03-01,Stalking,Zebulon Quix\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := b.run(t, "force_return", records)
	says := func(run stats.Run) bool {
		return slices.ContainsFunc(run.Log, func(l stats.LogLine) bool { return strings.Contains(l.Says, "was not kept") })
	}
	if run.Outcome != stats.RejectedRun || !says(run) {
		t.Errorf("%s: %s, %v", run.Outcome, run.Problem, run.Log)
	}
	if err := os.Remove(records); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadDir(b.cfg.SnapshotDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range kept {
		text, err := os.ReadFile(filepath.Join(b.cfg.SnapshotDir(), file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "Zebulon") {
			t.Errorf("%s holds what was refused", file.Name())
		}
	}
	if run := b.run(t, "force_return", b.write(t, "bad.csv", "Luton,2024-03,stalking_charges,,,5,,")); run.Outcome != stats.RejectedRun || says(run) {
		t.Errorf("%s: %s", run.Outcome, run.Problem)
	}
}

// stoppedOnceKept is a connection over which the program is told to end by the
// first question that is asked after a copy of a file was kept.
type stoppedOnceKept struct {
	driver.Conn
	copies string
	stop   context.CancelFunc
}

// QueryRow implements driver.Conn.
func (s stoppedOnceKept) QueryRow(ctx context.Context, sql string, args ...any) driver.Row {
	if kept, _ := os.ReadDir(s.copies); len(kept) > 0 {
		s.stop()
	}
	return s.Conn.QueryRow(ctx, sql, args...)
}

// TestTheCopyOfAnInterruptedRunGoes: a list of people is given to the source of
// a published table, and the run is stopped after the file was kept and before
// it was looked at. The run after that refuses the list, and takes the copy away
// that the one before it left.
func TestTheCopyOfAnInterruptedRunGoes(t *testing.T) {
	b := newBench(t)
	b.must(t, "areas", "", stats.Published)
	b.must(t, "measures", "", stats.Published)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime", From: "list.csv"})
	copies := b.cfg.SnapshotDir()
	if err := os.RemoveAll(copies); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.cfg.DataDir, "list.csv"), []byte("victim_name,date_of_birth\nZebulon Quix,1961-05-31\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := only(t, "crime")(b.over(stoppedOnceKept{b.conn, copies, stop}).Run(ctx, "crime", etl.Options{}))
	left := filepath.Join(copies, stopped.SHA256)
	if _, err := os.Stat(left); stopped.Outcome != stats.Interrupted || stopped.SHA256 == "" || err != nil {
		t.Fatalf("%s: the run is not stopped after its file was kept: %v", stopped.Outcome, err)
	}
	refused := only(t, "crime")(b.over(b.conn).Run(t.Context(), "crime", etl.Options{}))
	if _, err := os.Stat(left); refused.Outcome != stats.RejectedRun || refused.SHA256 != stopped.SHA256 || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s, %s: the copy is still there: %v", refused.Outcome, refused.Problem, err)
	}
}
