package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// figureBlock is a measure's row on an overview, or a series of a measure's page.
type figureBlock struct {
	Name   string      `json:"name"`
	Text   string      `json:"text"`   // without the table
	Tagged bool        `json:"tagged"` // the block has the label "demonstration"
	Rows   []figureRow `json:"rows"`
}

// figureRow is a row of the table beside a chart.
type figureRow struct {
	Period string `json:"period"`
	Value  string `json:"value"`
	From   string `json:"from"`
	Tagged bool   `json:"tagged"`
}

// findBlocks reads the blocks that a selector finds: name and label are those
// of the heading's part, so that a label on a row of the table is not enough.
func findBlocks(block, heading string) string {
	return fmt.Sprintf(`Array.from(document.querySelectorAll(%q), (block) => ({
		name: block.querySelector("h2, h3").firstChild.textContent.trim(),
		text: Array.from(block.querySelectorAll("dd, .all-forces, p"), (e) => e.textContent.trim().replace(/\s+/g, " ")).join(" | "),
		tagged: block.querySelector(%q + " .tag") !== null,
		rows: Array.from(block.querySelectorAll("table.figures tbody tr"), (row) => ({
			period: row.cells[0].firstChild.textContent.trim(),
			value: row.cells[1].firstChild.textContent.trim(),
			from: row.querySelector(".from").textContent.trim().replace(/\s+/g, " "),
			tagged: row.querySelector("th .tag") !== null,
		})),
	}))`, block, heading)
}

var overviewBlocks = findBlocks("article.headline", ".headline__name")

// TestOverviewOfTheHomeForce finds what Bedfordshire has published, each
// figure of the made-up return with its label, and the real ones without.
func TestOverviewOfTheHomeForce(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	blocks := script[[]figureBlock](t, browser(t), address+"/", overviewBlocks)
	shows := map[string][]string{
		"Recorded stalking offences":             {"All forces: counts of forces of different size do not compare. The rate that would, recorded stalking per 1,000 people, has no figure of all forces loaded."},
		"Stalking arrests":                       {"215 45.3% more than a year before. That is more than chance explains.", "148", "All forces: counts of forces of different size do not compare, and no source has a rate of this for all forces."},
		"Stalking charges":                       {"151 57.3% more than a year before", "96", "All forces: counts of forces of different size do not compare: see the charge rate (of all outcomes)."},
		"Charge rate (of all outcomes)":          {"19.0% 95% range 12.1 to 28.7 100 × 16 ÷ 84 = 19.0"},
		"Stalking Protection Orders applied for": {"18", "9"},
		"Stalking Protection Orders granted":     {"14", "7"},
	}
	if len(blocks) != len(shows) {
		t.Errorf("%d headline measures, want %d", len(blocks), len(shows))
	}
	for _, block := range blocks {
		parts := strings.Split(block.Text, " | ")
		for _, want := range shows[block.Name] {
			if !slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, want) }) {
				t.Errorf("%s does not show %q: %q", block.Name, want, parts)
			}
		}
		if !block.Tagged || len(block.Rows) < 30 {
			t.Errorf("%s: label %v, %d rows", block.Name, block.Tagged, len(block.Rows))
		}
		for _, row := range block.Rows {
			if !row.Tagged {
				t.Errorf("%s, %s: a figure of the made-up return without its label", block.Name, row.Period)
			}
		}
		for _, part := range parts {
			if strings.HasPrefix(part, "All forces") && strings.Contains(part, "demonstration") {
				t.Errorf("%s: a real figure is called made up: %s", block.Name, part)
			}
		}
	}
}

// TestWhatToKnowLeadsToItsEvidence: the two counts of a sentence, and the test of them, stand
// on the page that it leads to. Of 271 days against 270 p is 0.00057, summed as fractions.
func TestWhatToKnowLeadsToItsEvidence(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	leads := script[string](t, ctx, address+"/", `Array.from(document.querySelectorAll("#know ~ ol a")).find((a) => a.textContent.includes("are 151, against 96 in the same days of 2023")).href`)
	evidence := script[string](t, ctx, leads, `document.querySelector("main").textContent.replace(/\s+/g, " ")`)
	for _, want := range []string{"From 1 January to 27 September 2023: 96. That is more than chance explains.", "with a probability of 0.00057 (p, by the exact two-sided test", "changed in April 2018, April 2020 and June 2023"} {
		if !strings.Contains(evidence, want) {
			t.Errorf("%s lacks %q: %s", leads, want, evidence)
		}
	}
	aged := script[string](t, ctx, address+"/", `document.querySelector("#know ~ ol li:last-child").textContent`)
	if want := "No figure since 27 September 2024, "; !strings.Contains(aged, want) || !strings.Contains(aged, " months ago: ask for newer ones of the force’s monthly return before you judge.") {
		t.Errorf("what to know ends with %q", aged)
	}
}

// TestForceOfRealFigures: a force without a return has nothing made up.
func TestForceOfRealFigures(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	blocks := script[[]figureBlock](t, ctx, address+"/forces/E23000005", overviewBlocks)
	if len(blocks) != 6 || !strings.Contains(blocks[0].Text, "58") {
		t.Errorf("Greater Manchester: %+v", blocks)
	}
	if tags := script[int](t, ctx, address+"/forces/E23000005", `document.querySelectorAll(".tag").length`); tags != 0 {
		t.Errorf("%d labels on a page of real figures", tags)
	}
}

// TestMeasureLeadsBackToItsRows reads the Home Office's four quarters off the
// page, and in the named row of the named file the same figure.
func TestMeasureLeadsBackToItsRows(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	lines := strings.Split(read(t, "sample/home_office_recorded_crime.csv"), "\n")
	place := regexp.MustCompile(`^home_office_recorded_crime\.csv, row (\d+) `)
	quarters := homeOfficeQuarters(t, script[[]figureBlock](t, ctx, address+"/measures/stalking_recorded?area=E23000026", findBlocks("section.series", "h2")))
	for i, want := range []string{"12", "13", "21", "19"} {
		row := quarters[i]
		if row.Value != want || row.Tagged {
			t.Errorf("%s: %s, label %v, want %s", row.Period, row.Value, row.Tagged, want)
		}
		found := place.FindStringSubmatch(row.From)
		if found == nil {
			t.Errorf("%s comes from %q, want a row of the file", row.Period, row.From)
			continue
		}
		number, _ := strconv.Atoi(found[1])
		if line := lines[number-1]; !strings.HasPrefix(line, fmt.Sprintf("2017/18,%d,Bedfordshire,Stalking,", i+1)) || !strings.Contains(line, " "+want+" ") {
			t.Errorf("%s: row %d is %q, want %s", row.Period, number, line, want)
		}
	}
	national := homeOfficeQuarters(t, script[[]figureBlock](t, ctx, address+"/measures/stalking_recorded?area=K04000001", findBlocks("section.series", "h2")))
	for i, want := range []string{"1,902", "2,320", "2,897", "3,152"} { // 10,271 in all
		if national[i].Value != want {
			t.Errorf("England and Wales, %s: %s, want %s", national[i].Period, national[i].Value, want)
		}
	}
}

// homeOfficeQuarters is the quarters of 2017/18, in order.
func homeOfficeQuarters(t *testing.T, blocks []figureBlock) []figureRow {
	t.Helper()
	i := slices.IndexFunc(blocks, func(b figureBlock) bool {
		return strings.Contains(b.Text, "From Home Office recorded crime, by quarter.")
	})
	if i < 0 || blocks[i].Tagged || len(blocks[i].Rows) != 4 {
		t.Fatalf("no four quarters of the Home Office without a label: %+v", blocks)
	}
	rows := slices.Clone(blocks[i].Rows)
	slices.Reverse(rows) // a page has the newest first
	for i, row := range rows {
		if want := fmt.Sprintf("2017/18 Q%d", i+1); row.Period != want {
			t.Fatalf("row %d is of %s, want %s", i, row.Period, want)
		}
	}
	return rows
}

// TestOverviewAgreesWithItsCSV compares every figure of the tables with the
// file that the page offers, and what is added up with the file by month.
func TestOverviewAgreesWithItsCSV(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	var shown []string
	for _, block := range script[[]figureBlock](t, ctx, address+"/", overviewBlocks) {
		for _, row := range block.Rows {
			shown = append(shown, block.Name+", "+row.Period+": "+row.Value)
		}
	}
	link := script[string](t, ctx, address+"/", `document.querySelector(".footer a[href*='observations.csv']").href`)
	loaded := append(ownFigures(t, link), ownFigures(t, link+"&period=month")...)
	slices.Sort(shown)
	slices.Sort(loaded)
	if diff := cmp.Diff(slices.Compact(loaded), shown); diff != "" || len(shown) < 180 {
		t.Errorf("%d figures of the file and of the page (-want +got):\n%s", len(shown), diff)
	}
}

// csvRows is the rows of a CSV, and where each of its columns is.
func csvRows(t *testing.T, address string) (rows [][]string, column map[string]int) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	records, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || answer.StatusCode != http.StatusOK || len(records) < 2 {
		t.Fatalf("%s: status %d, %d rows, %v", address, answer.StatusCode, len(records), err)
	}
	column = map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	return records[1:], column
}

// ownFigures is the figures of a CSV that the overview of Bedfordshire has in
// its tables, written as it writes them.
func ownFigures(t *testing.T, address string) []string {
	t.Helper()
	records, column := csvRows(t, address)
	var figures []string
	for _, record := range records {
		cell := func(name string) string { return record[column[name]] }
		if cell("area_code") != "E23000026" || cell("source") != "force_return" || cell("basis") == "recorded" {
			continue
		}
		value := cell("value")
		if cell("unit") == "percent" {
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			value = strconv.FormatFloat(number, 'f', 1, 64)
		}
		figures = append(figures, cell("measure_name")+", "+cell("period")+": "+value)
	}
	return figures
}

// TestWithoutScripts: a page on which no script runs has every chart, in the same
// place and as large as where scripts run, and every figure. No text of a chart is
// smaller than it was drawn, on whatever screen.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	const state = `({
		plots: Array.from(document.querySelectorAll(".chart__plot"), (plot) => {
			const box = plot.getBoundingClientRect();
			const seen = Array.from(plot.querySelectorAll(".chart__drawn")).filter((svg) => svg.getBoundingClientRect().width > 0);
			return {
				box: [box.left, box.top + scrollY, box.width, box.height],
				drawn: seen.length,
				shapes: seen.reduce((sum, svg) => sum + svg.querySelectorAll("path").length, 0),
				scale: Math.min(...seen.filter((svg) => svg.querySelector("text")).map((svg) => svg.getScreenCTM().a), 9),
				live: plot.querySelectorAll(".chart__live svg path").length,
			};
		}),
		charts: document.querySelectorAll("script[type='application/json']").length,
		cells: Array.from(document.querySelectorAll("main table td, main table th"), (cell) => cell.textContent),
	})`
	for _, page := range pages {
		if !page.charts {
			continue
		}
		with := script[drawnPage](t, ctx, address+page.address, state)
		disable := func(off bool) {
			if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off}); err != nil {
				t.Fatal(err)
			}
		}
		disable(true)
		without := script[drawnPage](t, ctx, address+page.address, state)
		checkWithout(t, page.name, with, without)
		for _, width := range []int64{800, 390, 320} {
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
				t.Fatal(err)
			}
			for i, p := range script[drawnPage](t, ctx, address+page.address, state).Plots {
				if p.Drawn != 1 || p.Scale < 0.999 {
					t.Errorf("%s, %d pixels wide, chart %d: %d drawings at a scale of %v", page.name, width, i, p.Drawn, p.Scale)
				}
			}
		}
		disable(false)
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(with.Cells, without.Cells); diff != "" || len(with.Cells) == 0 {
			t.Errorf("%s: %d cells, with and without scripts (-want +got):\n%s", page.name, len(with.Cells), diff)
		}
	}
}

// drawnPage is what a script finds of the charts of a page, and of its tables.
type drawnPage struct {
	Plots  []drawnPlot `json:"plots"`
	Charts int         `json:"charts"`
	Cells  []string    `json:"cells"`
}

type drawnPlot struct {
	Box    []float64 `json:"box"`    // left, top, width, height
	Drawn  int       `json:"drawn"`  // the server's drawings that are seen
	Shapes int       `json:"shapes"` // in those
	Scale  float64   `json:"scale"`  // at which the one with text is shown that is shown smallest
	Live   int       `json:"live"`   // shapes that the script drew
}

// checkWithout compares the charts of a page with scripts and without.
func checkWithout(t *testing.T, name string, with, without drawnPage) {
	t.Helper()
	if len(with.Plots) == 0 || len(with.Plots) != with.Charts || len(without.Plots) != len(with.Plots) {
		t.Fatalf("%s: %d charts of %d options with scripts, %d without", name, len(with.Plots), with.Charts, len(without.Plots))
	}
	for i, w := range with.Plots {
		o := without.Plots[i]
		if w.Drawn != 0 || w.Live < 2 || o.Drawn != 1 || o.Shapes < 2 || o.Live != 0 || o.Scale < 0.999 {
			t.Errorf("%s, chart %d: %+v with scripts, %+v without", name, i, w, o)
		}
		for side := range w.Box {
			if math.Abs(w.Box[side]-o.Box[side]) >= 1 {
				t.Errorf("%s, chart %d moves: %v with scripts, %v without", name, i, w.Box, o.Box)
			}
		}
	}
}

// TestPrint prints pages: sheets of A4 with text on them.
func TestPrint(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/"), chromedp.WaitReady("body")); err != nil {
		t.Fatal(err)
	}
	asStyled := true
	printed, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &asStyled})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(".testout", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(".testout", "overview.pdf"), printed.Data, 0o644); err != nil {
		t.Fatal(err)
	}
	sheets := regexp.MustCompile(`/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]`).FindAllSubmatch(printed.Data, -1)
	if len(sheets) < 1 || len(sheets) > 3 || !bytes.Contains(printed.Data, []byte("/Font")) {
		t.Errorf("%d pages, want 1 to 3 with text", len(sheets))
	}
	// The page of an ask with four charts has two of them on each sheet after the first.
	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/recommendations/16"), chromedp.WaitReady("body")); err != nil {
		t.Fatal(err)
	}
	ask, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &asStyled})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(ask.Data, []byte("/MediaBox")); n != 3 {
		t.Errorf("the page of an ask with four charts is on %d sheets, want 3", n)
	}
	for _, sheet := range sheets {
		width, _ := strconv.ParseFloat(string(sheet[1]), 64)
		height, _ := strconv.ParseFloat(string(sheet[2]), 64)
		if math.Abs(width-595.3) > 1 || math.Abs(height-841.9) > 1 { // 210 × 297 mm in points
			t.Errorf("a page of %v × %v points is not A4", width, height)
		}
	}
}

// TestOverviewIsDense: the rows of the overview are no more than two screens of a laptop, and
// no line of words in them is longer than can be read.
func TestOverviewIsDense(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800)); err != nil {
		t.Fatal(err)
	}
	const screens = `Array.from(document.querySelectorAll("article.headline")).reduce((sum, row) => sum + row.getBoundingClientRect().height, 0) / innerHeight`
	if rows := script[float64](t, ctx, address+"/", screens); rows < 1 || rows > 2 {
		t.Errorf("the rows are %.1f screens high", rows)
	}
	const widest = `Math.max(...Array.from(document.querySelectorAll(".all-forces, .headline .verdict")).map((words) => words.getBoundingClientRect().width))`
	if wide := script[float64](t, ctx, address+"/", widest); wide < 300 || wide > 600 {
		t.Errorf("words run over %.0f px", wide)
	}
	const feet = `Array.from(document.querySelectorAll(".headline__foot")).filter((foot) => foot.getBoundingClientRect().height > 30).length`
	if broken := script[int](t, ctx, address+"/", feet); broken > 0 {
		t.Errorf("in %d rows where a figure comes from is not one line", broken)
	}
}
