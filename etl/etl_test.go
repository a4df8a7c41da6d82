package etl_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl"
	"stalkstats/internal/stats"
)

const (
	march = "E23000026,2024-03,stalking_charges,,,5,,"
	april = "E23000026,2024-04,stalking_charges,,,6,,"

	marchServed = "E23000026 Mar 2024 stalking_charges 5"
	aprilServed = "E23000026 Apr 2024 stalking_charges 6"
)

// TestPublishedThenUnchanged: the reference data is loaded first without being
// asked for, and the same bytes are not loaded twice, whatever their name.
func TestPublishedThenUnchanged(t *testing.T) {
	b := newBench(t)
	run := b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	if run.Read != 1 || run.Loaded != 1 || run.ReleaseID != run.ID || len(run.SHA256) != 64 || run.File != "a.csv" {
		t.Errorf("run %+v", run)
	}
	again := b.must(t, "force_return", b.write(t, "b.csv", march), stats.Unchanged)
	if again.Read != 0 || again.ReleaseID != "" || again.SHA256 != run.SHA256 {
		t.Errorf("run %+v", again)
	}
	b.must(t, "areas", "", stats.Unchanged)
	b.serves(t, marchServed)
	b.clean(t)
	kept, err := os.ReadFile(filepath.Join(b.cfg.SnapshotDir(), run.SHA256))
	if err != nil || string(kept) != header+march+"\n" {
		t.Errorf("the file is kept as %q, %v", kept, err)
	}
}

// TestARevisionReplacesItsSliceOnly: what comes again replaces what was there
// and nothing else, and a former file sent again is a new release.
func TestARevisionReplacesItsSliceOnly(t *testing.T) {
	b := newBench(t)
	first := b.must(t, "force_return", b.write(t, "a.csv", march, april), stats.Published)
	b.must(t, "force_return", b.write(t, "b.csv", "E23000026,2024-04,stalking_charges,,,60,,", "E23000026,2024-04,stalking_arrests,,,9,,"), stats.Published)
	b.serves(t, marchServed, "E23000026 Apr 2024 stalking_charges 60", "E23000026 Apr 2024 stalking_arrests 9")
	firstAt := published(t, b, first)
	if diff := cmp.Diff([]string{aprilServed, marchServed}, b.served(t, firstAt)); diff != "" {
		t.Errorf("as at the first release (-want +got):\n%s", diff)
	}
	if got := b.served(t, firstAt.Add(-time.Microsecond)); got != nil {
		t.Errorf("before the first release: %v", got)
	}
	b.must(t, "force_return", filepath.Join(b.cfg.DataDir, "b.csv"), stats.Unchanged)
	b.must(t, "force_return", filepath.Join(b.cfg.DataDir, "a.csv"), stats.Published)
	b.serves(t, marchServed, aprilServed, "E23000026 Apr 2024 stalking_arrests 9")
	b.clean(t)
}

// TestARefusedFileChangesNothing: the former release is served, no row of the
// refused one is left, and what was wrong is kept.
func TestARefusedFileChangesNothing(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	for name, tt := range map[string]struct {
		lines   []string
		outcome stats.Outcome
		problem string
	}{
		"one bad row": {[]string{"E23000026,2024-03,stalking_charges,,,9,,", "E23000026,2024-04,stalking_charges,,,six,,"}, stats.RejectedRun,
			`bad.csv, row 3, column "value", "six": not a whole number: write the count in digits, or leave the cell empty and give a marker`},
		"three bad rows": {[]string{"E23000026,2024-03,stalking_charges,,,9,,", "Luton,2024-04,stalking_charges,,,6,,", "E23000026,2024-04,charges,,,6,,", "E23000026,2024-04,charge_rate,,,6,,"}, stats.RejectedRun,
			`bad.csv, row 3, column "area_code", "Luton": no area has this code: use the ONS code of a police force area, such as E23000026 (and 2 more rows)`},
		"the whole row": {[]string{"K04000001,2024-03,stalking_charges,,,9,,"}, stats.RejectedRun,
			`bad.csv, row 2, column "area_code", "K04000001": figures of England and Wales are added up from the forces and cannot be loaded`},
		"a quote never closed": {[]string{"E23000026,2024-03,stalking_charges,,,9,,", `E23000026,2024-04,stalking_charges,,,6,,"`}, stats.RejectedRun,
			`bad.csv, row 3, column H: the quote that opens this cell on line 3 is never closed; put the whole cell in quotes and write each quote inside it twice ("")`},
	} {
		t.Run(name, func(t *testing.T) {
			run := b.must(t, "force_return", b.write(t, "bad.csv", tt.lines...), tt.outcome)
			if run.Problem != tt.problem || run.ReleaseID != "" {
				t.Errorf("release %q, problem\n%s\nwant\n%s", run.ReleaseID, run.Problem, tt.problem)
			}
			kept, err := b.reader.Rejections(t.Context(), run.ID)
			if err != nil || uint64(len(kept)) != run.Rejected {
				t.Errorf("%d rejected rows are kept of %d, %v", len(kept), run.Rejected, err)
			}
			b.serves(t, marchServed)
			b.clean(t)
		})
	}
}

func TestFilesThatCannotBeFetched(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	missing := filepath.Join(b.cfg.DataDir, "none.csv")
	for file, says := range map[string]string{
		missing:                              missing + " is not there: check the name and the folder",
		b.cfg.DataDir:                        b.cfg.DataDir + " is not a file: name a file",
		filepath.Join(missing, "x.csv"):      "is not there: check the name and the folder",
		b.cfg.DataDir + "/a.csv/x.csv":       "is not there: check the name and the folder",
		"builtin:../areas.csv":               `there is no reference data "../areas.csv" in the program: there are areas.csv, measures.csv and series_breaks.csv`,
		"builtin:/etc/passwd":                `there is no reference data "/etc/passwd" in the program`,
		filepath.Join(b.cfg.DataDir, "\x00"): "invalid argument",
	} {
		run := b.must(t, "force_return", file, stats.Failed)
		if !strings.Contains(run.Problem, says) {
			t.Errorf("%q: problem %q, want %q", file, run.Problem, says)
		}
	}
	b.serves(t, marchServed)
	b.clean(t)
}

// TestRejectLimit: up to the share that the source allows, the good rows are
// published and the bad ones kept; beyond it nothing is.
func TestRejectLimit(t *testing.T) {
	b := newBench(t)
	bad := "E23000026,2024-05,stalking_charges,,,x,,"
	run := b.must(t, "lenient", b.write(t, "half.csv", march, bad), stats.Published)
	if run.Read != 2 || run.Loaded != 1 || run.Rejected != 1 {
		t.Errorf("run %+v", run)
	}
	b.must(t, "lenient", b.write(t, "most.csv", april, bad, bad), stats.RejectedRun)
	all := b.must(t, "lenient", b.write(t, "all.csv", bad), stats.RejectedRun)
	if !strings.Contains(all.Problem, "all.csv, row 2") {
		t.Errorf("problem %q", all.Problem)
	}
	b.serves(t, marchServed)
	b.clean(t)
}

func TestNothingOfTheFileBelongsToTheSource(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, b.cfg.ETL.Sources[2])
	b.cfg.ETL.Sources[4].Name, b.cfg.ETL.Sources[4].Parser = "crime", "home_office_recorded_crime"
	b.etl = b.over(b.conn)
	path := filepath.Join(b.cfg.DataDir, "theft.csv")
	if err := os.WriteFile(path, []byte("Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences\n2017/18,1,Kent,Theft,,,99,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := b.must(t, "crime", path, stats.RejectedRun)
	if run.Excluded != 1 || run.Problem != "no row of the file belongs to this source: check that it is the right file" {
		t.Errorf("run %+v", run)
	}
	b.clean(t)
}

// TestTwoRunsAtOnce: while a run reads its file, which hangs until the end of
// the second, the second of the same source is skipped and another source runs.
func TestTwoRunsAtOnce(t *testing.T) {
	b := newBench(t)
	b.must(t, "areas", "", stats.Published)
	b.must(t, "measures", "", stats.Published)
	path := b.write(t, "long.csv", strings.Repeat("Luton,2024-03,stalking_charges,,,5,,\n", 10_000)+march)
	reached, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan stats.Run, 1)
	slow := b.over(b.conn)
	go func() {
		runs, err := slow.Run(context.Background(), "force_return", etl.Options{File: path, Progress: func(etl.Progress) {
			close(reached)
			<-goOn
		}})
		if err != nil {
			t.Error(err)
		}
		ended <- runs[0]
	}()
	<-reached
	second := b.run(t, "force_return", path)
	if second.Outcome != stats.Skipped || second.Problem != "the source was still running: wait for that run to end" {
		t.Errorf("the second run: %s, %s", second.Outcome, second.Problem)
	}
	b.must(t, "lenient", b.write(t, "other.csv", april), stats.Published)
	if err := b.etl.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if first := <-ended; first.Outcome != stats.RejectedRun || first.Rejected != 10_000 {
		t.Errorf("the first run: %s, %d rejected", first.Outcome, first.Rejected)
	}
	b.serves(t, aprilServed)
	b.clean(t)
}

// TestTheClockGoesBack: the last publication is the one that is served, and
// its run has an end.
func TestTheClockGoesBack(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	b.now = b.now.Add(-48 * time.Hour)
	b.must(t, "force_return", b.write(t, "b.csv", "E23000026,2024-03,stalking_charges,,,50,,"), stats.Published)
	b.serves(t, "E23000026 Mar 2024 stalking_charges 50")
	slow := b.over(b.conn)
	path := b.write(t, "c.csv", strings.Repeat("Luton,2024-03,stalking_charges,,,5,,\n", 10_000)+march)
	run := only(t, "force_return")(slow.Run(t.Context(), "force_return", etl.Options{File: path, Progress: func(etl.Progress) { b.now = b.now.Add(-time.Hour) }}))
	if run.Outcome != stats.RejectedRun || run.EndedAt.Before(run.StartedAt) {
		t.Errorf("%+v", run)
	}
	b.clean(t)
}

// TestStoppedInTheMiddle: a run whose process is told to end leaves nothing
// and says so.
func TestStoppedInTheMiddle(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	ctx, stop := context.WithCancel(t.Context())
	path := b.write(t, "long.csv", strings.Repeat("Luton,2024-03,stalking_charges,,,5,,\n", 10_000)+april+"\n"+april)
	run := only(t, "force_return")(b.etl.Run(ctx, "force_return", etl.Options{File: path, Progress: func(etl.Progress) { stop() }}))
	if run.Outcome != stats.Interrupted || run.Problem != "the run was stopped; nothing of it is shown: run the source again" {
		t.Errorf("%s, %q", run.Outcome, run.Problem)
	}
	b.serves(t, marchServed)
	b.clean(t)
}

func TestSourceThatIsNotConfigured(t *testing.T) {
	b := newBench(t)
	if _, err := b.etl.Run(t.Context(), "spo_returns", etl.Options{}); err == nil || err.Error() != "no source \"spo_returns\" is configured: `stalkstats etl list` shows them" {
		t.Errorf("error %v", err)
	}
}

// TestStart loads what never loaded, in order, and a source that fails does
// not keep the others from it.
func TestStart(t *testing.T) {
	b := newBench(t)
	b.write(t, "lenient.csv", march)
	left := filepath.Join(b.cfg.SnapshotDir(), "incoming-force_return-1")
	if err := errors.Join(os.MkdirAll(b.cfg.SnapshotDir(), 0o700), os.WriteFile(left, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.etl.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for source, want := range map[string][]stats.Outcome{
		"areas": {stats.Published}, "measures": {stats.Published}, "lenient": {stats.Published}, "force_return": {stats.Failed, stats.Failed},
	} {
		runs, err := b.reader.Runs(t.Context(), source, 10)
		var got []stats.Outcome
		for _, run := range runs {
			got = append(got, run.Outcome)
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", source, err, diff)
		}
	}
	b.serves(t, marchServed)
	b.clean(t)
}

// TestScheduleEnds: with its context, and with nothing due.
func TestScheduleEnds(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources[2].Schedule = "0 7 * * *"
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.over(b.conn).Schedule(ctx) }()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	b.cfg.ETL.Sources[2].Schedule = "7 o'clock"
	if err := b.over(b.conn).Schedule(t.Context()); err == nil || !strings.Contains(err.Error(), "schedule force_return") {
		t.Errorf("error %v", err)
	}
}

// TestFullDisk keeps the files on a file system of 64 KB.
func TestFullDisk(t *testing.T) {
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	dir := b.cfg.SnapshotDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); errors.Is(err, syscall.EPERM) {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must be able to mount a small file system")
		}
		t.Log("this user may not mount: only the limit on the size of files is tried, in etl/source")
		return
	} else if err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	path := b.write(t, "long.csv", strings.Repeat(april+"\n", 10_000))
	run := b.must(t, "force_return", path, stats.Failed)
	if want := "keep " + path + ": the disk of " + dir + " is full: free some room and run again"; run.Problem != want {
		t.Errorf("problem %q, want %q", run.Problem, want)
	}
	b.serves(t, marchServed)
	b.clean(t)
}

func published(t *testing.T, b *bench, run stats.Run) time.Time {
	t.Helper()
	release, err := b.reader.Release(t.Context(), run.ReleaseID)
	if err != nil {
		t.Fatal(err)
	}
	return release.PublishedAt
}
