package alert_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/alert"
)

const secret = "/services/T000/B000/SECRET"

// posts is a real web server on this machine that takes what is posted to it.
type posts struct {
	sync.Mutex
	server *httptest.Server
	bodies []string // of the posts that were taken
	tried  int
	answer func(try int) int // the status; nil: 200
}

func newPosts(t *testing.T) *posts {
	t.Helper()
	p := &posts{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		p.Lock()
		defer p.Unlock()
		p.tried++
		status := http.StatusOK
		if p.answer != nil {
			status = p.answer(p.tried)
		}
		if err != nil || r.Method != http.MethodPost || r.URL.Path != secret || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			status = http.StatusBadRequest
		}
		if status == http.StatusOK {
			p.bodies = append(p.bodies, string(body))
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *posts) slack() *alert.Webhook {
	return &alert.Webhook{URL: p.server.URL + secret, Format: alert.Slack}
}

func (p *posts) host() string { return strings.TrimPrefix(p.server.URL, "http://") }

func (p *posts) tries() int {
	p.Lock()
	defer p.Unlock()
	return p.tried
}

// subjects is the first line of each message that was taken.
func (p *posts) subjects(t *testing.T) []string {
	t.Helper()
	p.Lock()
	defer p.Unlock()
	var all []string
	for _, body := range p.bodies {
		var message struct{ Text string }
		if err := json.Unmarshal([]byte(body), &message); err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(message.Text, "\n")
		all = append(all, first)
	}
	return all
}

// TestBodies are what Slack and Teams take, with what a file's cell may try.
func TestBodies(t *testing.T) {
	b, p := newBench(t), newPosts(t)
	s := stands("a", alert.Held)
	s.Title, s.Problem = "R&D", `row 3, "<!channel> [win](https://evil.example)": not a number`
	for _, format := range []string{alert.Slack, alert.Teams} {
		hook := p.slack()
		hook.Format = format
		s.Name += "a"
		b.look(t, b.start(t, nil, hook), s)
	}
	text := `R&amp;D is held back.

row 3, "&lt;!channel&gt; [win](https://evil.example)": not a number

A check held the new release back. The pages show the figures before it. Somebody must look at it, and accept it or correct the file.

Since: 1 July 2026, 09:30 BST
Source: aa
Run: 20260701T083000-0a1b2c3d

This is told once. The next message about this source comes when something else is wrong with it or when it is well again.
`
	run := func(words string, more map[string]any) any {
		r := map[string]any{"type": "TextRun", "text": words}
		for k, v := range more {
			r[k] = v
		}
		return map[string]any{"type": "RichTextBlock", "inlines": []any{r}}
	}
	want := []any{
		map[string]any{"text": "stalkstats: R&amp;D is held back\n\n" + text, "mrkdwn": false},
		map[string]any{"type": "message", "text": "stalkstats: R&D is held back", "attachments": []any{map[string]any{
			"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil,
			"content": map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
				"fallbackText": "stalkstats: R&D is held back", "body": []any{
					run("stalkstats: R&D is held back", map[string]any{"weight": "Bolder", "size": "Medium"}),
					run("R&D is held back.", nil),
					run(s.Problem, nil),
					run("A check held the new release back. The pages show the figures before it. Somebody must look at it, and accept it or correct the file.", nil),
					run("Since: 1 July 2026, 09:30 BST", nil),
					run("Source: aaa", nil),
					run("Run: 20260701T083000-0a1b2c3d", nil),
					run("This is told once. The next message about this source comes when something else is wrong with it or when it is well again.", nil),
				}}}}},
	}
	var got []any
	for _, body := range p.bodies {
		var message any
		if err := json.Unmarshal([]byte(body), &message); err != nil {
			t.Fatal(err)
		}
		got = append(got, message)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWebhookTrouble: each is told in a sentence, with the host and no more of
// the address, is tried again, and is taken then, once.
func TestWebhookTrouble(t *testing.T) {
	b := newBench(t)
	for status, says := range map[int]string{
		http.StatusInternalServerError: "it answered 500 Internal Server Error",
		http.StatusTooManyRequests:     "it answered 429 Too Many Requests",
		http.StatusNotFound:            "it answered 404 Not Found",
		http.StatusFound:               "it sends on to another address, which is not followed; put the new address into STALKSTATS_WEBHOOK_URL",
		http.StatusPermanentRedirect:   "it sends on to another address, which is not followed; put the new address into STALKSTATS_WEBHOOK_URL",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			p := newPosts(t)
			p.answer = func(try int) int {
				if try == 1 {
					return status
				}
				return http.StatusOK
			}
			a := b.start(t, nil, p.slack())
			b.look(t, a, stands(strconv.Itoa(status), alert.Failed))
			if diff := cmp.Diff([]string{"the webhook at " + p.host() + " did not take the message: " + says}, b.waiting(t)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for range 3 {
				b.look(t, a, stands(strconv.Itoa(status), alert.Failed))
			}
			if got := p.subjects(t); len(got) != 1 || p.tries() != 2 {
				t.Errorf("%d attempts, taken %q", p.tries(), got)
			}
			b.keepsTheSecret(t)
		})
	}
}

// keepsTheSecret: neither the log nor the store has the address.
func (b *bench) keepsTheSecret(t *testing.T) {
	t.Helper()
	if all := b.log.String() + strings.Join(b.waiting(t), " "); strings.Contains(all, "SECRET") || strings.Contains(all, "/services") {
		t.Errorf("the address is told: %s", all)
	}
}

// TestWebhookOutOfReach: an address where nobody listens, one that does not
// answer in time, and one whose certificate nobody knows.
func TestWebhookOutOfReach(t *testing.T) {
	end := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-end
	}))
	defer slow.Close()
	defer close(end)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	for name, tt := range map[string]struct {
		url, says string
		timeout   time.Duration
	}{
		"slow":     {slow.URL, "no answer within 1ms", time.Millisecond},
		"gone":     {gone.URL, "connection refused", time.Minute},
		"stranger": {stranger.URL, "certificate signed by unknown authority", time.Minute},
	} {
		b := newBench(t)
		b.look(t, b.start(t, nil, &alert.Webhook{URL: tt.url + secret, Format: alert.Teams, Timeout: tt.timeout}), stands("a", alert.Failed))
		host := tt.url[strings.Index(tt.url, "//")+2:]
		if got := b.waiting(t); len(got) != 1 || !strings.HasPrefix(got[0], "the webhook at "+host+" did not take the message: ") || !strings.Contains(got[0], tt.says) {
			t.Errorf("%s: %q", name, got)
		}
		b.keepsTheSecret(t)
	}
}

// TestStopped: a look whose program is told to end in the middle of a post
// leaves the alert as it was, to be sent by the next.
func TestStopped(t *testing.T) {
	b, p := newBench(t), newPosts(t)
	ctx, stop := context.WithCancel(t.Context())
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		stop()
		<-r.Context().Done()
	}))
	defer hanging.Close()
	if err := b.start(t, nil, &alert.Webhook{URL: hanging.URL, Format: alert.Slack}).Look(ctx, []alert.Standing{stands("a", alert.Failed)}); err != nil {
		t.Fatal(err)
	}
	b.look(t, b.start(t, nil, p.slack()), stands("a", alert.Failed))
	if got := p.subjects(t); len(got) != 1 {
		t.Errorf("posts %q", got)
	}
}

func TestHTTPS(t *testing.T) {
	b, p := newBench(t), newPosts(t)
	secure := httptest.NewTLSServer(p.server.Config.Handler)
	defer secure.Close()
	hook := &alert.Webhook{URL: secure.URL + secret, Format: alert.Slack, RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	b.look(t, b.start(t, nil, hook), stands("a", alert.Failed))
	if got := p.subjects(t); len(got) != 1 {
		t.Errorf("posts %q, waiting %q", got, b.waiting(t))
	}
}
