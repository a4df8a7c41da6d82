package main

import (
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// mostOfAFirstVisit is how many bytes may come over the wire until a first visitor
// reads the charts: docs/accessibility.md has what they are now.
const mostOfAFirstVisit = 150_000

// TestFirstVisit counts the bytes of a first visit as the browser does, head and
// body, as they come over the wire: until the page is loaded all charts are there.
func TestFirstVisit(t *testing.T) {
	address := sample(t).address
	ctx := browser(t)
	var visit wire
	if err := chromedp.Listen(ctx, visit.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"/", "/measures/stalking_charges?area=E23000026", "/compare", "/orders", "/recommendations", "/reports"} {
		if _, err := chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
			t.Fatal(err)
		}
		visit.begin()
		if _, err := chromedp.RunResponse(ctx, chromedp.Navigate(address+page)); err != nil {
			t.Fatal(err)
		}
		readable, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`[...document.querySelectorAll(".chart__plot")].every((plot) => [...plot.querySelectorAll("svg path")].some((p) => p.getBoundingClientRect().width > 0))`))
		if err != nil || !readable {
			t.Errorf("%s: the charts are not there, error %v", page, err)
		}
		bytes, files := visit.came()
		if bytes > mostOfAFirstVisit || files < 2 || bytes < 10_000 {
			t.Errorf("%s: %.0f bytes in %d files", page, bytes, files)
		}
		t.Logf("%s: %.0f bytes in %d files", page, bytes, files)
	}
}

// wire is what came over it, by what the browser tells.
type wire struct {
	sync.Mutex
	bytes float64
	files int
}

func (w *wire) listen(event any) {
	if e, ok := event.(*network.EventLoadingFinished); ok {
		w.Lock()
		w.bytes += e.EncodedDataLength
		w.files++
		w.Unlock()
	}
}

func (w *wire) begin() {
	w.Lock()
	w.bytes, w.files = 0, 0
	w.Unlock()
}

func (w *wire) came() (bytes float64, files int) {
	w.Lock()
	defer w.Unlock()
	return w.bytes, w.files
}
