package source

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serve runs a web server on loopback.
func serve(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// serveRaw runs a server on loopback that answers each request with bytes of
// the test's own, and closes the connection.
func serveRaw(t *testing.T, answer func(w io.Writer)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					answer(conn)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// web is a fetcher that may ask the hosts of some addresses, without pauses
// that a test would feel.
func web(t testing.TB, addresses ...string) *Fetcher {
	t.Helper()
	rules := Rules{AllowPrivate: true, Pause: time.Microsecond, Timeout: time.Minute, Stall: 20 * time.Second, MaxSize: 1 << 25}
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		rules.Hosts = append(rules.Hosts, u.Host)
	}
	return New(Store{Dir: t.TempDir()}, rules)
}

// refused fetches what must not come, and holds the sentence to want.
func refused(t *testing.T, f *Fetcher, address, want string) {
	t.Helper()
	got, err := f.Fetch(t.Context(), "test", Item{Address: address}, Validators{}, now)
	if err == nil || err.Error() != want {
		t.Errorf("%+v\n%v\nwant\n%s", got, err, want)
	}
	empty(t, f)
}

const table = "area_code,period,measure,value\nE23000026,2024-03,stalking_arrests,19\n"

func TestWeb(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if diff := cmp.Diff(http.Header{"User-Agent": {"stalkstats"}, "Accept-Encoding": {"identity"}, "Connection": {"close"}}, r.Header); diff != "" || r.Method != "GET" {
			t.Errorf("%s (-want +got):\n%s", r.Method, diff)
		}
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Last-Modified", "Wed, 01 Jul 2026 08:00:00 GMT")
		io.WriteString(w, table)
	})
	f := web(t, server.URL)
	address := server.URL + "/force%20return.csv?key=hidden"
	items, err := f.Locate(t.Context(), Place{From: address}, now)
	if diff := cmp.Diff([]Item{{Address: address, Name: "force return.csv", Size: -1, Settled: true}}, items, unexported); diff != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	got, err := f.Fetch(t.Context(), "test", items[0], Validators{}, now)
	want := Snapshot{File: "force return.csv", From: server.URL + "/force%20return.csv?…", Size: int64(len(table)), RetrievedAt: now,
		ETag: `"one"`, LastModified: "Wed, 01 Jul 2026 08:00:00 GMT", SHA256: got.SHA256, Path: f.store.Path(got.SHA256)}
	if diff := cmp.Diff(want, got, unexported); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if text, err := os.ReadFile(got.Path); err != nil || string(text) != table {
		t.Errorf("kept is %q, %v", text, err)
	}
}

// TestNotModified: the file is sent again only if it has changed, or is no
// longer kept as it was.
func TestNotModified(t *testing.T) {
	var asked []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match")+" "+r.Header.Get("If-Modified-Since"))
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, table)
	})
	f := web(t, server.URL)
	item := Item{Address: server.URL + "/a.csv", Name: "a.csv"}
	first, err := f.Fetch(t.Context(), "test", item, Validators{}, now)
	if err != nil {
		t.Fatal(err)
	}
	known := Validators{ETag: first.ETag, LastModified: "Wed, 01 Jul 2026 08:00:00 GMT", SHA256: first.SHA256}
	later := now.Add(time.Hour)
	got, err := f.Fetch(t.Context(), "test", item, known, later)
	want := first
	want.NotModified, want.RetrievedAt, want.LastModified = true, later, known.LastModified
	if diff := cmp.Diff(want, got, unexported); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	write(t, first.Path, strings.Repeat("?", len(table)))
	if got, err = f.Fetch(t.Context(), "test", item, known, later); err != nil || got.NotModified {
		t.Errorf("damaged: %+v, %v", got, err)
	}
	if err := os.Remove(first.Path); err != nil {
		t.Fatal(err)
	}
	for _, sum := range []string{first.SHA256, "../../../etc/passwd", ""} {
		known.SHA256 = sum
		if got, err = f.Fetch(t.Context(), "test", item, known, later); err != nil || got.NotModified {
			t.Errorf("%q: %+v, %v", sum, got, err)
		}
		os.Remove(first.Path)
	}
	if diff := cmp.Diff([]string{" ", `"one" Wed, 01 Jul 2026 08:00:00 GMT`, " ", " ", " ", " "}, asked); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	refused(t, web(t, "http://"+strings.TrimPrefix(serveRaw(t, func(w io.Writer) {}), "http://")), "http://nobody.example/a.csv",
		"http://nobody.example/a.csv is not asked, because nobody.example is not in etl.fetch.hosts: add it there if it may be asked")
}

// TestPasses: what passes by itself is asked again for.
func TestPasses(t *testing.T) {
	broken := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, text)
			conn.Close()
		}
	}
	for name, first := range map[string]http.HandlerFunc{
		"500 three times":  func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"no answer":        broken(""),
		"half an answer":   broken("HTTP/1.1 200 OK\r\nContent-Le"),
		"a cut body":       broken("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\narea_code,"),
		"a cut last piece": broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\narea_\r\n"),
	} {
		var asked atomic.Int32
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) <= 3 {
				first(w, r)
				return
			}
			io.WriteString(w, table)
		})
		f := web(t, server.URL)
		got, err := f.Fetch(t.Context(), "test", Item{Address: server.URL + "/a.csv", Name: "a.csv"}, Validators{}, now)
		if err != nil || got.Size != int64(len(table)) || asked.Load() != 4 {
			t.Errorf("%s: %+v after %d, %v", name, got, asked.Load(), err)
		}
		if left := names(t, f.store.Dir); len(left) != 1 {
			t.Errorf("%s: left is %v", name, left)
		}
	}
}

// TestSilence: a server that says nothing more is given up before the time of
// the whole file is over.
func TestSilence(t *testing.T) {
	for name, text := range map[string]string{"before the answer": "", "in the middle of the file": "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\narea_code"} {
		done := make(chan struct{})
		address := serveRaw(t, func(w io.Writer) {
			io.WriteString(w, text)
			<-done
		})
		f := web(t, address)
		f.rules.Stall = 20 * time.Millisecond
		want := "the server of " + address + "/a.csv was silent for 20ms: run again later (asked 5 times)"
		if text != "" {
			want = "the server of " + address + "/a.csv was silent for 20ms in the middle of the file: run again later (asked 5 times)"
		}
		t.Run(name, func(t *testing.T) { refused(t, f, address+"/a.csv", want) })
		close(done)
	}
}

// TestKeptOpen: a server that does not hang up after the whole file, though it
// was asked to, is not waited for.
func TestKeptOpen(t *testing.T) {
	done := make(chan struct{})
	address := serveRaw(t, func(w io.Writer) {
		io.WriteString(w, "HTTP/1.1 200 OK\r\nContent-Length: 69\r\n\r\n"+table)
		<-done
	})
	defer close(done)
	f := web(t, address)
	f.rules.Stall = 20 * time.Millisecond
	if got, err := f.Fetch(t.Context(), "test", Item{Address: address}, Validators{}, now); err != nil || got.Size != 69 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSlowDrip: a server that is never silent for long, and never ends.
func TestSlowDrip(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		drops := time.NewTicker(time.Millisecond)
		defer drops.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-drops.C:
				io.WriteString(w, "x")
				http.NewResponseController(w).Flush()
			}
		}
	})
	f := web(t, server.URL)
	f.rules.Timeout = 100 * time.Millisecond
	refused(t, f, server.URL+"/a.csv", server.URL+"/a.csv did not come within 100ms: run again later, or raise etl.fetch.timeout")
}

// TestStoppedInTheMiddle: being told to end ends a fetch at once, in the
// middle of a file and in a pause.
func TestStoppedInTheMiddle(t *testing.T) {
	for name, code := range map[string]int{"of a file": 200, "of a pause": 500} {
		ctx, stop := context.WithCancel(t.Context())
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(code)
			io.WriteString(w, table)
			http.NewResponseController(w).Flush()
			stop()
			<-r.Context().Done()
		})
		f := web(t, server.URL)
		f.rules.Pause, f.rules.Timeout, f.rules.Stall = time.Hour, 24*time.Hour, 24*time.Hour
		if _, err := f.Fetch(ctx, "test", Item{Address: server.URL}, Validators{}, now); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		empty(t, f)
	}
}

// TestNobodyThere: a port where nothing listens.
func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	refused(t, web(t, address), address+"/a.csv?key=hidden", "no server answers at "+address+"/a.csv?…: check the address, or run again later (asked 5 times)")
}
