package dashboard

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/report"
)

func TestForcesPage(t *testing.T) {
	w := newForce(t)
	one := w.get("/recommendations?area=E23000026")
	if strings.Contains(one.Body.String(), `href="/recommendations/forces"`) {
		t.Error("one force alone is shown beside others")
	}
	w.post("/recommendations/D/enter?area=E23000006", answers("status", "not accepted"))
	if again := w.get("/recommendations?area=E23000026"); !strings.Contains(again.Body.String(), `href="/recommendations/forces"`) {
		t.Error("there is no way to the page of all forces")
	}
	got := w.get("/recommendations/forces")
	page(t, got)
	root := parse(t, got.Body.Bytes())
	rows := pagetest.Elements(pagetest.Elements(root, "table", "matrix")[0], "tr", "")
	if len(rows) != 3 || len(pagetest.Elements(rows[0], "th", "")) != 31 {
		t.Fatalf("%d rows", len(rows))
	}
	cells := pagetest.Elements(rows[1], "td", "")
	if got := text(cells[6]) + "; " + text(cells[14]) + "; " + text(cells[29]); got != "Pin progress, overdue; ·for others to answer; ?no status given: the force has said nothing" {
		t.Errorf("Bedfordshire: %q", got)
	}
	cells = pagetest.Elements(rows[2], "td", "")
	if got := text(cells[29]); got != "Xnot accepted" {
		t.Errorf("Cheshire: %q", got)
	}
}

// TestForcesWithoutEvidence: the page of all forces says of a status without evidence what the
// pages of one force say, and reads the figures for it: one that bears on it is evidence.
func TestForcesWithoutEvidence(t *testing.T) {
	w := newForce(t)
	cell := func() string {
		t.Helper()
		got := w.get("/recommendations/forces")
		page(t, got)
		root := parse(t, got.Body.Bytes())
		rows := pagetest.Elements(pagetest.Elements(root, "table", "matrix")[0], "tr", "")
		return text(pagetest.Elements(rows[1], "td", "")[6])
	}
	w.post(enter7, answers("evidence", ""))
	if got := cell(); got != "C+complete, 9 days after the deadline: no evidence given" {
		t.Errorf("neither a figure nor evidence: %q", got)
	}
	bearing := func(w works) {
		t.Helper()
		w.exec(t, `INSERT INTO measures (release_id, source, slice, measure, measure_name, unit, force_source, recommendations, strengths, source_row) VALUES ('r1','measures','all','stalking_charges','Stalking charges','charges','force_return',['7'],['partial'],2)`)
		w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('measures','all','r1','2024-10-13','r1')`)
	}
	bearing(w)
	if got := cell(); got != "C+complete, 9 days after the deadline" {
		t.Errorf("with a figure: %q", got)
	}

	w = newForce(t)
	w.post(enter7, answers("evidence", ""))
	bearing(w)
	w.exec(t, "DROP TABLE observations SYNC")
	got := w.get("/recommendations/forces")
	if body := page(t, got); got.Code != 200 || !strings.Contains(body, "The figures that bear on the recommendations could not be read") || strings.Contains(body, "deadline: no evidence given") {
		t.Errorf("%d: %.600q", got.Code, body)
	}
}

// The metadata describes every column of the file, and the loads behind it.
func TestRecommendationsMetadata(t *testing.T) {
	w := newForce(t)
	w.post(enter7, answers())
	file := w.get("/reports/recommendations.csv?history=all")
	address := strings.TrimSuffix(strings.TrimPrefix(strings.Split(file.Header().Get("Link"), ";")[0], "<"), ">")
	got := w.get(address)
	var document struct {
		URL      string `json:"url"`
		Modified struct {
			Value string `json:"@value"`
		} `json:"dc:modified"`
		Schema struct {
			Columns []struct {
				Name string `json:"name"`
			} `json:"columns"`
		} `json:"tableSchema"`
	}
	if err := json.Unmarshal(got.Body.Bytes(), &document); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if document.URL != "recommendations.csv?history=all" || len(document.Schema.Columns) != len(report.RecommendationColumns) || document.Modified.Value != "2024-10-14T09:30:00Z" || !strings.Contains(got.Body.String(), "progress.csv") {
		t.Errorf("metadata = %+v", document)
	}
	for address, says := range map[string]string{
		"/reports/recommendations.csv?history=some": "history is “all”, or is left out", "/reports/recommendations.csv?x=1": "no parameter “x”",
		"/reports/recommendations.csv?as_at=once": "as_at", "/reports/recommendations.csv?area=none": "There is no area",
	} {
		if got := w.get(address); got.Code != 400 || !strings.Contains(page(t, got), says) {
			t.Errorf("%s = %d", address, got.Code)
		}
	}
	if got := slices.Sorted(maps.Keys(w.records(t, "/reports/recommendations.csv")[0])); len(got) != len(report.RecommendationColumns) {
		t.Errorf("columns %q", got)
	}
}

// Where what forces said cannot be read, the page says so, and the rest stands.
func TestProgressThatCannotBeRead(t *testing.T) {
	w := newForce(t)
	w.exec(t, "DROP TABLE progress_entries")
	for address, says := range map[string]string{
		"/recommendations?area=E23000026": "What Bedfordshire says of the recommendations cannot be read just now, and neither can be told what is overdue.",
		"/recommendations/7":              "What Bedfordshire said of it cannot be read just now",
	} {
		got := w.get(address)
		if body := page(t, got); got.Code != 200 || !strings.Contains(body, says) || !strings.Contains(body, "Record it.") || strings.Contains(body, "overdue:") {
			t.Errorf("%s = %d, %q", address, got.Code, body)
		}
	}
	if got := w.get("/reports/recommendations.csv"); got.Code != 500 {
		t.Errorf("a file that lacks what could not be read: %d", got.Code)
	}
}
