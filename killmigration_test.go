package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKillMigration kills a program that makes the tables, at random moments. The next one
// goes on where that ended, and what is then loaded is served whole.
func TestKillMigration(t *testing.T) {
	t.Parallel()
	areas := builtinAreas(t)
	h := &backupHouse{dir: t.TempDir()}
	h.conf = configFile(t, h.dir)
	path, figures := edition(t, h.dir, 1, 20, areas)
	start := time.Now()
	h.must(t, "migrate")
	took := time.Since(start)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	unfinished, all := 0, kills(t, 3)
	for n := range all {
		if err := os.RemoveAll(filepath.Join(h.dir, "data")); err != nil {
			t.Fatal(err)
		}
		delay := within(random, took)
		h.killed(t, delay, "migrate")
		if out := h.must(t, "migrate"); !strings.HasPrefix(out, "0 steps") {
			unfinished++
		}
		if out := h.must(t, "migrate"); !strings.HasPrefix(out, "0 steps") {
			t.Fatalf("kill %d after %v (seed %d): the tables are current and the program says %s", n, delay, seed, out)
		}
		firstLoads(t, h.conf, path)
		got := remain(t, h.conf)
		if got.Error != "" || got.Figures != figures || got.Editions["1"] != figures || got.Areas != 43 || got.Twice > 0 || got.Left > 0 {
			t.Fatalf("kill %d after %v (seed %d): %+v, want %d figures", n, delay, seed, got, figures)
		}
	}
	if all >= manyKills && unfinished == 0 {
		t.Error("no migration was broken off in the middle")
	}
	t.Logf("seed %d: %d of %d were broken off before the end; one took %v", seed, unfinished, all, took)
}
