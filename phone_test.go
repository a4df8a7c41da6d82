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
