package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// publishedReport is the report of the published audience, by a program that
// has just started.
func (p pipeline) publishedReport(t *testing.T, rules disclosure.Rules, values url.Values) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	reader := published.NewReader(p.reader, published.NewKeeper(p.reader, rules, time.Now, log))
	var report bytes.Buffer
	if _, err := dashboard.WriteObservations(t.Context(), &report, dashboard.Readers{Published: reader}, values); err != nil {
		t.Fatal(err)
	}
	return report.String()
}

// orders is a small return of orders: one force and five months.
const orders = `area_code,period,measure,breakdown,breakdown_value,value,value_note,comment
E23000026,2023-04,spo_applied,,,3,,demonstration
E23000026,2023-05,spo_applied,,,12,,demonstration
E23000026,2023-06,spo_applied,,,7,,demonstration
E23000026,2023/24 Q1,spo_applied,,,22,,demonstration
E23000026,2023-07,spo_applied,,,31,,demonstration
`

func (p pipeline) load(t *testing.T, text string) {
	t.Helper()
	path := t.TempDir() + "/force_return.csv"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if run := p.run(t, "force_return", path); run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
}

var valueColumns = regexp.MustCompile(`spo_applied,[^,]*(?:"[^"]*")?[^,]*,E23000026,Bedfordshire,([^,]*),[^,]*,[^,]*,,,([^,]*),([^,]*),`)

// shownIn is each period with its value or its marker.
func shownIn(report string) map[string]string {
	found := map[string]string{}
	for _, m := range valueColumns.FindAllStringSubmatch(report, -1) {
		found[m[1]] = m[2] + m[3]
	}
	return found
}

// TestPublications puts figures before the published audience three times: what
// is hidden stays hidden, what was published before is what it was, and a change
// tells nothing by its difference.
func TestPublications(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	rules := disclosure.Rules{Threshold: 5, Rounding: 1}
	all := url.Values{"measure": {"spo_applied"}, "area": {"E23000026"}}

	p.load(t, orders)
	first := p.publishedReport(t, rules, all)
	for period, want := range map[string]string{"Apr 2023": "c", "May 2023": "12", "Jun 2023": "c", "2023/24 Q1": "22", "Jul 2023": "31"} {
		if got := shownIn(first)[period]; got != want {
			t.Errorf("first, %s: %q, want %q\n%s", period, got, want, first)
		}
	}
	if again := p.publishedReport(t, rules, all); again != first {
		t.Errorf("another program publishes something else:\n%s", again)
	}
	p.checkPublications(t, rules, 1)
	between := time.Now()

	// June is corrected by one, and the quarter with it. With June shown now the
	// former one would be had by subtraction, and April with it.
	p.load(t, strings.NewReplacer("2023-06,spo_applied,,,7", "2023-06,spo_applied,,,8", "Q1,spo_applied,,,22", "Q1,spo_applied,,,23").Replace(orders))
	second := shownIn(p.publishedReport(t, rules, all))
	for period, want := range map[string]string{"Apr 2023": "c", "May 2023": "12", "Jun 2023": "c", "2023/24 Q1": "23r", "Jul 2023": "31"} {
		if second[period] != want {
			t.Errorf("second, %s: %q, want %q", period, second[period], want)
		}
	}
	p.checkPublications(t, rules, 2)

	before := url.Values{"measure": all["measure"], "area": all["area"], "as_at": {between.UTC().Format(time.RFC3339Nano)}}
	if got := p.publishedReport(t, rules, before); got != first {
		t.Errorf("as at the first publication the report is\n%s, and was\n%s", got, first)
	}
	_, err := p.reader.Areas(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	var none bytes.Buffer
	reader := published.NewReader(p.reader, published.NewKeeper(p.reader, rules, time.Now, slog.New(slog.DiscardHandler)))
	_, err = dashboard.WriteObservations(t.Context(), &none, dashboard.Readers{Published: reader}, url.Values{"as_at": {"2020-01-01"}})
	if !dashboard.IsBadRequest(err) || !strings.Contains(err.Error(), "nothing was published for this audience by 2020-01-01") {
		t.Errorf("before anything was published: %v", err)
	}
	// Other rules are another chain.
	if got := shownIn(p.publishedReport(t, disclosure.Rules{Threshold: 1, Rounding: 5}, all)); got["Apr 2023"] != "5" || got["Jun 2023"] != "10r" {
		t.Errorf("rounded alone: %v", got)
	}
}

// TestMonthsInTwoRows: a month that a force returns in two parts is rounded once,
// as a whole, and so is hidden or shown as a whole; a rolling year is added up from
// what is shown, and its row says so.
func TestMonthsInTwoRows(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	text := strings.SplitAfterN(orders, "\n", 2)[0] +
		"E23000026,2023-04-01/2023-04-15,spo_applied,,,62,,demonstration\nE23000026,2023-04-16/2023-04-30,spo_applied,,,62,,demonstration\n"
	for month := 5; month <= 16; month++ {
		text += fmt.Sprintf("E23000026,%s,spo_applied,,,31,,demonstration\n", stats.Month(2023, time.Month(month)).Start.Format("2006-01"))
	}
	p.load(t, text)
	rules := disclosure.Rules{Threshold: 5, Rounding: 5}
	report := func(kind string) string {
		return p.publishedReport(t, rules, url.Values{"measure": {"spo_applied"}, "area": {"E23000026"}, "period": {kind}})
	}
	months := report("month")
	if got := shownIn(months)["Apr 2023"]; got != "125" { // 124 is nearest to 125; its parts, 60 each, make 120
		t.Errorf("April is %s, want 125:\n%s", got, months)
	}
	const note = "added up from counts as they are published"
	if strings.Contains(months, note) {
		t.Errorf("a month is said to be a sum of what is shown:\n%s", months)
	}
	years := report("rolling_12_months") // the first is a financial year too, and so comes whole
	if lines := strings.Split(strings.TrimSpace(years), "\r\n"); len(lines) != 3 || strings.Contains(lines[1], note) || !strings.Contains(lines[2], note) {
		t.Errorf("rolling years:\n%s", years)
	}
}

func (p pipeline) checkPublications(t *testing.T, rules disclosure.Rules, want int) {
	t.Helper()
	chain, err := p.reader.Publications(t.Context(), rules)
	if err != nil || len(chain) != want {
		t.Errorf("%d publications, error %v, want %d", len(chain), err, want)
	}
}
