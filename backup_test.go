package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/backup"
	"stalkstats/internal/stats"
)

// backupHouse is a directory with two editions of many figures, of which one is served.
type backupHouse struct {
	dir, conf string
	editions  [2]string
	backups   string
}

func newBackupHouse(t *testing.T) *backupHouse {
	t.Helper()
	dir := t.TempDir()
	h := &backupHouse{dir: dir, conf: configFile(t, dir), backups: filepath.Join(dir, "backups")}
	if err := os.Mkdir(h.backups, 0o700); err != nil {
		t.Fatal(err)
	}
	areas := builtinAreas(t)
	for i := range h.editions {
		h.editions[i], _ = edition(t, dir, i+1, 1200, areas)
	}
	firstLoads(t, h.conf, h.editions[0])
	return h
}

// run runs the program, and gives what it wrote and its error.
func (h *backupHouse) run(t *testing.T, args ...string) (out, says string, err error) {
	t.Helper()
	cmd := program(t, roleProgram, append(args, "--config", h.conf)...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.String(), e.String(), err
}

func (h *backupHouse) must(t *testing.T, args ...string) string {
	t.Helper()
	out, says, err := h.run(t, args...)
	if err != nil {
		t.Fatalf("%q: %v: %s", args, err, says)
	}
	return out
}

// killed starts the program and kills it after a time. It answers false where it had ended
// by then.
func (h *backupHouse) killed(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	cmd := program(t, roleProgram, append(args, "--config", h.conf)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-time.After(after)
	_ = cmd.Process.Kill()
	return cmd.Wait() != nil
}

// objects is how many files backups consist of, those of a broken one too.
func (h *backupHouse) objects(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(h.backups, "objects", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// within is a moment in the last three quarters of a time: before, a program only starts.
func within(random *rand.Rand, took time.Duration) time.Duration {
	return took/4 + time.Duration(random.Int64N(int64(took)*3/4))
}

// left is the files in a folder whose writing was broken off.
func left(t *testing.T, dir string) (found []string) {
	t.Helper()
	for _, pattern := range []string{"*", "*/*", "*/*/*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasPrefix(filepath.Base(path), "incoming-") {
				found = append(found, path)
			}
		}
	}
	return found
}

// whole makes sure that every backup of the folder is, and says how many there are.
func (h *backupHouse) whole(t *testing.T, what string) int {
	t.Helper()
	all, err := backup.List(h.backups)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, k := range all {
		opened, err := backup.Open(filepath.Join(h.backups, "backups", k.Name))
		if err != nil {
			t.Fatalf("%s: %s is listed and cannot be opened: %v", what, k.Name, err)
		}
		if err := errors.Join(opened.Check(t.Context(), nil), opened.Close()); err != nil {
			t.Fatalf("%s: %s is listed and not whole: %v", what, k.Name, err)
		}
	}
	return len(all)
}

// restores restores the newest backup and wants it to show what the house shows.
func (h *backupHouse) restores(t *testing.T, name, want string) {
	t.Helper()
	dir := filepath.Join(h.dir, name)
	h.must(t, "restore", h.backups, "--data-dir", dir)
	if got := h.must(t, "report", "--data-dir", dir); got != want {
		t.Errorf("%s: the report differs: %d bytes, want %d", name, len(got), len(want))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

const (
	restoreEvery = 20 // an even number: after so many kills what is there is restored and compared whole
	manyKills    = 50 // of so many some must come in the middle
)

// TestKillBackup kills backups at random moments. What is listed is always whole; the next
// one clears up and gives every figure again.
func TestKillBackup(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	start := time.Now()
	h.must(t, "backup", h.backups, "--no-verify")
	took := time.Since(start)
	taken, unfinished, all := 1, 0, kills(t, 8)
	for n := range all {
		restored, kept := n%restoreEvery == restoreEvery-1, ""
		if n%2 == 0 { // all of it is to be written
			if err := errors.Join(os.RemoveAll(filepath.Join(h.backups, "objects")), os.RemoveAll(filepath.Join(h.backups, "backups"))); err != nil {
				t.Fatal(err)
			}
			taken = 0
		} else { // only what is new
			h.must(t, "backup", h.backups, "--no-verify")
			taken = h.whole(t, "after a good one")
			if restored {
				kept = h.must(t, "report")
			}
			firstLoads(t, h.conf, h.editions[(n/2+1)%2])
		}
		before, delay := h.objects(t), within(random, took)
		killed := h.killed(t, delay, "backup", h.backups, "--no-verify")
		there := h.whole(t, fmt.Sprintf("kill %d after %v (seed %d)", n, delay, seed))
		if there < taken || there > taken+1 || !killed && there != taken+1 {
			t.Fatalf("kill %d after %v: there were %d backups and are %d", n, delay, taken, there)
		}
		if there == taken && h.objects(t)+len(left(t, h.backups)) > before {
			unfinished++
		}
		if restored && there > taken {
			kept = h.must(t, "report")
		}
		if restored {
			h.restores(t, "new", kept)
		}
	}
	want := h.must(t, "report")
	var last struct {
		Outcome string
		Figures int
	}
	if err := json.Unmarshal([]byte(h.must(t, "backup", h.backups, "--json")), &last); err != nil || last.Outcome != string(stats.BackupGood) || last.Figures != 43*1200 {
		t.Errorf("the next one: %+v, %v", last, err)
	}
	if found := left(t, h.backups); len(found) > 0 {
		t.Errorf("the next one has left %q", found)
	}
	h.restores(t, "new", want)
	if all >= manyKills && unfinished == 0 {
		t.Error("no backup was broken off in the middle")
	}
	t.Logf("seed %d: a backup took %v; %d of %d were broken off in the middle", seed, took, unfinished, all)
}

// TestKillRestore kills restores at random moments. What is left is refused to everything
// but another restore, which gives every figure.
func TestKillRestore(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	want := h.must(t, "report")
	h.must(t, "backup", h.backups, "--no-verify")
	dir := filepath.Join(h.dir, "again")
	start := time.Now()
	h.must(t, "restore", h.backups, "--data-dir", dir)
	took := time.Since(start)
	if got := h.must(t, "report", "--data-dir", dir); got != want {
		t.Fatalf("the report differs: %d bytes, want %d", len(got), len(want))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	refused, all := 0, kills(t, 5)
	for n := range all {
		if n%restoreEvery == restoreEvery-1 {
			h.restores(t, "again", want) // also over what a broken one has left
		}
		delay := within(random, took)
		h.killed(t, delay, "restore", h.backups, "--data-dir", dir)
		got, says, err := h.run(t, "report", "--data-dir", dir)
		switch {
		case err == nil && got == want: // it had come to its end
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		case err != nil && strings.Contains(says, "run `stalkstats restore` again"):
			refused++
		case err != nil && strings.Contains(says, "nothing has been loaded into this data directory yet"): // it had not begun
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("kill %d after %v (seed %d): %v: %s", n, delay, seed, err, says)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		h.restores(t, "again", want)
	}
	if all >= manyKills && refused == 0 {
		t.Error("no restore was broken off in the middle")
	}
	t.Logf("seed %d: %d of %d were broken off in the middle; one took %v", seed, refused, all, took)
}

// TestBackupOntoAFullDisk: one sentence, no backup, and those that are there stay.
func TestBackupOntoAFullDisk(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	if err := os.Remove(h.backups); err != nil {
		t.Fatal(err)
	}
	if !smallDisk(t, h.backups, "16m") {
		return
	}
	h.must(t, "backup", h.backups, "--no-verify")
	firstLoads(t, h.conf, h.editions[1])
	want := h.must(t, "report")
	for _, free := range []int64{0, 1, 20, 100} {
		clear := fill(t, h.backups, free<<10)
		out, says, err := h.run(t, "backup", h.backups, "--no-verify")
		clear()
		if err == nil || !strings.Contains(says, "the disk of the folder of backups "+h.backups+" is full: free some room and run again") || strings.Count(says, "\n") != 1 || out != "" {
			t.Errorf("with %d kB: %v: %s%s", free, err, out, says)
		}
		if there := h.whole(t, "on a full disk"); there != 1 {
			t.Errorf("with %d kB: there are %d backups", free, there)
		}
	}
	h.must(t, "backup", h.backups)
	if found := left(t, h.backups); len(found) > 0 {
		t.Errorf("the next one has left %q", found)
	}
	h.restores(t, "new", want)
	small := filepath.Join(h.dir, "small")
	if smallDisk(t, small, "64m") {
		if _, says, err := h.run(t, "restore", h.backups, "--data-dir", filepath.Join(small, "data")); err == nil || !strings.Contains(says, "free and the restore needs about") || strings.Count(says, "\n") != 1 {
			t.Errorf("a restore onto a small disk: %v: %s", err, says)
		}
	}
}
