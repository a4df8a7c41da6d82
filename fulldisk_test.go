package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// smallDisk mounts a file system of a size over a folder. It answers false, in
// words, where this user may not mount; CI must be able to.
func smallDisk(t *testing.T, dir, size string) bool {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must be able to mount a small file system")
		}
		t.Log("this user may not mount: the full disk is tried only in etl/source, by the limit on the size of files")
		return false
	}
	if err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return true
}

// fill leaves so many bytes free in a folder's file system until clear.
func fill(t *testing.T, dir string, free int64) (clear func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var there syscall.Statfs_t
	if err := syscall.Statfs(dir, &there); err != nil {
		t.Fatal(err)
	}
	if size := int64(there.Bavail)*there.Bsize - free; size > 0 {
		if err := syscall.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
			t.Fatalf("fill %d bytes: %v", size, err)
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// keptFree is the room that the engine leaves, in kilobytes.
const keptFree = 64 << 10

// TestTheDiskFillsUp loads new editions of a file over a disk that is really
// full, each by a program of its own: when the engine starts, when the file is
// kept, where the engine keeps its last room free. Each time one sentence says
// so, one edition is served whole, and with room again the next run publishes.
// TestTheDiskIsFullAtEveryWrite goes through the writes one by one.
func TestTheDiskFillsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	conf := configFile(t, dir)
	if !smallDisk(t, filepath.Join(dir, "data"), "256m") {
		return
	}
	p := newPipeline(t)
	p.run(t, "areas", "")
	areas, err := p.reader.Areas(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	one, figures := edition(t, dir, 1, 100, areas)
	two, _ := edition(t, dir, 2, 100, areas)
	firstLoads(t, conf, one)
	served, next := "1", two
	sentences, interrupted, late := map[string]bool{}, 0, false
	for _, kilobytes := range []int64{0, 64, keptFree + 1200, keptFree + 8000} {
		clear := fill(t, filepath.Join(dir, "data"), kilobytes<<10)
		cmd := program(t, roleProgram, "etl", "run", "published_force_figures", "--config", conf, "--file", next)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		failed := cmd.Run()
		clear()
		said := sentenceOf(t, errs.String())
		t.Logf("%d KB: %v: %s", kilobytes, failed, said)
		if failed != nil {
			sentences[said] = true
			if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said, "full") || strings.Contains(said, "Code") || strings.Contains(said, "errno") {
				t.Errorf("with %d KB: status %d: %s", kilobytes, cmd.ProcessState.ExitCode(), said)
			}
		}
		got := remain(t, conf)
		whole := got.Figures == figures && len(got.Editions) == 1 && got.Areas == 43
		isNext := got.Editions[other(served)] == figures
		if got.Error != "" || !whole || failed == nil && !isNext || got.Twice > 0 || got.Unended > 0 || got.Left > 0 || got.Files > 0 {
			t.Fatalf("with %d KB: %+v, want %d figures of one edition", kilobytes, got, figures)
		}
		if failed != nil {
			firstLoads(t, conf, next)
			interrupted, late = got.Ended[string(stats.Interrupted)], late || isNext
		}
		served = other(served)
		next = map[string]string{"1": two, "2": one}[served]
	}
	if interrupted < 1 {
		t.Errorf("%d runs were interrupted: the disk is not full in the middle of one", interrupted)
	}
	t.Logf("%d runs were interrupted; one published and could not record its end: %v; said: %v", interrupted, late, slices.Sorted(maps.Keys(sentences)))
}

func other(edition string) string { return map[string]string{"1": "2", "2": "1"}[edition] }

// sentenceOf is the one sentence that a command ends with. What the log says before is
// only that nobody can look up who gave the command.
func sentenceOf(t *testing.T, said string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(said, "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !strings.Contains(line, `level=ERROR msg="act not recorded"`) || !strings.HasSuffix(line, `the disk is full: free some room in the data directory and run again"`) {
			t.Errorf("it says too: %s", line)
		}
	}
	return lines[len(lines)-1]
}
