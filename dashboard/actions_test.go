package dashboard

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

const (
	oldRelease = "20241001T060000-aaaaaaaa"
	newRelease = "20241008T060000-bbbbbbbb"
	heldRun    = "20241012T060000-cccccccc"
	dryRun     = "20241013T060000-dddddddd"
)

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

func (w works) observe(t *testing.T, release, slice string, monthsAndValues ...any) {
	t.Helper()
	for i := 0; i < len(monthsAndValues); i += 2 {
		w.exec(t, fmt.Sprintf("INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, source_row) VALUES "+
			"('%s','force_return','%s','stalking_charges','E23000026','%s-01',toLastDayOfMonth(toDate('%[3]s-01')),%v,'f.csv',%d)", release, slice, monthsAndValues[i], monthsAndValues[i+1], i+2))
	}
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
	return text(elements(root, "main", "")[0])
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

func (w works) uploads(t *testing.T) (parts uint64) {
	t.Helper()
	if err := w.db.QueryRow(t.Context(), "SELECT count() FROM uploads").Scan(&parts); err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestConfirmations(t *testing.T) {
	w := newWorks(t)
	tests := []struct {
		address string
		status  int
		says    []string
	}{
		{"/data/sources/force_return/run", 200, []string{"Run the force’s monthly return now?", "where the configuration says: inbox/*.csv", "replaces the present one, october.csv, published on 8 October 2024, 07:00 BST"}},
		{"/data/sources/force_return/check", 200, []string{"Check the file of the force’s monthly return?", "where the configuration says: inbox/*.csv", "Nothing is published by it"}},
		{"/data/sources/force_arrests/check", 200, []string{"Nothing is published by it"}},
		{"/data/sources/none/check", 404, []string{"There is no source “none” in the configuration."}},
		{"/data/sources/force_arrests/run", 200, []string{"Nothing of this source is served now."}},
		{"/data/runs/" + dryRun + "/replay", 200, []string{"Publish the figures of try.csv?", "3 figures new, 2 changed, 1 gone, against what was served then"}},
		{"/data/runs/" + newRelease + "/replay", 200, []string{"Read october.csv again?", "today’s mappings", "If the same figures come of it, nothing changes."}},
		{"/data/runs/" + heldRun + "/accept", 200, []string{"Publish november.csv though a check failed?", "Publishing it: 3 figures new, 2 changed, 1 gone.", "Jumps: Bedfordshire rose from 10 to 900."}},
		{"/data/releases/" + newRelease + "/withdraw", 200, []string{"Withdraw october.csv?", "serves 2 parts", "1 figure changes, 1 comes back and 3 are no longer served.",
			"2023: september.csv serves again, first served on 1 October 2024", "2024: nothing is served any more."}},
		{"/data/runs/" + newRelease + "/accept", 409, []string{"not held: it ended as published"}},
		{"/data/releases/" + oldRelease + "/withdraw", 409, []string{"This release serves nothing now"}},
		{"/data/releases/none/withdraw", 404, []string{"There is no release “none”."}},
		{"/data/runs/none/replay", 404, []string{"There is no run “none”."}},
		{"/data/runs/none/accept", 404, []string{"There is no run “none”."}},
		{"/data/sources/none/run", 404, []string{"There is no source “none” in the configuration."}},
		{"/data/sources/force_return/run?x=1", 400, []string{"no parameter “x”"}},
	}
	for _, test := range tests {
		t.Run(test.address, func(t *testing.T) {
			got := w.get(test.address)
			if got.Code != test.status {
				t.Errorf("status = %d, want %d", got.Code, test.status)
			}
			for _, want := range test.says {
				if body := page(t, got); !strings.Contains(body, want) {
					t.Errorf("page = %q, want %q", body, want)
				}
			}
			if strings.Contains(got.Body.String(), "/srv/") {
				t.Error("the page tells where the file lies")
			}
			// What cannot be confirmed cannot be sent either.
			if sent := w.post(test.address, url.Values{"who": {"A"}, "why": {"B"}}); test.status != 200 && sent.Code != test.status {
				t.Errorf("sent all the same: %d, want %d", sent.Code, test.status)
			}
		})
	}
}

// TestRunningOverAnUploadWarns: the file in its folder may be older than the
// one that somebody has sent.
func TestRunningOverAnUploadWarns(t *testing.T) {
	const warns = "may be an older one and put its figures back"
	for from, want := range map[string]bool{"/srv/inbox/october.csv": false, "/srv/data/uploads/u1/october.csv": true, "/srv/inbox/october.xlsx": true} {
		w := newWorks(t)
		w.exec(t, "ALTER TABLE releases UPDATE fetched_from = '"+from+"' WHERE file = 'october.csv' SETTINGS mutations_sync = 1")
		if body := page(t, w.get("/data/sources/force_return/run")); strings.Contains(body, warns) != want {
			t.Errorf("released from %s, the page warns: %v, want %v: %q", from, !want, want, body)
		}
	}
}

// TestUndone: a withdrawal is told until something is published after it.
func TestUndone(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2024, 10, day, 8, 0, 0, 0, time.UTC) }
	release := func(file string, published, withdrawn int) query.PastRelease {
		p := query.PastRelease{Release: stats.Release{ID: file, File: file, PublishedAt: at(published)}}
		if withdrawn > 0 {
			p.Withdrawn = query.Withdrawn{Run: "w", At: at(withdrawn), Who: "Bo", Why: "another force’s"}
		}
		return p
	}
	for name, tt := range map[string]struct {
		releases []query.PastRelease
		says     string
	}{
		"none":                {[]query.PastRelease{release("a", 1, 0)}, ""},
		"the newest":          {[]query.PastRelease{release("b", 2, 4), release("a", 1, 3)}, "b withdrawn 4 October 2024, 09:00 BST by Bo"},
		"and published since": {[]query.PastRelease{release("c", 5, 0), release("b", 2, 4)}, ""},
	} {
		got := ""
		if row := undone(tt.releases); row != nil {
			got = row.File + " " + row.Words
		}
		if got != tt.says {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func TestSourceReads(t *testing.T) {
	for _, tt := range []struct {
		source, from string
		want         bool
	}{
		{"/srv/a.csv", "/srv/a.csv", true}, {"/srv/a.csv", "/srv/b.csv", false}, {"/srv/in/*.csv", "/srv/in/b.csv", true}, {"/srv/in/*.csv", "/srv/b.csv", false},
		{"https://host/page", "https://host/file.ods", true}, {"https://host/page", "/srv/uploads/file.ods", false}, {"builtin:areas.csv", "builtin:areas.csv", true},
	} {
		if got := (Source{From: tt.source}).reads(tt.from); got != tt.want {
			t.Errorf("%q reads %q: %v", tt.source, tt.from, got)
		}
	}
}

func TestRequests(t *testing.T) {
	tests := map[string]struct {
		address string
		want    stats.Request
	}{
		"run":      {"/data/sources/force_return/run", stats.Request{Kind: stats.RunRequest, Source: "force_return"}},
		"check":    {"/data/sources/force_return/check", stats.Request{Kind: stats.RunRequest, Source: "force_return", DryRun: true}},
		"check 2":  {"/data/sources/force_arrests/check", stats.Request{Kind: stats.RunRequest, Source: "force_arrests", DryRun: true}},
		"replay":   {"/data/runs/" + dryRun + "/replay", stats.Request{Kind: stats.ReplayRequest, Source: "force_return", Run: dryRun}},
		"accept":   {"/data/runs/" + heldRun + "/accept", stats.Request{Kind: stats.AcceptRequest, Source: "force_return", Run: heldRun}},
		"withdraw": {"/data/releases/" + newRelease + "/withdraw", stats.Request{Kind: stats.WithdrawRequest, Source: "force_return", Release: newRelease}},
	}
	w := newWorks(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w.exec(t, "TRUNCATE TABLE requests")
			got := w.post(test.address, url.Values{"who": {" <b>Ann</b> O’Hara "}, "why": {"two\r\nlines"}}, "Sec-Fetch-Site", "same-origin")
			asked, n := w.wanted(t)
			if n != 1 || got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/data/requests/"+asked.ID {
				t.Fatalf("%d requests, status %d, to %q:\n%s", n, got.Code, got.Header().Get("Location"), got.Body)
			}
			test.want.ID, test.want.AskedAt, test.want.Who, test.want.Why = asked.ID, testNow, "<b>Ann</b> O’Hara", "two lines"
			if diff := cmp.Diff(query.Asked{Request: test.want, Answer: stats.Answer{Request: asked.ID, Runs: []string{}}}, asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if body := page(t, w.get("/data/requests/"+asked.ID)); !strings.Contains(body, "<b>Ann</b> O’Hara: two lines") {
				t.Errorf("the page of the request = %q", body)
			}
			if body := page(t, w.get("/data/sources/"+test.want.Source)); !strings.Contains(body, "and not done yet") {
				t.Errorf("the page of the source does not say that something waits: %q", body)
			}
		})
	}
}

func TestRefusedForms(t *testing.T) {
	w := newWorks(t)
	accept, run := "/data/runs/"+heldRun+"/accept", "/data/sources/force_return/run"
	tests := []struct {
		name, address string
		form          url.Values
		headers       []string
		status        int
		says          string
	}{
		{"no name", run, url.Values{}, nil, 400, "Give your name"},
		{"blank name", run, url.Values{"who": {" \u00a0 "}}, nil, 400, "Give your name"},
		{"no reason", accept, url.Values{"who": {"Ann"}, "why": {"\r\n"}}, nil, 400, "Say why"},
		{"long name", run, url.Values{"who": {strings.Repeat("é", 81)}}, nil, 400, "The name is longer than 80 characters"},
		{"long reason", accept, url.Values{"who": {"Ann"}, "why": {strings.Repeat("é", 501)}}, nil, 400, "The reason is longer than 500 characters"},
		{"control", run, url.Values{"who": {"An\x00n"}}, nil, 400, "The name holds a character that cannot be shown"},
		{"tab in a name", run, url.Values{"who": {"Ann\tBob"}}, nil, 400, "The name holds a character that cannot be shown"},
		{"turned round", accept, url.Values{"who": {"Ann"}, "why": {"a\u202eb"}}, nil, 400, "The reason holds a character that cannot be shown"},
		{"not text", run, url.Values{"who": {"\xff"}}, nil, 400, "The name is not text in UTF-8."},
		{"twice", run, url.Values{"who": {"Ann", "Bob"}}, nil, 400, "no second “who”"},
		{"another field", run, url.Values{"who": {"Ann"}, "source": {"x"}}, nil, 400, "no second “source”"},
		{"very long", run, url.Values{"who": {strings.Repeat("a", largestFields)}}, nil, 413, "longer than its answers can be"},
		{"another site", run, url.Values{"who": {"Ann"}}, []string{"Sec-Fetch-Site", "cross-site"}, 403, "sent from a page of another site"},
		{"another port", run, url.Values{"who": {"Ann"}}, []string{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:9090"}, 403, "sent from a page of another site"},
		{"another origin", run, url.Values{"who": {"Ann"}}, []string{"Origin", "http://example.org"}, 403, "sent from a page of another site"},
		{"a page that takes no form", "/data", url.Values{"who": {"Ann"}}, nil, 405, "it can only be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := w.post(test.address, test.form, test.headers...)
			if body := page(t, got); got.Code != test.status || !strings.Contains(body, test.says) {
				t.Errorf("status %d, page %q, want %d and %q", got.Code, body, test.status, test.says)
			}
		})
	}
	if _, n := w.wanted(t); n != 0 {
		t.Errorf("%d requests were written down all the same", n)
	}
}

func TestActionsOff(t *testing.T) {
	w := newWorks(t)
	w.site.actions = false
	for _, address := range []string{"/data/sources/force_return/run", "/data/runs/" + dryRun + "/replay", "/data/runs/" + heldRun + "/accept", "/data/releases/" + newRelease + "/withdraw"} {
		for _, got := range []*httptest.ResponseRecorder{w.get(address), w.post(address, url.Values{"who": {"Ann"}, "why": {"So"}})} {
			if got.Code != 403 || !strings.Contains(page(t, got), "dashboard.actions is off in the configuration") {
				t.Errorf("%s = %d", address, got.Code)
			}
		}
	}
	if got := w.upload("force_return", "Ann", "f.csv", []byte("x")); got.Code != 403 {
		t.Errorf("upload = %d", got.Code)
	}
	for _, address := range []string{"/data/sources/force_return", "/data/runs/" + heldRun, "/data/runs/" + newRelease} {
		root := parse(t, w.get(address).Body.Bytes())
		if found := append(elements(root, "form", ""), elements(root, "a", "govuk-button")...); len(found) > 0 {
			t.Errorf("%s offers an action: %q", address, text(found[0]))
		}
	}
	if _, n := w.wanted(t); n != 0 || w.uploads(t) != 0 {
		t.Errorf("%d requests and %d parts were kept", n, w.uploads(t))
	}
}

// form is a multipart body of name and file, in that order.
func form(who, name string, content []byte, more ...string) (contentType string, body []byte) {
	var b bytes.Buffer
	out := multipart.NewWriter(&b)
	_ = out.WriteField("who", who)
	part, _ := out.CreateFormFile("file", name)
	_, _ = part.Write(content)
	for _, field := range more {
		_ = out.WriteField(field, "x")
	}
	_ = out.Close()
	return out.FormDataContentType(), b.Bytes()
}

func (w works) upload(source, who, name string, content []byte, more ...string) *httptest.ResponseRecorder {
	contentType, body := form(who, name, content, more...)
	return w.send(http.MethodPost, "/data/sources/"+source+"/upload", contentType, bytes.NewReader(body))
}

// What is sent arrives byte for byte, whatever the bytes are and wherever the
// borders of its parts fall.
func TestUpload(t *testing.T) {
	w := newWorks(t)
	for _, size := range []int{1, 1<<20 - 1, 1 << 20, 5<<20 + 123, 8 << 20, 17<<20 + 1} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w.exec(t, "TRUNCATE TABLE requests")
			content := make([]byte, size)
			for i := range content {
				content[i] = byte(i * i >> 3)
			}
			got := w.upload("force_return", "Ann", `C:\folder\return "of" <October>.csv`, content)
			asked, n := w.wanted(t)
			if got.Code != http.StatusSeeOther || n != 1 {
				t.Fatalf("status %d, %d requests:\n%s", got.Code, n, got.Body)
			}
			want := stats.Request{ID: asked.ID, AskedAt: testNow, Kind: stats.RunRequest, Source: "force_return", Upload: asked.ID, File: `return "of" <October>.csv`, DryRun: true, Who: "Ann"}
			if diff := cmp.Diff(want, asked.Request); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if kept := w.kept(t, asked.Upload); !bytes.Equal(kept, content) {
				t.Errorf("%d bytes are kept and differ from the %d sent", len(kept), len(content))
			}
			if body := page(t, w.get("/data/requests/"+asked.ID)); !strings.Contains(body, `Check the file return "of" <October>.csv for the force’s monthly return`) {
				t.Errorf("page of the request = %q", body)
			}
		})
	}
}

// kept is an upload as the scheduler reads it.
func (w works) kept(t *testing.T, id string) (content []byte) {
	t.Helper()
	rows, err := w.db.Query(t.Context(), "SELECT part, bytes FROM uploads WHERE upload_id = '"+id+"' ORDER BY part")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for next := uint32(0); rows.Next(); next++ {
		var part uint32
		var text string
		if err := rows.Scan(&part, &text); err != nil {
			t.Fatal(err)
		}
		if part != next || len(text) > 1<<20 {
			t.Errorf("part %d with %d bytes, want part %d of at most 1 MiB", part, len(text), next)
		}
		content = append(content, text...)
	}
	return content
}

func TestRefusedUploads(t *testing.T) {
	w := newWorks(t)
	w.site.maxUpload = 2 << 20
	contentType, whole := form("Ann", "f.csv", bytes.Repeat([]byte("a,b\r\n"), 400000))
	send := func(source, contentType string, body []byte, headers ...string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder {
			return w.send(http.MethodPost, "/data/sources/"+source+"/upload", contentType, bytes.NewReader(body), headers...)
		}
	}
	upload := func(source, who, name string, content []byte, more ...string) func() *httptest.ResponseRecorder {
		contentType, body := form(who, name, content, more...)
		return send(source, contentType, body)
	}
	tests := []struct {
		name   string
		send   func() *httptest.ResponseRecorder
		status int
		says   string
	}{
		{"records about people", upload("force_arrests", "Ann", "f.csv", []byte("name")), 403, "records about people are never sent through a page"},
		{"no such source", upload("none", "Ann", "f.csv", []byte("x")), 404, "There is no source “none”"},
		{"no name", upload("force_return", "", "f.csv", []byte("x")), 400, "Give your name"},
		{"no file", upload("force_return", "Ann", "", nil), 400, "No file was sent: choose one."},
		{"empty", upload("force_return", "Ann", "f.csv", nil), 400, "The file f.csv is empty."},
		{"name of a file", upload("force_return", "Ann", strings.Repeat("é", 201), []byte("x")), 400, "The name of the file is longer than 200 characters"},
		{"too large", upload("force_return", "Ann", "f.csv", make([]byte, 2<<20+1)), 413, "The file is larger than 2 MB"},
		{"far too large", upload("force_return", "Ann", "f.csv", make([]byte, 12<<20)), 413, "The file is larger than 2 MB"},
		{"two files", upload("force_return", "Ann", "f.csv", []byte("x"), "file"), 400, "more than one was sent"},
		{"cut", send("force_return", contentType, whole[:1500000]), 400, "The file did not arrive whole"},
		{"cut at its end", send("force_return", contentType, whole[:len(whole)-4]), 400, "The file did not arrive whole"},
		{"no multipart", send("force_return", "text/csv", []byte("x")), 400, "A file is sent with the form"},
		{"another site", send("force_return", contentType, whole, "Sec-Fetch-Site", "cross-site"), 403, "sent from a page of another site"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.send()
			if body := page(t, got); got.Code != test.status || !strings.Contains(body, test.says) {
				t.Errorf("status %d, page %q, want %d and %q", got.Code, body, test.status, test.says)
			}
			if _, n := w.wanted(t); n != 0 || w.uploads(t) != 0 {
				t.Errorf("%d requests and %d parts were kept", n, w.uploads(t))
			}
		})
	}
}

func TestPageOfARequest(t *testing.T) {
	w := newWorks(t)
	ask := func(id string, age time.Duration) {
		t.Helper()
		if err := query.New(w.db).Ask(t.Context(), stats.Request{ID: id, AskedAt: testNow.Add(-age), Kind: stats.RunRequest, Source: "force_return", Who: "<i>Ann</i>"}); err != nil {
			t.Fatal(err)
		}
	}
	answer := func(id, at, state, runs, problem string) {
		t.Helper()
		w.exec(t, fmt.Sprintf("INSERT INTO request_answers VALUES ('%s','2024-10-14 09:00:%s','%s',%s,'%s')", id, at, state, runs, problem))
	}
	ask("waits", 10*time.Second)
	ask("idle", 45*time.Second)
	ask("taken", time.Hour)
	answer("taken", "01", "taken", "[]", "")
	ask("refused", time.Hour)
	answer("refused", "01", "taken", "[]", "")
	answer("refused", "02", "refused", "[]", "The run is no longer held.")
	ask("one", time.Hour)
	answer("one", "01", "done", "['"+newRelease+"']", "")
	ask("two", time.Hour)
	answer("two", "01", "done", "['"+newRelease+"','"+oldRelease+"']", "")
	tests := map[string]struct {
		says    string
		refresh string
	}{
		"waits":   {"Waiting for the scheduler", "2"},
		"idle":    {"This has waited for 45 s, and the scheduler looks every few seconds: it is not running. Start it with stalkstats serve or stalkstats etl schedule.", "10"},
		"taken":   {"Being done now", "2"},
		"refused": {"Not done The run is no longer held.", ""},
		"two":     {newRelease + " " + oldRelease, ""},
	}
	for id, test := range tests {
		t.Run(id, func(t *testing.T) {
			got := w.get("/data/requests/" + id)
			if body := page(t, got); got.Code != 200 || !strings.Contains(body, test.says) || !strings.Contains(body, "<i>Ann</i>") {
				t.Errorf("status %d, page %q, want %q", got.Code, body, test.says)
			}
			refresh := ""
			for _, meta := range elements(parse(t, got.Body.Bytes()), "meta", "") {
				if attribute(meta, "http-equiv") == "refresh" {
					refresh = attribute(meta, "content")
				}
			}
			if refresh != test.refresh {
				t.Errorf("refreshes after %q, want %q", refresh, test.refresh)
			}
		})
	}
	if got := w.get("/data/requests/one"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/data/runs/"+newRelease {
		t.Errorf("of one run: %d to %q", got.Code, got.Header().Get("Location"))
	}
	if got := w.get("/data/requests/none"); got.Code != 404 {
		t.Errorf("no such request = %d", got.Code)
	}
	open, err := query.New(w.db).OpenRequests(t.Context(), "force_return")
	if err != nil || len(open) != 3 {
		t.Errorf("%d requests are open, %v: want those that wait and the one that is taken", len(open), err)
	}
}

func TestPagesOfSourcesAndRuns(t *testing.T) {
	w := newWorks(t)
	w.exec(t, "INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, kind, of_run, asked_by, why) VALUES "+
		"('w','2024-10-14 08:00:01','force_return','published','2024-10-14 08:00:00','2024-10-14 08:00:01','withdrawal','"+oldRelease+"','Bo','It was of another force')")
	w.exec(t, "INSERT INTO rejected_rows (run_id, source, file, sheet, source_row, column_name, value, reason) VALUES ('"+heldRun+"','force_return','november.csv','',7,'value','=1+1','no number')")
	tests := map[string][]string{
		"/data": {"1 source needs attention: the force’s monthly return (held)", "1 of 2 checks passed", "8 October 2024", "served october.csv, published 8 oct 2024", "Revised figures"},
		"/data/sources/force_return": {"held, last loaded 8 October 2024", "6 days old; limit 1 day: late by 5 days", "only when asked", "served october.csv, published 8 oct 2024", "all that it brought2023 and 2024", "nothing now",
			"withdrawn 14 October 2024, 09:00 BST by Bo: It was of another force", "areathe forceE23000026", "Download an empty file", "Check this file", "*.csv"},
		"/data/sources/force_arrests": {"never loaded", "Such a file is never sent through a page"},
		"/data/runs/" + heldRun: {"run of 12 October 2024: held", "The release is held, and what was served before is still served. Jumps: Bedfordshire rose from 10 to 900.", "Publish all the same",
			"asked by the schedule", "took 5 s", "3 figures new, 2 changed, 1 gone", "read november.csv", "no number"},
		"/data/runs/" + dryRun:     {"Nothing has been published. This is what the file would change: 3 figures new, 2 changed, 1 gone.", "Publish these figures"},
		"/data/runs/" + newRelease: {"Read this file again", "Withdraw this release", "first served 8 October 2024"},
		"/data/runs/" + oldRelease: {"Read this file again"},
		"/data/runs/w":             {"withdrawn", "Withdraws release " + oldRelease, "Bo: It was of another force"},
	}
	for address, says := range tests {
		t.Run(address, func(t *testing.T) {
			got := w.get(address)
			body := page(t, got)
			for _, want := range says {
				if got.Code != 200 || !strings.Contains(strings.ToLower(body), strings.ToLower(want)) {
					t.Errorf("status %d, page = %q, want %q", got.Code, body, want)
				}
			}
			if strings.Contains(body, "/srv/") {
				t.Error("the page tells where the file lies")
			}
		})
	}
	if body := page(t, w.get("/data/runs/"+oldRelease)); strings.Contains(body, "Withdraw this release") {
		t.Error("a release that serves nothing can be withdrawn")
	}
	if body := w.get("/data/sources/force_arrests").Body.String(); strings.Contains(body, "multipart") {
		t.Error("a file of records about people can be sent")
	}
	w.run(t, "20241013T070000-dddd0000", "check", "checked", "2024-10-13 07:00:00", "try.csv", "")
	w.exec(t, "INSERT INTO runs SELECT * REPLACE (recorded_at + 1 AS recorded_at, [('jumps','failed','too high')] AS checks, 'it would be held: try.csv: too high' AS problem) FROM runs WHERE run_id = '20241013T070000-dddd0000'")
	for address, want := range map[string]string{
		"/data/runs/20241013T070000-dddd0000":        "the release would be held until somebody accepts it. Jumps: too high.",
		"/data/runs/20241013T070000-dddd0000/replay": "the release will be held until somebody accepts it. Jumps: too high.",
	} {
		if body := page(t, w.get(address)); !strings.Contains(body, want) {
			t.Errorf("%s = %q, want %q", address, body, want)
		}
	}
	if body := page(t, w.get("/data/runs/20241013T070000-dddd0000")); strings.Contains(body, "it would be held") {
		t.Errorf("what the check found stands there once more: %q", body)
	}
	// A load after it may have published something else: that is said.
	w.run(t, "20241014T060000-eeeeeeee", "load", "unchanged", "2024-10-14 06:00:00", "october.csv", "")
	body := page(t, w.get("/data/runs/"+heldRun))
	if !strings.Contains(body, "Publish all the same") || !strings.Contains(body, "A later run has ended since: 14 October 2024, 07:00 BST.") {
		t.Errorf("page of a held run that another has followed = %q", body)
	}
	if body := page(t, w.get("/data/runs/"+heldRun+"/accept")); !strings.Contains(body, "A later run, of 14 October 2024, 07:00 BST, has ended since.") {
		t.Errorf("page to accept it = %q", body)
	}
}

// A dry run, a run that was skipped and a withdrawal say nothing of whether a
// source loads, and when it last did.
func TestLastSuccess(t *testing.T) {
	w := newWorks(t)
	w.run(t, "20241014T010000-eeeeeeee", "load", "skipped", "2024-10-14 01:00:00", "", "")
	w.run(t, "20241014T020000-ffffffff", "check", "rejected", "2024-10-14 02:00:00", "try.csv", "")
	stand := func() (string, time.Time) {
		t.Helper()
		sources, err := query.New(w.db).Sources(t.Context())
		if err != nil || len(sources) != 1 {
			t.Fatalf("%d sources, %v", len(sources), err)
		}
		return sources[0].LastRun.ID, sources[0].LastSuccess
	}
	loaded := time.Date(2024, time.October, 8, 6, 0, 5, 0, time.UTC)
	if id, at := stand(); id != heldRun || !at.Equal(loaded) {
		t.Errorf("last run %s, last success %s, want the held one and that of the newest release", id, at)
	}
	w.run(t, "20241014T030000-99999999", "withdrawal", "published", "2024-10-14 03:00:00", "", "")
	if id, at := stand(); id != heldRun || !at.Equal(loaded) {
		t.Errorf("after a withdrawal: last run %s, last success %s", id, at)
	}
}

func TestDownloads(t *testing.T) {
	w := newWorks(t)
	w.exec(t, "INSERT INTO rejected_rows (run_id, source, file, sheet, source_row, column_name, value, reason) VALUES "+
		"('"+heldRun+"','force_return','november.csv','=cmd()',7,'value','=1+1','“x”, y'), ('"+heldRun+"','force_return','november.csv','',0,'','-2','a\nb')")
	w.exec(t, "INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, breakdown, breakdown_value, former_release_id, former_value, former_file, former_row, value, value_note, file, source_row) VALUES "+
		"('"+heldRun+"','force_return','2023','new','stalking_charges','E23000026','2023-06-01','2023-06-30','','','',NULL,'',0,-1.5,'','+new.csv',4),"+
		"('"+heldRun+"','force_return','2023','changed','stalking_charges','E23000026','2023-01-01','2023-01-31','@way','=HYPERLINK()','"+newRelease+"',10,'october.csv',2,NULL,'x','new.csv',3)")
	rows := func(address, name string) [][]string {
		t.Helper()
		got := w.get(address)
		if got.Code != 200 || got.Header().Get("Content-Disposition") != `attachment; filename="`+name+`"` || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/csv") {
			t.Fatalf("%s = %d with %v", address, got.Code, got.Header())
		}
		if body := got.Body.String(); strings.Count(body, "\n") != strings.Count(body, "\r\n") {
			t.Errorf("%s has line ends other than CRLF: %q", address, body)
		}
		records, err := csv.NewReader(got.Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return records
	}
	want := [][]string{{"file", "sheet", "row", "column", "value", "reason"}, {"november.csv", "", "", "", "'-2", "a\nb"}, {"november.csv", "'=cmd()", "7", "value", "'=1+1", "“x”, y"}}
	if diff := cmp.Diff(want, rows("/data/runs/"+heldRun+"/rejected.csv", "stalkstats-rejected-"+heldRun+".csv")); diff != "" {
		t.Errorf("rejected rows (-want +got):\n%s", diff)
	}
	got := rows("/data/runs/"+heldRun+"/changes.csv", "stalkstats-changes-"+heldRun+".csv")
	want = [][]string{
		{"changed", "stalking_charges", "Stalking charges", "E23000026", "Bedfordshire", "Jan 2023", "2023-01-01", "2023-01-31", "'@way", "'=HYPERLINK()", "", "10", "", "", "x",
			newRelease, "october.csv", "", "2", "new.csv", "", "3", "force_return", heldRun},
		{"new", "stalking_charges", "Stalking charges", "E23000026", "Bedfordshire", "Jun 2023", "2023-06-01", "2023-06-30", "", "", "", "", "", "-1.5", "",
			"", "", "", "", "'+new.csv", "", "4", "force_return", heldRun},
	}
	if diff := cmp.Diff(want, got[1:]); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"area", "measure"}}, rows("/data/sources/force_return/template.csv", "force_return.csv")); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
	for address, says := range map[string]string{
		"/data/sources/force_arrests/template.csv": "There is no file to fill in for arrests",
		"/data/sources/none/template.csv":          "There is no source “none” in the configuration.",
		"/data/runs/none/changes.csv":              "There is no run “none”.",
		"/data/runs/none/rejected.csv":             "There is no run “none”.",
	} {
		if got := w.get(address); got.Code != 404 || !strings.Contains(page(t, got), says) {
			t.Errorf("%s = %d", address, got.Code)
		}
	}
	body := page(t, w.get("/data/runs/"+heldRun))
	for _, want := range []string{"Figures that would differ from those served at the time: the first 2 of 6, and the CSV has all", "changedStalking charges, @way: =HYPERLINK()BedfordshireJan 202310not availablebefore: october.csv, row 2 in this file: new.csv, row 3", "BedfordshireJun 2023−1.50"} {
		if !strings.Contains(body, want) {
			t.Errorf("page = %q, want %q", body, want)
		}
	}
}

// Withdrawn one after the other, releases go back in order, and none comes
// back that was withdrawn itself.
func TestWithdrawalGoesBackInOrder(t *testing.T) {
	w := newWorks(t)
	reader := query.New(w.db)
	back := func(release string) (slices string) {
		t.Helper()
		effect, err := reader.Withdrawal(context.Background(), stats.Release{ID: release, Source: "force_return"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range effect.Slices {
			slices += s.Slice + "=" + s.Back.ID + " "
		}
		return slices
	}
	if got, want := back(newRelease), "2023="+oldRelease+" 2024= "; got != want {
		t.Errorf("back = %q, want %q", got, want)
	}
	w.exec(t, "INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('force_return','2023','"+oldRelease+"','2024-10-14 06:00:00','w'), ('force_return','2024','','2024-10-14 06:00:00','w')")
	if got := back(newRelease); got != "" {
		t.Errorf("a withdrawn release serves %q", got)
	}
	if got, want := back(oldRelease), "2023= "; got != want {
		t.Errorf("back = %q, want %q: what was withdrawn does not come back", got, want)
	}
	releases, err := reader.Releases(t.Context(), "force_return")
	if err != nil || len(releases) != 2 || len(releases[0].Serves) != 0 || !cmp.Equal(releases[1].Serves, []string{"2023"}) {
		t.Errorf("releases = %+v, %v", releases, err)
	}
}
