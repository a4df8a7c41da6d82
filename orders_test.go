package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// TestOrdersOfTheHomeForce finds the known answers of the demonstration return
// on the page of orders: twice the orders of the year before, which chance
// explains of so few, and people who are not added up.
func TestOrdersOfTheHomeForce(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	const cells = `Object.fromEntries(Array.from(document.querySelectorAll("table.orders tbody tr"), (row) => [
		row.cells[0].querySelector("a").textContent,
		Array.from(row.cells).slice(1, row.cells.length - 1).map((cell) => cell.textContent.trim().replace(/\s+/g, " ")),
	]))`
	got := script[map[string][]string](t, ctx, address+"/orders", cells)
	notAdded := "Not added up: the people of several periods may be the same. Newest: "
	want := map[string][]string{
		"Stalking Protection Orders applied for":                      {"orders", "18", "9", "That is within chance."},
		"Interim Stalking Protection Orders granted":                  {"orders", "4", "2", "Too few to judge (4 orders)."},
		"Full Stalking Protection Orders granted":                     {"orders", "10", "5", "That is within chance."},
		"Stalking Protection Orders granted":                          {"orders", "14", "7", "That is within chance."},
		"Stalking Protection Orders refused":                          {"orders", "2", "1", "Too few to judge (2 orders)."},
		"Stalking Protection Order applications withdrawn":            {"orders", "1", "1", "Too few to judge (1 order)."},
		"Stalking Protection Orders expired":                          {"orders", "4", "0", "Too few to judge (4 orders)."},
		"Breaches of Stalking Protection Orders":                      {"breaches", "18", "4", "Change: That is more than chance explains."},
		"Arrests for breach of a Stalking Protection Order":           {"arrests", "15", "2", "Change: That is more than chance explains."},
		"Charges for breach of a Stalking Protection Order":           {"charges", "11", "2", "That may be more than chance."},
		"People for whom a Stalking Protection Order was applied for": {"people", notAdded + "2 people, 1 to 27 Sep 2024."},
		"People with a Stalking Protection Order granted":             {"people", notAdded + "1 person, 1 to 27 Sep 2024."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	const title = ": breaches of orders and arrests for breach of an order rose beyond chance"
	const says = "Stalking Protection Orders granted from 1 January to 27 September 2024 are 14, against 7 in the same days of 2023: within chance. " +
		"Beyond chance: breaches of Stalking Protection Orders (18, against 4) and arrests for breach of a Stalking Protection Order (15, against 2)."
	if got := script[string](t, ctx, address+"/orders", `document.querySelector("h1 + .lede p").textContent`); got != says {
		t.Errorf("under the title: %q, want %q", got, says)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	if lines := script[float64](t, ctx, address+"/orders", `(() => { const h1 = document.querySelector("h1"); return h1.getBoundingClientRect().height / parseFloat(getComputedStyle(h1).lineHeight) })()`); lines > 2.1 {
		t.Errorf("the title takes %.1f lines", lines)
	}
	if got := script[string](t, ctx, address+"/orders", `document.querySelector("h1").textContent`); !strings.HasPrefix(got, "Bedfordshire") || !strings.Contains(got, title) { // how old the figures are stands between
		t.Errorf("title = %q, want %q", got, title)
	}
	// Real figures of the same force, from the publication, carry no label.
	real := script[map[string][]string](t, ctx, address+"/orders?period=2021/22", cells)
	if granted := real["Stalking Protection Orders granted"]; len(granted) != 4 || granted[1] != "2" || granted[2] != "no figure" {
		t.Errorf("granted in 2021/22: %q", granted)
	}
	if tags := script[int](t, ctx, address+"/orders?period=2021/22", `Array.from(document.querySelectorAll("table.orders tr")).filter((row) => row.querySelector(".tag") && row.textContent.includes("published_force_figures")).length`); tags != 0 {
		t.Errorf("%d real figures are called made up", tags)
	}
}

// TestCaptionsSayWhatIsMadeUp: the caption of a table says that it is a demonstration
// where every row of it is one, and of no other; each row says it in any case.
func TestCaptionsSayWhatIsMadeUp(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	// Rows of orders that have no figure say nothing: they name no file.
	const captions = `[...document.querySelectorAll("table.figures, table.orders")].map((table) => {
		const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector(".from").textContent.includes(".csv"));
		return [table.caption.querySelector(".tag") !== null, rows.every((row) => row.querySelector("th .tag") !== null), rows.every((row) => row.querySelector(".from").textContent.includes("force_return.csv"))].join(" ");
	})`
	seen := map[string]int{}
	for _, path := range []string{"/", "/measures/stalking_charges", "/measures/charge_rate", "/measures/stalking_recorded", "/orders", "/orders?period=2021/22", "/forces/E23000005"} {
		for _, says := range script[[]string](t, ctx, address+path, captions) {
			seen[says]++
			if says != "true true true" && says != "false false false" {
				t.Errorf("%s: the caption, the rows and the files say %s", path, says)
			}
		}
	}
	if seen["true true true"] < 5 || seen["false false false"] < 5 {
		t.Errorf("only these were looked at: %v", seen)
	}
}

// TestSmallChartsStandInRows: the charts of a row stand at one height, however many lines
// their titles take, and where paper ends what stands over charts goes with them.
func TestSmallChartsStandInRows(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	for _, width := range []int64{768, 1280} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
			t.Fatal(err)
		}
		uneven := script[[]string](t, ctx, address+"/orders", `[...document.querySelectorAll(".small-charts")].flatMap((list) => {
			const rows = new Map(), top = (e) => Math.round(e.getBoundingClientRect().top);
			for (const e of list.children) { (rows.get(top(e)) ?? rows.set(top(e), new Set()).get(top(e))).add(top(e.querySelector(".chart__plot"))); }
			return [...rows.values()].filter((tops) => tops.size > 1).map((tops) => [...tops].join(" and "));
		})`)
		if len(uneven) > 0 {
			t.Errorf("at %d the charts of a row stand at %v", width, uneven)
		}
	}
	for i, sheet := range sheetsOf(t, address+"/orders") {
		if _, below, found := strings.Cut(sheet, "have the same scale"); found && !strings.Contains(below, "figures, between") {
			t.Errorf("sheet %d ends with what stands over charts, without any:\n%s", i+1, sheet)
		}
	}
}
