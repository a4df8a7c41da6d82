package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPhoneShowsWhatMatters: on 320 pixels what is asked for first stands where it is seen
// without moving anything aside, and text has a column that it can be read in.
func TestPhoneShowsWhatMatters(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(320, 900)); err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct{ path, says string }{
		{"/compare", `[...document.querySelectorAll(".figures tr > :nth-child(2), .figures caption")].filter((e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.textContent)`},
		{"/measures", `[...document.querySelectorAll(".scroll")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => "it moves aside: " + e.textContent)`},
		{"/recommendations", `[...document.querySelectorAll(".item__facts dd")].filter((e) => e.getBoundingClientRect().width < 180).map((e) => e.textContent)`},
	} {
		hidden := script[[]string](t, ctx, address+at.path, at.says)
		if len(hidden) > 0 {
			t.Errorf("%s: %d, such as %.200q", at.path, len(hidden), hidden[0])
		}
	}
	if got := script[string](t, ctx, address+"/compare", `document.querySelector(".figures thead th:nth-child(2)").textContent`); got != "Percent" {
		t.Errorf("the first number of a force is %q", got)
	}
}

// TestNamesInTablesAreRead: on a tablet the names and headings of tables stand phrase by
// phrase, and not word by word; and the numbers of a headline stand near what they are of.
func TestNamesInTablesAreRead(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(768, 1024)); err != nil {
		t.Fatal(err)
	}
	// A text of several words in a column that has not the width of two of them.
	const narrow = `[...document.querySelectorAll(".scroll > table:not(.matrix) :is(thead th, tbody th, td.name)")]
		.filter((e) => e.textContent.trim().split(/\s+/).length > 3 && e.clientWidth > 0 && e.clientWidth < 65).map((e) => e.clientWidth + ": " + e.textContent)`
	for _, path := range []string{"/orders", "/compare", "/measures/stalking_charges", "/measures/charge_rate", "/changes?since=2024-09-27", "/data", "/data/revisions", "/recommendations/plan"} {
		if cells := script[[]string](t, ctx, address+path, narrow); len(cells) > 0 {
			t.Errorf("%s: %d, such as %.100q", path, len(cells), cells[0])
		}
	}
	const aside = `[...document.querySelectorAll(".orders")].map((e) => e.getBoundingClientRect().width - e.parentElement.clientWidth)[0]`
	if wider := script[float64](t, ctx, address+"/orders", aside); wider > 0 {
		t.Errorf("the stages of orders are %.0f pixels wider than a tablet", wider)
	}
	const apart = `Math.max(...[...document.querySelectorAll(".headline__figures")].map((e) => e.getBoundingClientRect().width))`
	for _, width := range []int64{480, 600, 699, 700, 768} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 1024)); err != nil {
			t.Fatal(err)
		}
		if wide := script[float64](t, ctx, address+"/", apart); wide > 480 || wide < 300 {
			t.Errorf("at %d pixels the numbers of a headline are up to %.0f pixels from what they are of", width, wide)
		}
	}
}
