package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stalkstats/etl"
	"stalkstats/internal/stats"
)

// workedPages has people work on a site, and is the pages that come of it: runs of each
// outcome, what was asked for, and the question before everything that can be done.
func workedPages(t *testing.T, address string, p pipeline) []shownPage {
	t.Helper()
	all := []shownPage{
		{name: "run-it", address: "/data/sources/force_return/run"}, {name: "check-it", address: "/data/sources/force_return/check"},
		{name: "keep", address: "/reports/permalink?measure=stalking_charges&area=E23000026"}, {name: "upload-failed", address: "/data/sources/none"},
	}
	for outcome, page := range workedRuns(t, address, p) {
		all = append(all, page...)
		if len(page) == 0 {
			t.Errorf("no run ended as %s", outcome)
		}
	}
	enter(t, address+"/recommendations/10/enter?area=E23000026", url.Values{"as_at": {"2025-01-10"}, "status": {"complete"}, "owner": {"A. Owner"}, "update": {"It is done."}, "evidence": {"minutes"}, "who": {"A. Owner"}})
	enter(t, address+"/measures/stalking_charges/annotate?area=E23000026&kind=note", url.Values{"day": {"2024-03-01"}, "words": {"A new team."}, "who": {"A. Owner"}})
	enter(t, address+"/reports/save?measure=stalking_charges&area=E23000026", url.Values{"name": {"Charges"}, "schedule": {""}, "cron": {""}, "place": {""}, "who": {"A. Owner"}})
	link := permanentLink(t, address, "area=E23000026&measure=spo_applied")
	asked := sent(t, address+"/data/sources/force_return/check", url.Values{"who": {"A. Owner"}})
	all = append(all, shownPage{name: "permalink", address: link + "/about"}, shownPage{name: "permalink-withdraw", address: link + "/withdraw"}, shownPage{name: "request", address: asked})
	for name, where := range map[string][2]string{
		"entry-take-back": {"/recommendations/10", `/recommendations/10/entries/[^"]+/take-back[^"]*`},
		"note-take-back":  {"/measures/stalking_charges?area=E23000026", `/measures/stalking_charges/annotations/[^"]+/take-back[^"]*`},
		"saved-remove":    {"/reports/saved", `/reports/saved/[^"]+/remove`},
	} {
		_, _, body := get(t, address+where[0])
		found := regexp.MustCompile(where[1]).FindString(body)
		if found == "" {
			t.Fatalf("%s leads to no %s", where[0], name)
		}
		all = append(all, shownPage{name: name, address: strings.ReplaceAll(found, "&amp;", "&")})
	}
	return all
}

// workedRuns makes runs, and is the pages of each outcome with the questions that a run of
// it leads to.
func workedRuns(t *testing.T, address string, p pipeline) map[string][]shownPage {
	t.Helper()
	text := read(t, "sample/force_return.csv")
	const row = "E23000026,2022-01,stalking_recorded,,,77,,demonstration"
	pages := map[string][]shownPage{}
	for _, edition := range []struct {
		outcome stats.Outcome
		text    string
		dry     bool
	}{
		{stats.Published, strings.Replace(text, row, "E23000026,2022-01,stalking_recorded,,,78,,demonstration", 1), false},
		{stats.RejectedRun, strings.Replace(text, row, "E99999999,2022-13,stalking_recorded,,,many,,demonstration", 1), false},
		{stats.Held, strings.Replace(text, row, "E23000026,2022-01,stalking_recorded,,,7700,,demonstration", 1), false},
		{stats.Checked, strings.Replace(text, row, "E23000026,2022-01,stalking_recorded,,,79,,demonstration", 1), true},
	} {
		if edition.text == text {
			t.Fatal("the return does not hold the row that is to be changed")
		}
		file := filepath.Join(t.TempDir(), string(edition.outcome)+".csv")
		if err := os.WriteFile(file, []byte(edition.text), 0o600); err != nil {
			t.Fatal(err)
		}
		runs, err := p.etl.Run(context.Background(), "force_return", etl.Options{File: file, DryRun: edition.dry, AskedBy: "A. Owner", Why: "a new count"})
		if err != nil || len(runs) != 1 || runs[0].Outcome != edition.outcome {
			t.Fatalf("%s: %+v, error %v", edition.outcome, runs, err)
		}
		run, name := "/data/runs/"+runs[0].ID, "run-"+string(edition.outcome)
		list := []shownPage{{name: name, address: run}}
		_, _, body := get(t, address+run)
		for _, way := range []string{run + "/accept", run + "/replay", "/data/releases/" + runs[0].ID + "/withdraw"} {
			if strings.Contains(body, `href="`+way+`"`) || strings.HasSuffix(way, "/withdraw") && edition.outcome == stats.Published {
				list = append(list, shownPage{name: name + way[strings.LastIndex(way, "/"):], address: way})
			}
		}
		pages[string(edition.outcome)] = list
	}
	return pages
}

// sent sends a form, and is the page to which that leads.
func sent(t *testing.T, address string, form url.Values) string {
	t.Helper()
	answer, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s, error %v", address, answer.Status, body, err)
	}
	return answer.Request.URL.RequestURI()
}
