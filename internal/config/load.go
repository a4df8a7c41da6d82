package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DSNVariable is the environment variable that holds the ClickHouse server's
// address with its password, which must not stand in a file.
const DSNVariable = "STALKSTATS_CLICKHOUSE_DSN"

// The environment variables that hold the other secrets.
const (
	PasswordVariable = "STALKSTATS_SMTP_PASSWORD" // of the mail server
	WebhookVariable  = "STALKSTATS_WEBHOOK_URL"
)

// A Fault is one thing that is wrong in the configuration.
type Fault struct {
	File    string
	Line    int // 0 where no line can be named
	Problem string
}

// Faults is everything that is wrong, in order of line.
type Faults []Fault

// Error is one line for each fault.
func (fs Faults) Error() string {
	var lines []string
	for _, f := range fs {
		at := f.File
		if f.Line > 0 {
			at = fmt.Sprintf("%s, line %d", f.File, f.Line)
		}
		lines = append(lines, at+": "+f.Problem)
	}
	return strings.Join(lines, "\n")
}

// Known is what the rest of the program knows and the configuration must fit.
type Known struct {
	Parsers     []string            // the layouts there are
	RecordLevel []string            // those of them with records about people
	Figureless  []string            // those of them that bring no figures
	Kinds       map[string][]string // the kinds of file of those that have several
	Forces      []string            // the police force areas' codes; none: not checked
	// What is wrong with a cron line, with where a source's files are, with what
	// its offences count as, with who is told, and with the address of a person;
	// nil: not checked.
	Schedule func(spec string) error
	Place    func(from, pattern string) error
	Offences func(parser string, offences map[string]string) error
	Alerts   func(Alerts) error
	Address  func(address string) error
}

// Load reads and checks the file. The error is Faults where the file could be
// read. env looks up environment variables (os.LookupEnv).
func Load(path string, env func(string) (string, bool), known Known) (Config, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, fmt.Errorf("there is no configuration file %s: copy config.yaml from the project, or name yours with --config", path)
	}
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Config{}, fmt.Errorf("find the configuration's folder: %w", err)
	}
	return parse(text, filepath.Base(path), dir, env, known)
}

func parse(text []byte, file, dir string, env func(string) (string, bool), known Known) (Config, error) {
	cfg := Default()
	cfg.Dir = dir
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return cfg, yamlFaults(err, file)
	}
	faults := decode(text, &cfg, file)
	lines := lineIndex(&root)
	for i := range cfg.ETL.Sources {
		cfg.ETL.Sources[i].line = lines[fmt.Sprintf("etl.sources.%d", i)]
	}
	cfg.Alerts.Email.Password, _ = env(PasswordVariable)
	cfg.Alerts.Webhook.URL, _ = env(WebhookVariable)
	cfg.Auth.OIDC.Secret, _ = env(SecretVariable)
	c := checker{cfg: &cfg, file: file, lines: lines, known: known}
	c.check()
	if dsn, ok := env(DSNVariable); ok {
		cfg.ClickHouse.DSN = dsn
		if !serverAddress(dsn) {
			c.faults = append(c.faults, Fault{File: DSNVariable, Problem: "the environment variable does not hold an address such as clickhouse://user:password@host:9000/stalkstats"})
		}
	}
	faults = append(faults, c.faults...)
	if len(faults) > 0 {
		return cfg, sorted(faults)
	}
	if !filepath.IsAbs(cfg.DataDir) {
		cfg.DataDir = filepath.Join(dir, cfg.DataDir)
	}
	for _, path := range []*string{&cfg.Reports.Folder, &cfg.Backup.Folder, &cfg.Auth.Users, &cfg.Auth.Programs, &cfg.Dashboard.TLS.Certificate, &cfg.Dashboard.TLS.Key} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	return cfg, nil
}

func decode(text []byte, cfg *Config, file string) Faults {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(cfg); err != nil && !errors.Is(err, io.EOF) {
		return yamlFaults(err, file)
	}
	return nil
}

var (
	atLine       = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type`)
	wrongType    = regexp.MustCompile("^cannot unmarshal !!(\\S+) (?:`(.*)` )?into (\\S+)$")
	repeatedKey  = regexp.MustCompile(`^(?:mapping )?key "?([^" ]+)"? already (?:defined|set)`)
)

// yamlFaults puts the decoder's errors into plain words.
func yamlFaults(err error, file string) Faults {
	var typed *yaml.TypeError
	messages := []string{err.Error()}
	if errors.As(err, &typed) {
		messages = typed.Errors
	}
	var faults Faults
	for _, message := range messages {
		f := Fault{File: file, Problem: message}
		if m := atLine.FindStringSubmatch(message); m != nil {
			f.Line, _ = strconv.Atoi(m[1])
			f.Problem = plain(m[2])
		}
		faults = append(faults, f)
	}
	return faults
}

func plain(message string) string {
	if m := unknownField.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("there is no key %q here; config.yaml of the project lists them all", m[1])
	}
	if m := wrongType.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%q does not fit: write %s", m[2], kindWords(m[3]))
	}
	if m := repeatedKey.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("the key %q stands twice", m[1])
	}
	return message
}

func kindWords(goType string) string {
	switch {
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "string":
		return "a text"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	}
	return "keys below it, each on its own line"
}
