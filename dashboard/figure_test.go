package dashboard

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// newFigureSite is a site with arrests and offences of three forces: one has both,
// one both and a corrected month, and one only arrests.
func newFigureSite(t *testing.T) works {
	t.Helper()
	w := newWorks(t)
	for _, sql := range []string{
		`INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r0','areas','all','E23000006','Cheshire','territorial_force',3),
			('r0','areas','all','E23000013','Cleveland','territorial_force',4), ('r0','areas','all','K04000001','England and Wales','country',5)`,
		`INSERT INTO measures (release_id, source, slice, measure, measure_name, definition, caveat, unit, adds_up, direction, numerator, denominator, per, interval_method, source_row) VALUES
			('r0','measures','all','recorded','Recorded offences','Offences of stalking.','','offences','areas and periods','neither','','',0,'',3),
			('r0','measures','all','arrests','Stalking arrests','Arrests made.','Look twice.','arrests','areas and periods','neither','','',0,'',4),
			('r0','measures','all','days','Median days','Half took so long.','','days','nothing','down','','',0,'',5),
			('r0','measures','all','arrest_rate','Arrests per 100 offences','Arrests over offences.','','per 100 offences','areas and periods','up','arrests','recorded',100,'byar',6)`,
		`INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('f1','table','may.ods','s1','2024-05-01 08:00:00','2024-05-01'), ('f2','table','june.ods','s2','2024-06-01 08:00:00','2024-06-01')`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('table','a','f1','2024-05-01 08:01:00','f1'), ('table','b','f1','2024-05-01 08:01:00','f1'), ('table','b','f2','2024-06-01 08:01:00','f2')`,
		`INSERT INTO runs (run_id, source, kind) VALUES ('f1','table','load'), ('f2','table','load')`,
		`INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, value, file, source_row) VALUES
			('f1','table','b','new','arrests','E23000006','2024-01-01','2024-01-31',6,'may.ods',12)`,
		`INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, former_release_id, former_value, former_file, former_row, value, file, source_row) VALUES
			('f2','table','b','changed','arrests','E23000006','2024-01-01','2024-01-31','f1',6,'may.ods',12,8,'june.ods',13),
			('f2','table','b','changed','arrests','E23000006','2024-02-01','2024-02-29','f1',1,'may.ods',14,7,'june.ods',15)`,
		`INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, sheet, source_row) VALUES
			('f1','table','a','arrests','E23000026','2024-01-01','2024-01-31',5,'may.ods','2024',10), ('f1','table','a','recorded','E23000026','2024-01-01','2024-01-31',50,'may.ods','2024',11),
			('f1','table','a','arrests','E23000026','2024-02-01','2024-02-29',4,'may.ods','2024',20), ('f1','table','a','days','E23000026','2024-02-01','2024-02-29',31,'may.ods','2024',21),
			('f2','table','b','arrests','E23000006','2024-01-01','2024-01-31',8,'june.ods','2024',13), ('f2','table','b','recorded','E23000006','2024-01-01','2024-01-31',30,'june.ods','2024',16),
			('f1','table','a','arrests','E23000013','2024-01-01','2024-01-31',100,'may.ods','2024',17)`,
	} {
		w.exec(t, sql)
	}
	return w
}

// figureAt opens the page of a figure of the table.
func figureAt(t *testing.T, w works, measure, area, period string) (root *html.Node, says string) {
	t.Helper()
	answer := w.get("/figure?" + url.Values{"measure": {measure}, "area": {area}, "source": {"table"}, "period": {period}}.Encode())
	if answer.Code != http.StatusOK {
		t.Fatalf("%s of %s in %s: status %d: %s", measure, area, period, answer.Code, page(t, answer))
	}
	says = page(t, answer)
	return parse(t, answer.Body.Bytes()), says
}

// cellsOf is the rows of the table of a class, each cell as it reads.
func cellsOf(root *html.Node, class string) (rows []string) {
	for _, table := range pagetest.Elements(root, "table", class) {
		for _, tr := range pagetest.Elements(pagetest.Elements(table, "tbody", "")[0], "tr", "") {
			var cells []string
			for n := range tr.ChildNodes() {
				if n.Type == html.ElementNode {
					cells = append(cells, text(n))
				}
			}
			rows = append(rows, strings.Join(cells, " | "))
		}
	}
	return rows
}

func mustSay(t *testing.T, says string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(says, part) {
			t.Errorf("the page does not say %q:\n%s", part, says)
		}
	}
}

func TestFigureOfOneRow(t *testing.T) {
	w := newFigureSite(t)
	root, says := figureAt(t, w, "arrests", "E23000006", "2024-01")
	mustSay(t, says, "Cheshire: stalking arrests in January 2024 are 8", "8 Cheshire, January 2024", "It carries the marker r: revised.", "Arrests made. Unit: arrests.", "Mind: Look twice.",
		"june.ods", "1 June 2024, 09:00 BST", "It was first published here on 1 May 2024, and has been revised 1 time since.")
	if got := cellsOf(root, "figure-rows"); !slices.Equal(got, []string{"Jan 2024 | 8 revised | june.ods, sheet 2024, row 13 | f2"}) {
		t.Errorf("rows %q", got)
	}
	if got := cellsOf(root, "figure-revisions"); !slices.Equal(got, []string{"1 Jun 2024, 09:01 BST | 6 | 8 | +2 | f2"}) {
		t.Errorf("revisions %q", got)
	}
	links := map[string]bool{}
	for _, a := range pagetest.Elements(root, "a", "") {
		links[pagetest.Attribute(a, "href")] = true
	}
	for _, want := range []string{"/data/runs/f2", "/data/sources/table", "/measures/arrests?area=E23000006"} {
		if !links[want] {
			t.Errorf("no link to %s", want)
		}
	}
	if _, says := figureAt(t, w, "days", "E23000026", "Feb 2024"); !strings.Contains(says, "median days in February 2024 is 31 days") {
		t.Errorf("a median: %s", says)
	}
}

// A figure of longer than was published is added up of complete parts, and each
// revision of a part is one of the sum.
func TestFigureAddedUp(t *testing.T) {
	w := newFigureSite(t)
	root, says := figureAt(t, w, "arrests", "E23000026", "1 Jan to 29 Feb 2024")
	mustSay(t, says, "Bedfordshire: stalking arrests from 1 January to 29 February 2024 are 9", "5 + 4 = 9", "has not been revised since it was published on 1 May 2024")
	if got := cellsOf(root, "figure-rows"); !slices.Equal(got, []string{"Jan 2024 | 5 | may.ods, sheet 2024, row 10 | f1", "Feb 2024 | 4 | may.ods, sheet 2024, row 20 | f1"}) {
		t.Errorf("rows %q", got)
	}
	for _, a := range pagetest.Elements(root, "a", "known") {
		if answer := w.get(pagetest.Attribute(a, "href")); answer.Code != http.StatusOK {
			t.Errorf("%s: status %d", pagetest.Attribute(a, "href"), answer.Code)
		}
	}
}

// A count is tested against the same days of the year before, and the page tells p: of
// 151 against 96 over 31 days each it is 0.00056, summed as fractions.
func TestFigureAgainstTheYearBefore(t *testing.T) {
	w := newFigureSite(t)
	w.exec(t, `INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, sheet, source_row) VALUES
		('f1','table','a','arrests','E23000026','2022-03-01','2022-03-31',96,'may.ods','2022',30), ('f1','table','a','arrests','E23000026','2023-03-01','2023-03-31',151,'may.ods','2023',31),
		('f1','table','a','arrests','E23000026','2023-01-01','2023-01-31',2,'may.ods','2023',32), ('f1','table','a','recorded','E23000026','2023-01-01','2023-01-31',40,'may.ods','2023',33)`)
	root, says := figureAt(t, w, "arrests", "E23000026", "2023-03")
	mustSay(t, says, "In March 2022: 96. That is more than chance explains.", "with a probability of 0.00056 (p, by the exact two-sided test")
	if address := pagetest.Attribute(pagetest.Elements(root, "a", "known")[0], "href"); w.get(address).Code != http.StatusOK {
		t.Errorf("%s has no page", address)
	}
	_, says = figureAt(t, w, "arrests", "E23000026", "2024-01")
	mustSay(t, says, "In January 2023: 2. Too few to judge.")
	for _, other := range []struct{ measure, period string }{{"arrests", "2024-02"}, {"arrest_rate", "2024-01"}, {"days", "2024-02"}} {
		if _, says := figureAt(t, w, other.measure, "E23000026", other.period); strings.Contains(says, "Whether chance explains") {
			t.Errorf("%s of %s is tested: %s", other.measure, other.period, says)
		}
	}
	w.exec(t, `INSERT INTO series_breaks (release_id, source, slice, break_date, measures, effect, source_row) VALUES ('r0','series_breaks','all','2023-01-01',['arrests'],'The rules changed.',3)`)
	w.exec(t, `INSERT INTO published (source, slice, release_id, published_at) VALUES ('series_breaks','all','r0','2024-06-02 08:00:00')`)
	if _, says := figureAt(t, w, "arrests", "E23000026", "2023-03"); !strings.Contains(says, "Recording rules changed in January 2023: the two do not compare.") || strings.Contains(says, "probability") {
		t.Errorf("over a break: %s", says)
	}
}

// England and Wales names each force's row and who is missing; a rate has only
// the forces that have both counts, and says where its count's own figure differs.
func TestFigureOfEnglandAndWales(t *testing.T) {
	w := newFigureSite(t)
	root, says := figureAt(t, w, "arrest_rate", stats.EnglandAndWales, "2024-01")
	mustSay(t, says, "arrests per 100 offences in January 2024 are 16.2 per 100 offences", "100 × 13 ÷ 80 = 16.2 per 100 offences", "95% interval: 8.6 to 27.8", "Byar’s approximation",
		"January 2024 is the sum of 2 of 3 forces: no figure from Cleveland.", "What it is made of was first published here on 1 May 2024, and has been revised 1 time since.")
	if got := cellsOf(root, "figure-counts"); len(got) != 2 || !strings.HasPrefix(got[0], "Stalking arrests | 13 | 113 its own figure counts all that has one") || got[1] != "Recorded offences | 80 | 80" {
		t.Errorf("counts %q", got)
	}
	if got := cellsOf(root, "figure-rows"); len(got) != 4 || got[0] != "Bedfordshire | Stalking arrests | Jan 2024 | 5 | may.ods, sheet 2024, row 10 | f1" || !strings.HasPrefix(got[3], "Cheshire | Recorded offences | Jan 2024 | 30 |") {
		t.Errorf("rows %q", got)
	}
	if got := cellsOf(root, "figure-revisions"); !slices.Equal(got, []string{"1 Jun 2024, 09:01 BST | Cheshire | Stalking arrests | 6 | 8 | +2 | f2"}) {
		t.Errorf("revisions %q", got)
	}
	_, says = figureAt(t, w, "arrest_rate", "E23000026", "2024-01")
	mustSay(t, says, "100 × 5 ÷ 50 = 10.0 per 100 offences", "exact Poisson interval, because the count above the line is under 10")
}

func TestNoSuchFigure(t *testing.T) {
	w := newFigureSite(t)
	hostile := url.QueryEscape(`<script>alert(1)</script>`)
	for address, want := range map[string]struct {
		status int
		says   string
	}{
		"/figure": {400, "The address names no measure: a figure is found by its measure, area, source and period."},
		"/figure?measure=arrests&area=E23000026&source=table":                                     {400, "The address names no period"},
		"/figure?measure=arrests&area=E23000026&period=2024-01":                                   {400, "The address names no source"},
		"/figure?measure=arrests&area=E23000026&source=table&period=2024-01&audience=all":         {400, "This page has no parameter “audience”."},
		"/figure?measure=arrests&area=E23000026&source=table&period=2024-01&period=2024-02":       {400, "more than once"},
		"/figure?measure=arrests&area=E23000026&source=table&period=2024":                         {400, "“2024” is not a period"},
		"/figure?measure=none&area=E23000026&source=table&period=2024-01":                         {404, "There is no measure called “none”."},
		"/figure?measure=arrests&area=E99&source=table&period=2024-01":                            {404, "There is no area with the code “E99”."},
		"/figure?measure=arrests&area=E23000026&source=table&period=2024-03":                      {404, "What is loaded instead of Stalking arrests SourceDaysNewest figure table1 January 2024 to 29 February 20244, Feb 2024"},
		"/figure?measure=arrests&area=E23000026&source=other&period=2024-01":                      {404, "from other: there are no figures of exactly these days"},
		"/figure?measure=arrests&area=E23000026&source=table&basis=x&period=2024-01":              {404, "from table (x)"},
		"/figure?measure=days&area=E23000026&source=table&period=2024-01-01/2024-02-29":           {404, "there are no figures of exactly these days"},
		"/figure?measure=days&area=E23000006&source=table&period=2024-02":                         {404, "No figure of Median days is loaded for this area."},
		"/figure?measure=arrests&area=E23000026&source=" + hostile + "&period=2024-01":            {404, "<script>alert(1)</script>"},
		"/figure?measure=arrests&area=E23000026&source=table&period=2024-01&basis=" + hostile:     {404, "<script>alert(1)</script>"},
		"/figure?measure=arrests&area=E23000026&source=table&period=" + hostile:                   {400, "“<script>alert(1)</script>” is not a period"},
		"/figure.csv?measure=arrests&area=E23000026&source=table&period=2024-03":                  {404, "There is no figure of stalking arrests of Bedfordshire in March 2024"},
		"/figure.csv-metadata.json?measure=arrests&area=E23000026&source=table&period=1999-1-1":   {400, "is not a period"},
		"/figure?measure=arrests&area=E23000026&source=table&period=2024-01-01/2024-01-31&basis=": {200, "are 5"},
	} {
		answer := w.get(address)
		if says := page(t, answer); answer.Code != want.status || !strings.Contains(says, want.says) {
			t.Errorf("%s: status %d, want %d with %q:\n%s", address, answer.Code, want.status, want.says, says)
		}
	}
}

// The file of a figure is one row with the same number.
func TestFigureAsCSV(t *testing.T) {
	w := newFigureSite(t)
	const figure = "measure=arrests&area=E23000026&source=table&period=2024-01-01%2F2024-02-29"
	answer := w.get("/figure.csv?" + figure)
	records, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || answer.Code != http.StatusOK || len(records) != 2 {
		t.Fatalf("status %d, error %v, %q", answer.Code, err, records)
	}
	got := map[string]string{}
	for i, name := range records[0] {
		got[name] = records[1][i]
	}
	for name, want := range map[string]string{"value": "9", "period": "1 Jan to 29 Feb 2024", "period_start": "2024-01-01", "area_name": "Bedfordshire", "release": "f1"} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	if link := answer.Header().Get("Link"); !strings.HasPrefix(link, "</figure.csv-metadata.json?area=E23000026&measure=arrests&") {
		t.Errorf("Link: %s", link)
	}
	described := w.get("/figure.csv-metadata.json?" + figure)
	for _, want := range []string{"stalking arrests from 1 January to 29 February 2024 are 9", "sha256:s1", "period_start", `"url": "figure.csv?area=E23000026`} {
		if body := described.Body.String(); described.Code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("the metadata lacks %q: %s", want, body)
		}
	}
}

// The address of a figure is the whole of its key and nothing else.
func TestFigureAddress(t *testing.T) {
	f := stats.Figure{Key: stats.Key{Measure: "m", Area: "a b", Source: "s&x", Basis: "outcomes, closed", Period: stats.Month(2024, 2), Breakdown: "b", BreakdownValue: "1/2"}}
	if got, want := figureAddress(f), "/figure?area=a+b&basis=outcomes%2C+closed&breakdown=b&breakdown_value=1%2F2&measure=m&period=2024-02-01%2F2024-02-29&source=s%26x"; got != want {
		t.Errorf("figureAddress = %q, want %q", got, want)
	}
	m := stats.Measure{ID: "r", Basis: "outcomes", Numerator: "n", Denominator: "d"}
	if got := m.CountKey(f.Key, "n"); got.Measure != "n" || got.Basis != "closed" || got.Source != "s&x" {
		t.Errorf("the key of a count = %+v", got)
	}
	m.DenominatorSource = "census"
	if n, d := countAddresses(f, m); !strings.Contains(n, "measure=n") || d != "" {
		t.Errorf("the counts lead to %q and %q: a stock is of another source", n, d)
	}
}
