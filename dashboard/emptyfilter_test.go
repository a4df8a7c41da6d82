package dashboard

import (
	"net/http"
	"strings"
	"testing"

	"stalkstats/dashboard/pagetest"
)

// TestAnEmptyFilterIsRefused in every file and by the API, where a variable of a script
// that is not set would else send the whole force.
func TestAnEmptyFilterIsRefused(t *testing.T) {
	w := newForce(t)
	for address, says := range map[string]string{
		"/reports/observations.csv?area=":                            "area is empty: leave it out for all.",
		"/reports/observations.csv?area=E23000026&measure=":          "measure is empty: leave it out for all.",
		"/reports/observations.csv?area=E23000026&audience=":         "audience is empty: leave it out for what the site shows.",
		"/reports/observations.csv-metadata.json?area=":              "area is empty: leave it out for all.",
		"/reports/observations.zip?area=":                            "area is empty: leave it out for all.",
		"/reports/observations.xlsx?source=":                         "source is empty: leave it out for all.",
		"/reports?show=yes&area=":                                    "area is empty: leave it out for all.",
		permalinkPath + "?area=":                                     "area is empty: leave it out for all.",
		savePath + "?measure=spo_granted&area=":                      "area is empty: leave it out for all.",
		"/reports/recommendations.csv?area=":                         "area is empty: leave it out for all.",
		"/reports/recommendations.csv?history=":                      "history is empty: leave it out for what each force says now.",
		"/reports/recommendations.csv-metadata.json?as_at=":          "as_at is empty: leave it out for the figures as they are now.",
		"/data/revisions.csv?source=":                                "source is empty: leave it out for all.",
		"/data/revisions.csv?measure=stalking_charges&area=%20":      "area is empty: leave it out for all.",
		"/data/revisions.csv-metadata.json?since=":                   "since is empty: leave it out for every day.",
		"/data/downloads.csv?day=":                                   "day is empty: leave it out for every day.",
		"/audit.csv?user=":                                           "user is empty: leave it out for all.",
		"/figure.csv?measure=stalking_charges&area=&source=x":        "area is empty: leave it out for all.",
		"/api/v1/observations?area=":                                 "area is empty: leave it out for all.",
		"/api/v1/observations?area=E23000026&measure=&measure=spo_x": "measure is empty: leave it out for all.",
		"/api/v1/observations?limit=":                                "limit is empty: leave it out for the usual number.",
		"/api/v1/observations?after=":                                "after is empty: leave it out for the first page.",
		"/api/v1/recommendations?area=":                              "area is empty: leave it out for all.",
		packMailPath + "?page=/orders&audience=":                     "The audience is internal or published, not “”.",
		packMailPath + "?page=/orders&area=":                         "area is empty: leave it out for the force of this site.",
		packMailPath + "?page=/orders&page=":                         "page is empty: leave it out for another choice of pages.",
		"/charts/stalking_charges.svg?area=":                         "area is empty: give it a value, or leave it out.",
	} {
		got := w.get(address)
		if body := got.Body.String(); got.Code != http.StatusBadRequest || !strings.Contains(strings.ToLower(body), strings.ToLower(says)) {
			t.Errorf("%s: status %d, want 400 and %q: %.300s", address, got.Code, says, body)
		}
	}
}

// TestFormsWithoutAChoice: what a form sends where nothing is chosen on it is answered,
// as it was in addresses that people have kept.
func TestFormsWithoutAChoice(t *testing.T) {
	w := newForce(t)
	for _, address := range []string{
		"/reports?measure=stalking_charges&period=as_published&breakdown=all&from=&to=&as_at=&show=yes",
		"/data/revisions?since=&source=&measure=&area=",
		"/data/downloads?day=",
		"/audit?day=&user=",
		"/orders?area=&period=",
		"/compare?measure=&area=",
		"/changes?since=&area=",
		"/pack?area=",
	} {
		got := w.get(address)
		if got.Code != http.StatusOK {
			t.Errorf("%s: status %d: %s", address, got.Code, got.Body)
			continue
		}
		// Every link to a file on the page works.
		for _, a := range pagetest.Elements(parse(t, got.Body.Bytes()), "a", "") {
			link := pagetest.Attribute(a, "href")
			if path, _, _ := strings.Cut(link, "?"); !strings.HasSuffix(path, ".csv") && !strings.HasSuffix(path, ".xlsx") && !strings.HasSuffix(path, ".json") {
				continue
			}
			if file := w.get(link); file.Code != http.StatusOK {
				t.Errorf("%s leads to %s: status %d: %s", address, link, file.Code, file.Body)
			}
		}
	}
}
