package command

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestPublicDoor: one process serves the force to this machine and everybody at another
// port. Of who reads there nothing is logged, whatever they send.
func TestPublicDoor(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", "data_dir: d\npublic:\n  listen: 127.0.0.1:0\n  contacts: [{label: Demonstration helpline, telephone: '020 7946 0000'}]\netl:\n  sources:\n    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n"+
		"    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n    - {name: force_return, parser: force_return, from: good.csv}\n")
	server := other(t, "serve", "--config", f.config, "--listen", "127.0.0.1:0")
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	addresses, pages := map[string]string{}, regexp.MustCompile(`msg="?([a-z ]+)"? address=(\S+)`)
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=ready") {
		if m := pages.FindStringSubmatch(lines.Text()); m != nil {
			addresses[m[1]] = m[2]
		}
	}
	said := make(chan string)
	go func() {
		text, _ := io.ReadAll(log)
		said <- string(text)
	}()
	for address, want := range map[string]map[string]int{
		addresses["public pages"]: {"/": 200, "/data": 404, "/reports/observations.csv?audience=internal": 403, "/reports/observations.csv": 200},
		addresses["pages"]:        {"/": 421},
	} {
		for path, status := range want {
			if got, body := named(t, "stalking.example.org", address+path); got != status || status == 200 && path == "/" && !strings.Contains(body, "020 7946 0000") {
				t.Errorf("%s%s = %d, want %d", address, path, got, status)
			}
		}
	}
	if _, err := tls.Dial("tcp", strings.TrimPrefix(addresses["public pages"], "http://"), &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("the port speaks TLS")
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	text := <-said
	if err := server.Wait(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text, "msg=request ") != 1 || strings.Contains(text, "observations.csv") || strings.Contains(text, "127.0.0.1") {
		t.Errorf("of readers the log has:\n%s", text)
	}
}

// named asks a server for a page by a name of ours.
func named(t *testing.T, host, address string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// TestFaultsOfNobody: a server's message about a reader's connection names the
// reader, and that no connection can be taken names nobody.
func TestFaultsOfNobody(t *testing.T) {
	var told bytes.Buffer
	faults := faultsOfNobody(slog.New(slog.NewTextHandler(&told, nil)))
	for _, line := range []string{"http: panic serving 203.0.113.9:4711: x", "http: TLS handshake error from 203.0.113.9:4711: EOF"} {
		faults.Print(line)
	}
	if told.Len() > 0 {
		t.Errorf("the log tells %s", &told)
	}
	faults.Print("http: Accept error: accept tcp [::]:8090: accept4: too many open files; retrying in 5ms")
	if !strings.Contains(told.String(), "too many open files") {
		t.Errorf("the log does not tell that no connection can be taken: %s", &told)
	}
}

// TestPublicPortInUse: which key names the port is told.
func TestPublicPortInUse(t *testing.T) {
	f := newFolder(t)
	taken, err := take("127.0.0.1:0", "test")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	f.write(t, "config.yaml", fmt.Sprintf("data_dir: d\npublic: {listen: %q}\n", taken.Addr()))
	want := fmt.Sprintf("stalkstats: the port of %s is in use by another program: stop it, or name another port with public.listen\n", taken.Addr())
	if got := f.command(t, "serve", "--listen", "127.0.0.1:0"); got.status != ExitFailed || got.errors != want {
		t.Errorf("%+v, want %q", got, want)
	}
}
