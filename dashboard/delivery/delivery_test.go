package delivery_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard"
	"stalkstats/internal/stats"
)

func (b *bench) want(t *testing.T, rows, files []string) {
	t.Helper()
	if diff := cmp.Diff(rows, b.rows(t)); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(files, b.files(t)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestOnceForEachTime takes a report through three months: nothing comes before
// its time, one file at it, and none again however often is looked and whoever
// starts anew.
func TestOnceForEachTime(t *testing.T) {
	b := newBench(t)
	b.save(t, nil)
	b.save(t, func(r *stats.SavedReport) { r.ID, r.Name, r.Schedule, r.Place = "s2", "Only saved", "", "" })
	d := b.start(t)
	b.look(t, d, "2024-02-01 06:59")
	b.want(t, nil, nil)
	for range 3 {
		b.look(t, d, "2024-02-01 07:00")
		b.look(t, d, "2024-02-01 07:01")
		d = b.start(t)
	}
	const first = "Board report published 2024-01-10.zip"
	b.want(t, []string{"02-01 07:00 delivered: " + first}, []string{first})
	got := b.read(t, first)
	if csv := inside(t, got, "observations.csv"); !strings.Contains(csv, "stalking_charges,Stalking charges,E23000026,Bedfordshire,Jan 2023,2023-01-01,2023-01-31,,,20,") {
		t.Errorf("the figures are not as the published audience has them:\n%s", csv)
	}
	if readme := inside(t, got, "README.txt"); !strings.Contains(readme, "Filter audience: published") || !strings.Contains(readme, "Filter measure: stalking_charges") || !strings.Contains(readme, "Newest figure published: 2024-01-10T06:00:00Z") {
		t.Errorf("README:\n%s", readme)
	}
	sum := sha256.Sum256(got)
	r, err := b.store.SavedReport(t.Context(), "s1")
	due := time.Date(2024, time.February, 1, 7, 0, 0, 0, time.UTC)
	wantLast := stats.ReportDelivery{Report: "s1", Due: due, RecordedAt: due, Began: due, Place: stats.FolderPlace, Outcome: stats.Delivered, File: first, Rows: 2, Bytes: uint64(len(got)),
		SHA256: hex.EncodeToString(sum[:]), AsAt: time.Date(2024, time.January, 10, 6, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(wantLast, r.Last); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	wantSent := []stats.Download{{BeganAt: due, Channel: stats.ScheduleChannel, Report: "observations (zip)", Filters: "audience=published&measure=stalking_charges", Audience: dashboard.Published,
		Rows: 2, Bytes: uint64(len(got)), SHA256: wantLast.SHA256, Complete: true}}
	sent := b.downloads(t)
	for i := range sent {
		sent[i].ID = ""
	}
	if diff := cmp.Diff(wantSent, sent); diff != "" {
		t.Errorf("downloads (-want +got):\n%s", diff)
	}
	// The same figures are the same file; other ones are another.
	b.look(t, d, "2024-03-01 07:00")
	b.publish(t, "r2", "2024-03-20 06:00:00", 34)
	b.look(t, d, "2024-04-01 06:00") // 07:00 in London
	const second = "Board report published 2024-03-20.zip"
	b.want(t, []string{"02-01 07:00 delivered: " + first, "03-01 07:00 delivered: " + first, "04-01 06:00 delivered: " + second}, []string{first, second})
	if entries, err := os.ReadDir(b.o.Spool); err != nil || len(entries) != 0 {
		t.Errorf("the spool has %v, %v", entries, err)
	}
}

// TestMissed: what was missed while nothing ran is made up by one delivery.
func TestMissed(t *testing.T) {
	for name, tt := range map[string]struct {
		catchUp bool
		want    []string
	}{
		"made up": {true, []string{"04-01 06:00 delivered: Board report published 2024-01-10.zip", "05-01 06:00 delivered: Board report published 2024-01-10.zip"}},
		"left":    {false, []string{"05-01 06:00 delivered: Board report published 2024-01-10.zip"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.save(t, nil)
			b.o.CatchUp = tt.catchUp
			b.at(t, "2024-04-09 12:00")
			d := b.start(t)
			b.look(t, d, "2024-04-09 12:00")
			b.restart(t, "2024-04-09 12:05")
			b.look(t, d, "2024-05-01 06:00")
			if diff := cmp.Diff(tt.want, b.rows(t)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestKilledBeforeTheRecord: the file is there and its row is not. The next
// process finds the file, and adds the row alone; half a file is removed.
func TestKilledBeforeTheRecord(t *testing.T) {
	b := newBench(t)
	b.save(t, nil)
	killed := errors.New("killed")
	b.o.Store = lossy{b.store, func(stats.ReportDelivery) error { return killed }}
	d := b.start(t)
	b.at(t, "2024-02-01 07:00")
	if err := d.Look(t.Context()); !errors.Is(err, killed) {
		t.Errorf("error %v", err)
	}
	const file = "Board report published 2024-01-10.zip"
	b.want(t, nil, []string{file})
	before, err := os.Stat(filepath.Join(b.folder, file))
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(b.folder, ".stalkstats-HALF.part")
	if err := os.WriteFile(half, []byte("PK"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.o.Store = b.store
	b.restart(t, "2024-02-01 07:02")
	b.want(t, []string{"02-01 07:00 delivered: " + file}, []string{file})
	if after, err := os.Stat(filepath.Join(b.folder, file)); err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the file was written again: %v", err)
	}
}

// TestNamesOfFiles: whatever a report is called, its file stands in the folder, and
// no file of another is written over.
func TestNamesOfFiles(t *testing.T) {
	b := newBench(t)
	names := map[string]string{
		"../../../etc/passwd":         "etc passwd published 2024-01-10.zip",
		"/":                           "Report published 2024-01-10.zip",
		"..":                          "Report published 2024-01-10.zip",
		"-rf *":                       "rf published 2024-01-10.zip",
		`<b onclick="x">B</b>`:        "b onclick x B b published 2024-01-10.zip",
		"a\u202etxt.piz\u200f":        "a txt piz published 2024-01-10.zip",
		"C:\\CON\x00\r\n":             "C CON published 2024-01-10.zip",
		"Ymddygiad Ŵyr 2024":          "Ymddygiad Ŵyr 2024 published 2024-01-10.zip",
		strings.Repeat("ŵ", 80):       strings.Repeat("ŵ", 60) + " published 2024-01-10.zip",
		"\xff\xfe":                    "Report published 2024-01-10.zip",
		".stalkstats-x.part":          "stalkstats-x part published 2024-01-10.zip",
		"Stalking – charges & orders": "Stalking charges orders published 2024-01-10.zip",
	}
	var want []string
	for name, file := range names {
		b.save(t, func(r *stats.SavedReport) { r.ID, r.Name = name, name })
		want = append(want, file)
	}
	b.restart(t, "2024-02-01 07:00")
	slices.Sort(want)
	want = slices.Compact(want) // those of one name are of the same figures, and one file
	if diff := cmp.Diff(want, b.files(t)); diff != "" {
		t.Errorf("(-want +got):\n%s\n%q", diff, b.rows(t))
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(b.folder), "etc")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was written outside the folder: %v", err)
	}
}

// TestAnotherFileOfTheName is left as it is, also where it is a link to elsewhere.
func TestAnotherFileOfTheName(t *testing.T) {
	b := newBench(t)
	const file = "Board report published 2024-01-10.zip"
	theirs, elsewhere := filepath.Join(b.folder, file), filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(theirs, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(b.folder, "Board report published 2024-01-10 2.zip")); err != nil {
		t.Fatal(err)
	}
	b.save(t, nil)
	b.restart(t, "2024-02-01 07:00")
	if got := b.rows(t); len(got) != 1 || got[0] != "02-01 07:00 delivered: Board report published 2024-01-10 3.zip" {
		t.Errorf("%q", got)
	}
	if got := b.read(t, file); string(got) != "theirs" {
		t.Errorf("%q", got)
	}
	if _, err := os.Stat(elsewhere); !errors.Is(err, os.ErrNotExist) {
		t.Error("it was written through a link")
	}
}

// TestFailures are told in a sentence, wait for the next time or the next start,
// and keep no other report from being delivered.
func TestFailures(t *testing.T) {
	const good = "02-01 07:00 delivered: Other published 2024-01-10.zip"
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, b *bench)
		says  string
	}{
		"the folder is gone": {func(t *testing.T, b *bench) { b.o.Saving.Folder = filepath.Join(b.folder, "gone") },
			"The folder for reports is not there: it is reports.folder in the configuration, and is never made."},
		"the folder is a file": {func(t *testing.T, b *bench) {
			b.o.Saving.Folder = filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(b.o.Saving.Folder, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "The file could not be written to the folder for reports: the log says why."},
		"the disk is full": {func(t *testing.T, b *bench) { b.o.Saving.Folder = full(t) }, "The disk of the folder for reports is full."},
		"no folder is set": {func(_ *testing.T, b *bench) { b.o.Saving.Folder = "" }, "No folder for reports is set any more: reports.folder in the configuration is empty."},
		"the measure is gone": {func(t *testing.T, b *bench) {
			b.save(t, func(r *stats.SavedReport) { r.ID, r.Filters = "s0", "measure=none&audience=published" })
		}, `there is no measure "none": the page of measures lists them.`},
		"it panics": {func(_ *testing.T, b *bench) {
			b.o.Maker = failing{b.o.Maker, func(context.Context, string) error { panic("a fault") }}
		}, "The report could not be made: the log says why."},
		"it takes too long": {func(_ *testing.T, b *bench) {
			b.o.Longest = time.Millisecond
			b.o.Maker = failing{b.o.Maker, func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }}
		}, "It was not done after 1ms, and was given up: choose fewer measures, areas or periods."},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			mended := b.o
			tt.spoil(t, b)
			if name == "the disk is full" && b.o.Saving.Folder == "" {
				t.Log("this user may not mount a small file system")
				return
			}
			if name != "the measure is gone" {
				b.save(t, nil)
			}
			d := b.start(t)
			b.look(t, d, "2024-02-01 07:00")
			b.look(t, d, "2024-02-01 07:01") // it waits
			failed := "02-01 07:00 failed: " + tt.says
			if got := b.rows(t); len(got) != 1 || got[0] != failed {
				t.Fatalf("%q, want %q\n%s", got, failed, b.log)
			}
			// Once at the next start, and at the next time.
			b.restart(t, "2024-02-01 09:00")
			if got := b.rows(t); len(got) != 2 || got[1] != failed {
				t.Fatalf("%q", got)
			}
			b.look(t, d, "2024-03-01 07:00")
			if got := b.rows(t); len(got) != 3 || got[2] != "03-01 07:00 failed: "+tt.says {
				t.Fatalf("%q", got)
			}
			b.o = mended
			if name == "the measure is gone" {
				return
			}
			b.restart(t, "2024-03-01 09:00")
			if got := b.rows(t); len(got) != 4 || got[3] != "03-01 07:00 delivered: Board report published 2024-01-10.zip" {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("others", func(t *testing.T) {
		b := newBench(t)
		b.save(t, func(r *stats.SavedReport) { r.Filters = "measure=none" })
		b.save(t, func(r *stats.SavedReport) { r.ID, r.Name = "s2", "Other" })
		b.restart(t, "2024-02-01 07:00")
		if got := b.rows(t); len(got) != 2 || got[1] != good {
			t.Errorf("%q", got)
		}
	})
}

// TestRemoved: of a report that was removed nothing is delivered.
func TestRemoved(t *testing.T) {
	b := newBench(t)
	b.save(t, nil)
	if err := b.store.RemoveSavedReport(t.Context(), "s1", stats.TakenBack{At: saved, Who: "Bob", Why: "x"}); err != nil {
		t.Fatal(err)
	}
	b.restart(t, "2024-02-01 07:00")
	b.want(t, nil, nil)
}

// TestEnding: a delivery that the end of the program stops is no failure, and the
// next process makes it.
func TestEnding(t *testing.T) {
	b := newBench(t)
	b.save(t, nil)
	ctx, end := context.WithCancel(t.Context())
	whole := b.o.Maker
	b.o.Maker = failing{whole, func(ctx context.Context, _ string) error { end(); <-ctx.Done(); return ctx.Err() }}
	b.at(t, "2024-02-01 07:00")
	if err := b.start(t).Run(ctx); err != nil {
		t.Error(err)
	}
	b.want(t, nil, nil)
	b.o.Maker = whole
	b.restart(t, "2024-02-01 07:30")
	b.want(t, []string{"02-01 07:00 delivered: Board report published 2024-01-10.zip"}, []string{"Board report published 2024-01-10.zip"})
}

// TestAProcessWithoutTrueFigures never puts those of the published audience under
// the name of an internal report.
func TestAProcessWithoutTrueFigures(t *testing.T) {
	b := newBench(t)
	b.o.Maker = dashboard.NewArchiver(dashboard.Options{Reader: b.store, Audience: dashboard.Published, Home: "E23000026"})
	b.save(t, func(r *stats.SavedReport) { r.Audience, r.Filters = dashboard.Internal, "audience=internal" })
	b.restart(t, "2024-02-01 07:00")
	b.want(t, []string{"02-01 07:00 failed: These pages have figures for the published audience alone."}, nil)
}
