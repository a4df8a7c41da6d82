package dashboard

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// newForce is a site whose register holds a few recommendations and whose
// force has returned one status.
func newForce(t *testing.T) works {
	t.Helper()
	w := newWorks(t)
	for _, sql := range []string{
		`INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES
			('r0','areas','all','E23000006','Cheshire','territorial_force',3), ('r0','areas','all','K04000001','England and Wales','country',4)`,
		`INSERT INTO recommendations (release_id, source, slice, number, ref, addressee, deadline, ask, confidence, evidence, file, source_row) VALUES
			('g','register','all',7,'','chief constables','2024-10-01','Record it.','confirmed','plans','register.csv',2),
			('g','register','all',15,'','police and crime commissioners',NULL,'Commission.','confirmed','summary','register.csv',3),
			('g','register','all',0,'D','Chief Constables','2024-11-22','Publish a plan.','confirmed; number not','plans','register.csv',4)`,
		`INSERT INTO recommendation_progress (release_id, source, slice, area_code, recommendation, as_at, status, owner, progress_update, file, source_row) VALUES
			('p','progress','E23000026 2024-10-01','E23000026','7','2024-10-01','in progress','crime registrar','loaded words','progress.csv',2)`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('register','all','g','2024-10-01','g'), ('progress','E23000026 2024-10-01','p','2024-10-02','p')`,
		`INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('p','progress','progress.csv','s','2024-10-02','2024-10-02')`,
	} {
		w.exec(t, sql)
	}
	return w
}

// answers is a form that is in order, with some answers changed.
func answers(changes ...string) url.Values {
	form := url.Values{"as_at": {"2024-10-10"}, "status": {"complete"}, "owner": {"stalking lead"}, "update": {"It is done.\r\nAll\tof it."},
		"evidence": {"minutes of 3 May"}, "review": {"2025-01-31"}, "who": {"Ann Example"}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

const enter7 = "/recommendations/7/enter?area=E23000026"

func (w works) history(t *testing.T, area string) []stats.Progress {
	t.Helper()
	history, err := query.New(w.db).Progress(t.Context(), area, query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	return history
}

// records is a report of recommendations, each row by its columns.
func (w works) records(t *testing.T, address string) []map[string]string {
	t.Helper()
	got := w.get(address)
	rows, err := csv.NewReader(got.Body).ReadAll()
	if err != nil || got.Code != 200 {
		t.Fatalf("%s = %d, %v", address, got.Code, err)
	}
	var records []map[string]string
	for _, row := range rows[1:] {
		record := map[string]string{}
		for i, name := range rows[0] {
			record[name] = row[i]
		}
		records = append(records, record)
	}
	return records
}

func TestAnEntryIsSeenEverywhere(t *testing.T) {
	w := newForce(t)
	form := page(t, w.get(enter7))
	for _, want := range []string{"What does Bedfordshire say of recommendation 7?", "in our own words: Record it.", "The force’s word now is “in progress”, of 1 October 2024.", "overwrites nothing"} {
		if !strings.Contains(form, want) {
			t.Errorf("form = %q, want %q", form, want)
		}
	}
	sent := w.post(enter7, answers())
	to := sent.Header().Get("Location")
	if sent.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/recommendations/7?area=E23000026&entry=") {
		t.Fatalf("%d to %q", sent.Code, to)
	}
	shown := w.get(to)
	root := parse(t, shown.Body.Bytes())
	if got, want := text(pagetest.Elements(root, "", "notice")[0]), "It is kept: complete on 10 October 2024, entered by Ann Example. What was said before stays in the history."; got != want {
		t.Errorf("notice = %q, want %q", got, want)
	}
	var timeline []string
	for _, li := range pagetest.Elements(root, "li", "timeline__entry") {
		timeline = append(timeline, text(li))
	}
	want := []string{
		"10 October 2024 Complete, before: in progress (what counts now) It is done. All of it. Owner: stalking lead. Next review: 31 January 2025. Evidence: minutes of 3 May. entered on the page by Ann Example on 14 October 2024, 10:30 BST Take this entry back",
		"1 October 2024 In progress loaded words Owner: crime registrar. progress.csv, row 2 load p",
	}
	if diff := cmp.Diff(want, timeline); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
	list := parse(t, w.get("/recommendations?area=E23000026").Body.Bytes())
	if got := text(pagetest.Elements(list, "li", "item")[6]); !strings.Contains(got, "Recommendation 7: complete") || !strings.Contains(got, "Status complete, said on 10 October 2024 Owner stalking lead") || strings.Contains(got, "overdue") {
		t.Errorf("item 7 = %q", got)
	}
	now := w.records(t, "/reports/recommendations.csv?area=E23000026")
	if len(now) != 30 || now[6]["status"] != "complete" || now[6]["overdue"] != "no" || now[6]["origin"] != "entered" || now[6]["entered_by"] != "Ann Example" || now[6]["review_date"] != "2025-01-31" || now[6]["said_at"] != "2024-10-14T09:30:00Z" {
		t.Errorf("%d rows, 7 = %v", len(now), now[6])
	}
	history := w.records(t, "/reports/recommendations.csv?area=E23000026&history=all")
	if len(history) != 31 || history[6]["status"] != "in progress" || history[6]["current"] != "no" || history[6]["file"] != "progress.csv" || history[7]["status"] != "complete" || history[7]["current"] != "yes" {
		t.Errorf("%d rows, history of 7 = %v, %v", len(history), history[6], history[7])
	}
	if before := w.records(t, "/reports/recommendations.csv?area=E23000026&as_at=2024-10-13"); before[6]["status"] != "in progress" || before[6]["overdue"] != "yes" {
		t.Errorf("as at the day before: %v", before[6])
	}
	if plan := page(t, w.get("/recommendations/plan?area=E23000026")); !strings.Contains(plan, "7by 1 October 2024 Record it. It is done. All of it.Evidence: minutes of 3 May Owner: stalking lead. Next review: 31 January 2025. Complete, 9 days after the deadline10 October 2024") {
		t.Errorf("plan = %q", plan)
	}
}

// An entry of a day before what was loaded is kept in its place, and does not
// count; the statement that counts is still the loaded one.
func TestAnEntryOfAnEarlierDay(t *testing.T) {
	w := newForce(t)
	sent := w.post(enter7, answers("as_at", "2024-09-28", "status", "not started", "review", ""))
	if got, want := page(t, w.get(sent.Header().Get("Location"))), "What counts is still a later word: in progress on 1 October 2024."; !strings.Contains(got, want) {
		t.Errorf("page = %q, want %q", got, want)
	}
	list := w.records(t, "/reports/recommendations.csv?area=E23000026&history=all")
	if list[6]["status"] != "not started" || list[6]["current"] != "no" || list[7]["status"] != "in progress" || list[7]["current"] != "yes" {
		t.Errorf("history of 7 = %v, %v", list[6], list[7])
	}
}

func TestFaultsOfAnEntry(t *testing.T) {
	w := newForce(t)
	for name, test := range map[string]struct{ field, typed, says string }{
		"no day":                 {"as_at", "", "Give the day of the statement, such as 27 March 2025."},
		"not a day":              {"as_at", "27/03/2025", "“27/03/2025” is not a date: write it as 2025-03-27, the year first."},
		"a day to come":          {"as_at", "2024-10-15", "The statement is of 15 October 2024, and today is 14 October 2024: a status is entered once it is so."},
		"before there were any":  {"as_at", "2024-09-26", "The recommendations were made on 27 September 2024: give that day or a later one."},
		"no status":              {"status", "", "Choose the status: not started, in progress, complete or not accepted."},
		"another status":         {"status", "done", "Choose the status: not started, in progress, complete or not accepted."},
		"a long owner":           {"owner", strings.Repeat("é", longestOwner+1), "The owner is longer than 100 characters: shorten it."},
		"a control character":    {"update", "a\x00b", "The update holds a character that cannot be shown: type it again."},
		"an owner of two lines":  {"owner", "stalking\u2028lead", "The owner holds a line end or a tab: write it in one line."},
		"evidence with a tab":    {"evidence", "minutes\tof May", "The evidence holds a line end or a tab: write it in one line."},
		"writing turned round":   {"update", "a\u202eb", "The update holds a character that cannot be shown: type it again."},
		"somebody's number":      {"update", "ring her on 07700 900123", "The update holds a telephone number: take it out. Personal data must not be kept here."},
		"somebody's address":     {"evidence", "minutes sent to jo@example.org", "The evidence holds an e-mail address: take it out."},
		"not UTF-8":              {"update", "a\xffb", "The update is not text in UTF-8."},
		"a script as evidence":   {"evidence", "javascript:alert(1)", "The evidence is neither a web address nor the name of a document"},
		"data as evidence":       {"evidence", "data:text/html,x", "The evidence is neither a web address nor the name of a document"},
		"an address of nowhere":  {"evidence", "https:///x", "The evidence is neither a web address nor the name of a document"},
		"long evidence":          {"evidence", strings.Repeat("x", longestEvidence+1), "The evidence is longer than 500 characters: shorten it."},
		"a review before":        {"review", "2024-10-09", "The next review, 9 October 2024, is before the day of the statement."},
		"a review in a lifetime": {"review", "2204-10-09", "The next review, 9 October 2204, is more than ten years away: look at the year."},
		"not a review":           {"review", "soon", "“soon” is not a date: write it as 2025-03-27, the year first."},
		"nobody":                 {"who", " ", "Give your name: it is kept with what you enter."},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.post(enter7, answers(test.field, test.typed))
			root := parse(t, got.Body.Bytes())
			checkInert(t, root)
			checkOutline(t, root)
			summary := pagetest.Elements(root, "div", "govuk-error-summary")
			if got.Code != http.StatusBadRequest || len(summary) != 1 {
				t.Fatalf("status %d, %d summaries", got.Code, len(summary))
			}
			links := pagetest.Elements(summary[0], "a", "")
			if len(links) != 1 || pagetest.Attribute(links[0], "href") != "#"+test.field || !strings.HasPrefix(text(links[0]), test.says) {
				t.Errorf("summary = %q", text(summary[0]))
			}
			if faults := pagetest.Elements(root, "p", "govuk-error-message"); len(faults) != 1 || !strings.HasPrefix(text(faults[0]), "Error: "+test.says) {
				t.Errorf("at the field %d faults", len(faults))
			}
			if test.field != "update" && !strings.Contains(got.Body.String(), "It is done.") {
				t.Error("what was typed is gone")
			}
		})
	}
	all := w.post(enter7, url.Values{})
	if got := len(pagetest.Elements(parse(t, all.Body.Bytes()), "p", "govuk-error-message")); got != 3 {
		t.Errorf("an empty form has %d faults, want 3: day, status and name", got)
	}
	if got := len(w.history(t, "E23000026")); got != 1 {
		t.Errorf("%d statements are kept, want the loaded one", got)
	}
}

func TestWhereNothingCanBeEntered(t *testing.T) {
	w := newForce(t)
	for _, test := range []struct {
		address string
		headers []string
		status  int
		says    string
	}{
		{enter7, []string{"Sec-Fetch-Site", "cross-site"}, 403, "another site"},
		{enter7, []string{"Origin", "https://elsewhere.example"}, 403, "another site"},
		{"/recommendations/30/enter", nil, 404, "There is no recommendation “30”"},
		{"/recommendations/7/enter?area=K04000001", nil, 400, "Recommendations are answered by forces"},
		{"/recommendations/7/enter?area=none", nil, 404, "There is no area with the code “none”."},
		{"/recommendations/15/enter", nil, 409, "is not for a force to answer"},
		{"/recommendations/7/enter?x=1", nil, 400, "no parameter “x”"},
		{"/recommendations/7/entries/none/take-back", nil, 404, "There is no entry “none”"},
	} {
		if got := w.post(test.address, answers(), test.headers...); got.Code != test.status || !strings.Contains(page(t, got), test.says) {
			t.Errorf("%s = %d, want %d and %q", test.address, got.Code, test.status, test.says)
		}
	}
	for name, form := range map[string]url.Values{"a field more": answers("status2", "x"), "a field twice": {"who": {"a", "b"}}} {
		if got := w.post(enter7, form); got.Code != 400 {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	if got := w.post(enter7, answers("update", strings.Repeat("x", largestFields))); got.Code != 413 {
		t.Errorf("a form of %d bytes: %d", largestFields, got.Code)
	}
	w.actions = false
	if got := w.post(enter7, answers()); got.Code != 403 || !strings.Contains(page(t, got), "dashboard.actions is off") {
		t.Errorf("actions off: %d", got.Code)
	}
	if got := page(t, w.get("/recommendations/7")); strings.Contains(got, "Enter a status") {
		t.Error("the page offers what is off")
	}
	if got := len(w.history(t, "E23000026")); got != 1 {
		t.Errorf("%d statements are kept, want the loaded one", got)
	}
}

// A form that is sent twice is kept once, however fast; another word of the
// same day is another entry, and the later one counts.
func TestEntriesAtOnce(t *testing.T) {
	w := newForce(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { w.post(enter7, answers()) })
	}
	wait.Wait()
	if got := w.history(t, "E23000026"); len(got) != 2 {
		t.Fatalf("%d statements, want the loaded one and one that was entered", len(got))
	}
	at := testNow
	w.now = func() time.Time { at = at.Add(time.Second); return at }
	w.post(enter7, answers("status", "not accepted"))
	w.post(enter7, answers("who", "Bob"))
	history := w.history(t, "E23000026")
	if len(history) != 4 || history[2].Status != stats.NotAccepted || history[3].Status != stats.Complete || history[3].Who != "Bob" {
		t.Errorf("history = %+v", history)
	}
}

// Hostile words are words, on every page and in the file.
func TestHostileEntry(t *testing.T) {
	w := newForce(t)
	hostile := `</script><script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	w.exec(t, "INSERT INTO recommendation_progress (release_id, source, slice, area_code, recommendation, as_at, status, owner, progress_update, file, source_row) VALUES "+
		"('p','progress','E23000026 2024-10-01','E23000026','7','2024-10-12','in progress','\u202eturned','\u202eround','progress.csv',3)")
	if got := w.post(enter7, answers("update", hostile, "owner", hostile, "evidence", hostile, "who", hostile)); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, page(t, got))
	}
	shown, apart := 0, 0
	for _, address := range []string{"/recommendations", "/recommendations/7", "/recommendations/plan", enter7} {
		root := parse(t, w.get(address).Body.Bytes())
		checkInert(t, root)
		if strings.Contains(text(root), hostile) {
			shown++
		}
		for _, n := range pagetest.Elements(root, "bdi", "") {
			if strings.HasPrefix(text(n), "\u202e") {
				apart++
			}
		}
	}
	if shown == 0 || apart != 7 {
		t.Errorf("the words stand on %d pages, and writing that turns round is kept apart %d times, want 7", shown, apart)
	}
}
