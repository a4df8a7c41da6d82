package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// chartParts is where each text and each point or line of the charts of a page is seen,
// from the corner of its chart's box, how large the smallest and the largest text are, and how
// much of its column a full chart leaves empty.
const chartParts = `((painted) => [...document.querySelectorAll(".chart__plot")].map((plot) => {
	const box = plot.getBoundingClientRect();
	const seen = [...plot.querySelectorAll("svg")].filter((svg) => svg.getBoundingClientRect().width > 0);
	const svg = seen[0];
	const scale = svg.getScreenCTM().a;
	return {
		Chart: plot.id, Drawings: seen.length, Live: svg.closest(".chart__live") !== null, Width: box.width, Height: box.height,
		Inside: svg.getBoundingClientRect().right <= box.right + 1 && svg.getBoundingClientRect().bottom <= box.bottom + 1 && plot.scrollWidth <= plot.clientWidth,
		Spare: plot.closest(".chart--full") ? plot.closest(".chart").getBoundingClientRect().width - box.width : 0,
		Largest: Math.max(0, ...[...svg.querySelectorAll("text")].map((e) => parseFloat(getComputedStyle(e).fontSize) * scale)),
		Smallest: Math.min(1000, ...[...svg.querySelectorAll("text")].map((e) => parseFloat(getComputedStyle(e).fontSize) * scale)),
		Parts: [...svg.querySelectorAll("text, path")].filter((e) => !e.closest("defs, clipPath") && painted(getComputedStyle(e)) && e.getBoundingClientRect().width + e.getBoundingClientRect().height > 0).map((e) => {
			const at = e.getBoundingClientRect();
			return {What: e.tagName + " " + e.textContent, X: at.left - box.left, Y: at.top - box.top, Right: at.right - box.left, Bottom: at.bottom - box.top};
		}),
	};
}))((style) => style.fill !== "none" && style.fillOpacity > 0 || style.stroke !== "none" && parseFloat(style.strokeWidth) > 0)`

type drawnChart struct {
	Chart         string
	Drawings      int
	Live, Inside  bool
	Width, Height float64
	Spare         float64 // what is left of the column beside a full chart
	Smallest      float64 // of its texts, in pixels of the screen; 1000 where it has none
	Largest       float64 // 0 where it has no text
	Parts         []drawnPart
}

type drawnPart struct {
	What                string
	X, Y, Right, Bottom float64
}

// windows are the widths at which the charts are looked at: a desk at 400%, phones, tablets,
// desks, and where one drawing takes the place of another.
var windows = []int64{320, 360, 412, 480, 529, 530, 640, 641, 700, 900, 1019, 1020, 1280}

// TestChartsDoNotJump: where the browser's script takes a chart over, each of its texts,
// lines and points stays where the server drew it, at every width of a window, whether it
// had that width from the start or was given it; text is never too small to be read nor
// blown up, nothing leaves its box, and no column is left half empty.
func TestChartsDoNotJump(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	for i, path := range []string{"/", "/measures/stalking_charges", "/measures/charge_rate", "/compare", "/orders"} {
		server := atEachWidth(t, ctx, address+path, 0, true)
		live := atEachWidth(t, ctx, address+path, 3*i%len(windows), false)
		for _, width := range windows {
			what := fmt.Sprintf("%s at %d", path, width)
			if len(server[width]) != len(live[width]) || len(live[width]) == 0 {
				t.Fatalf("%s: %d charts without a script, %d with", what, len(server[width]), len(live[width]))
			}
			for c, drawn := range live[width] {
				jumps(t, what+", "+drawn.Chart, server[width][c], drawn)
			}
		}
	}
}

// atEachWidth is how a page's charts are seen at each width of the window, which the page
// is opened at one of, with the script or as the server drew them.
func atEachWidth(t *testing.T, ctx context.Context, address string, first int, withoutScript bool) map[int64][]drawnChart {
	t.Helper()
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: withoutScript}); err != nil {
		t.Fatal(err)
	}
	resize := func(width int64) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
			t.Fatal(err)
		}
	}
	resize(windows[first])
	seen := map[int64][]drawnChart{windows[first]: script[[]drawnChart](t, ctx, address, chartParts)}
	for _, width := range windows {
		resize(width)
		// What the script does once a box has its new size it does before the next frame but one.
		parts := `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(` + chartParts + `))))`
		if withoutScript {
			parts = chartParts
		}
		charts, err := chromedp.Run(ctx, chromedp.Evaluate[[]drawnChart](parts, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		if width != windows[first] {
			seen[width] = charts
		}
	}
	return seen
}

func jumps(t *testing.T, what string, server, live drawnChart) {
	t.Helper()
	if server.Live || !live.Live || server.Drawings != 1 || live.Drawings != 1 {
		t.Errorf("%s: %d drawings by the server and %d by the script are seen at once", what, server.Drawings, live.Drawings)
	}
	if !server.Inside || !live.Inside {
		t.Errorf("%s: it leaves its box: the server's stays inside: %v, the script's: %v", what, server.Inside, live.Inside)
	}
	if off(server.Width, live.Width) || off(server.Height, live.Height) {
		t.Errorf("%s: the box was %.1f by %.1f and is %.1f by %.1f", what, server.Width, server.Height, live.Width, live.Height)
	}
	if min(server.Smallest, live.Smallest) < 11.99 {
		t.Errorf("%s: text of %.1f pixels, and %.1f where the script drew it", what, server.Smallest, live.Smallest)
	}
	if largest := max(server.Largest, live.Largest); largest > 21 {
		t.Errorf("%s: text of %.1f pixels", what, largest)
	}
	if server.Spare > 1 && server.Width < 840 {
		t.Errorf("%s: %.0f pixels of its column are empty beside it", what, server.Spare)
	}
	if len(server.Parts) != len(live.Parts) || len(live.Parts) < 2 {
		t.Errorf("%s: %d texts and shapes by the server, %d by the script", what, len(server.Parts), len(live.Parts))
		return
	}
	left := slices.Clone(live.Parts)
	for _, was := range server.Parts {
		stays := slices.IndexFunc(left, func(is drawnPart) bool {
			return was.What == is.What && !off(was.X, is.X) && !off(was.Y, is.Y) && !off(was.Right, is.Right) && !off(was.Bottom, is.Bottom)
		})
		if stays < 0 {
			t.Errorf("%s: it jumps: %+v was by the server, and by the script there are %+v", what, was, left)
			return
		}
		left = slices.Delete(left, stays, stays+1)
	}
}

// off reports whether two places are more than a pixel apart.
func off(a, b float64) bool { return a-b > 1 || b-a > 1 }

// TestChartAnswersWhereItIsPointedAt: on a chart that is shown larger than it was drawn, the
// pointer and the finger meet what they are over.
func TestChartAnswersWhereItIsPointedAt(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	type place struct {
		X, Y   float64
		Period string
	}
	const where = `(() => {
		const live = document.querySelector(".chart--full .chart__live");
		live.scrollIntoView({block: "center"});
		const chart = echarts.getInstanceByDom(live), svg = live.querySelector("svg");
		const periods = chart.getOption().xAxis[0].data;
		return [3, Math.floor(periods.length / 2), periods.length - 2].map((i) => {
			const [x, y] = chart.convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, [i, 0]);
			const at = new DOMPoint(x, y - 40).matrixTransform(svg.getScreenCTM());
			return {X: at.x, Y: at.y, Period: periods[i]};
		});
	})()`
	const told = `(() => {
		const live = document.querySelector(".chart--full .chart__live");
		echarts.getInstanceByDom(live).getZr().flush();
		return [...live.querySelectorAll("text")].map((e) => e.textContent).join("\n");
	})()`
	for _, width := range []int64{360, 412, 500, 600, 700, 900, 1019, 1280} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
			t.Fatal(err)
		}
		for _, at := range script[[]place](t, ctx, address+"/measures/stalking_charges", where) {
			if _, err := chromedp.Call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: at.X, Y: at.Y}); err != nil {
				t.Fatal(err)
			}
			says, err := chromedp.Run(ctx, chromedp.Evaluate[string](told))
			if err != nil || !strings.Contains(says, at.Period+": ") {
				t.Errorf("%d pixels wide: over %s the chart says %q, error %v", width, at.Period, says, err)
			}
		}
	}
}
