package source

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

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
