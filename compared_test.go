package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// comparedPage is what a script finds on a page that compares forces.
type comparedPage struct {
	Title   string     `json:"title"`
	Text    string     `json:"text"`
	Missing string     `json:"missing"`
	Points  int        `json:"points"`
	CSV     string     `json:"csv"`
	Rows    [][]string `json:"rows"`
}

const readCompared = `({
	title: document.querySelector("h1").textContent,
	text: document.querySelector("main .lede").textContent.trim().replace(/\s+/g, " "),
	missing: Array.from(document.querySelectorAll("#without ~ ul li"), (e) => e.textContent).join(" | "),
	points: JSON.parse(document.querySelector("script[type='application/json']").textContent).series.filter((s) => s.type === "scatter").reduce((n, s) => n + s.data.length, 0),
	csv: document.querySelector(".footer a[href*='observations.csv']").href,
	rows: Array.from(document.querySelectorAll("table.figures tbody tr"), (row) => Array.from(row.cells, (cell) => cell.textContent.trim()).slice(0, 6)),
})`

// TestForcesCompared finds the figures that were worked out by hand from the
// published table of 2021/22.
func TestForcesCompared(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	found := script[comparedPage](t, ctx, address+"/compare?measure=charge_rate&basis=outcomes&period=2021%2F22&group=all&area=E23000026", readCompared)
	if want := "Bedfordshire: charge rate (of all outcomes) 5.4% in the year to March 2022, inside the limits of all forces"; found.Title != want {
		t.Errorf("title %q, want %q", found.Title, want)
	}
	for _, want := range []string{"Bedfordshire’s rate is 5.4% (53 of 985), 95% range 4.1 to 7.0.", "All forces together: 6.0% (5,947 of 99,265).",
		"The 43 forces differ from one another by more than chance explains."} {
		if !strings.Contains(found.Text, want) {
			t.Errorf("the page lacks %q: %s", want, found.Text)
		}
	}
	if found.Points != 43 || len(found.Rows) != 44 || found.Missing != "" {
		t.Fatalf("%d marks, %d rows, not compared: %q", found.Points, len(found.Rows), found.Missing)
	}
	if diff := cmp.Diff([][]string{{"Bedfordshire", "5.4", "53", "985", "4.1 to 7.0", "inside the limits"}, {"All forces together", "6.0", "5,947", "99,265", "", "the average"}},
		[][]string{found.Rows[1], found.Rows[43]}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var names []string
	for _, row := range found.Rows[:43] {
		names = append(names, row[0])
	}
	if !slices.IsSorted(names) {
		t.Errorf("the forces are not in order of name: %q", names)
	}
	if same := script[comparedPage](t, ctx, address+"/compare", readCompared); same.Title != found.Title || !cmp.Equal(same.Rows, found.Rows) {
		t.Errorf("without a choice the page is %q", same.Title)
	}
	comparedAgreesWithItsCSV(t, found)
}

// comparedAgreesWithItsCSV finds every force of the page in its file.
func comparedAgreesWithItsCSV(t *testing.T, found comparedPage) {
	t.Helper()
	_, query, _ := strings.Cut(found.CSV, "?")
	values, err := url.ParseQuery(query)
	if err != nil || len(values["area"]) != 44 || values.Get("from") != "2021-04-01" || values.Get("to") != "2022-03-31" || values.Get("source") != "published_force_figures" {
		t.Errorf("%v, %v", values, err)
	}
	records, column := csvRows(t, found.CSV)
	var rows []string
	for _, record := range records {
		name := record[column["area_name"]]
		if name == "England and Wales" {
			name = "All forces together"
		}
		rows = append(rows, name+" "+record[column["numerator"]]+" "+record[column["denominator"]])
	}
	for _, row := range found.Rows {
		if line := fmt.Sprintf("%s %s %s", row[0], strings.ReplaceAll(row[2], ",", ""), strings.ReplaceAll(row[3], ",", "")); !slices.Contains(rows, line) {
			t.Errorf("the file has no row %q", line)
		}
	}
	if len(rows) != len(found.Rows) {
		t.Errorf("%d rows in the file, %d on the page", len(rows), len(found.Rows))
	}
}

// TestAGapIsNoZero: Greater Manchester published nothing for nine months of
// 2019/20. It is named, and neither compared nor part of the average.
func TestAGapIsNoZero(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	found := script[comparedPage](t, browser(t), address+"/compare?period=2019/20&area=E23000005", readCompared)
	if want := "Greater Manchester: no charge rate (of all outcomes) in the year to March 2020; the 42 forces with a figure together 11.4%"; found.Title != want {
		t.Errorf("title %q, want %q", found.Title, want)
	}
	if !strings.HasPrefix(found.Missing, "Greater Manchester: not available in published outcomes, charges and orders by force") || !strings.HasSuffix(found.Missing, "That is a gap, and not a zero.") {
		t.Errorf("not compared: %q", found.Missing)
	}
	i := slices.IndexFunc(found.Rows, func(row []string) bool { return row[0] == "Greater Manchester" })
	if diff := cmp.Diff([]string{"Greater Manchester", "not available", "–", "–", "", "not compared"}, found.Rows[i]); diff != "" || found.Points != 42 {
		t.Errorf("%d marks (-want +got):\n%s", found.Points, diff)
	}
}

// TestChangesOfTheSample: what the first load of the sample brought is new, and
// nothing of it was revised.
func TestChangesOfTheSample(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	text := script[string](t, browser(t), address+"/changes?since=2024-09-27", `document.querySelector("main").textContent.replace(/\s+/g, " ")`)
	for _, want := range []string{
		"Bedfordshire since 27 September 2024: 5 measures changed beyond chance in figures up to 27 September 2024", "Change: Breaches of Stalking Protection Orders from 1 January to 27 September 2024 are 18, against 4 in the same days of 2023: more than chance explains.", "Improvement: Stalking charges stayed above what chance explains since January 2024.",
		"Stalking Protection Orders applied for from 1 January to 27 September 2024 are 18, against 9 in the same days of 2023: within chance. In its chart, too few to judge: under 5 a month on average.", "No figure of Bedfordshire was revised since 27 September 2024.", "53 (year to Mar 2022)5,947published outcomes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	answer, err := http.Get(address + "/changes?since=2024-02-30")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a day that is none gives %s", answer.Status)
	}
}
