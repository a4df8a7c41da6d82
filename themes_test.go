package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// seenColours is what the texts, marks and lines of the charts of a page are drawn in, as
// the browser shows them, with their contrast to what they stand on (WCAG 2.2, contrast
// ratio).
const seenColours = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
	const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
	const light = (colour) => { const [r, g, b] = rgb(colour).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const contrast = (a, b) => { const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y); return (bright + 0.05) / (dark + 0.05); };
	const seen = new Map();
	for (const live of document.querySelectorAll(".chart__live")) {
		echarts.getInstanceByDom(live).dispatchAction({type: "showTip", seriesIndex: 0, dataIndex: 1});
		echarts.getInstanceByDom(live).getZr().flush();
	}
	for (const svg of document.querySelectorAll(".chart__plot svg")) {
		const ground = getComputedStyle(svg.closest(".chart__plot")).backgroundColor;
		for (const e of svg.querySelectorAll("text, path, rect, circle, polygon, polyline, line")) {
			const style = getComputedStyle(e);
			for (const how of ["fill", "stroke"]) {
				const drawn = (e.getAttribute(how) || "").toLowerCase();
				const unseen = e.closest("clipPath, defs") || parseFloat(style[how + "Opacity"]) === 0 || how === "stroke" && parseFloat(style.strokeWidth) === 0;
				if (unseen || drawn === "" || drawn === "none" || drawn === "transparent" || drawn.startsWith("url(") || drawn === "#ffffff") { continue; }
				const kind = drawn === "#d9dce0" ? "hair" : e.tagName === "text" ? "text" : "mark";
				seen.set(drawn + " " + how + " " + kind + " " + style[how], {Drawn: drawn, Kind: kind, Shown: rgb(style[how]).join(), Ground: rgb(ground).join(), Contrast: contrast(style[how], ground)});
			}
		}
	}
	return [...seen.values()];
})()`

type seenColour struct {
	Drawn, Kind, Shown, Ground string
	Contrast                   float64
}

// TestChartColoursFollowTheTheme: in each theme every text of a chart has a contrast of
// 4.5 to what it stands on, every mark and line one of 3, before a chart answers and after;
// in a dark theme none is as it is on white.
func TestChartColoursFollowTheTheme(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	for _, path := range []string{"/", "/measures/stalking_charges", "/measures/charge_rate", "/measures/spo_granted?area=E23000006", "/compare", "/compare?period=2019/20&area=E23000005", "/orders"} {
		emulate(t, ctx)
		if _, err := look(ctx, address+path, 1280); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		light := map[string]string{}
		for _, theme := range append([]theme{{name: "light"}}, themes...) {
			emulate(t, ctx, theme.features...)
			seen, err := chromedp.Run(ctx, chromedp.Evaluate[[]seenColour](seenColours))
			if err != nil {
				t.Fatalf("%s, %s: %v", path, theme.name, err)
			}
			if len(seen) < 3 {
				t.Errorf("%s, %s: only %d colours", path, theme.name, len(seen))
			}
			for _, c := range seen {
				if least := map[string]float64{"text": 4.5, "mark": 3}[c.Kind]; c.Contrast < least {
					t.Errorf("%s, %s: what is drawn in %s (%s) is %s on %s, a contrast of %.2f", path, theme.name, c.Drawn, c.Kind, c.Shown, c.Ground, c.Contrast)
				}
				switch {
				case theme.name == "light":
					light[c.Drawn] = c.Shown
				case theme.name == "dark" && light[c.Drawn] == c.Shown:
					t.Errorf("%s: what is drawn in %s is the same in the dark as on white: _themes.scss does not name it", path, c.Drawn)
				}
			}
		}
	}
}

// TestPaperIsWhite: whatever readers have asked their computer for, paper is white and
// charts on it are as they were drawn.
func TestPaperIsWhite(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if _, err := look(ctx, address+"/measures/stalking_charges", 1280); err != nil {
		t.Fatal(err)
	}
	for _, features := range [][][2]string{{{"prefers-color-scheme", "dark"}}, {{"prefers-color-scheme", "dark"}, {"prefers-contrast", "more"}}} {
		params := emulation.SetEmulatedMediaParams{Media: "print"}
		for _, f := range features {
			params.Features = append(params.Features, &emulation.MediaFeature{Name: f[0], Value: f[1]})
		}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params); err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
			getComputedStyle(document.querySelector(".chart__drawn--middle [fill='#12436D' i]")).fill].join(" ")`))
		if want := "rgb(255, 255, 255) rgb(11, 12, 12) rgb(18, 67, 109)"; err != nil || got != want {
			t.Errorf("%v: paper has %q, want %q, error %v", features, got, want, err)
		}
	}
}

// TestPaperHasTheFirstNewFigures: paper leaves out the rows of what is new after the first
// twenty, and says how many and where they are; a screen has all, and says nothing of paper.
func TestPaperHasTheFirstNewFigures(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	const seen = `((rows, says) => [rows.length, rows.filter((row) => row.getBoundingClientRect().height > 0).length, says.getBoundingClientRect().height > 0 ? says.textContent : ""].join(" | "))(
		[...document.querySelectorAll("#new ~ .scroll tbody tr")], document.querySelector(".paper-only"))`
	screen := script[string](t, ctx, address+"/changes?since=2024-09-27", seen)
	var rows, shown int
	if n, err := fmt.Sscanf(screen, "%d | %d |", &rows, &shown); n != 2 || err != nil || rows < 30 || shown != rows || !strings.HasSuffix(screen, "| ") {
		t.Errorf("on a screen: %q", screen)
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	paper, err := chromedp.Run(ctx, chromedp.Evaluate[string](seen))
	want := fmt.Sprintf("%d | 20 | On paper these are the first 20 of %[1]d counts. The page has the other %d: /changes?since=2024-09-27&area=E23000026", rows, rows-20)
	if err != nil || paper != want {
		t.Errorf("on paper: %q, want %q, error %v", paper, want, err)
	}
}

// TestNothingMoves: who has asked for less motion sees none.
func TestNothingMoves(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	emulate(t, ctx, [2]string{"prefers-reduced-motion", "reduce"})
	for _, path := range []string{"/", "/measures/stalking_charges", "/reports", "/data/sources/force_return"} {
		if _, err := look(ctx, address+path, 1280); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if moves := movesOn(t, ctx); len(moves) > 0 {
			t.Errorf("%s: %q", path, moves)
		}
	}
	// The test sees what moves where the pages' own rule is not asked for.
	emulate(t, ctx)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelector("a").animate([{opacity: 0}, {opacity: 1}], 60000), 0`)); err != nil {
		t.Fatal(err)
	}
	if moves := movesOn(t, ctx); len(moves) == 0 {
		t.Error("what moves is not seen")
	}
}

func movesOn(t *testing.T, ctx context.Context) []string {
	t.Helper()
	moves, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e);
		return %s || s.scrollBehavior === "smooth" || e.getAnimations().length > 0; }).map((e) => e.outerHTML.slice(0, 100))`,
		`s.transitionDuration.split(", ").some((d) => parseFloat(d) > 0) || (s.animationName !== "none" && parseFloat(s.animationDuration) > 0)`)))
	if err != nil {
		t.Fatal(err)
	}
	return moves
}

// edges is, of a page as it is seen, what tells something by its edge and has another one
// than it should where the computer forces its colours: a transparent edge is seen there,
// and a shadow is not. govuk-frontend's own are made for that.
const edges = `(() => {
	const wrong = [], is = (e) => e.outerHTML.slice(0, 100);
	for (const e of document.querySelectorAll("body *:not([class*='govuk-'])")) {
		const s = getComputedStyle(e);
		if (s.forcedColorAdjust === "auto" && ["Top", "Right", "Bottom", "Left"].some((side) => parseFloat(s["border" + side + "Width"]) > 0 && s["border" + side + "Color"] === "rgba(0, 0, 0, 0)")) { wrong.push("transparent: " + is(e)); }
	}
	for (const e of document.querySelectorAll(".item")) {
		const width = getComputedStyle(e).borderLeftWidth;
		if (width !== (e.matches(".item--forces") ? "6px" : "0px")) { wrong.push(width + ": " + is(e)); }
	}
	for (const e of document.querySelectorAll(".sections a")) {
		const width = getComputedStyle(e).borderBottomWidth;
		if (width !== (e.matches("[aria-current]") ? "3px" : "0px")) { wrong.push(width + ": " + is(e)); }
	}
	return wrong;
})()`

// TestForcedColoursKeepEdges: the edge of what chief constables answer for is on that
// alone, the section that is open has its line, and no edge is there that was not seen.
func TestForcedColoursKeepEdges(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	for _, path := range []string{"/", "/measures/stalking_charges", "/recommendations", "/recommendations/7", "/recommendations/forces", "/orders", "/data", "/reports"} {
		emulate(t, ctx)
		wrong := script[[]string](t, ctx, address+path, edges)
		emulate(t, ctx, [2]string{"forced-colors", "active"})
		forced, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](edges))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if wrong = append(wrong, forced...); len(wrong) > 0 {
			t.Errorf("%s: %d edges are wrong, such as %s", path, len(wrong), wrong[0])
		}
	}
}
