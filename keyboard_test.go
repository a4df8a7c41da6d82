package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// watchFocus remembers what can be reached on a page, how each looks while it is not
// focused, and at each Tab what has the focus then: the browser has shown it by then.
const watchFocus = `(() => {
	const look = e => { const s = getComputedStyle(e); return [s.backgroundColor, s.boxShadow, s.borderColor, s.outline].join(" "); };
	const name = e => e.outerHTML.slice(0, 120);
	const wanted = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter(e =>
		!e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}) && !(e.type === "radio" && !e.checked && document.querySelector("input[type=radio][name='" + e.name + "']") !== e));
	const before = new Map(wanted.map(e => [e, look(e)]));
	const seen = window.seen = {wanted: wanted.length, order: [], faults: []};
	let last = null;
	const shown = e => {
		for (const box of e.getClientRects()) {
			for (const [x, y] of [[box.left + box.width / 2, box.top + box.height / 2], [box.left + 2, box.top + 2], [box.right - 2, box.bottom - 2]]) {
				const hit = document.elementFromPoint(x, y);
				if (hit && (e.contains(hit) || hit.contains(e))) { return true; }
			}
		}
		return false;
	};
	window.measure = () => {
		const e = document.activeElement;
		if (!e || e === document.body || e === last) { return; }
		const style = getComputedStyle(e);
		const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\)$|transparent/.test(style.outlineColor);
		if (!outlined && before.get(e) === look(e)) { seen.faults.push("the focus is not seen: " + name(e)); }
		if (!shown(e)) { seen.faults.push("what has the focus is covered or out of view: " + name(e)); }
		if (e.tabIndex > 0) { seen.faults.push("it jumps the order: " + name(e)); }
		if (last && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) { seen.faults.push("it comes before what had the focus: " + name(e)); }
		if (last && last.getBoundingClientRect && document.getElementById("main").contains(last) && document.getElementById("main").contains(e)) {
			const a = last.getBoundingClientRect(), b = e.getBoundingClientRect();
			if (b.bottom <= a.top + 1 && b.left < a.right - 1) { seen.faults.push("it stands above what had the focus: " + name(e)); }
		}
		if (!wanted.includes(e)) { seen.faults.push("it was not there: " + name(e)); }
		seen.order.push(e);
		last = e;
	};
	const start = document.createElement("span"); // a page with faults begins at its summary
	start.tabIndex = -1;
	document.body.prepend(start);
	start.focus();
	start.remove();
	document.addEventListener("keydown", e => { if (e.key === "Tab") { measure(); } }, true);
	return {Wanted: wanted.length, Dates: wanted.filter(e => e.type === "date").length};
})()`

type stops struct{ Wanted, Dates int }

// partsOfDate are the further stops of a field for a date: month, year and calendar.
const partsOfDate = 3

// missed is what was not reached, and whether the way leads out of the page again.
const missed = `(() => { measure(); return {
	Reached: seen.order.length, Faults: seen.faults.slice(0, 8),
	First: seen.order[0]?.getAttribute("href") ?? "",
	Out: document.activeElement === document.body || document.activeElement === null || seen.order.indexOf(document.activeElement) === 0,
}; })()`

type reached struct {
	Reached int
	Faults  []string
	First   string
	Out     bool
}

// mostStops is how many stops of a page are walked through: the long tables of figures
// have more of the same.
const mostStops = 150

// TestKeyboard walks through every page by Tab: first to the skip link, then to
// everything that does anything, in the order in which it is read, with a focus
// that is seen and not covered, and out of the page again.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	all := everyPage(t)
	ctx := browser(t)
	for _, page := range all {
		if _, err := look(ctx, page.address, 1280); err != nil {
			t.Fatalf("%s: %v", page.name, err)
		}
		walk(t, ctx, page.name)
	}
}

// walk goes through the page that is open by Tab.
func walk(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	wanted, err := chromedp.Run(ctx, chromedp.Evaluate[stops](watchFocus))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	walked := min(wanted.Wanted, mostStops)
	tab(t, ctx, walked+partsOfDate*wanted.Dates+1)
	got, err := chromedp.Run(ctx, chromedp.Evaluate[reached](missed))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got.First != "#main" {
		t.Errorf("%s: the first stop is %q", name, got.First)
	}
	if got.Reached < walked || wanted.Wanted == walked && !got.Out {
		t.Errorf("%s: %d of %d are reached, and the way leads out: %v", name, got.Reached, wanted.Wanted, got.Out)
	}
	for _, fault := range got.Faults {
		t.Errorf("%s: %s", name, fault)
	}
}

func tab(t *testing.T, ctx context.Context, times int) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(strings.Repeat(kb.Tab, times))); err != nil {
		t.Fatal(err)
	}
}

// TestKeyboardWorks: what the keyboard reaches it can also use.
func TestKeyboardWorks(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	open := func(path string) {
		t.Helper()
		if _, err := look(ctx, address+path, 1280); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	is := func(what, source, want string) {
		t.Helper()
		if got, err := chromedp.Run(ctx, chromedp.Evaluate[string](source)); err != nil || got != want {
			t.Errorf("%s: %q, want %q, error %v", what, got, want, err)
		}
	}
	press := func(key string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
	}
	to := func(selector string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).focus(), ""`, selector))); err != nil {
			t.Fatalf("%s: %v", selector, err)
		}
	}
	open("/")
	press(kb.Tab)
	press(kb.Enter)
	is("the skip link", "document.activeElement.id", "main")
	to("details summary")
	press(kb.Enter)
	is("details after Enter", `document.querySelector("details").open + ""`, "true")
	press(" ")
	is("details after the space bar", `document.querySelector("details").open + ""`, "false")

	open("/measures/stalking_charges?area=E23000026")
	const months = `echarts.getInstanceByDom(document.querySelector(".chart__live")).getOption().dataZoom[0].%s.toFixed(0)`
	for _, step := range []struct{ button, start, end string }{{"Closer", "50", "100"}, {"Earlier", "25", "75"}, {"Later", "50", "100"}, {"All", "0", "100"}} {
		is(step.button, fmt.Sprintf(`[...document.querySelectorAll(".chart__button")].find(b => b.textContent.startsWith(%q)).focus(), document.activeElement.tagName`, step.button), "BUTTON")
		press(kb.Enter)
		is("the start after "+step.button, fmt.Sprintf(months, "start"), step.start)
		is("the end after "+step.button, fmt.Sprintf(months, "end"), step.end)
	}

	open("/reports")
	to("#from")
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent("01042021"+kb.Enter)); err != nil {
		t.Fatal(err)
	}
	is("a form sent by Enter", `new URL(location).searchParams.get("show") + " " + (new URL(location).searchParams.get("from") !== "")`, "yes true")

	open("/recommendations/7/enter")
	to("#who")
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.forms[document.forms.length - 1].noValidate = true, ""`)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	// A browser gives the focus once it has drawn the page.
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.activeElement.className === "govuk-error-summary"`, chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		t.Errorf("the list of faults has not the focus: %v", err)
	}
}

// before is a page as it is before a reader turns to its charts.
func before(ctx context.Context, address string) (state pageState, err error) {
	if err := chromedp.Do(ctx, chromedp.Navigate(address), chromedp.WaitReady("body")); err != nil {
		return state, err
	}
	return stateOf(ctx)
}

// TestNarrow: at 320 pixels, which is a desk at 400%, only what has a region of its own
// is moved from side to side, and that by keyboard too.
func TestNarrow(t *testing.T) {
	t.Parallel()
	all := everyPage(t)
	ctx := browser(t)
	for _, page := range all {
		state, err := look(ctx, page.address, 320)
		if err != nil {
			t.Fatalf("%s: %v", page.name, err)
		}
		if state.Wide > 320 {
			t.Errorf("%s is %d pixels wide", page.name, state.Wide)
		}
		if fresh, err := before(ctx, page.address); err != nil || fresh.Wide > 320 {
			t.Errorf("%s is %d pixels wide before its charts answer, error %v", page.name, fresh.Wide, err)
		}
		notCut(t, ctx, page.name)
	}
}

// notCut finds what of the page that is open is cut off, or can be moved by pointer alone.
func notCut(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	cut, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("body *")].filter(e => {
		const s = getComputedStyle(e), wide = e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1;
		if (!wide || e.closest("svg, .govuk-visually-hidden, textarea, select")) { return false; }
		if (s.overflowX === "hidden" || s.overflowX === "clip") { return true; }
		return (s.overflowX === "auto" || s.overflowX === "scroll") && (e.tabIndex < 0 || !e.getAttribute("aria-label"));
	}).map(e => e.outerHTML.slice(0, 150))`))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, what := range cut {
		t.Errorf("%s: this is cut off, or cannot be moved by keyboard: %s", name, what)
	}
}
