package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stalkstats/internal/stats"
)

// chartsOver finds what is wrong with the texts of the charts of a page, in each box for
// which they were drawn: by the letters' own size as a browser sets them, and where the
// browser puts each mark.
const chartsOver = `[...document.querySelectorAll("svg.chart__drawn")].map((svg) => {
	for (const side of ["width", "height"]) { svg.style.setProperty(side, svg.getAttribute(side) + "px", "important"); }
	svg.style.setProperty("display", "block", "important");
	svg.style.setProperty("max-width", "none", "important");
	const origin = svg.getBoundingClientRect();
	const box = (e) => { const b = e.getBoundingClientRect(); return {left: b.left - origin.left, right: b.right - origin.left, top: b.top - origin.top, bottom: b.bottom - origin.top}; };
	const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
	const inner = (b) => ({left: b.left + 1, right: b.right - 1, top: b.top + 2, bottom: b.bottom - 2}); // a line is higher than its letters
	const texts = [...svg.querySelectorAll("text")].filter((e) => e.textContent.trim() !== "").map((e) => ({says: e.textContent, at: box(e)}));
	const marks = [...svg.querySelectorAll("path, rect, circle, ellipse, polygon")].filter((e) => {
		const fill = (e.getAttribute("fill") || "").toLowerCase();
		return fill.startsWith("#") && fill !== "#ffffff" && !e.closest("defs, clipPath, pattern");
	}).map(box).filter((b) => b.right - b.left > 0.5 && b.bottom - b.top > 0.5);
	const faults = [];
	texts.forEach((text, i) => {
		if (marks.some((mark) => meet(inner(text.at), mark))) { faults.push("“" + text.says + "” covers a figure"); }
		for (const other of texts.slice(i + 1)) {
			if (meet(inner(text.at), inner(other.at))) { faults.push("“" + text.says + "” covers “" + other.says + "”"); }
		}
		if (text.at.left < -0.5 || text.at.top < -2 || text.at.right > origin.width + 0.5 || text.at.bottom > origin.height + 2) { faults.push("“" + text.says + "” is cut off"); }
	});
	return {Box: svg.getAttribute("width") + " by " + svg.getAttribute("height"), Chart: svg.parentElement.id, Texts: texts.length, Marks: marks.length, Faults: faults};
})`

type chartOver struct {
	Box, Chart   string
	Texts, Marks int
	Faults       []string
}

// TestNoNameCoversAFigure: on no chart of the default configuration does a text stand on
// a mark or a bar, on another text, or beyond the edge, in any of the boxes.
func TestNoNameCoversAFigure(t *testing.T) {
	t.Parallel()
	address, _ := site(t)
	enterNotes(t, address)
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	boxes := map[string]int{}
	for _, path := range chartPages(t, address) {
		for _, chart := range overOn(t, ctx, address+path) {
			boxes[chart.Box]++
			if chart.Marks == 0 {
				t.Errorf("%s, %s, %s: there is no mark", path, chart.Chart, chart.Box)
			}
			for _, fault := range chart.Faults {
				t.Errorf("%s, %s, %s: %s", path, chart.Chart, chart.Box, fault)
			}
		}
	}
	if boxes["960 by 420"] < 100 || boxes["496 by 320"] < 100 || boxes["288 by 320"] < 100 || boxes["240 by 48"] < 20 {
		t.Errorf("only these were looked at: %v", boxes)
	}
}

func overOn(t *testing.T, ctx context.Context, address string) []chartOver {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(address), chromedp.WaitReady("body")); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]chartOver](chartsOver))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return found
}

// enterNotes puts notes onto neighbouring months. A target that is set now has no line over
// figures that end before; TestLevelNames in dashboard/chart has one beside the limits.
func enterNotes(t *testing.T, address string) {
	t.Helper()
	on := address + "/measures/stalking_charges/annotate?area=E23000026&kind="
	for _, day := range []string{"2022-02-01", "2023-01-01", "2023-02-01", "2023-03-01", "2024-08-01"} {
		enter(t, on+"note", url.Values{"words": {"A new team."}, "who": {"A. Owner"}, "day": {day}})
	}
}

var (
	measureLink = regexp.MustCompile(`href="(/measures/[a-z0-9_]+)`)
	chosenValue = regexp.MustCompile(`(?s)<select[^>]* name="(measure|period)">(.*?)</select>`)
	optionValue = regexp.MustCompile(`<option value="([^"]+)"`)
)

// chartPages is every page with charts of the home force and of all forces, those of some
// others, and every comparison.
func chartPages(t *testing.T, address string) []string {
	t.Helper()
	paths := []string{"/", "/forces/" + stats.EnglandAndWales, "/orders", "/orders?area=E23000006", "/recommendations/E2"}
	_, _, body := get(t, address+"/measures")
	seen := map[string]bool{}
	for _, link := range measureLink.FindAllStringSubmatch(body, -1) {
		if !seen[link[1]] {
			for _, area := range []string{"E23000026", stats.EnglandAndWales, "E23000006", "E23000005"} {
				paths = append(paths, link[1]+"?area="+area)
			}
		}
		seen[link[1]] = true
	}
	_, _, body = get(t, address+"/compare")
	for _, measure := range optionsOf(body, "measure") {
		path := "/compare?measure=" + measure
		_, _, body := get(t, address+path)
		for _, period := range optionsOf(body, "period") {
			for _, area := range []string{"E23000026", "E23000001", "E23000034"} {
				paths = append(paths, fmt.Sprintf("%s&period=%s&area=%s", path, period, area))
			}
		}
	}
	return paths
}

func optionsOf(body, name string) (values []string) {
	for _, choice := range chosenValue.FindAllStringSubmatch(body, -1) {
		if choice[1] != name {
			continue
		}
		for _, option := range optionValue.FindAllStringSubmatch(choice[2], -1) {
			values = append(values, strings.ReplaceAll(option[1], "&amp;", "&"))
		}
	}
	return values
}
