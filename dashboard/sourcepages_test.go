package dashboard

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

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
		says string
		open bool
	}{
		"waits":   {"Waiting for the scheduler", true},
		"idle":    {"This has waited for 45 s, and the scheduler looks every few seconds: it is not running. Start it with stalkstats serve or stalkstats etl schedule.", true},
		"taken":   {"Being done now", true},
		"refused": {"Not done The run is no longer held.", false},
		"two":     {newRelease + " " + oldRelease, false},
	}
	for id, test := range tests {
		t.Run(id, func(t *testing.T) {
			got := w.get("/data/requests/" + id)
			if body := page(t, got); got.Code != 200 || !strings.Contains(body, test.says) || !strings.Contains(body, "<i>Ann</i>") {
				t.Errorf("status %d, page %q, want %q", got.Code, body, test.says)
			}
			if again := strings.Contains(got.Body.String(), `href="/data/requests/`+id+`">Look again`); again != test.open {
				t.Errorf("a way to look again: %v, want %v", again, test.open)
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

// A page that is opened while a request waits leads to the run as soon as it ends,
// and shows how far the request is once the wait is over.
func TestAPageWaitsForARequest(t *testing.T) {
	w := newWorks(t)
	if err := query.New(w.db).Ask(t.Context(), stats.Request{ID: "soon", AskedAt: testNow, Kind: stats.RunRequest, Source: "force_return", Who: "Ann"}); err != nil {
		t.Fatal(err)
	}
	w.site.wait = time.Millisecond
	if got := w.get("/data/requests/soon"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Look again") {
		t.Errorf("when the wait is over: %d", got.Code)
	}
	w.site.wait = time.Minute
	answered := make(chan *httptest.ResponseRecorder)
	go func() { answered <- w.get("/data/requests/soon") }()
	w.exec(t, "INSERT INTO request_answers VALUES ('soon','2024-10-14 09:00:01','done',['"+newRelease+"'],'')")
	if got := <-answered; got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/data/runs/"+newRelease {
		t.Errorf("once it is done: %d to %q", got.Code, got.Header().Get("Location"))
	}
}

func TestPagesOfSourcesAndRuns(t *testing.T) {
	w := newWorks(t)
	w.exec(t, "INSERT INTO runs (run_id, recorded_at, source, outcome, started_at, ended_at, kind, of_run, asked_by, why) VALUES "+
		"('w','2024-10-14 08:00:01','force_return','published','2024-10-14 08:00:00','2024-10-14 08:00:01','withdrawal','"+oldRelease+"','Bo','It was of another force')")
	w.exec(t, "INSERT INTO rejected_rows (run_id, source, file, sheet, source_row, column_name, value, reason) VALUES ('"+heldRun+"','force_return','november.csv','',7,'value','=1+1','no number')")
	tests := map[string][]string{
		"/data": {"1 source needs attention: the force’s monthly return (held)", "1 of 2 checks passed", "8 October 2024", "served october.csv, loaded on 8 oct 2024", "Revised figures"},
		"/data/sources/force_return": {"held, last loaded 8 October 2024", "6 days old; limit 1 day: late by 5 days", "only when asked", "served october.csv, loaded on 8 oct 2024", "all that it brought2023 and 2024", "nothing now",
			"withdrawn 14 October 2024, 09:00 BST by Bo: It was of another force", "areathe forceE23000026", "Download an empty file", "Check this file", "*.csv"},
		"/data/sources/force_arrests": {"never loaded", "Such a file is never sent through a page"},
		"/data/runs/" + heldRun: {"run of 12 October 2024: held", "The release is held, and nothing of it is served. Jumps: Bedfordshire rose from 10 to 900.", "Publish all the same",
			"asked by the schedule", "took 5 s", "3 figures new, 2 changed, 1 gone", "read november.csv", "no number"},
		"/data/runs/" + dryRun:     {"Nothing has been published. This is what the file would change: 3 figures new, 2 changed, 1 gone.", "Publish these figures"},
		"/data/runs/" + newRelease: {"Read this file again", "Withdraw this release", "first served 8 October 2024"},
		"/data/runs/" + oldRelease: {"Read this file again"},
		"/data/runs/w":             {"withdrawn", "Withdraws september.csv, first served on 1 October 2024, 07:00 BST", "Bo: It was of another force"},
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
	if diff := cmp.Diff([][]string{{"applied"}}, rows("/data/sources/spo_returns/template.csv", "spo_returns.csv")); diff != "" {
		t.Errorf("template of a layout that no source reads (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"order_id"}}, rows("/data/sources/force_records/template.csv?kind=orders", "force_records-orders.csv")); diff != "" {
		t.Errorf("template of a kind (-want +got):\n%s", diff)
	}
	for address, says := range map[string]string{
		"/data/sources/force_arrests/template.csv":            "There is no file to fill in for arrests",
		"/data/sources/none/template.csv":                     "There is no source and no layout “none”: /data/layouts lists the files that can be filled in.",
		"/data/sources/force_records/template.csv":            "force_records has files of several kinds: add ?kind= and one of arrests, orders to the address.",
		"/data/sources/force_return/template.csv?kind=orders": "leave ?kind= out of the address",
		"/data/sources/spo_returns/template.csv?kind=x":       "spo_returns has one kind of file only",
		"/data/runs/none/changes.csv":                         "There is no run “none”.",
		"/data/runs/none/rejected.csv":                        "There is no run “none”.",
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
