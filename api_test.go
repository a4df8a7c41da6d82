package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/report"
	"stalkstats/etl"
	"stalkstats/internal/stats"
)

// internalSite serves true figures, and what the published audience has to those
// who ask for that.
func internalSite(t testing.TB, p pipeline, rules disclosure.Rules) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	handler, err := dashboard.New(dashboard.Options{Reader: p.reader, Published: published.NewReader(p.reader, published.NewKeeper(p.reader, rules, time.Now, log)),
		Rules: rules, Home: p.cfg.Force, Version: "test", Logger: log, Ready: func(context.Context) error { return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// row is a row of a report as JSON has it, its numbers as they are written.
type row map[string]any

type apiPage struct {
	AsAt         string `json:"figures_as_at"`
	Audience     string
	Count        int
	Next         string
	Observations []row
}

func getPage(t *testing.T, address string) (page apiPage) {
	t.Helper()
	response, body := fetch(t, address, nil)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s: %s", address, response.Status, body)
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&page); err != nil || decoder.More() {
		t.Fatalf("%s: %v", address, err)
	}
	link := ""
	if page.Next != "" {
		link = "<" + page.Next + `>; rel="next"`
	}
	if page.Count != len(page.Observations) || response.Header.Get("Link") != link {
		t.Errorf("%s: %d figures of %d, next %q, Link %q", address, len(page.Observations), page.Count, page.Next, response.Header.Get("Link"))
	}
	return page
}

// follow reads pages to the end, as a tool does.
func follow(t *testing.T, site, path string) (rows []row, pages int) {
	t.Helper()
	asAt := ""
	for path != "" {
		page := getPage(t, site+path)
		if pages++; asAt == "" {
			asAt = page.AsAt
		}
		if page.AsAt != asAt {
			t.Errorf("page %d is of %s, the first of %s", pages, page.AsAt, asAt)
		}
		rows, path = append(rows, page.Observations...), page.Next
	}
	return rows, pages
}

// reportRows is the rows of a CSV under the names of their columns.
func reportRows(t *testing.T, address string) []map[string]string {
	t.Helper()
	response, body := fetch(t, address, nil)
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, response.Status, err)
	}
	var all []map[string]string
	for _, r := range rows[1:] {
		one := map[string]string{}
		for i, name := range rows[0] {
			one[name] = r[i]
		}
		all = append(all, one)
	}
	return all
}

// compareRows holds rows of the API to those of the CSV: the same members, the same
// texts, and numbers as numbers.
func compareRows(t *testing.T, name string, columns []report.Column, got []row, want []map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, the CSV has %d", name, len(got), len(want))
		return
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("%s, row %d has the members %v", name, i, slices.Sorted(maps.Keys(got[i])))
		}
		for _, c := range columns {
			var cell string
			switch v := got[i][c.Name].(type) {
			case json.Number:
				if cell = v.String(); c.Datatype != "decimal" && c.Datatype != "integer" {
					t.Errorf("%s, row %d: %s is a number", name, i, c.Name)
				}
			case string:
				if cell = v; c.Datatype == "string" {
					cell = report.Text(v)
				}
				if cell == "" && c.Datatype != "string" || c.Datatype == "decimal" || c.Datatype == "integer" {
					t.Errorf("%s, row %d: %s is the text %q", name, i, c.Name, v)
				}
			case nil:
				if c.Datatype == "string" {
					t.Errorf("%s, row %d: the text %s is null", name, i, c.Name)
				}
			default:
				t.Errorf("%s, row %d: %s is %T", name, i, c.Name, v)
			}
			if cell != want[i][c.Name] {
				t.Fatalf("%s, row %d: %s is %q, in the CSV %q", name, i, c.Name, cell, want[i][c.Name])
			}
		}
	}
}

// TestAPIHasTheFiguresOfTheCSV reads every figure of the default configuration
// both ways, for both audiences, in several kinds of period and sizes of page.
func TestAPIHasTheFiguresOfTheCSV(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	if err := p.etl.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	internal := internalSite(t, p, usualRules)
	outside, _ := publishedSite(t, p, usualRules)
	for _, c := range []struct {
		site, query string
		limit, rows int
	}{
		{internal, "", 0, 2000}, {internal, "", 499, 2000}, {internal, "audience=published", 1001, 2000}, {outside, "", 997, 2000},
		{internal, "period=quarter", 300, 500}, {internal, "period=financial_year", 97, 100}, {internal, "period=rolling_12_months&audience=published", 301, 100},
		{outside, "period=quarter", 503, 500}, {outside, "period=calendar_year&area=E23000026", 17, 20},
		{internal, "measure=charge_rate&area=K04000001&area=E23000026", 13, 20}, {internal, "source=force_return&from=2023-01-01&to=2023-12-31", 41, 100},
		{internal, "measure=spo_applied&area=BTP", 1, 0},
	} {
		path := "/api/v1/observations?" + c.query
		if c.limit > 0 {
			path += "&limit=" + strconv.Itoa(c.limit)
		}
		name := fmt.Sprintf("%s?%s of %d", map[bool]string{true: "internal", false: "published"}[c.site == internal], c.query, c.limit)
		want := reportRows(t, c.site+"/reports/observations.csv?"+c.query)
		got, pages := follow(t, c.site, path)
		if len(want) < c.rows || c.limit > 0 && pages != max(1, (len(want)+c.limit-1)/c.limit) {
			t.Errorf("%s: %d rows in %d pages", name, len(want), pages)
		}
		compareRows(t, name, report.ObservationColumns, got, want)
	}
	for _, query := range []string{"", "?area=E23000026", "?history=all", "?as_at=2024-01-01"} {
		for _, site := range []string{internal, outside} {
			_, body := fetch(t, site+"/api/v1/recommendations"+query, nil)
			decoder := json.NewDecoder(strings.NewReader(body))
			decoder.UseNumber()
			var all struct{ Recommendations []row }
			if err := decoder.Decode(&all); err != nil || len(all.Recommendations) < 29 {
				t.Fatalf("%d recommendations, error %v", len(all.Recommendations), err)
			}
			compareRows(t, "recommendations"+query, report.RecommendationColumns, all.Recommendations, reportRows(t, site+"/reports/recommendations.csv"+query))
		}
	}
}

// TestPagesAreOfOneState publishes a correction, figures of another measure and a
// new name of an area between two pages: the pages after the first are of the state
// of the first.
func TestPagesAreOfOneState(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "home_office_recorded_crime", "force_return"} {
		p.run(t, source, "")
	}
	site := internalSite(t, p, usualRules)
	queries := []string{"", "audience=published", "period=quarter", "audience=published&period=quarter"}
	before, first := map[string][]map[string]string{}, map[string]apiPage{}
	for _, query := range queries {
		before[query] = reportRows(t, site+"/reports/observations.csv?"+query)
		first[query] = getPage(t, site+"/api/v1/observations?limit=151&"+query)
	}
	text := strings.ReplaceAll(read(t, "sample/force_return.csv"), ",stalking_charges,,,7,", ",stalking_charges,,,28,")
	p.correct(t, "force_return", strings.ReplaceAll(text, ",stalking_recorded,", ",harassment_recorded,"))
	p.correct(t, "areas", strings.ReplaceAll(read(t, "schemas/reference/areas.csv"), ",Bedfordshire,", ",Bedfordshire renamed,"))
	for _, query := range queries {
		rest, pages := follow(t, site, first[query].Next)
		if pages < 2 {
			t.Errorf("%q: %d pages more", query, pages)
		}
		compareRows(t, query, report.ObservationColumns, slices.Concat(first[query].Observations, rest), before[query])
		if slices.EqualFunc(before[query], reportRows(t, site+"/reports/observations.csv?"+query), maps.Equal[map[string]string, map[string]string]) {
			t.Errorf("%q: the correction changed nothing", query)
		}
	}
}

// correct loads a text instead of a source's own file, and lets it through where a
// check holds it.
func (p pipeline) correct(t *testing.T, source, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), source+".csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := p.run(t, source, path)
	if run.Outcome == stats.Held {
		var err error
		if run, err = p.etl.Accept(t.Context(), run.ID, etl.Options{AskedBy: "test", Why: "meant"}); err != nil {
			t.Fatal(err)
		}
	}
	if run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
}

// TestAPIRefuses: bad addresses are answered at once, in a sentence.
func TestAPIRefuses(t *testing.T) {
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "force_return"} {
		p.run(t, source, "")
	}
	internal := internalSite(t, p, usualRules)
	outside, _ := publishedSite(t, p, usualRules)
	next := getPage(t, internal+"/api/v1/observations?limit=5").Next
	at, err := url.Parse(next)
	if err != nil || next == "" {
		t.Fatal(next, err)
	}
	after := at.Query().Get("after")
	ofAnotherState := after[:14] + anotherLetter(after[14:15]) + after[15:] // a letter within the hash of the state
	many := url.Values{"area": slices.Repeat([]string{"E23000026"}, 200)}
	unknown := url.Values{}
	for i := range 1000 {
		unknown.Add("area", fmt.Sprintf("E%d", i))
	}
	for _, c := range []struct {
		address string
		status  int
		says    string
	}{
		{internal + "/api/v1/observations?after=" + after + "&area=E23000026", 400, "other filters"},
		{internal + "/api/v1/observations?after=" + after + "&audience=published", 400, "other filters"},
		{outside + "/api/v1/observations?after=" + after, 400, "other filters"},
		{internal + "/api/v1/observations?after=" + ofAnotherState, 410, "Start again"},
		{internal + "/api/v1/observations?measure=nothing", 400, "no measure"},
		{internal + "/api/v1/observations?" + unknown.Encode(), 400, "may be given 200 times"},
		{internal + "/api/v1/observations?from=2024-02-30", 400, "is no day"},
		{internal + "/api/v1/observations?period=decade", 400, "no period"},
		{internal + "/api/v1/observations?audience=everybody", 400, "no audience"},
		{internal + "/api/v1/observations?as_at=1970-01-02&audience=published", 400, "nothing was published"},
		{outside + "/api/v1/observations?audience=internal", 403, "published audience"},
		{outside + "/api/v1/recommendations?area=nowhere", 400, "no area"},
		{internal + "/api/v1/recommendations?history=some", 400, "history"},
		{internal + "/api/v1/observations?area=" + url.QueryEscape("\x00\u202e'; DROP"), 400, "no area"},
	} {
		response, body := fetch(t, c.address, nil)
		if response.StatusCode != c.status || !strings.Contains(body, c.says) || response.Header.Get("Content-Type") != "application/problem+json" || len(body) > 600 {
			t.Errorf("%s answers %s: %s", c.address[:min(len(c.address), 120)], response.Status, body)
		}
	}
	if all := getPage(t, internal+"/api/v1/observations?limit=1&after="+after).Observations; len(all) != 1 {
		t.Errorf("another limit than that of the page before: %d figures", len(all))
	}
	response, body := fetch(t, internal+"/api/v1/observations?limit=10&"+many.Encode(), nil)
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusBadRequest {
		t.Errorf("one area a thousand times answers %s: %s", response.Status, body)
	}
}

// TestAPIUnchanged: who has an answer is told so until something else is served.
func TestAPIUnchanged(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	p.load(t, orders)
	outside, _ := publishedSite(t, p, usualRules)
	for i, site := range []string{internalSite(t, p, usualRules), outside} {
		tags := map[string]string{}
		for _, path := range []string{"", "/observations", "/observations?limit=1", "/measures", "/areas", "/sources", "/recommendations", "/breaks", "/openapi.json"} {
			first, _ := fetch(t, site+"/api/v1"+path, nil)
			tags[path] = first.Header.Get("ETag")
			if again, body := fetch(t, site+"/api/v1"+path, map[string]string{"If-None-Match": tags[path]}); tags[path] == "" || again.StatusCode != http.StatusNotModified || body != "" {
				t.Errorf("%s: tag %q, then %s %s", path, tags[path], again.Status, body)
			}
		}
		if tags["/observations"] == tags["/observations?limit=1"] {
			t.Error("two addresses have one tag")
		}
		p.load(t, strings.Replace(orders, "2023-07,spo_applied,,,31", "2023-07,spo_applied,,,"+strconv.Itoa(40+i), 1))
		for path, changes := range map[string]bool{"": true, "/observations": true, "/sources": true, "/measures": false, "/areas": false} {
			if now, _ := fetch(t, site+"/api/v1"+path, map[string]string{"If-None-Match": tags[path]}); (now.StatusCode == http.StatusOK) != changes {
				t.Errorf("%s after a correction: %s", path, now.Status)
			}
		}
	}
}

// TestNoFiguresYet: before anything is loaded the answers are whole and empty.
func TestNoFiguresYet(t *testing.T) {
	p := newPipeline(t)
	for _, audience := range []string{"", "?audience=published"} {
		page := getPage(t, internalSite(t, p, usualRules)+"/api/v1/observations"+audience)
		if page.Count != 0 || page.Next != "" || page.AsAt != "" {
			t.Errorf("%+v", page)
		}
	}
}
