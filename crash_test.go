package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/etl/parse"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/embedded"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// The test binary is also the program itself, and the process that looks at
// what a killed one has left: an engine's directory can be open in one process
// at a time, and in a process one directory.
const (
	playRole     = "STALKSTATS_TEST_ROLE"
	roleProgram  = "program"  // the command line, as main runs it
	roleLooping  = "looping"  // loads the files given, again and again
	roleChecking = "checking" // checks the directory of the configuration given
	roleWatched  = "watched"  // lets the calls be watched that need room on the disk, and obeys
	roleGranted  = "granted"  // does what the rights of one user allow
	roleObeying  = "obeying"  // loads files and looks at what is served, as it is told
)

func init() {
	switch os.Getenv(playRole) {
	case roleProgram:
		main()
	case roleLooping:
		loadForever(os.Args[1], os.Args[2:])
	case roleChecking:
		if err := json.NewEncoder(os.Stdout).Encode(inspect(os.Args[1])); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case roleWatched:
		fmt.Fprintln(os.Stderr, beWatched(roleObeying)) // it comes back only with an error
		os.Exit(1)
	case roleObeying:
		obey(os.Args[1])
	case roleGranted:
		if err := beGranted(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// program is a process of the test binary in a role. It finds the engine's
// library where this one does, whatever its working folder.
func program(t testing.TB, role string, args ...string) *exec.Cmd {
	t.Helper()
	library, err := embedded.Locate("")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), playRole+"="+role, embedded.LibraryVariable+"="+library)
	return cmd
}

// loadForever ends with the process only.
func loadForever(configFile string, files []string) {
	err := work(configFile, func(p pipeline) error {
		for n := 0; ; n++ {
			start := time.Now()
			runs, err := p.etl.Run(context.Background(), "published_force_figures", etl.Options{File: files[n%len(files)]})
			if err != nil {
				return err
			}
			run := runs[0]
			fmt.Println(run.Outcome, time.Since(start).Microseconds(), run.Problem)
		}
	})
	fmt.Println("ended", err)
	os.Exit(1)
}

func work(configFile string, do func(pipeline) error) error {
	cfg, err := config.Load(configFile, os.LookupEnv, config.Known{Parsers: parse.Names()})
	if err != nil {
		return err
	}
	db, err := clickhouse.Open(context.Background(), clickhouse.Options{Dir: cfg.ClickHouseDir()})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := schemas.Apply(context.Background(), db); err != nil {
		return err
	}
	reader := query.New(db)
	return do(pipeline{cfg, db, etl.New(cfg, db, reader, slog.New(slog.DiscardHandler), time.Now), reader})
}

// A remains is what a killed process has left.
type remains struct {
	Error    string
	Figures  int            // that are served
	Editions map[string]int // how many figures tell that they are of an edition
	Areas    int
	Twice    int // figures that are served more than once
	Unended  int // runs without an end, after the next start
	Left     int // rows of releases that were not published, after the next start
	Files    int // half-fetched files, after the next start
	Ended    map[string]int
	Served   string    // the SHA-256 of all that is served of the figures
	Newest   stats.Run // without its log
	Table    string    // the folder of the table published
}

// inspect opens a directory after a kill: first what a reader would be shown,
// then what the next start makes of it.
func inspect(configFile string) (r remains) {
	if err := work(configFile, r.look); err != nil {
		r.Error = err.Error()
	}
	return r
}

func (r *remains) look(p pipeline) error {
	r.Editions, r.Ended = map[string]int{}, map[string]int{}
	seen, areas, sum := map[stats.Key]bool{}, map[string]bool{}, sha256.New()
	for f, err := range p.reader.Figures(context.Background(), query.Filter{Measures: []string{"stalking_outcomes"}}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%+v\n", f)
		if f.Area == stats.EnglandAndWales {
			continue
		}
		if seen[f.Key] {
			r.Twice++
		}
		seen[f.Key], areas[f.Area] = true, true
		r.Figures++
		r.Editions[strconv.Itoa(int(f.Value.Number)/1_000_000)]++
	}
	r.Areas, r.Served = len(areas), hex.EncodeToString(sum.Sum(nil))
	if err := p.etl.Recover(context.Background()); err != nil {
		return err
	}
	return r.afterStart(p)
}

func (r *remains) afterStart(p pipeline) error {
	runs, err := p.reader.Runs(context.Background(), "", 100_000)
	if err != nil {
		return err
	}
	for i, run := range runs {
		if run.Log = nil; i == 0 {
			r.Newest = run
		}
		r.Ended[string(run.Outcome)]++
		if run.Outcome == stats.Running {
			r.Unended++
		}
	}
	left, err := filepath.Glob(filepath.Join(p.cfg.SnapshotDir(), "incoming-*"))
	if err != nil {
		return err
	}
	r.Files = len(left)
	var rows uint64
	err = p.conn.QueryRow(context.Background(), "SELECT (SELECT count() FROM observations WHERE release_id NOT IN (SELECT release_id FROM published)) + "+
		"(SELECT count() FROM releases WHERE release_id NOT IN (SELECT release_id FROM published))").Scan(&rows)
	if r.Left = int(rows); err != nil {
		return err
	}
	return p.conn.QueryRow(context.Background(), "SELECT data_paths[1] FROM system.tables WHERE database = currentDatabase() AND name = 'published'").Scan(&r.Table)
}

// builtinAreas is the areas that the program brings along.
func builtinAreas(t *testing.T) *stats.Areas {
	t.Helper()
	p := newPipeline(t)
	p.run(t, "areas", "")
	areas, err := p.reader.Areas(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	return areas
}

// edition writes a file of a figure for each force and day, which tells which
// edition it is of.
func edition(t *testing.T, dir string, n, days int, areas *stats.Areas) (path string, figures int) {
	t.Helper()
	var text bytes.Buffer
	text.WriteString("area_code,area_name,measure,period,value,note\n")
	for _, force := range areas.Forces() {
		for i := range days {
			day := stats.Day(1990, time.January, 1+i).Format(time.DateOnly)
			fmt.Fprintf(&text, "%s,%s,stalking_outcomes,%s/%s,%d,\n", force.Code, force.Name, day, day, n*1_000_000+i)
			figures++
		}
	}
	path = filepath.Join(dir, fmt.Sprintf("edition-%d.csv", n))
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, figures
}

// manyDays makes more figures than are sent at a time.
const manyDays = 2400

// kills is how many kills a test makes: a few, or as many as STALKSTATS_KILLS says.
func kills(t *testing.T, few int) int {
	t.Helper()
	text := os.Getenv("STALKSTATS_KILLS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("STALKSTATS_KILLS is %q", text)
	}
	return n
}

// TestKill kills a process that loads two editions of a file in turn, at random
// moments. Afterwards one edition is served whole, and the next start clears up.
func TestKill(t *testing.T) {
	t.Parallel()
	crashes := kills(t, 8)
	seed := rand.Uint64()
	t.Logf("%d crashes with the seed %d", crashes, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	conf := configFile(t, dir)
	areas := builtinAreas(t)
	one, figures := edition(t, dir, 1, manyDays, areas)
	two, _ := edition(t, dir, 2, manyDays, areas)
	took := firstLoads(t, conf, one, two)
	var during int
	served, other := two, one
	for n := range crashes {
		cmd := program(t, roleLooping, conf, served, other) // the first is found unchanged
		lines := start(t, cmd)
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), "unchanged") {
			t.Fatalf("crash %d: the load says %q, %v", n, lines.Text(), lines.Err())
		}
		delay := time.Duration(random.Int64N(int64(took) * 3 / 2)) // into the next load too
		<-time.After(delay)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it says that it was killed
		got := remain(t, conf)
		whole := got.Figures == figures && len(got.Editions) == 1 && (got.Editions["1"] == figures || got.Editions["2"] == figures)
		if got.Error != "" || !whole || got.Areas != 43 || got.Twice > 0 || got.Unended > 0 || got.Left > 0 || got.Files > 0 {
			t.Fatalf("crash %d, %v into a load: %+v, want %d figures of one edition", n, delay, got, figures)
		}
		if during = got.Ended[string(stats.Interrupted)]; got.Editions["1"] == figures {
			served, other = one, two
		} else {
			served, other = two, one
		}
	}
	if during == 0 {
		t.Error("no run was interrupted: the kills do not come during a load")
	}
	t.Logf("%d of %d kills came before the publication", during, crashes)
	firstLoads(t, conf, one, two)
}

func configFile(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "config.yaml")
	text := "data_dir: data\netl:\n  sources:\n" +
		"    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n" +
		"    - {name: published_force_figures, parser: published_force_figures, from: edition-1.csv}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// firstLoads loads both files by the command line and says how long one takes.
func firstLoads(t *testing.T, conf string, files ...string) (took time.Duration) {
	t.Helper()
	for _, file := range files {
		out, err := program(t, roleProgram, "etl", "run", "published_force_figures", "--json", "--config", conf, "--file", file).Output()
		var run struct {
			Outcome    string
			DurationMS int64 `json:"duration_ms"`
			Error      string
		}
		if err != nil || json.Unmarshal(out, &run) != nil || run.Outcome != "published" && run.Outcome != "unchanged" {
			t.Fatalf("the load says %s, %v", out, err)
		}
		took = max(took, time.Duration(run.DurationMS)*time.Millisecond)
	}
	return took
}

func start(t *testing.T, cmd *exec.Cmd) *bufio.Scanner {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(out)
}

func remain(t *testing.T, conf string) (r remains) {
	t.Helper()
	out, err := program(t, roleChecking, conf).Output()
	if err != nil {
		t.Fatalf("the check: %v\n%s", err, out)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("the check says %s: %v", out, err)
	}
	return r
}
