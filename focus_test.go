package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focusLooks gives the focus to everything on a page that the keyboard reaches, and finds
// what does not look as all else does: words on yellow with a dark line under them, or a box
// with a ring of which one line has a contrast of 3 to the page. Of what has the same classes
// in the same place two are looked at.
const focusLooks = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
	const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
	const light = (colour) => { const [r, g, b] = rgb(colour).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const contrast = (a, b) => { const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y); return (bright + 0.05) / (dark + 0.05); };
	const yellow = "rgb(255, 221, 0)", dark = "rgb(11, 12, 12)", forced = matchMedia("(forced-colors: active)").matches;
	const paper = getComputedStyle(document.body).backgroundColor;
	const faults = new Map(), looked = new Map();
	for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
		const kind = [e.tagName, e.type, e.className, e.parentElement.tagName, e.parentElement.className, e.closest("[class]:not(a)")?.className].join(" ");
		if (looked.get(kind) >= 2 || !e.checkVisibility()) { continue; }
		looked.set(kind, (looked.get(kind) ?? 0) + 1);
		e.focus();
		const seen = e.classList.contains("govuk-radios__input") ? getComputedStyle(e.nextElementSibling, "::before") : getComputedStyle(e);
		const outlined = parseFloat(seen.outlineWidth) >= 3 && seen.outlineStyle === "solid" && contrast(seen.outlineColor, paper) >= 3 && !/^rgba\(.*, 0\)$/.test(seen.outlineColor);
		let good = outlined;
		if (!forced) {
			const words = seen.backgroundColor === yellow && seen.color === dark && seen.boxShadow.includes(dark);
			const ring = (seen.outlineColor === yellow || seen.boxShadow.includes(yellow)) && (outlined || /^rgb\([^)]*\)/.test(seen.boxShadow) && contrast(seen.boxShadow.match(/^rgb\([^)]*\)/)[0], paper) >= 3 || contrast(seen.borderColor, paper) >= 3);
			good = words || ring;
		}
		if (!good) {
			faults.set(e.tagName + " " + e.className, e.outerHTML.slice(0, 100) + ": colour " + seen.color + " on " + seen.backgroundColor + ", outline " + seen.outline + ", shadow " + seen.boxShadow);
		}
	}
	return [...faults.values()];
})()`

// TestFocusLooksTheSame on every page and in each theme.
func TestFocusLooksTheSame(t *testing.T) {
	t.Parallel()
	all := everyPage(t)
	ctx := browser(t)
	for _, page := range all {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(page.address), chromedp.WaitReady("body"), chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatalf("%s: %v", page.name, err)
		}
		for _, theme := range append([]theme{{name: "light"}}, themes...) {
			emulate(t, ctx, theme.features...)
			faults, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](focusLooks))
			if err != nil {
				t.Fatalf("%s: %v", page.name, err)
			}
			for _, fault := range faults {
				t.Errorf("%s, %s: %s", page.name, theme.name, fault)
			}
		}
		emulate(t, ctx)
	}
}
