package command

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// serving starts the server of a folder and reads its log until it is ready;
// rest reads on until a message.
func (f folder) serving(t *testing.T) (server *exec.Cmd, until func(message string)) {
	t.Helper()
	server = other(t, "serve", "--listen", "127.0.0.1:0", "--config", f.config)
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	until = func(message string) {
		t.Helper()
		for lines.Scan() {
			if message != "" && strings.Contains(lines.Text(), message) {
				return
			}
		}
		if message != "" {
			t.Fatalf("the server never says %q: %v", message, lines.Err())
		}
	}
	until("msg=ready")
	return server, until
}

// TestRunBesideAServerThatEnds: a run through the socket of a server that is
// told to end in its middle has the grace time of a scheduled one; after that it
// is stopped, and its record says so.
func TestRunBesideAServerThatEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		grace, outcome string
		status         int
	}{"it may finish": {"1h", "published", ExitDone}, "its time is up": {"0s", "interrupted", ExitFailed}} {
		t.Run(name, func(t *testing.T) {
			asked, goOn := make(chan struct{}), make(chan struct{})
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(asked)
				select {
				case <-goOn:
				case <-r.Context().Done():
				}
				_, _ = io.WriteString(w, returnHeader+"E23000026,2024-04,stalking_charges,,,6,,\n")
			}))
			defer site.Close()
			defer site.CloseClientConnections() // where the test has failed
			f := newFolder(t)
			f.write(t, "config.yaml", "data_dir: d\netl:\n  grace: "+tt.grace+"\n  fetch: {hosts: ['"+strings.TrimPrefix(site.URL, "http://")+"'], allow_private: true}\n  sources:\n"+
				"    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n"+
				"    - {name: force_return, parser: force_return, from: good.csv}\n")
			server, until := f.serving(t)
			beside := other(t, "etl", "run", "force_return", "--json", "--file", site.URL+"/return.csv", "--config", f.config)
			var out strings.Builder
			beside.Stdout = &out
			if err := beside.Start(); err != nil {
				t.Fatal(err)
			}
			<-asked
			if err := server.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if tt.outcome == "published" { // without a grace time the run may be over before anybody can say so
				until("runs under way may go on")
				for f.command(t, "etl", "list").status == ExitDone {
				}
				close(goOn)
			}
			err := beside.Wait()
			if err != nil && beside.ProcessState.ExitCode() != tt.status {
				t.Errorf("the run: %v", err)
			}
			until("")
			if err := server.Wait(); err != nil {
				t.Errorf("the server: %v", err)
			}
			var said, kept runObject
			if err := json.Unmarshal([]byte(out.String()), &said); err != nil || said.Outcome != tt.outcome {
				t.Fatalf("the run says %s, %v; want %s", out.String(), err, tt.outcome)
			}
			var history []runObject
			if err := json.Unmarshal([]byte(f.command(t, "etl", "history", "--json").out), &history); err != nil || len(history) == 0 {
				t.Fatalf("%d runs, %v", len(history), err)
			}
			if kept = history[0]; kept.RunID != said.RunID || kept.Outcome != said.Outcome || kept.Error != said.Error {
				t.Errorf("kept is %+v, said was %+v", kept, said)
			}
		})
	}
}

// TestRunsOfTheCommandLineAreLogged: they stand in the server's log as those of
// the schedule do, and say by which way they came.
func TestRunsOfTheCommandLineAreLogged(t *testing.T) {
	f := newFolder(t)
	server, until := f.serving(t)
	file := f.write(t, "other.csv", returnHeader+"Luton,2024-04,stalking_charges,,,6,,\n")
	if run, _ := f.ran(t, "etl", "run", "force_return", "--file", file); run.Outcome != "rejected" {
		t.Errorf("%+v", run)
	}
	until(`source=force_return kind=load outcome=rejected read=1 loaded=0 excluded=0 rejected=1`)
	f.command(t, "etl", "run", "areas")
	until(`cause="" problem="" by="command line"`)
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until("")
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
}
