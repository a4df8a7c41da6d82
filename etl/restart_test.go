package etl_test

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/clickhouse/embedded"
	"stalkstats/internal/stats"
)

// A server is ClickHouse's HTTP interface at a port of this machine, with the
// engine of the test behind it. It can go down at its n-th write, before that
// is carried out or after, and come up again at the same port.
type server struct {
	engine  http.RoundTripper
	address string
	up      *http.Server

	mu         sync.Mutex
	at, writes int // 0: it stays up
	how        breakdown
	wentDown   string // the write
}

// breakdown is how a server ends at a write: whether that was carried out, and
// whether the server is back at once.
type breakdown struct{ carriedOut, comeBack bool }

// newServer serves the engine of a bench, and gives the DSN of its database.
func newServer(t *testing.T, b *bench) (s *server, dsn string) {
	t.Helper()
	if os.Getenv(clickhousetest.ServerVariable) != "" {
		t.Fatalf("this test restarts the embedded engine's server: run it without %s", clickhousetest.ServerVariable)
	}
	var dir, database string
	if err := b.conn.QueryRow(t.Context(), "SELECT path, currentDatabase() FROM system.disks WHERE name = 'default'").Scan(&dir, &database); err != nil {
		t.Fatal(err)
	}
	engine, err := embedded.Open(embedded.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s = &server{engine: engine, address: "127.0.0.1:0"}
	s.start(t)
	t.Cleanup(func() {
		s.stop()
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, "http://" + s.address + "/" + database
}

func (s *server) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	quiet := log.New(io.Discard, "", 0)
	proxy := &httputil.ReverseProxy{Transport: s.engine, FlushInterval: -1, ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "engine" }}
	up := &http.Server{ErrorLog: quiet, MaxHeaderBytes: 16 << 20}
	up.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		down, how := s.goesDown(r)
		if !down {
			proxy.ServeHTTP(w, r)
			return
		}
		if how.carriedOut {
			// What the engine answers goes nowhere.
			proxy.ServeHTTP(nowhere{}, r)
		}
		up.Close()
		if how.comeBack {
			s.start(t)
		}
		panic(http.ErrAbortHandler)
	})
	s.mu.Lock()
	s.up = up
	s.mu.Unlock()
	go up.Serve(listener)
}

// stop ends the server that is up.
func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up.Close()
}

// goesDown counts a request and says whether the server ends at it, and how.
func (s *server) goesDown(r *http.Request) (bool, breakdown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := r.URL.Query().Get("query") // an insert with rows; another statement is in the body
	if what == "" {
		text, _ := io.ReadAll(r.Body)
		what = string(text)
		r.Body = io.NopCloser(strings.NewReader(what))
	}
	if s.at == 0 || !slices.ContainsFunc([]string{"INSERT", "DELETE"}, func(word string) bool { return strings.HasPrefix(strings.TrimSpace(what), word) }) {
		return false, breakdown{}
	}
	s.writes++
	if s.writes != s.at {
		return false, breakdown{}
	}
	s.wentDown = what[:min(60, len(what))]
	return true, s.how
}

// nowhere is a client that has gone.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

// fail makes the server go down at its n-th write from now.
func (s *server) fail(n int, how breakdown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.writes, s.how, s.wentDown = n, 0, how, ""
}

// mended makes the server stay up, and gives the write at which it went down.
func (s *server) mended() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = 0
	return s.wentDown
}

// unwelcome is words of the network that a data owner must not be told.
var unwelcome = []string{"EOF", "dial", "tcp", "refused", "reset", "broken pipe", "http", "127.0.0.1", "sendStreamQuery", "\n"}

func plainWords(t *testing.T, text string) {
	t.Helper()
	for _, word := range unwelcome {
		if strings.Contains(text, word) {
			t.Errorf("%q has %q in it", text, word)
		}
	}
}

// TestTheServerRestarts takes new editions of a return to their publication
// over a server that goes down at each write in turn, and comes up again at
// once or after the run. It stands for a ClickHouse server: the driver, the
// network and what breaks are real, the engine behind is the embedded one.
func TestTheServerRestarts(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]breakdown{
		"before a write, and stays down": {false, false}, "after a write, and stays down": {true, false},
		"before a write, and is back at once": {false, true}, "after a write, and is back at once": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			s, dsn := newServer(t, b)
			db, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			mended := hear("a run had no end", "")
			over := b.logging(db, slog.New(mended))
			b.must(t, "lenient", b.write(t, "other.csv", "E23000028,2024-03,stalking_arrests,,,7,,"), stats.Published)
			lines, former := edition(0)
			b.must(t, "force_return", b.write(t, "edition.csv", lines...), stats.Published)
			for n := 1; ; n++ {
				lines, next := edition(n)
				path := b.write(t, "edition.csv", lines...)
				before := b.newest(t).ID
				s.fail(n, how)
				runs, err := over.Run(t.Context(), "force_return", etl.Options{File: path})
				isNext := b.whole(t, former, next)
				at := s.mended()
				if at != "" && !how.comeBack {
					if err == nil {
						t.Errorf("down at %s: the run ends with %+v and no error", at, runs)
					} else {
						plainWords(t, err.Error())
					}
					s.start(t)
				}
				for _, run := range runs {
					plainWords(t, run.Problem)
				}
				b.settles(t, over, mended, before)
				ended := b.newest(t)
				if isNext != (ended.Outcome == stats.Published) || ended.Outcome == stats.Failed && ended.Problem != clickhouse.ErrUnanswered.Error() {
					t.Errorf("down at %s: the run is recorded as %s, %q; the new edition is served: %v", at, ended.Outcome, ended.Problem, isNext)
				}
				last := only(t, "force_return")(over.Run(t.Context(), "force_return", etl.Options{File: path}))
				if last.Outcome != stats.Published && last.Outcome != stats.Unchanged {
					t.Errorf("the next run: %s, %s", last.Outcome, last.Problem)
				}
				b.clean(t)
				if diff := cmp.Diff(next, b.served(t, query.Latest)); diff != "" || t.Failed() {
					t.Fatalf("down at write %d, %s: served (-want +got):\n%s", n, at, diff)
				}
				if at == "" {
					if n <= 6 {
						t.Fatalf("a run makes only %d writes", n-1)
					}
					return
				}
				former = next
			}
		})
	}
}

// settles lets the scheduler's own look at what is left record the end of the
// run after the one before.
func (b *bench) settles(t *testing.T, over *etl.ETL, mended heard, before string) {
	t.Helper()
	recorded := func() bool { run := b.newest(t); return run.ID != before && run.Outcome != stats.Running }
	if recorded() {
		return
	}
	for len(mended.told) > 0 { // of the run before, which the next one recorded
		<-mended.told
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	ended := make(chan struct{})
	go func() { over.TakeUp(ctx, ctx); close(ended) }()
	select {
	case <-mended.told:
	case <-ctx.Done():
	}
	stop()
	<-ended
	if !recorded() {
		t.Errorf("the run has no end: %+v", b.newest(t))
	}
}

func (b *bench) newest(t *testing.T) stats.Run {
	t.Helper()
	runs, err := b.reader.Runs(t.Context(), "force_return", 1)
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	return runs[0]
}

// TestNoServer: one sentence, without the network's own words.
func TestNoServer(t *testing.T) {
	b := newBench(t)
	s, dsn := newServer(t, b)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = clickhouse.Open(t.Context(), clickhouse.Options{DSN: dsn})
	want := "connect to ClickHouse at " + address.Host + ": " + clickhouse.ErrUnanswered.Error()
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
