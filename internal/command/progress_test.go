package command

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"stalkstats/etl"
)

// TestProgressOnATerminal: the rows, the rows a second and the time left are
// told while a file is read, and not into a pipe that is soon done.
func TestProgressOnATerminal(t *testing.T) {
	f := newFolder(t)
	path := f.write(t, "long.csv", crimeHeader+strings.Repeat("2017/18,1,Kent,Theft,T,T,99,1\n", 60_000)+"2017/18,1,Kent,Stalking,V,S,8Q,12\n")
	for _, terminal := range []bool{true, false} {
		var out, errors bytes.Buffer
		status := Run(t.Context(), Environment{Args: []string{"etl", "run", "home_office_recorded_crime", "--file", path, "--dry-run", "--config", f.config},
			Stdout: &out, Stderr: &errors, Env: func(string) (string, bool) { return "", false }, Terminal: terminal})
		if status != ExitDone || !strings.HasPrefix(out.String(), "home_office_recorded_crime: checked: 60001 rows read, 1 in order, 60000 excluded") {
			t.Errorf("status %d\n%s%s", status, out.String(), errors.String())
		}
		if told := strings.Contains(errors.String(), " rows, ") && strings.Contains(errors.String(), " a second"); told != terminal {
			t.Errorf("on a terminal: %v, told: %q", terminal, errors.String())
		}
	}
}

// TestProgressInALog: a plain line now and then, with the time left.
func TestProgressInALog(t *testing.T) {
	var errors bytes.Buffer
	s := &session{Environment: Environment{Stderr: &errors}}
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	show := s.lines(func() time.Time { return now })
	for range 25 {
		now = now.Add(time.Second)
		show(etl.Progress{Rows: uint64(now.Second()) * 1000, Done: float64(now.Second()) / 40})
	}
	want := "stalkstats: 10000 rows read, 1000 a second, about 30s left\nstalkstats: 20000 rows read, 1000 a second, about 20s left\n"
	if errors.String() != want {
		t.Errorf("the log says\n%swant\n%s", errors.String(), want)
	}
}
