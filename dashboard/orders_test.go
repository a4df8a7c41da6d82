package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// newOrders is a site with two years of a force's orders by month, ended on
// 27 September 2024, and a force that only a yearly publication tells of.
func newOrders(t *testing.T) works {
	t.Helper()
	w := newWorks(t)
	for _, sql := range []string{
		`INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r0','areas','all','E23000006','Cheshire','territorial_force',3), ('r0','areas','all','E23000013','Cleveland','territorial_force',4)`,
		`INSERT INTO measures (release_id, source, slice, measure, measure_name, unit, adds_up, direction, numerator, denominator, per, interval_method, force_source, source_row) VALUES
			('r0','measures','all','stalking_recorded','Recorded stalking offences','offences','areas and periods','neither','','',0,'','force_return',3),
			('r0','measures','all','spo_applied','Stalking Protection Orders applied for','orders','areas and periods','up','','',0,'','force_return',4),
			('r0','measures','all','spo_granted','Stalking Protection Orders granted','orders','areas and periods','up','','',0,'','force_return',5),
			('r0','measures','all','spo_refused','Stalking Protection Orders refused','orders','areas and periods','neither','','',0,'','force_return',6),
			('r0','measures','all','spo_breaches','Breaches of Stalking Protection Orders','breaches','areas and periods','neither','','',0,'','force_return',7),
			('r0','measures','all','spo_people_granted','People with a Stalking Protection Order granted','people','areas','up','','',0,'','force_return',8),
			('r0','measures','all','spo_days_to_grant_median','Median days to grant','days','nothing','down','','',0,'','force_return',9),
			('r0','measures','all','spo_per_1000_offences','Stalking Protection Orders granted per 1,000 stalking offences','per 1,000 offences','areas and periods','up','spo_granted','stalking_recorded',1000,'byar','force_return',10)`,
		`INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('o0','orders','orders.csv','s','2024-10-01','2024-10-01'), ('y0','yearly','yearly.csv','s','2024-10-01','2024-10-01')`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('orders','all','o0','2024-10-01','o0'), ('yearly','all','y0','2024-10-01','y0')`,
	} {
		w.exec(t, sql)
	}
	var rows []string
	for measure, perMonth := range map[string][2]int{"stalking_recorded": {80, 90}, "spo_applied": {1, 2}, "spo_granted": {1, 3}, "spo_refused": {0, 0}, "spo_people_granted": {1, 2}} {
		for i, year := range []int{2023, 2024} {
			for month := 1; month <= 8; month++ {
				rows = append(rows, ordersRow(t, "orders", measure, "E23000026", fmt.Sprintf("%d-%02d", year, month), perMonth[i]))
			}
			rows = append(rows, ordersRow(t, "orders", measure, "E23000026", fmt.Sprintf("%d-09-01/%[1]d-09-27", year), perMonth[i]))
		}
	}
	rows = append(rows, ordersRow(t, "orders", "spo_days_to_grant_median", "E23000026", "2023-09-01/2024-08-31", 25))
	rows = append(rows, ordersRow(t, "yearly", "spo_applied", "E23000006", "2021/22", 26))
	rows = append(rows, ordersRow(t, "yearly", "spo_granted", "E23000006", "2021/22", 3))
	rows = append(rows, ordersRow(t, "yearly", "spo_granted", "E23000006", "2020/21", 1))
	w.insert(t, observations, rows...)
	w.exec(t, `INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value_note, note, file, source_row)
		VALUES ('y0','yearly','all','spo_granted','E23000013','2021-04-01','2022-03-31','x','no answer to the request','yearly.csv',9)`)
	return w
}

// ordersRow is a row of observations.
func ordersRow(t *testing.T, source, measure, area, period string, value int) string {
	t.Helper()
	p, err := stats.ParsePeriod(period)
	if err != nil {
		t.Fatal(err)
	}
	release := map[string]string{"orders": "o0", "yearly": "y0"}[source]
	return fmt.Sprintf("('%s','%s','all','%s','%s','%s','%s',%d,'','%[2]s.csv',7)", release, source, measure, area, p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly), value)
}

// stageCells is the cells of the table of stages, each as it reads, by the
// stage's name.
func stageCells(t *testing.T, w works, address string) (root *html.Node, cells map[string][]string) {
	t.Helper()
	answer := w.get(address)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d: %s", address, answer.Code, page(t, answer))
	}
	page(t, answer)
	root, cells = parse(t, answer.Body.Bytes()), map[string][]string{}
	for _, table := range pagetest.Elements(root, "table", "orders") {
		for _, tr := range pagetest.Elements(pagetest.Elements(table, "tbody", "")[0], "tr", "") {
			name := text(pagetest.Elements(tr, "th", "")[0])
			for _, td := range pagetest.Elements(tr, "td", "") {
				cells[name] = append(cells[name], text(td))
			}
		}
	}
	return root, cells
}

func checkStages(t *testing.T, cells map[string][]string, want map[string][]string) {
	t.Helper()
	if len(cells) != len(want) {
		t.Errorf("%d stages, want %d: %v", len(cells), len(want), cells)
	}
	for name, parts := range want {
		if len(cells[name]) < len(parts) {
			t.Errorf("%s: cells %q, want %q", name, cells[name], parts)
			continue
		}
		for i, part := range parts {
			if cells[name][i] != part {
				t.Errorf("%s, cell %d: %q, want %q", name, i, cells[name][i], part)
			}
		}
	}
}

func TestOrdersOfTheYearToDate(t *testing.T) {
	root, cells := stageCells(t, newOrders(t), "/orders")
	if got, want := text(pagetest.Elements(root, "h1", "")[0]), "Bedfordshire: Stalking Protection Orders granted rose beyond chance (27, against 9)"; got != want {
		t.Errorf("title = %q, want %q", got, want)
	}
	if said := lede(root); said != "Stalking Protection Orders granted from 1 January to 27 September 2024 are 27, against 9 in the same days of 2023: more than chance explains." {
		t.Errorf("under the title: %q", said)
	}
	checkStages(t, cells, map[string][]string{
		"Stalking Protection Orders applied for":          {"orders", "18", "9", "That is within chance."},
		"Stalking Protection Orders granted":              {"orders", "27", "9", "Improvement: That is more than chance explains."},
		"Stalking Protection Orders refused":              {"orders", "0", "0", "Too few to judge (0 orders)."},
		"Breaches of Stalking Protection Orders":          {"breaches", "Not in orders.", ""},
		"People with a Stalking Protection Order granted": {"people", "Not added up: the people of several periods may be the same. Newest: 2 people, 1 to 27 Sep 2024."},
	})
	if from := cells["Stalking Protection Orders granted"]; len(from) == 5 && !strings.Contains(from[4], "9 rows of orders.csv") {
		t.Errorf("granted comes from %q", from[4])
	}
	facts := text(pagetest.Elements(root, "dl", "facts")[0])
	for _, want := range []string{"33.3 per 1,000 offences", "(1,000 × 27 ÷ 810 = 33.3)", "95% range 22.0 to 48.5", "25 days, the newest figure: year to Aug 2024"} {
		if !strings.Contains(strings.ReplaceAll(facts, " , ", ", "), want) {
			t.Errorf("facts = %q, want %q", facts, want)
		}
	}
	if got := len(pagetest.Elements(root, "div", "chart__plot")); got != 4 {
		t.Errorf("%d charts, want 4: each stage that has numbers", got)
	}
	if got, want := pagetest.Attribute(pagetest.Elements(root, "a", "")[5], "href"), "/orders"; got != want {
		t.Errorf("the section leads to %q, want %q", got, want)
	}
}

func TestOrdersOfAYearlySource(t *testing.T) {
	w := newOrders(t)
	root, cells := stageCells(t, w, "/orders?area=E23000006")
	if got, want := lastWarning(root), "There is no year to date: no figures cover it exactly. Shown is the newest period, the year to March 2022."; got != want {
		t.Errorf("warning = %q, want %q", got, want)
	}
	checkStages(t, cells, map[string][]string{
		"Stalking Protection Orders applied for":          {"orders", "26", "no figure", ""},
		"Stalking Protection Orders granted":              {"orders", "3", "1", "Too few to judge (3 orders)."},
		"Stalking Protection Orders refused":              {"orders", "Not in yearly.", ""},
		"Breaches of Stalking Protection Orders":          {"breaches", "Not in yearly.", ""},
		"People with a Stalking Protection Order granted": {"people", "Not in yearly.", ""},
	})
	_, cells = stageCells(t, w, "/orders?area=E23000013&period=2021/22")
	granted := cells["Stalking Protection Orders granted"]
	if len(granted) != 5 || granted[1] != "not available" || !strings.Contains(granted[4], "no answer to the request") {
		t.Errorf("a marker and its note: %q", granted)
	}
}

func TestOrdersOfAPeriod(t *testing.T) {
	w := newOrders(t)
	root, cells := stageCells(t, w, "/orders?period=2021/22")
	if got := lastWarning(root); got != "No figure of orders covers the year to March 2022. Choose another period." {
		t.Errorf("warning = %q", got)
	}
	if got := cells["Stalking Protection Orders granted"]; len(got) != 3 || got[1] != "No figure of all these days in orders." {
		t.Errorf("granted = %q", got)
	}
	// What stands beside a period must not be of other days without saying so.
	facts := text(pagetest.Elements(root, "dl", "facts")[0])
	for _, want := range []string{"per 1,000 stalking offences No figure of all these days in orders.", "25 days, the newest figure: year to Aug 2024"} {
		if !strings.Contains(strings.ReplaceAll(facts, " , ", ", "), want) {
			t.Errorf("facts = %q, want %q", facts, want)
		}
	}
	for _, o := range pagetest.Elements(root, "option", "") {
		if _, chosen := attributeOf(o, "selected"); chosen && pagetest.Attribute(o, "value") != "2021/22" && pagetest.Attribute(o, "value") != "E23000026" {
			t.Errorf("%q is chosen", pagetest.Attribute(o, "value"))
		}
	}
	for address, status := range map[string]int{"/orders?period=2021": 400, "/orders?period=2024-01": 400, "/orders?period=ytd&period=12m": 400, "/orders?stage=1": 400, "/orders?area=none": 404} {
		if answer := w.get(address); answer.Code != status {
			t.Errorf("%s: %d, want %d: %s", address, answer.Code, status, page(t, answer))
		}
	}
}

// lede is the first paragraph under the title.
func lede(root *html.Node) string {
	return text(pagetest.Elements(pagetest.Elements(root, "div", "lede")[0], "p", "")[0])
}

// lastWarning is the one about the period: those about sources stand above it.
func lastWarning(root *html.Node) string {
	warnings := pagetest.Elements(root, "p", "warning")
	return text(warnings[len(warnings)-1])
}

func attributeOf(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// A chart on a shared axis has its limits and marks where its own periods are.
func TestPlotOverALongerAxis(t *testing.T) {
	s, _ := pick(testSeries(), testMeasures().ByID("stalking_charges")[0], bedfordshire)
	j := testReference().judge(analysis.Combine(s, stats.KindMonth), stats.KindMonth)
	own := analysis.Periods(stats.KindMonth, analysis.Span(j.series))
	early := analysis.Periods(stats.KindMonth, stats.Period{Start: own[0].Start.AddDate(0, -3, 0), End: own[len(own)-1].End})
	p, err := plotOver(j, chart.Small, 0, early)
	if err != nil || p.First != early[0].Label() {
		t.Fatalf("%+v, %v", p, err)
	}
	for i, level := range j.levels(-3) {
		if was := j.levels(0)[i]; level.To != was.To+3 {
			t.Errorf("%s ends at %d, want %d", level.Name, level.To, was.To+3)
		}
		if was := j.levels(0)[i]; was.From == 0 && level.From != 3 {
			t.Errorf("%s begins at %d, before its figures", level.Name, level.From)
		}
	}
	none, err := plotOver(j, chart.Small, 0, analysis.Periods(stats.KindMonth, stats.FinancialYear(2030)))
	if err != nil || none != nil {
		t.Errorf("an axis without figures: %+v, %v", none, err)
	}
}

// TestOrdersOfAPublication: the days that a publication covers can be chosen as
// they are; of days that nobody counted the page says so.
func TestOrdersOfAPublication(t *testing.T) {
	w := newOrders(t)
	w.insert(t, observations, ordersRow(t, "yearly", "spo_granted", "E23000006", "2020-01-20/2021-03-31", 4))
	_, cells := stageCells(t, w, "/orders?area=E23000006&period=2020-01-20/2021-03-31")
	if granted := strings.Join(cells["Stalking Protection Orders granted"], " | "); !strings.HasPrefix(granted, "orders | 4 |") {
		t.Errorf("granted: %q", granted)
	}
	text := w.get("/orders?area=E23000006&period=2020-01-20/2021-03-31").Body.String()
	if !strings.Contains(text, `<option value="2020-01-20/2021-03-31" selected>20 Jan 2020 to 31 Mar 2021</option>`) {
		t.Error("the days are not among the periods to choose from")
	}
	if got := page(t, w.get("/orders?area=E23000006&period=2019-01-20/2020-03-31")); !strings.Contains(got, "No figure of orders covers 20 Jan 2019 to 31 Mar 2020.") {
		t.Errorf("days that nobody counted: %s", got)
	}
}

// TestOrdersTitleIsOfThePeriod: whatever period is chosen, the title is of it.
func TestOrdersTitleIsOfThePeriod(t *testing.T) {
	w := newOrders(t)
	const none = "no number of Stalking Protection Orders "
	for address, want := range map[string]struct{ title, says string }{
		"/orders?period=ytd": {"Bedfordshire: Stalking Protection Orders granted rose beyond chance (27, against 9)",
			"Stalking Protection Orders granted from 1 January to 27 September 2024 are 27, against 9 in the same days of 2023: more than chance explains."},
		"/orders?period=12m": {"Bedfordshire: Stalking Protection Orders granted are 3, against 1: too few to judge",
			"Stalking Protection Orders granted from 1 to 27 September 2024 are 3, against 1 from 1 to 27 September 2023: too few to judge."},
		"/orders?period=2098/99": {"Bedfordshire: " + none + "in the year to March 2099 is known", ""},
		"/orders?area=E23000006": {"Cheshire, last figures 2 years old: Stalking Protection Orders granted are 3, against 1: too few to judge",
			"Stalking Protection Orders granted in the year to March 2022 are 3, against 1 in the year to March 2021: too few to judge."},
		"/orders?area=E23000006&period=2021/22": {"Cheshire: Stalking Protection Orders granted are 3, against 1: too few to judge",
			"Stalking Protection Orders granted in the year to March 2022 are 3, against 1 in the year to March 2021: too few to judge."},
		"/orders?area=E23000006&period=2020/21": {"Cheshire: Stalking Protection Orders granted are 1", "Stalking Protection Orders granted in the year to March 2021 are 1."},
		"/orders?area=E23000013&period=2021/22": {"Cleveland: " + none + "in the year to March 2022 is known", ""},
		"/orders?period=2019-01-20/2020-03-31":  {"Bedfordshire: " + none + "from 20 January 2019 to 31 March 2020 is known", ""},
	} {
		root := parse(t, w.get(address).Body.Bytes())
		if got := text(pagetest.Elements(root, "h1", "")[0]); got != want.title {
			t.Errorf("%s: title %q, want %q", address, got, want.title)
		}
		if said := lede(root); want.says != "" && said != want.says || want.says == "" && strings.Contains(said, "granted") {
			t.Errorf("%s: under the title %q, want %q", address, said, want.says)
		}
	}
	for period, few := range map[string]bool{"ytd": false, "12m": true, "2098/99": false} { // 27 orders, 3 of them, and none: there is no rate of other days
		facts := text(pagetest.Elements(parse(t, w.get("/orders?period="+period).Body.Bytes()), "dl", "facts")[0])
		if strings.Contains(facts, "1 to 27 Sep 2024: too few to judge (3 orders)") != few {
			t.Errorf("%s: a rate of few orders is told as any other, or one of many is not: %q", period, facts)
		}
	}
}

// TestOrdersTitleIsShort: what chance does not explain comes first, and the title is never
// longer than two lines on a wide screen, whatever is told and of whom.
func TestOrdersTitleIsShort(t *testing.T) {
	row := func(noun, name string, this, before int) stageRow {
		return stageRow{noun: noun, Value: shown{Value: fmt.Sprint(this)}, Before: link{Text: fmt.Sprint(before)}, Says: verdict{Name: name}, rose: this > before}
	}
	granted, full := row("Stalking Protection Orders granted", "chance", 14, 7), row("full Stalking Protection Orders granted", "improvement", 30, 9)
	breaches := row("breaches of Stalking Protection Orders", "change", 18, 4)
	arrests := row("arrests for breach of a Stalking Protection Order", "change", 15, 2)
	refused := row("Stalking Protection Orders refused", "concern", 2, 20)
	for _, tt := range []struct {
		stages []stageRow
		want   string
	}{
		{[]stageRow{granted, breaches}, "breaches of Stalking Protection Orders rose beyond chance (18, against 4)"},
		{[]stageRow{granted, breaches, arrests}, "breaches of orders and arrests for breach of an order rose beyond chance"},
		{[]stageRow{full, refused}, "orders refused and full orders granted changed beyond chance"}, // concern first
		{[]stageRow{granted, full, breaches, arrests, refused}, "orders refused and 3 other counts changed beyond chance"},
		{[]stageRow{refused}, "Stalking Protection Orders refused fell beyond chance (2, against 20)"},
	} {
		if got := movedBeyond(beyond(tt.stages)); got != tt.want || len(got) > longestFinding {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestOrdersAreNotPeopleIsSaidOnce: the page says it above of all measures, so none of
// them says it again below, as the reference data has them.
func TestOrdersAreNotPeopleIsSaidOnce(t *testing.T) {
	rows := referenceMeasures(t)
	caveat, said := slices.Index(rows[0], "caveat"), 0
	for _, row := range rows[1:] {
		if strings.Contains(row[caveat], "Orders are not people") {
			said++
		}
		if rest := notSaidAbove(row[caveat]); strings.Contains(rest, "rders are not people") || !strings.HasSuffix(row[caveat], rest) {
			t.Errorf("%s: %q", row[0], rest)
		}
	}
	if said < 6 {
		t.Errorf("only %d measures say it on their own pages", said)
	}
	for caveat, want := range map[string]string{"": "", "Orders are not people: x.": "", "Orders are not people, y. Few. Late.": "Few. Late.", "Few. Late.": "Few. Late."} {
		if got := notSaidAbove(caveat); got != want {
			t.Errorf("%q leaves %q, want %q", caveat, got, want)
		}
	}
}

// TestPageName: each page of figures has a name in the contents of a pack, with whatever
// parameters it is asked for.
func TestPageName(t *testing.T) {
	list := offered(testMeasures(), bedfordshire, bedfordshire.Code, testNow, nil)
	for address, want := range map[string]string{
		"/": "Overview", "/orders": "Stalking Protection Orders", "/orders?period=2021/22": "Stalking Protection Orders",
		"/measures/stalking_charges": "Stalking charges", "/measures/stalking_charges?area=E23000006": "Stalking charges",
		"/measures/spo_refused": "Stalking Protection Orders refused", "/measures/none": "", "/recommendations/7": "",
	} {
		measures := stats.NewMeasures(append(slices.Clone(testMeasures().All()), stats.Measure{ID: "spo_refused", Name: "Stalking Protection Orders refused"}))
		if got := pageName(list, measures, address); got != want {
			t.Errorf("%s is called %q, want %q", address, got, want)
		}
	}
}
