package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

var known = Known{
	Schedule: func(spec string) error {
		if strings.HasPrefix(spec, "TZ=") {
			return errors.New("set it in etl.timezone")
		}
		return errors.New("it is not a cron line")
	},
	Alerts: func(a Alerts) error {
		if a.Webhook.Format != "" {
			return errors.New("webhook: no address\nwebhook: no format")
		}
		return nil
	},
	Parsers: []string{"areas", "force_return", "measures"}, Figureless: []string{"areas", "measures"}, Forces: []string{"E23000026"}}

func noEnv(string) (string, bool) { return "", false }

func load(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, noEnv, known)
}

func TestEmptyFileIsTheDefault(t *testing.T) {
	got, err := load(t, "")
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Dir = got.Dir
	want.DataDir = filepath.Join(got.Dir, "data")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load() (-want +got):\n%s", diff)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := load(t, `force: Bedfordshire
data_dri: data
clickhouse:
  dsn: clickhouse://writer:secret@db:9000/stalkstats
  connections: many
dashboard:
  listen: 0.0.0.0:8080
etl:
  timezone: Europe/Luton
  sources:
    - name: Force Return
      title: "the  return "
      parser: force_retrun
      from: x.csv
      schedule: "61 * * * *"
    - name: areas
      parser: areas
      from: ""
      schedule: TZ=Europe/London
      reject_limit: 2
log:
  level: loud
alerts:
  webhook:
    format: pigeon
`)
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Load() error %v is not Faults", err)
	}
	want := []struct {
		line int
		says string
	}{
		{1, "not a police force area's code"},
		{2, `no key "data_dri"`},
		{4, "password must not stand in a file"},
		{5, "whole number"},
		{7, "reached from other machines"},
		{9, "not a time zone"},
		{10, "no source has the parser measures"},
		{11, "small letters"},
		{12, "must be one line"},
		{13, `"force_retrun" is none of`},
		{15, "not a cron line"},
		{18, "name the file"},
		{19, "etl.timezone"},
		{20, "share of rows"},
		{22, "none of debug"},
		{23, "alerts: webhook: no address"},
		{23, "alerts: webhook: no format"},
	}
	if len(faults) != len(want) {
		t.Errorf("%d faults, want %d:\n%v", len(faults), len(want), err)
	}
	for i, w := range want {
		if i < len(faults) && (faults[i].Line != w.line || !strings.Contains(faults[i].Problem, w.says)) {
			t.Errorf("fault %d is %+v, want line %d: …%s…", i, faults[i], w.line, w.says)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the faults tell the password:\n%v", err)
	}
}

// TestNamesOfOpenData: a force's own file cannot be taken for open data by the name of
// its source, for of open data everybody is told the file's hash and rows.
func TestNamesOfOpenData(t *testing.T) {
	const good = "etl:\n  sources:\n    - {name: areas, parser: areas, from: a}\n    - {name: measures, parser: measures, from: m}\n"
	for name, refused := range map[string]bool{"home_office_return": true, "ons_return": true, "force_home_office_return": false, "onsite_return": false} {
		_, err := load(t, good+"    - {name: "+name+", parser: force_return, from: x}\n")
		if got := err != nil && strings.Contains(err.Error(), "is a name of open data"); got != refused || !refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestYAMLFaults(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"broken":   {"force: [", "config.yaml"},
		"repeated": {"force: E23000026\nforce: E23000027\n", "stands twice"},
		"list":     {"etl: 3\n", "keys below it"},
	} {
		if _, err := load(t, c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v does not say %q", name, err, c.says)
		}
	}
}

func TestDSNFromTheEnvironment(t *testing.T) {
	env := func(name string) (string, bool) { return "clickhouse://u:p@h:9000/d", name == DSNVariable }
	got, err := parse(nil, "config.yaml", "/somewhere", env, known)
	if err != nil || got.ClickHouse.DSN != "clickhouse://u:p@h:9000/d" {
		t.Errorf("DSN %q, error %v", got.ClickHouse.DSN, err)
	}
}

func TestServerInTheEnvironmentIsChecked(t *testing.T) {
	env := func(name string) (string, bool) { return "garbage:secret@", name == DSNVariable }
	_, err := parse(nil, "config.yaml", "/somewhere", env, known)
	if err == nil || !strings.Contains(err.Error(), DSNVariable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}

func TestForceMustBeKnown(t *testing.T) {
	_, err := load(t, "force: E99999999\n")
	if err == nil || !strings.Contains(err.Error(), "config.yaml, line 1: force: no police force area has the code E99999999") {
		t.Errorf("error %v", err)
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), noEnv, known)
	if err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("error %v does not say what to do", err)
	}
}

// TestFetchingIsBounded: a host that is not named is not asked, records about
// people stay on this machine, and a check that a source sets keeps the others.
func TestFetchingIsBounded(t *testing.T) {
	good := "etl:\n  fetch:\n    hosts: [www.gov.uk, Files.example:8443]\n  sources:\n    - {name: areas, parser: areas, from: a}\n    - {name: measures, parser: measures, from: m}\n"
	for entry, says := range map[string]string{
		"from: https://www.gov.uk/x, pattern: '*.ods', fresh_within: 45d, checks: {all_forces: true, off: [jumps]}": "",
		"from: https://files.example:8443/x.csv": "",
		"from: https://www.gov.uk:8443/x":        "the host www.gov.uk:8443 is not in etl.fetch.hosts",
		"from: https://evil.example/www.gov.uk":  "the host evil.example is not in etl.fetch.hosts",
		"from: https://u:p@www.gov.uk/x":         "a password must not stand in an address",
		"from: ftp://www.gov.uk/x":               "neither a file nor an http or https address",
		"from: x.csv, pattern: '*.ods'":          "only a publication page has one",
		"from: x.csv, fresh_within: soon":        `"soon" is not a length of time`,
		"from: x.csv, fresh_within: [1d]":        "is not a length of time",
		"from: x.csv, covers_within: 60d":        "",
		"from: x.csv, covers_within: -60d":       `"-60d" is not a length of time`,
		"from: x.csv, checks: {max_jump: 1}":     "not a factor above 1",
		"from: x.csv, checks: {off: [sums]}":     `"sums" is none of periods, totals`,
		"from: x.csv, area: E99999999":           "no police force area has the code",
		"from: x.csv, kind: arrests":             "has one kind of file only",
		"from: x.csv, offences: [8Q]":            "keys below it",
	} {
		_, err := load(t, good+"    - {name: it, parser: force_return, "+entry+"}\n")
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), "line ") || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: error %v, want %q", entry, err, says)
		}
	}
	for _, host := range []string{"https://www.gov.uk", "www.gov.uk/", "", "u@www.gov.uk", "a b"} {
		if _, err := load(t, fmt.Sprintf("etl:\n  fetch:\n    hosts: [%q]\n    max_size: 0\n", host)); err == nil || !strings.Contains(err.Error(), "is not a host") || !strings.Contains(err.Error(), "not a number of bytes") {
			t.Errorf("host %q: error %v", host, err)
		}
	}
	cfg, err := load(t, good+"    - {name: it, parser: force_return, from: x, fresh_within: 45d, covers_within: 62d, checks: {off: [jumps]}}\n")
	if src, _ := cfg.ETL.Source("it"); err != nil || src.Limit() != (stats.FreshLimit{Fetched: 45 * 24 * time.Hour, Covers: 62 * 24 * time.Hour}) || src.Checks.Jump() != DefaultMaxJump {
		t.Errorf("%+v, error %v", src, err)
	}
	_, err = load(t, strings.Replace(good, "from: a}", "from: a, covers_within: 60d}", 1))
	if err == nil || !strings.Contains(err.Error(), "line 5: covers_within: the layout areas brings no figures") {
		t.Errorf("reference data with figures: error %v", err)
	}
	records := known
	records.RecordLevel = []string{"force_return"}
	records.Kinds = map[string][]string{"force_return": {"arrests", "orders"}}
	_, err = parse([]byte(good+"    - {name: it, parser: force_return, from: https://www.gov.uk/x, kind: arrest}\n"), "config.yaml", "/", noEnv, records)
	if err == nil || !strings.Contains(err.Error(), `kind: "arrest" is none of arrests, orders`) {
		t.Errorf("a kind that there is not: error %v", err)
	}
	if err == nil || !strings.Contains(err.Error(), "records about people are read from a file or a folder only") {
		t.Errorf("records from the web: error %v", err)
	}
}

// TestConfigYAMLNamesEveryKey holds the commented config.yaml of the project
// to the keys that exist: each stands there, with a comment.
func TestConfigYAMLNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys(reflect.TypeFor[Config]()) {
		if !regexp.MustCompile(`(?m)^\s*(- |#\s+)?` + key + `:`).Match(text) {
			t.Errorf("config.yaml does not show the key %s", key)
		}
		if !regexp.MustCompile(`(?m)(#.*\n)+\s*(- )?` + key + `:|^\s*#\s+` + key + `: `).Match(text) {
			t.Errorf("config.yaml has no comment for the key %s", key)
		}
	}
}

func keys(t reflect.Type) []string {
	var names []string
	for field := range fields(t) {
		tag := field.Tag.Get("yaml")
		if tag == "" || tag == "-" {
			continue
		}
		names = append(names, tag)
		inner := field.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			names = append(names, keys(inner)...)
		}
	}
	return names
}

func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// TestWhereReportsGo: a relative folder starts at the file, and an address needs
// a mail server.
func TestWhereReportsGo(t *testing.T) {
	got, err := load(t, "reports: {folder: board, mail_to: [board@example.org]}\nalerts:\n  email: {host: smtp.example.org, from: a@example.org}\n")
	if err != nil || got.Reports.Folder != filepath.Join(got.Dir, "board") || got.Reports.MailInternal {
		t.Errorf("%+v, error %v", got.Reports, err)
	}
	strict := Known{Alerts: func(Alerts) error { return nil }, Address: func(a string) error {
		if a == "board" {
			return errors.New("not an address")
		}
		return nil
	}}
	_, err = parse([]byte("reports:\n  mail_to: [board, a@example.org, a@example.org]\n"), "config.yaml", "/", noEnv, strict)
	const want = "config.yaml, line 2: reports.mail_to: no mail can be sent, because alerts.email.host names no mail server\n" +
		"config.yaml, line 2: reports.mail_to: not an address\nconfig.yaml, line 2: reports.mail_to: \"a@example.org\" stands twice"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = parse([]byte("alerts:\n  email: {host: smtp.example.org}\n"), "config.yaml", "/", noEnv, strict)
	if err == nil || !strings.Contains(err.Error(), "name at least one address that gets the mail, in alerts.email.to or reports.mail_to") {
		t.Errorf("a server for nobody: error %v", err)
	}
}
