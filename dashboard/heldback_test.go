package dashboard

import (
	"slices"
	"strings"
	"testing"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestHeldBackFromThePublic: whoever answers for a source sees of which measures the public is
// shown nothing, since when, and of what; and no more once it is shown again.
func TestHeldBackFromThePublic(t *testing.T) {
	w := newWorks(t)
	count := func(source, measure, area string, year int, why disclosure.Reason) disclosure.Decision {
		key := stats.Key{Source: source, Measure: measure, Area: area, Period: stats.FinancialYear(year)}
		return disclosure.Decision{Cell: disclosure.Cell{Key: key, Value: 7}, Reason: why}
	}
	former := ""
	publish := func(id string, decisions ...disclosure.Decision) {
		t.Helper()
		p := query.Publication{ID: id, Former: former, MadeAt: testNow, Moment: query.Moment{AsAt: testNow}}
		if err := query.New(w.db).SavePublication(t.Context(), p, w.rules, slices.Values(decisions), 0); err != nil {
			t.Fatal(err)
		}
		former = id
	}
	see := func(address string) string {
		t.Helper()
		got := w.get(address)
		if got.Code != 200 {
			t.Fatalf("%s: status %d", address, got.Code)
		}
		return page(t, got)
	}
	const of, title = "/data/sources/force_return", "Held back from the public"
	publish("first", count("force_return", "stalking_arrests", "E23000026", 2021, disclosure.Primary))
	if body := see(of); strings.Contains(body, title) {
		t.Errorf("nothing is held back, and the page says %q", body)
	}
	publish("second", count("force_return", "stalking_arrests", "E23000026", 2021, disclosure.Withheld), count("force_return", "stalking_arrests", "E23000026", 2022, disclosure.Withheld),
		count("force_return", "stalking_charges", "E23000026", 2022, disclosure.Withheld), count("force_return", "stalking_charges", "E23000020", 2022, disclosure.Withheld),
		count("orders", "spo_applied", "E23000026", 2022, disclosure.Withheld))
	body := see(of)
	for _, want := range []string{title, "stalking_arrests1 Apr 2021 to 31 Mar 2023Bedfordshire214 October 2024", "Stalking chargesyear to Mar 20232 areas2"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q on the page:\n%s", want, body)
		}
	}
	if strings.Contains(body, "spo_applied") {
		t.Errorf("another source's measure is on the page:\n%s", body)
	}
	if body := see("/data"); !strings.Contains(body, title+": stalking_arrests and Stalking charges") {
		t.Errorf("no word of it on the page of all sources:\n%s", body)
	}
	publish("third", count("force_return", "stalking_arrests", "E23000026", 2021, disclosure.Shown), count("force_return", "stalking_arrests", "E23000026", 2022, query.Gone))
	if body := see(of); strings.Contains(body, "stalking_arrests1 Apr") || !strings.Contains(body, "Stalking chargesyear to Mar 2023") {
		t.Errorf("arrests are shown again, and the page says:\n%s", body)
	}
}
