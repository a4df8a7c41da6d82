package dashboard

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// scalesOf is where the axes of values of the charts in a part of a page end.
func scalesOf(t *testing.T, part *html.Node) (ends []float64) {
	t.Helper()
	for _, script := range pagetest.Elements(part, "script", "") {
		var option struct{ YAxis []struct{ Max float64 } }
		if err := json.Unmarshal([]byte(script.FirstChild.Data), &option); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, option.YAxis[0].Max)
	}
	return ends
}

// TestChartsOfOrders: each chart says what it found, between which figures it lies and what
// these are; those that belong together end at the same value, which the page tells, and
// others do not.
func TestChartsOfOrders(t *testing.T) {
	w := newOrders(t)
	w.insert(t, observations, ordersRow(t, "orders", "spo_breaches", "E23000026", "2024-08", 90))
	answer := w.get("/orders")
	body := page(t, answer)
	root := parse(t, answer.Body.Bytes())
	lists := pagetest.Elements(root, "ul", "small-charts")
	if len(lists) != 3 {
		t.Fatalf("%d groups of charts, want orders, breaches and people: %s", len(lists), body)
	}
	orders := scalesOf(t, lists[0])
	if len(orders) != 3 || orders[0] != orders[1] || orders[1] != orders[2] || orders[0] < 3 {
		t.Errorf("the charts of orders end at %v", orders)
	}
	if breaches := scalesOf(t, lists[1]); len(breaches) != 1 || breaches[0] < 90 {
		t.Errorf("the chart of breaches ends at %v", breaches)
	}
	if want := "These 3 charts have the same scale, from 0 to " + numberText(orders[0], 0) + " a month, and the same time axis: they can be compared by eye."; !strings.Contains(body, want) || strings.Count(body, "have the same scale") != 1 {
		t.Errorf("the page does not say once %q", want)
	}
	granted := pagetest.Elements(lists[0], "li", "")[1]
	if got, want := text(pagetest.Elements(granted, "h4", "")[0]), "Orders granted in August 2024 are 3"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	if says := text(granted); !strings.Contains(says, "16 figures, between 1 (Jan 2023) and 3 (Jan 2024). Stalking Protection Orders granted from 1 to 27 September 2024 are 3, which is not in the chart. From orders.") {
		t.Errorf("the chart says %q", says)
	}
	for _, li := range pagetest.Elements(root, "li", "") {
		if len(pagetest.Elements(li, "div", "chart__plot")) == 0 {
			continue
		}
		tables := pagetest.Elements(li, "table", "figures")
		if len(tables) != 1 || len(pagetest.Elements(pagetest.Elements(tables[0], "tbody", "")[0], "tr", "")) == 0 {
			t.Errorf("a chart has no table: %s", text(li))
		}
	}
}

// TestSummaryOfAChart: one figure, several that are alike, and a gap.
func TestSummaryOfAChart(t *testing.T) {
	measure := stats.Measure{ID: "n", Name: "Orders granted", Unit: "orders"}
	months := analysis.Periods(stats.KindMonth, stats.FinancialYear(2023))
	for want, values := range map[string][]float64{
		"One figure: 4 (Apr 2023).":                         {4},
		"2 figures, each 4.":                                {4, 4},
		"3 figures, between 2 (Jun 2023) and 9 (May 2023).": {4, 9, 2},
	} {
		s := stats.Series{Measure: measure}
		for i, value := range values {
			s.Figures = append(s.Figures, stats.Figure{Key: stats.Key{Measure: "n", Period: months[i]}, Value: stats.Number(value)})
		}
		if got := summaryOf(judged{series: s, kind: stats.KindMonth}, months, 0); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
