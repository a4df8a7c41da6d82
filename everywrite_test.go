package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"stalkstats/etl"
	"stalkstats/internal/stats"
)

// An answer is what whoever asked for a run of a file is told.
type answer struct{ Outcome, Problem, Error string }

// obey takes one line at a time: the path of a file to load, or nothing to look
// at what is served. It answers each with a line of JSON.
func obey(configFile string) {
	lines, answers := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	err := work(configFile, func(p pipeline) error {
		for lines.Scan() {
			var said any
			if path := lines.Text(); path == "" {
				var r remains
				if err := r.look(p); err != nil {
					r.Error = err.Error()
				}
				said = r
			} else {
				said = load(p, path)
			}
			if err := answers.Encode(said); err != nil {
				return err
			}
		}
		return lines.Err()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func load(p pipeline, path string) (told answer) {
	runs, err := p.etl.Run(context.Background(), "published_force_figures", etl.Options{File: path})
	if err != nil {
		told.Error = err.Error()
	}
	for _, run := range runs {
		told.Outcome, told.Problem = string(run.Outcome), run.Problem
	}
	return told
}

// An obeyer is a process that obeys, over a disk that may fail.
type obeyer struct {
	disk  *failingDisk
	lines io.Writer
	said  *bufio.Reader
}

func newObeyer(t *testing.T, conf string) *obeyer {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	here, there := os.NewFile(uintptr(pair[0]), "here"), os.NewFile(uintptr(pair[1]), "there")
	defer here.Close()
	cmd := program(t, roleWatched, conf)
	cmd.ExtraFiles, cmd.Stderr = []*os.File{there}, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Cancel = func() error { return errors.Join(in.Close(), os.ErrProcessDone) } // it ends by itself
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	there.Close()
	o := &obeyer{disk: &failingDisk{dir: filepath.Join(filepath.Dir(conf), "data")}, lines: in, said: bufio.NewReader(out)}
	o.disk.watch(t, here)
	t.Cleanup(func() { // before the end of the watch is waited for
		if err := cmd.Wait(); err != nil {
			t.Errorf("the process ends with %v", err)
		}
	})
	return o
}

func (o *obeyer) ask(t *testing.T, line string, into any) {
	t.Helper()
	if _, err := fmt.Fprintln(o.lines, line); err != nil {
		t.Fatal(err)
	}
	text, err := o.said.ReadString('\n')
	if err != nil || json.Unmarshal([]byte(text), into) != nil {
		t.Fatalf("the process says %q, %v", text, err)
	}
}

func (o *obeyer) load(t *testing.T, path string) (told answer) {
	t.Helper()
	o.ask(t, path, &told)
	return told
}

func (o *obeyer) look(t *testing.T) (r remains) {
	t.Helper()
	if o.ask(t, "", &r); r.Error != "" {
		t.Fatalf("what is served cannot be looked at: %s", r.Error)
	}
	return r
}

// TestTheDiskIsFullAtEveryWrite loads new editions of a file with the disk full
// at the first call that needs room on it, at the second, and so on until a
// load needs no more. In one pass there is room again at once, as where another
// program had taken it for a moment; in the other the disk stays full until the
// run has ended, and the run takes some seconds to give up clearing. Every call
// is tried with STALKSTATS_EVERY_WRITE=1 (make full-disk), else every n-th from
// one taken at random.
func TestTheDiskIsFullAtEveryWrite(t *testing.T) {
	t.Parallel()
	areas := builtinAreas(t)
	for name, c := range map[string]struct {
		stays bool
		step  int
	}{"for a moment": {false, 8}, "until the run ends": {true, 34}} {
		if os.Getenv("STALKSTATS_EVERY_WRITE") != "" {
			c.step = 1
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			conf := configFile(t, dir)
			first, _ := edition(t, dir, 1, 3, areas)
			firstLoads(t, conf, first)
			o := newObeyer(t, conf)
			edited := 1
			said := map[string]int{}
			for n := 1 + rand.IntN(c.step); ; n += c.step {
				edited++
				next, figures := edition(t, dir, edited, 3, areas)
				failed := o.full(t, func() { o.disk.fail(n, c.stays) }, next, strconv.Itoa(edited), figures, said)
				if t.Failed() {
					t.Fatalf("the disk was full at call %d, %s", n, failed)
				}
				if err := os.Remove(next); err != nil {
					t.Fatal(err)
				}
				if failed == "" {
					if n < 40 {
						t.Errorf("a load needs room only %d times", n)
					}
					t.Logf("a load needs room fewer than %d times; told: %v", n, said)
					return
				}
			}
		})
	}
}

// The engine takes a write that the disk refused for one that was made, and the
// rows of the insert that publishes can be read all the same until they are taken
// out. A run that saw them took itself for published.
func TestTheDiskIsFullWhilePublishing(t *testing.T) {
	t.Parallel()
	areas := builtinAreas(t)
	dir := t.TempDir()
	conf := configFile(t, dir)
	first, _ := edition(t, dir, 1, 3, areas)
	firstLoads(t, conf, first)
	o := newObeyer(t, conf)
	table := o.look(t).Table
	for i, file := range []string{"checksums.txt", "count.txt", "columns.txt"} {
		next, figures := edition(t, dir, i+2, 3, areas)
		files := regexp.MustCompile(regexp.QuoteMeta(filepath.Base(table)) + "/tmp_insert_[^/]*/" + regexp.QuoteMeta(file))
		said := map[string]int{}
		failed := o.full(t, func() { o.disk.failFrom(files) }, next, strconv.Itoa(i+2), figures, said)
		if failed == "" {
			t.Errorf("%s of the publication was not written: %v", file, said)
		}
	}
}

// full loads an edition while the disk becomes full, and again with room, and
// says at which call that was; nothing where the load came to none.
func (o *obeyer) full(t *testing.T, fail func(), path, edition string, figures int, said map[string]int) (failed string) {
	t.Helper()
	before := o.look(t)
	fail()
	told := o.load(t, path)
	failed = o.disk.mended()
	after := o.look(t)
	said[told.Outcome+" "+told.Error+" "+told.Problem]++
	isNext := after.Editions[edition] == figures
	words := told.Error
	if words == "" && told.Outcome == string(stats.Failed) {
		words = told.Problem
	}
	published := told.Error == "" && told.Outcome == string(stats.Published)
	switch {
	case strings.Contains(words, "\n") || words != "" && !strings.Contains(words, "full") || strings.Contains(words, "Code") || strings.Contains(words, "errno"):
		t.Errorf("it says %q", words)
	case words == "" && !published:
		t.Errorf("it says nothing of a run that did not publish: %+v", told)
	case !isNext && after.Served != before.Served:
		t.Errorf("other figures are served than before: %+v", after)
	case published != isNext && words == "":
		t.Errorf("it says %+v, and the new edition is served: %v", told, isNext)
	case after.Newest.ID == before.Newest.ID && told.Error == "":
		t.Errorf("no run is recorded of %+v", told)
	case after.Newest.ID != before.Newest.ID && isNext != (after.Newest.Outcome == stats.Published):
		t.Errorf("the run is recorded as %+v; the new edition is served: %v", after.Newest, isNext)
	}
	o.whole(t, after, figures)
	if again := o.load(t, path); again.Error != "" || again.Outcome != string(stats.Published) && again.Outcome != string(stats.Unchanged) {
		t.Errorf("with room again: %+v", again)
	}
	mended := o.look(t)
	if o.whole(t, mended, figures); mended.Editions[edition] != figures {
		t.Errorf("with room again there are served %+v", mended)
	}
	return failed
}

func (o *obeyer) whole(t *testing.T, r remains, figures int) {
	t.Helper()
	if r.Figures != figures || len(r.Editions) != 1 || r.Areas != 43 || r.Twice > 0 || r.Unended > 0 || r.Left > 0 || r.Files > 0 {
		t.Errorf("there are %+v, want %d figures of one edition", r, figures)
	}
}
