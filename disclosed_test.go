package main

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// telltale is a threshold under which half of the figures of these tests lie:
// each figure is a number that stands nowhere else, and none is a multiple of 5,
// so that a true one is known wherever it shows.
var telltale = disclosure.Rules{Threshold: 400_000, Rounding: 5}

// tell is a number that nobody writes by chance.
func tell(n int) int {
	v := 200_003 + 7_919*n%600_000
	if v%5 == 0 {
		v++
	}
	return v
}

// telltales is a monthly return of three forces, with a breakdown.
func telltales(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "force_return.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := csv.NewWriter(file)
	rows := [][]string{{"area_code", "period", "measure", "breakdown", "breakdown_value", "value", "value_note", "comment"}}
	n := 0
	for _, area := range []string{"E23000026", "E23000006"} {
		for month := range 13 {
			period := time.Date(2023, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
			for _, measure := range []string{"stalking_recorded", "stalking_charges", "stalking_outcomes", "spo_applied", "spo_granted", "stalking_days_to_charge_median"} {
				n++
				rows = append(rows, []string{area, period, measure, "", "", strconv.Itoa(tell(n)), "", fmt.Sprintf("demonstration; of which %d more", tell(n))})
				if measure == "stalking_charges" {
					domestic := tell(n)/3 + 4 - tell(n)/3%5
					rows = append(rows, []string{area, period, measure, "relationship", "domestic", strconv.Itoa(domestic), "", "demonstration"},
						[]string{area, period, measure, "relationship", "other", strconv.Itoa(tell(n) - domestic), "", "demonstration"})
				}
			}
		}
	}
	if err := out.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// publishedSite serves what everybody may see, and nothing else.
func publishedSite(t testing.TB, p pipeline, rules disclosure.Rules) (address string, reader *published.Reader) {
	t.Helper()
	return publicSite(t, p, rules, slog.New(slog.DiscardHandler), dashboard.Public{SafeAddress: "https://www.example.org/"})
}

// publicSite is publishedSite with a log of its own, and what its pages have for victims.
func publicSite(t testing.TB, p pipeline, rules disclosure.Rules, log *slog.Logger, public dashboard.Public) (address string, reader *published.Reader) {
	t.Helper()
	reader = published.NewReader(p.reader, published.NewKeeper(p.reader, rules, time.Now, log))
	handler, err := dashboard.New(dashboard.Options{Reader: reader, Audience: dashboard.Published, Public: public, Rules: rules, Home: p.cfg.Force, Version: "test", Logger: log,
		Ready: func(context.Context) error { return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, reader
}

// TestNothingHiddenIsPublished opens every page, file and description that can
// be reached by the published audience, and looks for true figures in them: in
// words, tables, chart options and addresses.
func TestNothingHiddenIsPublished(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "series_breaks", "recommendation_register", "recommendation_progress"} {
		p.run(t, source, "")
	}
	run := p.run(t, "force_return", telltales(t))
	if run.Outcome != stats.Published || len(run.SHA256) != 64 {
		t.Fatalf("run %+v", run)
	}
	hashes := []string{run.SHA256, run.SHA256[:16]}
	address, reader := publishedSite(t, p, telltale)
	secrets := p.secrets(t, reader)
	if len(secrets) < 300 {
		t.Fatalf("only %d true figures are looked for", len(secrets))
	}
	look := func(path, body string) {
		checkTold(t, secrets, path, body)
		for _, own := range hashes {
			if strings.Contains(body, own) {
				t.Errorf("%s has the hash of a file of the force, by which guesses at what it hides can be tried", path)
			}
		}
	}
	visited := crawl(t, address, look, "/reports/observations.xlsx?breakdown=relationship")
	p.linksTold(t, address, telltale, look)
	_, _, known := get(t, address+"/figure?area=E23000026&measure=stalking_charges&period=2023-01&source=force_return")
	if !strings.Contains(known, "The rows of the file are not told here") || strings.Contains(known, "No row is behind it") || strings.Contains(known, "File, sheet and row") {
		t.Error("a figure's page does not say that its rows are not told")
	}
	if len(visited) < 200 {
		t.Errorf("only %d pages were opened", len(visited))
	}
	t.Logf("%d pages, %d true figures", len(visited), len(secrets))
	for _, path := range []string{"/data", "/changes", "/metrics", "/data/revisions.csv", "/reports/observations.csv?audience=internal", "/reports/observations.zip?audience=internal",
		"/reports/observations.xlsx?audience=internal", "/reports?show=yes&audience=internal", "/api/v1/observations?audience=internal"} {
		if status, _, _ := get(t, address+path); status != 404 && status != 403 {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

// checkTold looks for numbers that nobody may read, and for the rows of a file of records,
// in what an address answers.
func checkTold(t testing.TB, secrets map[string]string, path, body string) {
	t.Helper()
	for _, number := range numbers(body) {
		if of, secret := secrets[number]; secret {
			t.Errorf("%s tells %s, which is %s", path, number, of)
		}
	}
	if row := namedRow.FindString(body); row != "" {
		t.Errorf("%s leads to %q: the rows between two counts of an extract are a count, and may be another force's", path, row)
	}
}

// secrets is every true number that is not published as it is, by how it is
// written: counts, the counts of rates, sums of forces and of longer periods.
func (p pipeline) secrets(t testing.TB, reader *published.Reader) map[string]string {
	t.Helper()
	told := map[float64]bool{}
	note := func(f stats.Figure, keep func(v stats.Value, what string)) {
		name := fmt.Sprintf("%s of %s, %s %s", f.Measure, f.Area, f.Period.Label(), f.BreakdownValue)
		for what, v := range map[string]stats.Value{"": f.Value, "numerator of ": f.Numerator, "denominator of ": f.Denominator} {
			if v.Known {
				keep(v, what+name)
			}
		}
	}
	all, err := reader.AllFigures(t.Context(), query.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		note(f, func(v stats.Value, _ string) { told[v.Number] = true })
	}
	secrets := map[string]string{}
	var report strings.Builder
	for _, kind := range []string{"", "quarter", "financial_year", "calendar_year", "rolling_12_months"} {
		report.Reset()
		values := url.Values{}
		if kind != "" {
			values.Set("period", kind)
		}
		if _, err := dashboard.WriteObservations(t.Context(), &report, dashboard.Readers{Internal: p.reader}, values); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(report.String())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for _, column := range []string{"value", "numerator", "denominator", "lower_95", "upper_95"} {
				text := row[slices.Index(rows[0], column)]
				if number, err := strconv.ParseFloat(text, 64); err == nil && !told[number] && len(text) > 5 {
					secrets[text] = column + " of " + strings.Join(row[:8], " ")
				}
			}
		}
	}
	return secrets
}

var written = regexp.MustCompile(`\d[\d,]*(\.\d+)?`)

// numbers is every number of a text, without the marks between its thousands.
func numbers(text string) []string {
	var all []string
	for _, number := range written.FindAllString(text, -1) {
		all = append(all, strings.ReplaceAll(number, ",", ""))
		all = append(all, strings.Split(number, ",")...)
	}
	return all
}

// namedRow is a row of a file of counts, as pages name them.
var namedRow = regexp.MustCompile(`(?i)(force_\w+|published_force_figures)[\w.-]*, rows? \d+`)

var nextPage = regexp.MustCompile(`"next":"([^"]+)"`)

// crawl opens every address that pages lead to, from the first on.
func crawl(t *testing.T, site string, look func(path, body string), more ...string) map[string]bool {
	t.Helper()
	visited := map[string]bool{}
	waiting := []string{"/", "/reports?show=yes", "/reports?show=yes&area=forces&period=quarter", "/reports/observations.zip", "/reports/observations.xlsx",
		"/reports/observations.zip?period=financial_year", "/reports/observations.csv", "/reports/observations.csv-metadata.json", "/reports/observations.csv?period=quarter",
		"/reports/observations.csv?period=financial_year", "/reports/observations.csv?period=rolling_12_months", "/reports/observations.csv?audience=published",
		"/charts/stalking_charges.svg", "/charts/stalking_charges.svg?area=E23000006", "/charts/charge_rate.svg", "/charts/spo_granted.svg?area=E23000006",
		"/measures?area=E23000006", "/compare?measure=charge_rate", "/orders?area=E23000006", "/healthz", "/readyz",
		"/api/v1", "/api/v1/observations?limit=50", "/api/v1/observations?period=quarter", "/api/v1/observations?period=calendar_year&limit=40",
		"/api/v1/observations?period=rolling_12_months", "/api/v1/observations?audience=published", "/api/v1/measures", "/api/v1/areas",
		"/api/v1/sources", "/api/v1/breaks", "/api/v1/recommendations", "/api/v1/recommendations?history=all", "/api/v1/openapi.json"}
	waiting = append(more, waiting...)
	for len(waiting) > 0 && len(visited) < 300 {
		path := waiting[0]
		if waiting = waiting[1:]; visited[path] {
			continue
		}
		visited[path] = true
		status, kind, body := get(t, site+path)
		if status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
		if strings.HasPrefix(body, "PK") {
			body = unpacked(t, body)
		}
		look(path, body)
		switch {
		case strings.HasPrefix(kind, "text/html"):
			waiting = append(waiting, ways(t, path, body)...)
		case strings.HasPrefix(path, "/api/v1/observations"):
			if next := nextPage.FindStringSubmatch(body); next != nil {
				waiting = slices.Insert(waiting, 0, next[1])
			}
		}
	}
	return visited
}

// unpacked is all that a zip or a spreadsheet holds.
func unpacked(t *testing.T, text string) string {
	t.Helper()
	archive, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

func get(t *testing.T, address string) (status int, kind, body string) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}

// ways is where a page leads to on its site.
func ways(t *testing.T, path, body string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "href" && a.Key != "src" {
				continue
			}
			if to, err := base.Parse(a.Val); err == nil && !to.IsAbs() && !strings.HasPrefix(to.Path, "/static/") {
				to.Fragment = ""
				found = append(found, to.String())
			}
		}
	}
	return found
}
