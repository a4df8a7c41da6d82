package source

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

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
