package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"stalkstats/dashboard"
	"stalkstats/internal/command"
)

// A shownPage is one that is opened in a browser.
type shownPage struct {
	name, address string
	charts        bool // it has at least one
}

// pages is what the pictures show: each page of the default configuration.
var pages = []shownPage{
	{"overview", "/", true},
	{"force", "/forces/E23000005", true},
	{"measures", "/measures", false},
	{"measure", "/measures/stalking_charges?area=E23000026", true},
	{"rate", "/measures/charge_rate?area=E23000026", true},
	{"compare", "/compare", true},
	{"annotate-target", "/measures/stalking_charges/annotate?area=E23000026&kind=target", false},
	{"orders", "/orders", true},
	{"orders-force", "/orders?area=E23000006", true},
	{"figure", "/figure?measure=charge_rate&area=K04000001&source=published_force_figures&basis=outcomes&period=2021/22", false},
	{"figure-sum", "/figure?measure=stalking_charges&area=E23000026&source=force_return&period=2024-01-01/2024-09-27", false},
	{"no-figure", "/figure?measure=stalking_charges&area=E23000026&source=force_return&period=2025-03", false},
	{"compare-gap", "/compare?period=2019/20&area=E23000005", true},
	{"compare-counts", "/compare?measure=stalking_charges", false},
	{"changes", "/changes?since=2024-09-27", false},
	{"changes-none", "/changes?since=2024-09-27&area=K04000001", false},
	{"changes-asked", "/changes", false},
	{"recommendations", "/recommendations", false},
	{"recommendation", "/recommendations/7", false},
	{"recommendation-figures", "/recommendations/E2", true},
	{"entry", "/recommendations/7/enter", false},
	{"forces", "/recommendations/forces", false},
	{"plan", "/recommendations/plan", false},
	{"plan-figures", "/recommendations/plan?figures=yes", false},
	{"data", "/data", false},
	{"layouts", "/data/layouts", false},
	{"source", "/data/sources/force_return", false},
	{"downloads", "/data/downloads", false},
	{"permalinks", "/reports/permalinks", false},
	{"revisions", "/data/revisions", false},
	{"reports", "/reports", false},
	{"reports-chosen", "/reports?show=yes&measure=stalking_charges&measure=charge_rate&area=forces&breakdown=totals&from=2021-04-01", false},
	{"save", "/reports/save?measure=stalking_charges&area=E23000026", false},
	{"saved", "/reports/saved", false},
	{"reports-fault", "/reports?show=yes&area=E23000026&from=2024-02-30", false},
	{"pack", "/pack?page=/&page=/orders&page=/recommendations&page=/measures/charge_rate&area=E23000026", false},
	{"pack-form", "/pack", false},
	{"pack-save", "/pack/save?page=/&page=/orders&area=E23000026", false},
	{"about", "/about", false},
	{"not-found", "/measures/no-such-measure", false},
}

// publicPages are those of pages that everybody may have.
func publicPages() []shownPage {
	var public []shownPage
	for _, name := range []string{"overview", "measure", "compare", "orders", "figure", "no-figure", "recommendations", "recommendation", "forces", "reports", "reports-chosen", "about", "not-found"} {
		page := pages[slices.IndexFunc(pages, func(p shownPage) bool { return p.name == name })]
		page.name = "public-" + page.name
		public = append(public, page)
	}
	return public
}

// at is pages with the whole address that they have on a site.
func at(site string, pages []shownPage) []shownPage {
	pages = slices.Clone(pages)
	for i := range pages {
		pages[i].address = site + pages[i].address
	}
	return pages
}

// site serves the default configuration, fully loaded, on loopback.
func site(t testing.TB) (address string, p pipeline) {
	t.Helper()
	handler, p := loadedSite(t)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, p
}

// loadedSite is the pages over the demonstration, which nobody serves yet.
func loadedSite(t testing.TB) (*dashboard.Site, pipeline) {
	t.Helper()
	p := newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	var sources []dashboard.Source
	for _, src := range p.cfg.ETL.Sources {
		sources = append(sources, dashboard.Source{Name: src.Name, Title: src.Title, From: src.From, Schedule: src.Schedule, Limit: src.Limit()})
	}
	layouts, err := command.PageLayouts()
	if err != nil {
		t.Fatal(err)
	}
	handler, err := dashboard.New(dashboard.Options{
		Reader: p.reader, Home: p.cfg.Force, Sources: sources, Layouts: layouts, Actions: true, Version: "test", Logger: slog.New(slog.DiscardHandler),
		Ready: func(context.Context) error { return nil }, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler, p
}

// chromium is the browser that the tests drive.
func chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("STALKSTATS_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("chromium is not installed: the tests open the pages in it")
	return ""
}

// browser starts a headless browser that sees nothing but this machine.
func browser(t testing.TB) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(func() { cancel(); stopBrowser(); stop() })
	return ctx
}

// complaints collects what a browser says is wrong with a page: violations of
// the security policy, failed requests, errors of scripts.
type complaints struct {
	sync.Mutex
	own      string
	requests int
	found    []string
}

func (c *complaints) add(format string, args ...any) {
	c.Lock()
	defer c.Unlock()
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

func (c *complaints) take() []string {
	c.Lock()
	defer c.Unlock()
	found := c.found
	c.found = nil
	return found
}

func (c *complaints) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		c.add("script: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 404") && !strings.Contains(e.Entry.Text, "status of 400") {
			c.add("%s: %s", e.Entry.Source, e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		c.Lock()
		c.requests++
		c.Unlock()
		if !strings.HasPrefix(e.Request.URL, c.own) && !strings.HasPrefix(e.Request.URL, "data:") {
			c.add("a request left this site: %s", e.Request.URL)
		}
	}
}

// listening collects the complaints of a browser about pages of a site.
func listening(t *testing.T, ctx context.Context, address string) *complaints {
	t.Helper()
	seen := &complaints{own: address}
	if err := chromedp.Listen(ctx, seen.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestScreenshots opens every page in a browser, at the width of a desk and of
// a phone, and takes pictures for `make screenshots`. A page must have one heading, draw each of
// its charts, fit its width, and make the browser complain of nothing.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	sites := sample(t)
	ctx := browser(t)
	seen := listening(t, ctx, "http://127.0.0.1:")
	folder := os.Getenv("STALKSTATS_PICTURES") // empty: none are taken, which takes longer than all else
	for _, width := range []int64{1280, 390, 320} {
		for _, page := range append(at(sites.address, pages), at(sites.public, publicPages())...) {
			name := fmt.Sprintf("%s-%d", page.name, width)
			state, err := look(ctx, page.address, width)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if state.Headings != 1 || state.Title == "" {
				t.Errorf("%s: %d headings of the first level, title %q", name, state.Headings, state.Title)
			}
			if state.Drawn < state.Charts || page.charts && state.Charts == 0 {
				t.Errorf("%s: %d of %d charts are drawn", name, state.Drawn, state.Charts)
			}
			if state.Wide > width {
				t.Errorf("%s: the page is %d pixels wide", name, state.Wide)
			}
			for _, complaint := range seen.take() {
				t.Errorf("%s: %s", name, complaint)
			}
			if folder == "" {
				continue
			}
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	if seen.requests < 3*len(pages) {
		t.Errorf("only %d requests were seen: the browser's events do not arrive", seen.requests)
	}
}

// pageState is what a script finds on a loaded page.
type pageState struct {
	Title    string `json:"title"`
	Headings int    `json:"headings"`
	Charts   int    `json:"charts"`
	Drawn    int    `json:"drawn"`
	Wide     int64  `json:"wide"`
}

func look(ctx context.Context, address string, width int64) (state pageState, err error) {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address), chromedp.WaitReady("body")); err != nil {
		return state, err
	}
	if err := turnToCharts(ctx); err != nil {
		return state, err
	}
	return stateOf(ctx)
}

// stateOf is what stands on the opened page.
func stateOf(ctx context.Context) (pageState, error) {
	return chromedp.Run(ctx, chromedp.Evaluate[pageState](`({
		title: document.title,
		headings: document.querySelectorAll("h1").length,
		charts: document.querySelectorAll("script[type='application/json']").length,
		drawn: document.querySelectorAll(".chart__live svg").length,
		wide: document.documentElement.scrollWidth,
	})`))
}

// turnToCharts does to each chart what a reader's pointer does, and waits until each
// answers.
func turnToCharts(ctx context.Context) error {
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll(".chart__plot").forEach((plot) => plot.dispatchEvent(new Event("pointerover", {bubbles: true}))), 0`)); err != nil {
		return err
	}
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](`matchMedia("(scripting: none)").matches || document.querySelectorAll(".chart__live svg").length >= document.querySelectorAll("script[type='application/json']").length`, chromedp.WithPollingTimeout(20*time.Second)))
	return err
}

// script runs a script on an opened page and reads what it finds.
func script[T any](t *testing.T, ctx context.Context, address, source string) T {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(address), chromedp.WaitReady("body")); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if err := turnToCharts(ctx); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[T](source))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return found
}
