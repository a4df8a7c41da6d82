package main

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestChartFiles: each full chart of a page leads to a file with the same chart,
// which says what it is of, is kept by its tag, and of which the script makes a
// picture.
func TestChartFiles(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	for _, page := range []string{"/measures/stalking_charges", "/measures/charge_rate", "/compare", "/compare?period=2019/20&area=E23000005", "/recommendations/E2"} {
		type file struct {
			Address string
			Shapes  []string
		}
		files := script[[]file](t, ctx, address+page, `Array.from(document.querySelectorAll(".chart__take a"), (a) => ({
			Address: a.getAttribute("href"),
			Shapes: Array.from(a.closest(".chart").querySelectorAll(".chart__drawn--full path"), (p) => p.getAttribute("d")),
		}))`)
		if len(files) == 0 {
			t.Errorf("%s leads to no file", page)
		}
		for _, f := range files {
			status, kind, body := get(t, address+f.Address)
			if status != http.StatusOK || kind != "image/svg+xml; charset=utf-8" {
				t.Fatalf("%s answers %d, %s: %s", f.Address, status, kind, body)
			}
			var svg struct {
				Title string   `xml:"title"`
				Says  string   `xml:"desc"`
				Text  []string `xml:"text"`
				Chart struct {
					Inside string `xml:",innerxml"`
				} `xml:"g"`
			}
			if err := xml.Unmarshal([]byte(body), &svg); err != nil {
				t.Fatalf("%s: %v", f.Address, err)
			}
			if svg.Title == "" || svg.Says == "" || !strings.Contains(strings.Join(svg.Text, " "), "Internal: true figures.") {
				t.Errorf("%s does not say what it is: %+v", f.Address, svg)
			}
			for _, shape := range f.Shapes {
				if !strings.Contains(svg.Chart.Inside, `d="`+shape+`"`) {
					t.Errorf("%s is not the chart of %s: no %s", f.Address, page, shape)
				}
			}
			if len(f.Shapes) < 5 {
				t.Errorf("%s: only %d shapes", f.Address, len(f.Shapes))
			}
		}
	}
	first := "/charts/stalking_charges.svg"
	answer, err := http.Get(address + first)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	again, err := http.NewRequest(http.MethodGet, address+first, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Header.Set("If-None-Match", answer.Header.Get("ETag"))
	if answer, err = http.DefaultClient.Do(again); err != nil || answer.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %v, %v", answer.Status, err)
	}
	answer.Body.Close()
	for path, want := range map[string]int{
		"/charts/none.svg": 404, "/charts/stalking_charges": 404, "/charts/stalking_charges.png": 404, "/charts/stalking_charges.svg?area=X": 404, "/charts/stalking_charges.svg?by=day": 404,
		"/charts/stalking_charges.svg?source=none": 404, "/charts/stalking_charges.svg?colour=red": 400, "/charts/compare.svg?group=none": 400,
	} {
		if status, _, _ := get(t, address+path); status != want {
			t.Errorf("%s answers %d, want %d", path, status, want)
		}
	}
}

// TestChartPicture: the button beside a chart saves its file as PNG, twice as fine.
func TestChartPicture(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/measures/stalking_charges"), chromedp.WaitReady(".chart__button")); err != nil {
		t.Fatal(err)
	}
	encoded, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new Promise((resolve) => {
		const make = URL.createObjectURL;
		URL.createObjectURL = (blob) => {
			const reader = new FileReader();
			reader.onload = () => resolve(reader.result);
			reader.readAsDataURL(blob);
			return make.call(URL, blob);
		};
		document.querySelector(".chart__button").click();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(encoded, "data:image/png;base64,")
	content, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		t.Fatalf("%.80s, %v", encoded, err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[any]bool{}
	size := picture.Bounds()
	for x := range size.Dx() {
		for y := range size.Dy() {
			colours[picture.At(x, y)] = true
		}
	}
	if size.Dx() != 2*(960+32) || size.Dy() < 2*420 || len(colours) < 20 {
		t.Errorf("a picture of %v with %d colours", size, len(colours))
	}
}

// TestChartsOnPaper: paper has the server's drawing of each chart, and nothing of
// what the script drew.
func TestChartsOnPaper(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	const seen = `Array.from(document.querySelectorAll(".chart"), (chart) => Array.from(chart.querySelectorAll("svg, button, a"))
		.filter((e) => e.getBoundingClientRect().width > 0).map((e) => e.getAttribute("class") || "").join(" "))`
	for path, want := range map[string]string{"/": "chart__drawn chart__drawn--small", "/measures/stalking_charges": "chart__drawn chart__drawn--middle", "/compare": "chart__drawn chart__drawn--middle"} {
		charts := script[[]string](t, ctx, address+path, seen)
		for _, got := range charts {
			if got != want {
				t.Errorf("%s shows %q on paper, want %q", path, got, want)
			}
		}
		if len(charts) == 0 {
			t.Errorf("%s has no charts", path)
		}
	}
}

// TestLimitsOnPaper: nothing opens on paper, so the numbers of the lines on a chart and
// what chance did not explain before stand there, and what else is closed does not.
func TestLimitsOnPaper(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	seen := script[[]string](t, ctx, address+"/measures/stalking_charges", `Array.from(document.querySelectorAll("details:not([open]) table, details:not([open]) li"))
		.filter((e) => e.checkVisibility({contentVisibilityProperty: true}) && e.getBoundingClientRect().height > 0)
		.map((e) => e.querySelector("tbody th") ? "limits from " + e.querySelector("tbody th").textContent : e.textContent)`)
	// The three years have no limits, which is said beside the chart.
	if n := len(seen); n < 3 || seen[n-1] != "limits from Jan 2022" || slices.ContainsFunc(seen[:n-1], func(s string) bool { return !strings.HasPrefix(s, "Concern: Stalking charges ") }) {
		t.Errorf("paper shows %q", seen)
	}
}

// TestLinesUnderCharts are no longer than 75 characters: a letter is half as wide as it is
// high on average.
func TestLinesUnderCharts(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	for _, path := range []string{"/measures/stalking_charges", "/compare?measure=charge_rate", "/recommendations/E2"} {
		wide := script[[]string](t, ctx, address+path, `Array.from(document.querySelectorAll("figcaption, figure ~ .caption"))
			.filter((e) => e.getBoundingClientRect().width > 38 * parseFloat(getComputedStyle(e).fontSize) + 1).map((e) => e.textContent)`)
		if len(wide) > 0 {
			t.Errorf("%s: %d lines are too wide, such as %q", path, len(wide), wide[0])
		}
	}
}

// TestZoom: where a reader looks closer at a part of the time axis, the rule of a
// break stays between the two periods that it parts, and all of it comes back.
func TestZoom(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	type places struct {
		First, Last int
		Off         float64 // how far the rules' axis is from where two periods meet
		Rule        string
	}
	found := script[[]places](t, browser(t), address+"/measures/stalking_recorded", `(() => {
		const chart = echarts.getInstanceByDom(document.querySelector(".chart--full .chart__live"));
		const at = (axis, place) => chart.convertToPixel({ xAxisIndex: axis }, place);
		const look = () => {
			const zoom = chart.getOption().dataZoom[0];
			let off = 0;
			for (let place = zoom.startValue + 1; place <= zoom.endValue; place++) {
				off = Math.max(off, Math.abs(at(1, place) - (at(0, place - 1) + at(0, place)) / 2));
			}
			return { First: zoom.startValue, Last: zoom.endValue, Off: off, Rule: chart.getOption().series.flatMap((s) => s.markLine ? s.markLine.data.map((d) => d.name + " at " + d.xAxis) : []).join() };
		};
		const all = look();
		chart.dispatchAction({ type: "dataZoom", startValue: 9, endValue: 21 });
		const closer = look();
		chart.dispatchAction({ type: "dataZoom", start: 0, end: 100 });
		return [all, closer, look()];
	})()`)
	all, closer, again := found[0], found[1], found[2]
	if all.Rule == "" || all.First != 0 || closer.First != 9 || closer.Last != 21 || again != all {
		t.Errorf("all %+v, closer %+v, again %+v", all, closer, again)
	}
	if all.Off > 1 || closer.Off > 1 {
		t.Errorf("the rules are off: %+v, %+v", all, closer)
	}
}
