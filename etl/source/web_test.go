package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
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
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
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
func web(t *testing.T, addresses ...string) *Fetcher {
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

// TestStatus: an answer without a file, and what it has the data owner do.
func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		code  int
		rest  string // Retry-After
		asked int32
		want  string
	}{
		{404, "", 1, "ADDRESS is not there (the server answers 404): check the address, the publisher may have moved the file"},
		{410, "", 1, "ADDRESS is no longer there (the server answers 410): the publisher has taken it away, look for its new address"},
		{401, "", 1, "ADDRESS may not be read from here (the server answers 401): ask whoever runs it for access, or name another address"},
		{403, "", 1, "ADDRESS may not be read from here (the server answers 403): ask whoever runs it for access, or name another address"},
		{418, "", 1, "ADDRESS brings no file (the server answers 418): open it in a browser and check the address"},
		{204, "", 1, "ADDRESS brings no file (the server answers 204): open it in a browser and check the address"},
		{206, "", 1, "ADDRESS brings no file (the server answers 206): open it in a browser and check the address"},
		{302, "", 1, "ADDRESS brings no file (the server answers 302): open it in a browser and check the address"},
		{304, "", 1, "ADDRESS brings no file (the server answers 304): open it in a browser and check the address"},
		{429, "", 5, "the server of ADDRESS is too busy (it answers 429): run again later (asked 5 times)"},
		{408, "", 5, "the server of ADDRESS is too busy (it answers 408): run again later (asked 5 times)"},
		{425, "", 5, "the server of ADDRESS is too busy (it answers 425): run again later (asked 5 times)"},
		{503, "0", 5, "the server of ADDRESS is too busy (it answers 503): run again later (asked 5 times)"},
		{429, "86400", 1, "the server of ADDRESS asks to be left alone for 24 hours (it answers 429): run again after that"},
		{503, "121", 1, "the server of ADDRESS asks to be left alone for 121 seconds (it answers 503): run again after that"},
		{429, "100", 1, "the server of ADDRESS is too busy (it answers 429): run again later"}, // beyond the timeout
		{429, "soon", 5, "the server of ADDRESS is too busy (it answers 429): run again later (asked 5 times)"},
		{500, "", 5, "the server of ADDRESS has a fault (it answers 500): run again later, and tell whoever runs it if that lasts (asked 5 times)"},
		{502, "", 5, "the server of ADDRESS has a fault (it answers 502): run again later, and tell whoever runs it if that lasts (asked 5 times)"},
	} {
		var asked atomic.Int32
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if tt.rest != "" {
				w.Header().Set("Retry-After", tt.rest)
			}
			w.WriteHeader(tt.code)
		})
		address := server.URL + "/a.csv"
		refused(t, web(t, server.URL), address, strings.ReplaceAll(tt.want, "ADDRESS", address))
		if n := asked.Load(); n != tt.asked {
			t.Errorf("%d %s: asked %d times, want %d", tt.code, tt.rest, n, tt.asked)
		}
	}
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

// TestRetryAfter: what the server asks for takes the place of our own pause,
// which here is longer than any test lasts.
func TestRetryAfter(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		io.WriteString(w, table)
	})
	f := web(t, server.URL)
	f.rules.Pause, f.rules.Timeout = time.Hour, 24*time.Hour
	if got, err := f.Fetch(t.Context(), "test", Item{Address: server.URL}, Validators{}, now); err != nil || asked.Load() != 2 {
		t.Errorf("%+v, %v, asked %d times", got, err, asked.Load())
	}
	for text, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "Wed, 01 Jul 2026 09:00:30 GMT": 30 * time.Second, "Wed, 01 Jul 2020 09:00:30 GMT": 0,
		"-1": -1, "": -1, "tomorrow": -1, "1e9": -1, "99999999999999": -1,
	} {
		resp := &http.Response{Header: http.Header{"Retry-After": {text}, "Date": {"Wed, 01 Jul 2026 09:00:00 GMT"}}}
		if got, ok := restOf(resp); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v, %t, want %v", text, got, ok, want)
		}
	}
}

// TestPauses grow, and differ by chance.
func TestPauses(t *testing.T) {
	pauses := web(t).pauses()
	pauses.InitialInterval = time.Second
	pauses.Reset()
	for want := time.Second; want < 3*time.Minute; want = min(2*want, maxPause) {
		if got := pauses.NextBackOff(); got < want/2 || got > want*3/2+1 {
			t.Errorf("%v is not about %v", got, want)
		}
		if want == maxPause {
			break
		}
	}
}

// TestBody: every way in which an answer is not the whole file.
func TestBody(t *testing.T) {
	packed := func(text string) string {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		io.WriteString(w, text)
		w.Close()
		return out.String()
	}
	header := func(lines ...string) string { return "HTTP/1.1 200 OK\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n" }
	length := func(n int) string { return fmt.Sprintf("Content-Length: %d", n) }
	zeros := packed(strings.Repeat("\x00", 1<<24))
	half := packed(strings.Repeat(table, 100))
	half = half[:len(half)/2]
	const damaged = "ADDRESS came packed, and damaged or cut short, and nothing of it was kept: run again later (asked 5 times)"
	const noServer = "what answers at ADDRESS is no web server, or half of one's answer: check the address and its port (asked 5 times)"
	for name, tt := range map[string]struct{ answer, want string }{
		"cut":              {header(length(900)) + table, "ADDRESS broke off after 69 of 900 bytes, and nothing of it was kept: run again later (asked 5 times)"},
		"longer than told": {header(length(len(table)-2)) + table, "ADDRESS is longer than the 67 bytes that its server tells, and its end would be missing: tell whoever runs the server"},
		"much longer":      {header(length(67)) + strings.Repeat(table, 1000), "ADDRESS is longer than the 67 bytes that its server tells, and its end would be missing: tell whoever runs the server"},
		"no length":        {header("Content-Type: text/csv") + table, "the server of ADDRESS does not tell how long the file is, so that a part of it could not be told from the whole: name another address, or put the file into a folder"},
		"cut pieces":       {header("Transfer-Encoding: chunked") + "5\r\narea_\r\n", "ADDRESS broke off after 5 bytes, and nothing of it was kept: run again later (asked 5 times)"},
		"bad pieces":       {header("Transfer-Encoding: chunked") + "x\r\narea_\r\n", "ADDRESS broke off after 0 bytes, and nothing of it was kept: run again later (asked 5 times)"},
		"too large":        {header(length(1<<25 + 1)), "ADDRESS is too large (33554433 bytes; the most is 33554432): check that it is the right file, or raise etl.fetch.max_size"},
		"a web page":       {header(length(4), "Content-Type: text/html; charset=utf-8") + "a,b\n", "ADDRESS gives a web page and not a file: open it in a browser and name the address of the file itself"},
		"a web page that calls itself a table": {header(length(len("\xef\xbb\xbf \n<!DOCTYPE html><title>x")), "Content-Type: text/csv") + "\xef\xbb\xbf \n<!DOCTYPE html><title>x",
			"ADDRESS gives a web page and not a file: open it in a browser and name the address of the file itself"},
		"a packed web page": {header(length(len(packed("<html><body>sign in"))), "Content-Encoding: gzip") + packed("<html><body>sign in"),
			"ADDRESS gives a web page and not a file: open it in a browser and name the address of the file itself"},
		"a bomb": {header(length(len(zeros)), "Content-Encoding: gzip") + zeros,
			"ADDRESS unpacks to more than 250 times its size, as no table does, and was not taken: check the address, and tell whoever runs the server"},
		"packed and cut":           {header(length(500), "Content-Encoding: gzip") + half, fmt.Sprintf("ADDRESS broke off after %d of 500 bytes, and nothing of it was kept: run again later (asked 5 times)", len(half))},
		"packed half a file":       {header(length(len(half)), "Content-Encoding: gzip") + half, damaged},
		"packed and damaged":       {header(length(4), "Content-Encoding: gzip") + "abcd", damaged},
		"not packed at all":        {header(length(len(table)), "Content-Encoding: gzip") + table, damaged},
		"packed, longer than told": {header(length(len(half)), "Content-Encoding: gzip") + half + "more", fmt.Sprintf("ADDRESS is longer than the %d bytes that its server tells, and its end would be missing: tell whoever runs the server", len(half))},
		"packed in another way":    {header(length(4), "Content-Encoding: br") + "abcd", "the server of ADDRESS packs the file in a way that was not asked for: put the file into a folder, and tell whoever runs the server"},
		"another protocol":         {"220 mail.example ready\r\n", noServer},
		"endless headers":          {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 1<<16), noServer},
		"two lengths":              {header(length(4), length(5)) + "abcde", noServer},
	} {
		t.Run(name, func(t *testing.T) {
			address := serveRaw(t, func(w io.Writer) { io.WriteString(w, tt.answer) })
			refused(t, web(t, address), address+"/a.csv", strings.ReplaceAll(tt.want, "ADDRESS", address+"/a.csv"))
		})
	}
}

// TestTooLargeInPieces: the size is bounded though it is not told beforehand.
func TestTooLargeInPieces(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for range 100 {
			io.WriteString(w, strings.Repeat(table, 10))
		}
	})
	f := web(t, server.URL)
	f.rules.MaxSize = 10_000
	refused(t, f, server.URL+"/a.csv", server.URL+"/a.csv is too large (more than 10000 bytes; the most is 10000): check that it is the right file, or raise etl.fetch.max_size")
}

// TestUnusualButWhole: answers that are good all the same.
func TestUnusualButWhole(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	io.WriteString(w, table)
	w.Close()
	for name, answer := range map[string]string{
		"packed":               fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nContent-Length: %d\r\n\r\n%s", packed.Len(), packed.String()),
		"packed, no length":    "HTTP/1.0 200 OK\r\nContent-Encoding: x-gzip\r\n\r\n" + packed.String(),
		"early hints":          fmt.Sprintf("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(table), table),
		"pieces":               fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(table), table),
		"named by the server":  fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"..\\..\\named.csv\"\r\nContent-Length: %d\r\n\r\n%s", len(table), table),
		"an identity of sorts": fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: %d\r\n\r\n%s", len(table), table),
	} {
		address := serveRaw(t, func(w io.Writer) { io.WriteString(w, answer) })
		f := web(t, address)
		got, err := f.Fetch(t.Context(), "test", Item{Address: address + "/a.csv", Name: "a.csv"}, Validators{}, now)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := "a.csv"
		if strings.HasPrefix(name, "named") {
			want = "named.csv"
		}
		if text, err := os.ReadFile(got.Path); err != nil || string(text) != table || got.File != want {
			t.Errorf("%s: %s %q, %v", name, got.File, text, err)
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
