package etl_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestFaultsOfTheWeb: each is one sentence and a stored outcome, and what is
// served stays.
func TestFaultsOfTheWeb(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	packed := gzip.NewWriter(&bomb)
	for range 64 {
		if _, err := packed.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		says   string
		cause  stats.Cause
	}{
		"a cut body": {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"+header+april), " of 900 bytes, and nothing of it was kept: run again later (asked 5 times)", stats.ServerUnreachable},
		"a wrong length": {raw(t, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(header+april)-1, header+april)),
			"is longer than the", stats.AnswerUnusable},
		"a fault that stays": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
			"has a fault (it answers 500): run again later, and tell whoever runs it if that lasts (asked 5 times)", stats.ServerUnreachable},
		"404": {http.NotFound, "is not there (the server answers 404)", stats.FileMissing},
		"a web page": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title>")
		}, "gives a web page and not a file", stats.AnswerUnusable},
		"a circle": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "in a circle", stats.AddressRefused},
		"a host not named": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		}, "is not in etl.fetch.hosts", stats.AddressRefused},
		"left alone": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(429)
		}, "asks to be left alone", stats.ServerUnreachable},
		"a bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, "unpacks to more than 250 times its size", stats.FileTooLarge},
		"another table":        {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a,b\n1,2\n") }, `the column "area_code" is missing`, stats.WrongLayout},
		"cut off in the table": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, header+april+"\nE230") }, "row 3: the file looks cut off in its last line", stats.FileDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			b.site(t, server, "/return.csv", "")
			b.wrong(t, tt.says, tt.cause)
		})
	}
	t.Run("a certificate that nobody signed", func(t *testing.T) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		defer server.Close()
		b.site(t, server, "/return.csv", "")
		b.wrong(t, "cannot prove who it is", stats.ServerUntrusted)
	})
	t.Run("a private address", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		b.site(t, server, "/return.csv", "")
		b.cfg.ETL.Fetch.AllowPrivate = false
		b.etl = b.over(b.conn)
		b.wrong(t, "is not on the public internet", stats.AddressRefused)
	})
	t.Run("a slow drip", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(drip))
		defer server.Close()
		b.site(t, server, "/return.csv", "")
		b.cfg.ETL.Fetch.Timeout = config.Duration(50 * time.Millisecond)
		b.etl = b.over(b.conn)
		b.wrong(t, "did not come within 50ms: run again later, or raise etl.fetch.timeout", stats.ServerUnreachable)
	})
	t.Run("it takes too long", func(t *testing.T) {
		over := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-over:
			case <-r.Context().Done():
			}
		}))
		defer server.Close()
		defer close(over)
		b.site(t, server, "/return.csv", "")
		b.cfg.ETL.Fetch.Timeout = config.Duration(50 * time.Millisecond)
		b.etl = b.over(b.conn)
		b.wrong(t, "did not come within", stats.ServerUnreachable)
	})
}

// wrong runs the source of returns and wants one sentence that is stored.
func (b *bench) wrong(t *testing.T, says string, cause stats.Cause) {
	t.Helper()
	before, began := b.served(t, query.Latest), b.tick()
	run := b.run(t, "force_return", "")
	b.stored(t, run)
	if run.Outcome != stats.Failed && run.Outcome != stats.RejectedRun || !strings.Contains(run.Problem, says) || strings.Contains(run.Problem, "\n") || run.Cause != cause {
		t.Errorf("%s, %s, %q; want %s, %q", run.Outcome, run.Cause, run.Problem, cause, says)
	}
	b.serves(t, before...)
	if diff := cmp.Diff(before, b.served(t, began)); diff != "" {
		t.Errorf("served as at the moment before (-want +got):\n%s", diff)
	}
	b.clean(t)
}

// stored wants a run to be recorded as it came back.
func (b *bench) stored(t *testing.T, run stats.Run) {
	t.Helper()
	stored, err := b.reader.Run(t.Context(), run.ID)
	if err != nil || stored.Problem != run.Problem || stored.Outcome != run.Outcome || !stored.EndedAt.Equal(run.EndedAt.Truncate(time.Microsecond)) {
		t.Errorf("stored: %+v, %v; want %+v", stored, err, run)
	}
}

// TestFaultsThatPass: a server that mends itself is asked again within the
// run, and the file loads.
func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		first http.HandlerFunc
		times int32
	}{
		"500 three times": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, 3},
		"429 and a time to come back": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 1},
		"a body that is cut once": {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"+header), 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.must(t, "force_return", b.write(t, "a.csv", march), stats.Published)
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) <= tt.times {
					tt.first(w, r)
					return
				}
				_, _ = io.WriteString(w, header+april+"\n")
			}))
			defer server.Close()
			b.site(t, server, "/return.csv", "")
			b.stored(t, b.must(t, "force_return", "", stats.Published))
			if asked.Load() != tt.times+1 {
				t.Errorf("the server was asked %d times, want %d", asked.Load(), tt.times+1)
			}
			b.serves(t, marchServed, aprilServed)
			b.clean(t)
		})
	}
}

// raw answers with bytes of its own, as no well-made server does, and hangs up.
func raw(t *testing.T, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
	}
}

// drip sends one byte after another, is never silent for long and never ends.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000000")
	drops := time.NewTicker(time.Millisecond)
	defer drops.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-drops.C:
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
		}
	}
}
