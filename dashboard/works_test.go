package dashboard

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// works is a site over a real ClickHouse with two releases of a force's
// return, of which the second replaced the first in one slice, a held run and
// a dry run. What stands there is put there by SQL, as runs would.
type works struct {
	*site
	db      *clickhouse.DB
	handler http.Handler
}

func newWorks(t *testing.T) works {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, io.Discard)
	s.actions = true
	s.sources = []Source{
		{Name: "force_return", Title: "the force’s monthly return", From: "/srv/inbox/*.csv", Template: []byte("area,measure\r\n"),
			Columns: []Column{{"area", "the force", "E23000026"}}, Limit: stats.FreshLimit{Fetched: 24 * time.Hour}},
		{Name: "force_arrests", Title: "arrests", RecordLevel: true},
	}
	s.layouts = []Layout{{Name: "spo_returns", Title: "orders", Template: []byte("applied\r\n")}, {Name: "force_records", Kind: "arrests", Title: "records", Template: []byte("record_id\r\n"), RecordLevel: true},
		{Name: "force_records", Kind: "orders", Title: "records", Template: []byte("order_id\r\n"), RecordLevel: true}}
	s.titles = titlesOf(s.sources)
	w := works{s, db, s.protect(s.routes(Options{Reader: query.New(db)}))}
	for _, sql := range []string{
		`INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r0','areas','all','E23000026','Bedfordshire','territorial_force',2)`,
		`INSERT INTO measures (release_id, source, slice, measure, measure_name, source_row) VALUES ('r0','measures','all','stalking_charges','Stalking charges',2)`,
		`INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('r0','areas','areas.csv','s','2024-01-01','2024-01-01'),
			('` + oldRelease + `','force_return','september.csv','s1','2024-10-01 06:00:00','2024-10-01 06:00:00'),
			('` + newRelease + `','force_return','october.csv','s2','2024-10-08 06:00:00','2024-10-08 06:00:00')`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('areas','all','r0','2024-01-01','r0'), ('measures','all','r0','2024-01-01','r0'),
			('force_return','2023','` + oldRelease + `','2024-10-01 06:00:01','` + oldRelease + `'),
			('force_return','2023','` + newRelease + `','2024-10-08 06:00:01','` + newRelease + `'),
			('force_return','2024','` + newRelease + `','2024-10-08 06:00:01','` + newRelease + `')`,
	} {
		w.exec(t, sql)
	}
	w.observe(t, oldRelease, "2023", "2023-01", 10, "2023-02", 20, "2023-03", 30)
	w.observe(t, newRelease, "2023", "2023-01", 10, "2023-02", 21, "2023-04", 40, "2023-05", 50)
	w.observe(t, newRelease, "2024", "2024-01", 5)
	w.run(t, oldRelease, "load", "published", "2024-10-01 06:00:00", "september.csv", oldRelease)
	w.run(t, newRelease, "load", "published", "2024-10-08 06:00:00", "october.csv", newRelease)
	w.run(t, heldRun, "load", "held", "2024-10-12 06:00:00", "november.csv", "")
	w.run(t, dryRun, "check", "checked", "2024-10-13 06:00:00", "try.csv", "")
	return w
}

func (w works) exec(t *testing.T, sql string) {
	t.Helper()
	if err := w.db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// observations is where rows of figures go, with the columns that they have.
const observations = "observations (release_id, source, slice, measure, area_code, period_start, period_end, value, value_note, file, source_row)"

// insert puts rows in place in one statement: each statement makes a part of its
// own, which costs the engine more than the rows do.
func (w works) insert(t *testing.T, into string, rows ...string) {
	t.Helper()
	w.exec(t, "INSERT INTO "+into+" VALUES "+strings.Join(rows, ", "))
}

func (w works) observe(t *testing.T, release, slice string, monthsAndValues ...any) {
	t.Helper()
	var rows []string
	for i := 0; i < len(monthsAndValues); i += 2 {
		rows = append(rows, fmt.Sprintf("('%s','force_return','%s','stalking_charges','E23000026','%s-01',toLastDayOfMonth(toDate('%[3]s-01')),%v,'','f.csv',%d)",
			release, slice, monthsAndValues[i], monthsAndValues[i+1], i+2))
	}
	w.insert(t, observations, rows...)
}

func (w works) run(t *testing.T, id, kind, outcome, started, file, release string) {
	t.Helper()
	w.exec(t, fmt.Sprintf("INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, release_id, file, fetched_from, sha256, read_rows, loaded_rows, kind, "+
		"new_figures, changed_figures, gone_figures, checks, log) VALUES ('%s','%[4]s','force_return','%[3]s','%[4]s',toDateTime64('%[4]s',6,'UTC') + 5,'%[6]s','%[5]s','/srv/inbox/%[5]s','s1',4,4,'%[2]s',"+
		"3,2,1,[('jumps','%[7]s','Bedfordshire rose from 10 to 900'),('totals','passed','')],[('%[4]s','read /srv/inbox/%[5]s')])",
		id, kind, outcome, started, file, release, map[bool]string{true: "failed", false: "passed"}[outcome == "held"]))
}

// send sends a request through the whole site, as a browser on this machine.
func (w works) send(method, address, contentType string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	recorder, r := httptest.NewRecorder(), httptest.NewRequest(method, address, body)
	r.Host = "localhost:8080"
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w.handler.ServeHTTP(recorder, r)
	return recorder
}

func (w works) get(address string) *httptest.ResponseRecorder {
	return w.send(http.MethodGet, address, "", nil)
}

func (w works) post(address string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	return w.send(http.MethodPost, address, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), headers...)
}

// page is the text of a page's main part.
func page(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	root := parse(t, w.Body.Bytes())
	checkInert(t, root)
	checkOutline(t, root)
	checkTables(t, root)
	return text(pagetest.Elements(root, "main", "")[0])
}

// wanted is the one request that stands in the database.
func (w works) wanted(t *testing.T) (query.Asked, int) {
	t.Helper()
	rows, err := w.db.Query(t.Context(), "SELECT request_id FROM requests")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	id, n := "", 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
	}
	if n == 0 {
		return query.Asked{}, 0
	}
	asked, err := query.New(w.db).Request(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return asked, n
}
