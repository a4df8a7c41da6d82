package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"stalkstats/internal/clickhouse/embedded"
)

// BenchmarkStart is the time from the start of the process to /readyz
// answering, on a directory that holds the default configuration's figures.
// The limit is one second.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "stalkstats")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	data := b.TempDir()
	untilReady(b, program, data) // the first start loads the figures
	var took time.Duration
	for range b.N {
		took += untilReady(b, program, data)
	}
	each := took.Seconds() / float64(b.N)
	b.ReportMetric(each, "ready-s")
	b.ReportMetric(each/1, "ready/limit")
}

// untilReady starts the program, waits until it says that it is ready, and
// ends it.
func untilReady(b *testing.B, program, data string) time.Duration {
	b.Helper()
	address := freeAddress(b)
	start := time.Now()
	process := exec.Command(program, "serve", "--data-dir", data, "--listen", address)
	library, err := embedded.Locate("") // the program stands in a folder of its own
	if err != nil {
		b.Fatal(err)
	}
	process.Env = append(os.Environ(), embedded.LibraryVariable+"="+library)
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready(ctx, "http://"+address+"/readyz") {
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Fatal("not ready within a minute")
		}
	}
	took := time.Since(start)
	if err := process.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		b.Fatal(err)
	}
	return took
}

func ready(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false // the port is not open yet
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// freeAddress is a loopback address whose port was free a moment ago.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
