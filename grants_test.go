package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/etl/parse"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

var (
	grantOf    = regexp.MustCompile(`(?m)^GRANT (.+) ON stalkstats\.(\S+) TO (\w+);$`)
	insertedIn = regexp.MustCompile(`INSERT INTO ([a-z_]+)`)
)

// grantsTo is what the page on servers grants a user, without the user.
func grantsTo(t *testing.T, user string) (grants []string, inserts []string) {
	t.Helper()
	text, err := os.ReadFile("docs/server.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range grantOf.FindAllStringSubmatch(string(text), -1) {
		if m[3] != user {
			continue
		}
		grants = append(grants, fmt.Sprintf("GRANT %s ON stalkstats.%s", m[1], m[2]))
		if strings.Contains(m[1], "INSERT") {
			inserts = append(inserts, m[2])
		}
	}
	return grants, inserts
}

// TestGrantsNameWhatThePagesInsert: a table that the pages insert into and the page on
// servers does not name would fail only where they run with rights of their own.
func TestGrantsNameWhatThePagesInsert(t *testing.T) {
	var inserts []string
	files, err := filepath.Glob("dashboard/query/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range insertedIn.FindAllStringSubmatch(string(code), -1) {
			inserts = append(inserts, m[1])
		}
	}
	slices.Sort(inserts)
	inserts = slices.Compact(inserts)
	if _, granted := grantsTo(t, "stalkstats_dashboard"); !slices.Equal(inserts, granted) {
		t.Errorf("the pages insert into\n%q, and docs/server.md grants\n%q", inserts, granted)
	}
}

// A refusal is what a user with some grants was refused.
type refusal map[string]bool // by what was tried

// TestGrants puts the grants of the page on servers into force in the embedded engine.
func TestGrants(t *testing.T) {
	configFile, dir := grantedDir(t)
	if got := asUser(t, configFile, dir, nil, "prepare"); len(got) != 0 {
		t.Fatalf("the owner was refused %v", got)
	}
	loads, _ := grantsTo(t, "stalkstats_etl")
	if got := asUser(t, configFile, dir, loads, "load"); len(got) != 0 {
		t.Errorf("the loads were refused %v", got)
	}
	pages, inserts := grantsTo(t, "stalkstats_dashboard")
	got := asUser(t, configFile, dir, pages, "show")
	for what, refused := range got {
		verb, table, _ := strings.Cut(what, " ")
		want := verb == "change" || verb == "insert" && !slices.Contains(inserts, table)
		if refused != want {
			t.Errorf("%s: refused %v, want %v", what, refused, want)
		}
	}
	if len(got) < 60 {
		t.Errorf("only %d things were tried", len(got))
	}
}

func grantedDir(t *testing.T) (configFile, dir string) {
	t.Helper()
	dir = t.TempDir()
	text, err := os.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	configFile = filepath.Join(dir, "config.yaml")
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	of := strings.NewReplacer("data_dir: data", "data_dir: "+filepath.Join(dir, "data"), "sample/", filepath.Join(folder, "sample")+"/")
	if err := os.WriteFile(configFile, []byte(of.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return configFile, filepath.Join(dir, "data", "clickhouse")
}

// asUser does something in a process of its own, whose engine lets it do only what is
// granted; with no grants everything. What it is to make the
// database, and to check what was written, is asked of the embedded engine alone.
func asUser(t *testing.T, configFile, dir string, grants []string, does string) (refused refusal) {
	t.Helper()
	if len(grants) > 0 {
		users := "<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password/><networks><ip>::/0</ip></networks>" +
			"<profile>default</profile><quota>default</quota><grants><query>GRANT CREATE DATABASE, CHECK ON stalkstats.*</query>"
		for _, grant := range grants {
			users += "<query>" + grant + "</query>"
		}
		users += "</grants></default></users></clickhouse>"
		path := filepath.Join(dir, "users.xml")
		rights := "<clickhouse><users_config>" + path + "</users_config><user_directories><users_xml><path>" + path + "</path></users_xml></user_directories></clickhouse>"
		for file, text := range map[string]string{path: users, filepath.Join(dir, "engine.xml"): rights} {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := program(t, roleGranted, configFile, does)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", does, err)
	}
	if err := json.Unmarshal(out, &refused); err != nil {
		t.Fatalf("%s: %v in %q", does, err, out)
	}
	return refused
}

// beGranted is the other process.
func beGranted(configFile, does string) error {
	ctx, refused := context.Background(), refusal{}
	if does == "prepare" {
		err := work(configFile, func(p pipeline) error { return p.loads(ctx, "areas", "measures", "home_office_recorded_crime") })
		return errors.Join(err, json.NewEncoder(os.Stdout).Encode(refused))
	}
	cfg, err := config.Load(configFile, os.LookupEnv, config.Known{Parsers: parse.Names()})
	if err != nil {
		return err
	}
	db, err := clickhouse.Open(ctx, clickhouse.Options{Dir: cfg.ClickHouseDir()})
	if err != nil {
		return err
	}
	defer db.Close()
	// Every command does this when it starts.
	if _, err := schemas.Apply(ctx, db); err != nil {
		return err
	}
	reader := query.New(db)
	p := pipeline{cfg, db, etl.New(cfg, db, reader, slog.New(slog.DiscardHandler), time.Now), reader}
	switch does {
	case "load":
		err = p.loadsAndWithdraws(ctx)
	case "show":
		err = p.tryAll(ctx, refused)
	}
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(refused))
}

func (p pipeline) loads(ctx context.Context, sources ...string) error {
	for _, source := range sources {
		runs, err := p.etl.Run(ctx, source, etl.Options{})
		if err != nil {
			return err
		}
		for _, run := range runs {
			if run.Outcome != stats.Published {
				return fmt.Errorf("%s is %s: %s", source, run.Outcome, run.Problem)
			}
		}
	}
	return nil
}

// loadsAndWithdraws loads what was not loaded yet, and takes back what was.
func (p pipeline) loadsAndWithdraws(ctx context.Context) error {
	if err := p.loads(ctx, "series_breaks"); err != nil {
		return err
	}
	releases, err := p.reader.Releases(ctx, "home_office_recorded_crime")
	if err != nil || len(releases) != 1 {
		return fmt.Errorf("%d releases, error %w", len(releases), err)
	}
	why := etl.Options{AskedBy: "a test", Why: "to see that it may"}
	if _, err := p.etl.Withdraw(ctx, releases[0].ID, why); err != nil {
		return err
	}
	run, err := p.etl.Replay(ctx, releases[0].ID, why)
	if err == nil && run.Outcome != stats.Published {
		err = fmt.Errorf("the replay is %s: %s", run.Outcome, run.Problem)
	}
	return err
}

// tables is all tables that are no views, those in memory among them.
func (p pipeline) tables(ctx context.Context) (names []string, err error) {
	rows, err := p.conn.Query(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		names = append(names, "")
		if err := rows.Scan(&names[len(names)-1]); err != nil {
			return nil, err
		}
	}
	return names, rows.Err()
}

// tryAll reads and inserts into each table, and changes each, and does of what the pages do
// that which is more than an insert.
func (p pipeline) tryAll(ctx context.Context, refused refusal) error {
	tables, err := p.tables(ctx)
	if err != nil {
		return err
	}
	if _, err := p.reader.DisclosureSecret(ctx); err != nil {
		return err
	}
	if _, err := p.reader.SaveUpload(ctx, "u", time.Now(), strings.NewReader("a,b\n")); err != nil {
		return err
	}
	if err := p.reader.ForgetUpload(ctx, "u"); err != nil {
		return err
	}
	for _, table := range tables {
		for what, statement := range map[string]string{
			"read " + table: "SELECT * FROM %s LIMIT 0 FORMAT Null", "insert " + table: "INSERT INTO %[1]s SELECT * FROM %[1]s LIMIT 0",
			"change " + table: "ALTER TABLE %s ADD COLUMN x UInt8", "change " + table + " whole": "DROP TABLE %s",
		} {
			err := p.conn.Exec(ctx, fmt.Sprintf(statement, table))
			if refused[what] = err != nil && strings.Contains(err.Error(), "ACCESS_DENIED"); err != nil && !refused[what] {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
	}
	return nil
}

// TestConfigurationOfAnotherProgram: many programs have a config.xml, which the engine would
// read where it stands in the working folder.
func TestConfigurationOfAnotherProgram(t *testing.T) {
	configFile, _ := grantedDir(t)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "config.xml"), []byte("not for <the engine"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program(t, roleProgram, "--config", configFile, "etl", "list")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("error %v: %s", err, out)
	}
}
