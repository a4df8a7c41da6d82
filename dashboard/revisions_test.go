package dashboard

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func testRevisionRequest(in overviewInput) revisionRequest {
	q := revisionRequest{sources: in.sources, areas: testAreas(), measures: in.measures}
	if err := q.parse(map[string]string{"since": "2024-01-01", "area": allOfThem.Code}, testNow); err != nil {
		panic(err)
	}
	return q
}

// testRevisions is a change and a figure gone, whose texts are those of the
// overview's sources and measures.
func testRevisions(in overviewInput) []stats.PublishedRevision {
	text := in.sources[1].Source
	r := stats.PublishedRevision{
		Revision: stats.Revision{
			Key: stats.Key{Measure: "stalking_charges", Area: in.area.Code, Source: text, Period: stats.Month(2024, 3), Breakdown: text, BreakdownValue: text},
			Run: text, Change: stats.ChangedFigure, Former: stats.Number(1), FormerOrigin: stats.Origin{File: text, Sheet: text, Row: 2}, Now: stats.Missing(stats.Confidential),
			Origin: stats.Origin{File: text, Row: 3},
		},
		PublishedAt: testNow, Kind: stats.Withdrawal, Demonstration: true,
	}
	gone := r
	gone.Change, gone.Measure, gone.Area = stats.GoneFigure, text, text
	return []stats.PublishedRevision{r, gone}
}

func TestRevisionFilters(t *testing.T) {
	in := testOverview(bedfordshire)
	for name, tt := range map[string]struct {
		values map[string]string
		want   query.RevisionFilter
		fault  string
	}{
		"nothing":       {nil, query.RevisionFilter{}, ""},
		"empty":         {map[string]string{"since": "", "source": "", "measure": "", "area": ""}, query.RevisionFilter{}, ""},
		"winter":        {map[string]string{"since": "2024-01-02"}, query.RevisionFilter{Since: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)}, ""},
		"summer":        {map[string]string{"since": "2024-07-02"}, query.RevisionFilter{Since: time.Date(2024, 7, 1, 23, 0, 0, 0, time.UTC)}, ""},
		"today":         {map[string]string{"since": "2024-10-14"}, query.RevisionFilter{Since: time.Date(2024, 10, 13, 23, 0, 0, 0, time.UTC)}, ""},
		"a count":       {map[string]string{"measure": "stalking_charges", "area": "BTP"}, query.RevisionFilter{Measures: []string{"stalking_charges"}, Areas: []string{"BTP"}}, ""},
		"a rate":        {map[string]string{"measure": "charge_rate"}, query.RevisionFilter{Measures: []string{"stalking_charges", "stalking_outcomes"}}, ""},
		"a source":      {map[string]string{"source": "force_return"}, query.RevisionFilter{Sources: []string{"force_return"}}, ""},
		"the country":   {map[string]string{"area": stats.EnglandAndWales}, query.RevisionFilter{Areas: []string{cheshire.Code, bedfordshire.Code}}, ""},
		"tomorrow":      {map[string]string{"since": "2024-10-15"}, query.RevisionFilter{}, "since: 15 October 2024 is not here yet"},
		"a moment":      {map[string]string{"since": "2024-01-02T10:00:00Z"}, query.RevisionFilter{}, `since: "2024-01-02T10:00:00Z" is not a date; write it as 2024-09-27`},
		"long ago":      {map[string]string{"since": "1900-01-01"}, query.RevisionFilter{}, `since: "1900-01-01" is outside the years 1970 to 2149`},
		"no such area":  {map[string]string{"area": "Bedfordshire"}, query.RevisionFilter{}, `there is no area "Bedfordshire": use an ONS code, such as E23000026`},
		"no measure":    {map[string]string{"measure": "' OR 1=1"}, query.RevisionFilter{}, `there is no measure "' OR 1=1": the page of measures lists them`},
		"no source":     {map[string]string{"source": strings.Repeat("x", 50)}, query.RevisionFilter{}, `there is no source "` + strings.Repeat("x", 40) + `…": the data page lists them`},
		"not even text": {map[string]string{"since": "\xff"}, query.RevisionFilter{}, `since: "�" is not a date; write it as 2024-09-27`},
	} {
		t.Run(name, func(t *testing.T) {
			q := revisionRequest{sources: in.sources, areas: testAreas(), measures: in.measures}
			err := q.parse(tt.values, testNow)
			if tt.fault != "" {
				if err == nil || err.Error() != tt.fault {
					t.Errorf("error %v, want %q", err, tt.fault)
				}
				return
			}
			got := q.filter()
			slices.Sort(got.Areas)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestRevisionTitles(t *testing.T) {
	since := stats.Day(2026, 10, 1)
	for want, tt := range map[string]struct {
		q      revisionRequest
		counts query.RevisionCounts
	}{
		"No figure has been revised yet":                               {revisionRequest{}, query.RevisionCounts{New: 9}},
		"No figure was revised since 1 October 2026":                   {revisionRequest{since: since}, query.RevisionCounts{}},
		"14 figures were revised since 1 October 2026":                 {revisionRequest{since: since}, query.RevisionCounts{Changed: 14}},
		"1 figure was revised and 1,200 taken away":                    {revisionRequest{}, query.RevisionCounts{Changed: 1, Gone: 1200}},
		"No figure of Bedfordshire was revised since 1 October 2026":   {revisionRequest{since: since, area: bedfordshire}, query.RevisionCounts{}},
		"1 figure of Bedfordshire was taken away since 1 October 2026": {revisionRequest{since: since, area: bedfordshire}, query.RevisionCounts{Gone: 1}},
	} {
		if got := revisionsTitle(tt.q, tt.counts); got != want {
			t.Errorf("title %q, want %q", got, want)
		}
	}
}

// revised is a database in which a second load has changed count figures of
// Bedfordshire, taken one of Cheshire away and brought two.
func revised(t testing.TB, count int) *clickhouse.DB {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	first, second := "2026-09-01 08:00:00", "2026-10-01 08:00:00"
	for _, statement := range []string{
		"INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES " +
			"('a','areas','all','E23000026','Bedfordshire','territorial_force',2),('a','areas','all','E23000006','Cheshire','territorial_force',3),('a','areas','all','K04000001','England and Wales','country',4)",
		"INSERT INTO measures (release_id, source, slice, measure, measure_name, unit, source_row) VALUES ('m','measures','all','arrests','Stalking arrests','arrests',2)",
		"INSERT INTO releases SELECT t.1, t.2, '', '', 'x.csv', '', toDateTime('" + first + "'), toDateTime('" + first + "') FROM (SELECT arrayJoin([('a','areas'),('m','measures'),('r1','force_return'),('r2','force_return')]) AS t)",
		"INSERT INTO published (source, slice, release_id, published_at) VALUES ('areas','all','a','" + first + "'),('measures','all','m','" + first + "'),('force_return','all','r1','" + first + "'),('force_return','all','r2','" + second + "')",
		"INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, release_id, kind) SELECT run, at, 'force_return', 'published', at, at, run, 'load' FROM (SELECT 'r1' AS run, toDateTime('" + first + "') AS at UNION ALL SELECT 'r2', toDateTime('" + second + "'))",
		fmt.Sprintf("INSERT INTO observations SELECT r, 'force_return', 'all', 'arrests', 'E23000026', '', toDate('2020-01-01') + number, toDate('2020-01-01') + number, '', '', number + if(r = 'r2', 3, 0), '', '', concat(r, '<b>.csv'), '', number + 2 FROM numbers(%d) ARRAY JOIN ['r1', 'r2'] AS r", count),
		fmt.Sprintf("INSERT INTO revisions SELECT 'r2', 'force_return', 'all', 'changed', 'arrests', 'E23000026', '', toDate('2020-01-01') + number, toDate('2020-01-01') + number, '', '', 'r1', number, '', 'r1<b>.csv', '', number + 2, number + 3, '', 'r2<b>.csv', '', number + 2 FROM numbers(%d)", count),
		"INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, former_release_id, former_value, former_file, former_row) VALUES ('r2','force_return','all','gone','arrests','E23000006','2024-03-01','2024-03-31','r1',7,'=r1.csv',9)",
		"INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, value, file, source_row) VALUES ('r2','force_return','all','new','arrests','E23000006','2024-04-01','2024-04-30',7,'r2.csv',9),('r1','force_return','all','new','arrests','E23000006','2024-03-01','2024-03-31',7,'r1.csv',9)",
	} {
		if err := db.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	return db
}

// get asks a site over a database.
func get(t *testing.T, db *clickhouse.DB, address string, now time.Time) *httptest.ResponseRecorder {
	t.Helper()
	var log strings.Builder
	s := newSite(t, &log)
	s.now = func() time.Time { return now }
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, address, nil)
	r.Host = "localhost"
	s.protect(s.routes(Options{Reader: query.New(db)})).ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Logf("%s", log.String())
	}
	return w
}

var november = time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)

func TestRevisionsPage(t *testing.T) {
	db := revised(t, 250)
	for address, tt := range map[string]struct {
		says []string
		rows int
	}{
		"/data/revisions": {[]string{"250 figures were revised and 1 taken away", "2 figures that came new are not listed", "The newest 200 are listed here; 51 more are in the CSV.",
			"Bedfordshire: Stalking arrests", "1 Jan 2020", "+3", "was: r1<b>.csv, row 2", "is: r2<b>.csv, row 2", "The run r2"}, 200},
		"/data/revisions?area=E23000006":                    {[]string{"1 figure of Cheshire was taken away", "Cheshire: Stalking arrests Mar 2024 7 gone –", "was: =r1.csv, row 9"}, 1},
		"/data/revisions?area=K04000001&since=2026-10-01":   {[]string{"250 figures of England and Wales were revised and 1 taken away since 1 October 2026", "It is the sum of its forces"}, 200},
		"/data/revisions?since=2026-10-02":                  {[]string{"No figure was revised since 2 October 2026"}, 0},
		"/data/revisions?source=force_return&measure=":      {[]string{"250 figures were revised and 1 taken away"}, 200},
		"/data/revisions?measure=arrests&since=2026-10-01":  {[]string{"250 figures were revised and 1 taken away since 1 October 2026"}, 200},
		"/data/revisions?measure=%3Cscript%3E":              {[]string{`There is no measure "<script>"`}, 0},
		"/data/revisions?since=2026-10-01&since=2026-10-01": {[]string{"The address gives “since” more than once."}, 0},
		"/data/revisions?until=2026-10-01":                  {[]string{"This page has no parameter “until”."}, 0},
		"/data/revisions?since=2026-13-01":                  {[]string{`Since: 2026-13-01 is no day.`}, 0},
	} {
		t.Run(address, func(t *testing.T) {
			w := get(t, db, address, november)
			root := parse(t, w.Body.Bytes())
			main := pagetest.Elements(root, "main", "")[0]
			for _, want := range tt.says {
				if !strings.Contains(text(main), want) {
					t.Errorf("the page lacks %q:\n%.600s", want, text(main))
				}
			}
			if got := len(pagetest.Elements(main, "th", "")) - 6*len(pagetest.Elements(main, "thead", "")); got != tt.rows {
				t.Errorf("%d rows, want %d", got, tt.rows)
			}
			if len(tt.says) == 1 && tt.rows == 0 && !strings.Contains(address, "10-02") && w.Code != http.StatusBadRequest {
				t.Errorf("status %d", w.Code)
			}
			checkOutline(t, root)
			checkInert(t, root)
			checkTables(t, root)
			checkIDs(t, root)
		})
	}
}

// TestRevisionsCSV: the file has every revision that the page only counts.
func TestRevisionsCSV(t *testing.T) {
	db := revised(t, 250)
	w := get(t, db, "/data/revisions.csv?source=force_return", november)
	records, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(records) != 252 || len(records[0]) != len(report.RevisionColumns) {
		t.Fatalf("%d records, %v", len(records), err)
	}
	cell := func(row int, name string) string {
		return records[row][slices.Index(records[0], name)]
	}
	for i := 1; i <= 250; i++ {
		was, _ := strconv.Atoi(cell(i, "former_value"))
		is, _ := strconv.Atoi(cell(i, "value"))
		if is-was != 3 || cell(i, "difference") != "3" || was != i-1 {
			t.Fatalf("row %d is %q", i, records[i])
		}
	}
	if cell(251, "change") != "gone" || cell(251, "former_file") != "'=r1.csv" || cell(251, "row") != "" || cell(251, "published_at") != "2026-10-01T08:00:00Z" {
		t.Errorf("the last row is %q", records[251])
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="stalkstats-revisions-2026-11-24.csv"` {
		t.Errorf("disposition %q", got)
	}
	link, _, _ := strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
	described := get(t, db, link, november)
	if described.Code != http.StatusOK || !strings.Contains(described.Body.String(), `"url": "revisions.csv?source=force_return"`) || !strings.Contains(described.Body.String(), "2026-10-01T08:00:00Z") {
		t.Errorf("%s is %d %s", link, described.Code, described.Body)
	}
	if refused := get(t, db, "/data/revisions.csv?source=x", november); refused.Code != http.StatusBadRequest || refused.Header().Get("Content-Disposition") != "" {
		t.Errorf("an unknown source gives %d", refused.Code)
	}
}
