package command

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"stalkstats/internal/clickhouse"
)

// asProgram is set in a process that this test binary starts: it is then the
// program itself.
const asProgram = "STALKSTATS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	os.Exit(Run(ctx, Environment{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv, Version: "test", Child: asChild}))
}

// asChild is the program as another process, started by itself.
func asChild(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// other is the program as another process.
func other(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return asChild(t.Context(), args...)
}

// answer is what one command came to.
type answer struct {
	status      int
	out, errors string
}

// command carries out one command in this process.
func command(t *testing.T, args ...string) answer {
	t.Helper()
	var out, errors bytes.Buffer
	status := Run(t.Context(), Environment{Args: args, Stdout: &out, Stderr: &errors, Env: func(string) (string, bool) { return "", false }, Version: "1.2.3", Child: asChild})
	return answer{status, out.String(), errors.String()}
}

// folder is a data directory with a configuration of force returns.
type folder struct{ dir, config string }

func newFolder(t *testing.T) folder {
	t.Helper()
	dir := t.TempDir()
	f := folder{dir, filepath.Join(dir, "config.yaml")}
	f.write(t, "config.yaml", "data_dir: d\netl:\n  sources:\n"+
		"    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n"+
		"    - {name: force_return, parser: force_return, from: good.csv}\n"+
		"    - {name: home_office_recorded_crime, parser: home_office_recorded_crime, from: crime.csv}\n")
	f.write(t, "good.csv", returnHeader+"E23000026,2024-03,stalking_charges,,,5,,\n")
	return f
}

const (
	returnHeader = "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\n"
	crimeHeader  = "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences\n"
)

func (f folder) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (f folder) command(t *testing.T, args ...string) answer {
	t.Helper()
	return command(t, append(args, "--config", f.config)...)
}

// session is what a command of the folder works with.
func (f folder) session(ctx context.Context) *session {
	return &session{ctx: ctx, flags: &commandLine{Config: f.config}, Environment: Environment{Env: func(string) (string, bool) { return "", false }, Stderr: os.Stderr, Version: "test", Child: asChild}}
}

// open opens the folder's figures, while nothing runs.
func (f folder) open(t *testing.T) *clickhouse.DB {
	t.Helper()
	s := f.session(t.Context())
	cfg, err := s.config()
	if err != nil {
		t.Fatal(err)
	}
	db, err := s.open(cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// load publishes the good file.
func (f folder) load(t *testing.T) {
	t.Helper()
	if got := f.command(t, "etl", "run", "force_return"); got.status != ExitDone {
		t.Fatalf("%+v", got)
	}
}

// serves checks that the report holds one figure, of the good file.
func (f folder) serves(t *testing.T) {
	t.Helper()
	got := f.command(t, "report", "--measure", "stalking_charges", "--area", "E23000026")
	lines := strings.Split(strings.TrimSpace(got.out), "\r\n")
	if got.status != ExitDone || got.errors != "" || len(lines) != 2 || !strings.HasPrefix(lines[1], "stalking_charges,Stalking charges,E23000026,Bedfordshire,Mar 2024,2024-03-01,2024-03-31,,,5,") {
		t.Errorf("the report: %+v", got)
	}
}
