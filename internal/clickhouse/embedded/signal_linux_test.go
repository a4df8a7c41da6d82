package embedded

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// caughtSignals is the set of signals for which this process has a handler.
func caughtSignals(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "SigCgt:")
	return strings.Fields(rest)[0]
}

// TestSignalsStayGo: a nil pointer must stay a panic that can be recovered,
// and signals must reach Go while the engine's threads run.
func TestSignalsStayGo(t *testing.T) {
	got := make(chan os.Signal, 1)
	signal.Notify(got, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM)
	defer signal.Stop(got)
	before := caughtSignals(t)
	engine := openEngine(t)
	if status, body, err := ask(t, engine, "", "SELECT sum(number) FROM numbers_mt(10000000) GROUP BY number % 1000 FORMAT Null"); status != 200 {
		t.Fatal(status, body, err)
	}
	if after := caughtSignals(t); after != before {
		t.Errorf("handlers changed from %s to %s", before, after)
	}
	if !recovers() {
		t.Error("a nil pointer did not panic")
	}
	for range 100 {
		for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM} {
			if err := syscall.Kill(os.Getpid(), s); err != nil {
				t.Fatal(err)
			}
			if sent := <-got; sent != s {
				t.Errorf("sent %v, got %v", s, sent)
			}
		}
	}
}

// recovers follows a nil pointer.
func recovers() (recovered bool) {
	defer func() { recovered = recover() != nil }()
	var nowhere *analysis
	return nowhere.class == classUnknown
}
