package main

import (
	"bytes"
	"encoding/csv"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"stalkstats/dashboard"
	"stalkstats/dashboard/query"
)

// helpline is made up: its number is of those that are kept for fiction.
var helpline = dashboard.Contact{Label: "Demonstration helpline", Telephone: "020 7946 0000", Address: "https://help.example.org", Note: "every day"}

// TestPublicSite opens all that a site for everybody leads to, asks for each of it as
// the force has it, and looks for what only the force may know: the words, owners and
// evidence of its own recommendations, and the pages on which it works. Nothing of all
// this is recorded.
func TestPublicSite(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	if err := p.etl.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	address, reader := publicSite(t, p, usualRules, slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug})), dashboard.Public{SafeAddress: "https://www.example.org/", Contacts: []dashboard.Contact{helpline}})
	if _, err := reader.Edition(t.Context(), query.Latest); err != nil {
		t.Fatal(err)
	}
	told.Reset() // of what is hidden, which has been worked out
	own := ownWords(t)
	visited := crawl(t, address, func(path, body string) {
		for _, words := range own {
			if strings.Contains(body, words) {
				t.Errorf("%s tells what is for inside the force: %s", path, words)
			}
		}
		if strings.Contains(body, "<html") && (strings.Count(body, "Exit this page</a>") != 1 || !strings.Contains(body, helpline.Telephone)) {
			t.Errorf("%s has no way out, or no helpline", path)
		}
	})
	if len(visited) < 200 {
		t.Errorf("only %d pages were opened", len(visited))
	}
	for path := range visited {
		u, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		values := u.Query()
		values.Set("audience", "internal")
		u.RawQuery = values.Encode()
		status, _, body := get(t, address+u.String())
		if probe := u.Path == "/healthz" || u.Path == "/readyz"; !probe && status < 400 || strings.Contains(body, "internal: true figures") {
			t.Errorf("%s answers %d", u, status)
		}
	}
	for _, path := range []string{"/data/sources/force_return", "/recommendations/plan", "/recommendations/7/enter", "/reports/saved"} {
		if status, _, _ := get(t, address+path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
	response, err := http.Get(address + "/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if len(response.Cookies()) > 0 {
		t.Errorf("cookies %v", response.Cookies())
	}
	if told.Len() > 0 {
		t.Errorf("the log tells:\n%s", &told)
	}
	for d, err := range p.reader.Downloads(t.Context(), time.Time{}, time.Time{}) {
		t.Errorf("a download is recorded: %+v, %v", d, err)
	}
}

// ownWords is what the sample's progress return says in the force's own words.
func ownWords(t *testing.T) (words []string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(read(t, "sample/recommendation_progress.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range rows[0] {
		if name != "owner" && name != "update" && name != "evidence_url" {
			continue
		}
		for _, row := range rows[1:] {
			if text := strings.TrimPrefix(row[i], "demonstration; "); len(text) > 8 {
				words = append(words, text)
			}
		}
	}
	if len(words) < 6 {
		t.Fatalf("only %d words of the force are looked for", len(words))
	}
	return words
}

// TestExitThisPage: Escape three times and the link both lead to the safe page, from
// where the way back does not lead to the page that was left; the link without scripts too.
func TestExitThisPage(t *testing.T) {
	safe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/weather" && r.Header.Get("Referer") != "" {
			t.Errorf("the safe page is told where the reader came from: %s", r.Header.Get("Referer"))
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<title>The weather</title>It rains."))
	}))
	t.Cleanup(safe.Close)
	p := newPipeline(t)
	address, _ := publicSite(t, p, usualRules, slog.New(slog.DiscardHandler), dashboard.Public{SafeAddress: safe.URL + "/weather"})
	ctx := browser(t)
	isSafe := func(how string) {
		t.Helper()
		title, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.title"))
		if err != nil || title != "The weather" {
			t.Errorf("%s leads to %q, error %v", how, title, err)
		}
	}
	const before = "/about"
	open := func() {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate(address+before), chromedp.Navigate(address+"/nowhere"), chromedp.WaitReady("body")); err != nil {
			t.Fatal(err)
		}
	}
	open()
	says := script[string](t, ctx, address+"/nowhere", `document.querySelector("[data-with-scripts]").hidden + ""`)
	if says != "false" {
		t.Errorf("the page does not say that Escape leaves: hidden = %s", says)
	}
	if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("x"), chromedp.KeyEvent(kb.Escape)); err != nil {
		t.Fatal(err)
	}
	if left, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector(".exit__says").textContent`)); err != nil || left != "Escape: press 2 more times to exit." {
		t.Errorf("after one press the page says %q, error %v", left, err)
	}
	open()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape)); err != nil {
		t.Fatal(err)
	}
	isSafe("Escape three times")
	history, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	if err != nil {
		t.Fatal(err)
	}
	if now := int(history.CurrentIndex); now == 0 || history.Entries[now-1].URL != address+before || history.Entries[now].URL != safe.URL+"/weather" || len(history.Entries) != now+1 {
		t.Errorf("the way back is %+v at %d", history.Entries, now)
	}
	open()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(".exit__button")); err != nil {
		t.Fatal(err)
	}
	isSafe("the link")
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	open()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(".exit__button")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}); err != nil {
		t.Fatal(err)
	}
	isSafe("the link without scripts")
}
