package command

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

func TestUsageFaults(t *testing.T) {
	f := newFolder(t)
	f.load(t)
	for line, says := range map[string]string{
		"serv":                          `unexpected argument serv`,
		"etl":                           `expected one of`,
		"etl run":                       `expected "<source>"`,
		"etl run spo_returns":           "no source \"spo_returns\" is configured: `stalkstats etl list` shows them",
		"etl run force_return --fiel x": "unknown flag --fiel",
		"etl history --limit 0":         "--limit: 0 is not between 1 and 100000",
		"etl schedule":                  "one role alone needs a ClickHouse server",
		"dashboard":                     "one role alone needs a ClickHouse server",
		"serve --listen 8080":           `--listen: "8080" is not an address and port, such as 127.0.0.1:8080`,
		"serve --listen 0.0.0.0:8080":   "can be reached from other machines",
		"report --measure arests":       `There is no measure`,
		"report --area Bedfordshire":    `"Bedfordshire"`,
		"report --from 2024":            `"2024"`,
		"report --from 2024-02-01 --to 2024-01-01": "before",
		"report --period week":                     `"week"`,
	} {
		got := f.command(t, strings.Fields(line)...)
		if got.status != ExitUsage || !strings.HasPrefix(got.errors, "stalkstats: ") || !strings.Contains(strings.ToLower(got.errors), strings.ToLower(says)) || got.out != "" {
			t.Errorf("%s: %+v, want %q", line, got, says)
		}
	}
}

// TestRunAsJSON: one object with exactly the fields that are documented.
func TestRunAsJSON(t *testing.T) {
	f := newFolder(t)
	bad := f.write(t, "bad.csv", returnHeader+"E23000026,2024-03,stalking_charges,,,five,,\n")
	for _, tt := range []struct {
		args    []string
		status  int
		outcome string
	}{
		{[]string{"--json", "etl", "run", "force_return"}, ExitDone, "published"},
		{[]string{"etl", "run", "force_return", "--json"}, ExitDone, "unchanged"},
		{[]string{"etl", "--json", "run", "force_return", "--file", bad}, ExitFailed, "rejected"},
	} {
		got := f.command(t, tt.args...)
		var fields map[string]any
		if err := json.Unmarshal([]byte(got.out), &fields); err != nil || strings.Count(got.out, "\n") != 1 || got.errors != "" || got.status != tt.status {
			t.Fatalf("%v: %+v, %v", tt.args, got, err)
		}
		var order []string
		for _, m := range regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(got.out, -1) {
			order = append(order, m[1])
		}
		want := []string{"source", "run_id", "release_id", "outcome", "read", "loaded", "excluded", "rejected", "sha256", "duration_ms", "error", "kind"}
		if diff := cmp.Diff(want, order); diff != "" || len(fields) != len(want) {
			t.Errorf("%v: the fields (-want +got):\n%s", tt.args, diff)
		}
		if fields["outcome"] != tt.outcome || (fields["release_id"] != "") != (tt.outcome == "published") || (fields["error"] != "") != (tt.status == ExitFailed) {
			t.Errorf("%v: %v", tt.args, fields)
		}
	}
	f.serves(t)
}

// TestFlagsStandAnywhere: before the command and after it, and the data
// directory that is named there is the one that is used.
func TestFlagsStandAnywhere(t *testing.T) {
	f := newFolder(t)
	elsewhere := filepath.Join(f.dir, "elsewhere")
	for _, args := range [][]string{
		{"--config", f.config, "--data-dir", elsewhere, "etl", "run", "force_return"},
		{"etl", "--config", f.config, "run", "--data-dir", elsewhere, "force_return"},
		{"etl", "run", "force_return", "--data-dir=" + elsewhere, "--config=" + f.config},
	} {
		if got := command(t, args...); got.status != ExitDone {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if _, err := os.Stat(filepath.Join(f.dir, "d")); !os.IsNotExist(err) {
		t.Errorf("the configured data directory was used: %v", err)
	}
	if got := f.command(t, "report"); got.status != ExitFailed || !strings.Contains(got.errors, "nothing has been loaded into this data directory yet") || got.out != "" {
		t.Errorf("a report of an empty directory: %+v", got)
	}
}

func TestListHistoryMigrateVersion(t *testing.T) {
	f := newFolder(t)
	if got := f.command(t, "migrate"); got.status != ExitDone || !strings.HasSuffix(got.out, "steps applied; the tables are current\n") {
		t.Errorf("%+v", got)
	}
	if got := f.command(t, "migrate", "--json"); got.out != "{\"applied\":0}\n" {
		t.Errorf("%+v", got)
	}
	f.load(t)
	for line, says := range map[string]string{
		"etl list": "force_return", "etl list --json": `"last_outcome":"published"`, "etl history": "published", "etl history --json --source force_return": `"outcome":"published"`,
		"version": "stalkstats 1.2.3", "version --json": `{"version":"1.2.3"}`, "check": "is in order: 4 sources", "--help": "Usage: stalkstats",
	} {
		if got := f.command(t, strings.Fields(line)...); got.status != ExitDone || got.errors != "" || !strings.Contains(got.out, says) {
			t.Errorf("%s: %+v, want %q", line, got, says)
		}
	}
	var sources []struct {
		Source     string
		Release    string `json:"release_id"`
		AgeSeconds *int64 `json:"age_seconds"`
	}
	listed := f.command(t, "etl", "list", "--json")
	if err := json.Unmarshal([]byte(listed.out), &sources); err != nil {
		t.Fatal(err)
	}
	shown := f.command(t, "etl", "list").out
	served := 0
	for _, src := range sources {
		if src.Release == "" {
			if src.AgeSeconds != nil {
				t.Errorf("%s serves nothing and is %d seconds old", src.Source, *src.AgeSeconds)
			}
			continue
		}
		served++
		if src.AgeSeconds == nil || *src.AgeSeconds < 0 || *src.AgeSeconds > 600 || !regexp.MustCompile(src.Source+` .*`+src.Release+` +less than a day`).MatchString(shown) {
			t.Errorf("%+v is shown as\n%s", src, shown)
		}
	}
	if served != 3 || served == len(sources) {
		t.Errorf("%d sources of %d serve a release: %s", served, len(sources), listed.out)
	}
	if got := f.command(t, "report", "--from", "2030-01-01"); got.status != ExitDone || got.errors != "stalkstats: no figure fits these filters\n" || strings.Count(got.out, "\n") != 1 {
		t.Errorf("%+v", got)
	}
}

// TestWhileServing: another process serves the directory; runs and reports go
// through its socket, and a second server is refused. Without the socket the
// directory is in use.
func TestWhileServing(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", "data_dir: d\netl:\n  sources:\n    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n"+
		"    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n    - {name: force_return, parser: force_return, from: good.csv}\n")
	server := other(t, "serve", "--config", f.config, "--listen", "127.0.0.1:0")
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=ready") {
	}
	f.serves(t)
	more := f.write(t, "more.csv", returnHeader+"E23000026,2024-03,stalking_charges,,,5,,\nE23000026,2024-03,stalking_arrests,,,9,,\n")
	if got := f.command(t, "etl", "run", "force_return", "--file", more); got.status != ExitDone || !strings.HasPrefix(got.out, "force_return: published: 2 rows read") {
		t.Errorf("%+v", got)
	}
	f.serves(t)
	inUse := "stalkstats: data directory " + filepath.Join(f.dir, "d", "clickhouse") + " is in use by another stalkstats process; stop it first, or use --data-dir to name another\n"
	if got := f.command(t, "serve", "--listen", "127.0.0.1:0"); got.status != ExitFailed || !strings.HasSuffix(got.errors, inUse) {
		t.Errorf("%+v", got)
	}
	if err := os.Remove(filepath.Join(f.dir, "d", "stalkstats.sock")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"report"}, {"etl", "run", "force_return"}} {
		if got := f.command(t, args...); got.status != ExitFailed || got.errors != inUse || got.out != "" {
			t.Errorf("%v: %+v, want %q", args, got, inUse)
		}
	}
	if err := server.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait() // it says that it was killed
	f.serves(t)
}

// TestDocumented: docs/command-line.md has every command as a heading, and
// every flag.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/command-line.md")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&commandLine{}, kong.Name("stalkstats"))
	if err != nil {
		t.Fatal(err)
	}
	var headings []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "## stalkstats "); ok {
			headings = append(headings, strings.TrimSpace(name))
		}
	}
	var commands []string
	for _, leaf := range parser.Model.Leaves(false) {
		name := strings.TrimPrefix(leaf.FullPath(), "stalkstats ")
		commands = append(commands, name)
		start := strings.Index(string(text), "\n## stalkstats "+name+"\n")
		if start < 0 {
			continue
		}
		section := string(text)[start+2:]
		if end := strings.Index(section, "\n## "); end >= 0 {
			section = section[:end]
		}
		for _, flag := range leaf.Flags {
			if !strings.Contains(section, "`--"+flag.Name) {
				t.Errorf("the section of %s does not tell of --%s", name, flag.Name)
			}
		}
		for _, arg := range leaf.Positional {
			if !strings.Contains(section, strings.ToUpper(arg.Name)) {
				t.Errorf("the section of %s does not tell of %s", name, strings.ToUpper(arg.Name))
			}
		}
	}
	slices.Sort(commands)
	slices.Sort(headings)
	if diff := cmp.Diff(commands, headings); diff != "" {
		t.Errorf("commands against headings (-commands +headings):\n%s", diff)
	}
	for _, flag := range parser.Model.Flags {
		if !strings.Contains(string(text), "`--"+flag.Name) {
			t.Errorf("nothing tells of --%s", flag.Name)
		}
	}
}
