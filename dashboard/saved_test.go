package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/mail"
	"stalkstats/internal/stats"
)

const chargesSave = "/reports/save?area=E23000026&measure=stalking_charges"

// testSaving is a folder and an address, and three schedules that need no cron:
// how lines of cron are read is tested where they are.
var testSaving = Saving{Folder: "/srv/reports", MailTo: []string{"board@example.org"}, Schedule: func(spec string) (func(time.Time) time.Time, error) {
	every := func(d time.Duration) func(time.Time) time.Time {
		return func(t time.Time) time.Time { return t.Truncate(d).Add(d) }
	}
	switch spec {
	case "0 7 * * *", "0 7 * * 1", "0 7 1 * *":
		return every(24 * time.Hour), nil
	case "0 7 1,15 * *":
		return every(14 * 24 * time.Hour), nil
	case "* * * * *":
		return every(time.Minute), nil
	case "0 7 30 2 *":
		return func(time.Time) time.Time { return time.Time{} }, nil
	}
	return nil, errors.New("this is not a cron line")
}}

func testSaved(in overviewInput) []stats.SavedReport {
	text := in.area.Name
	saved := stats.SavedReport{ID: text, SavedAt: testNow, Who: text, Name: text, Filters: "measure=" + url.QueryEscape(text), InWords: []string{text, text}, Audience: Published, Schedule: text, Place: text}
	delivered, failed, sending := saved, saved, saved
	delivered.Last = stats.ReportDelivery{Outcome: stats.Delivered, Began: testNow, File: text, Rows: 1, Bytes: 2, SHA256: "ab", AsAt: testNow}
	failed.Last = stats.ReportDelivery{Outcome: stats.DeliveryFailed, Began: testNow, Problem: text}
	sending.Last = stats.ReportDelivery{Outcome: stats.Sending, Began: testNow, File: text}
	return []stats.SavedReport{saved, delivered, failed, sending}
}

func testSave(t *testing.T, s *site, in overviewInput) *savePage {
	t.Helper()
	page := s.newSavePage(savable{kind: stats.SavedPack, values: url.Values{"measure": {in.area.Name}}, audience: Internal, words: []string{in.area.Name}, path: savePath, back: "/reports"})
	page.Places = []option{{Value: in.area.Name, Text: in.area.Name}}
	page.read(url.Values{"name": {in.area.Name + "\x00"}, "schedule": {in.area.Name}, "cron": {in.area.Name + "\x00"}, "place": {in.area.Name}, "who": {in.area.Name + "\x00"}}, savable{}, s)
	page.choices(s)
	return page
}

func saving(name, schedule, place string) url.Values {
	return url.Values{"name": {name}, "schedule": {schedule}, "cron": {""}, "place": {place}, "who": {"Ann Example"}}
}

func newSaving(t *testing.T) works {
	t.Helper()
	w := newForce(t)
	w.site.delivered = testSaving
	return w
}

func (w works) saved(t *testing.T) []stats.SavedReport {
	t.Helper()
	all, err := query.New(w.db).SavedReports(t.Context(), MostSaved)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSavingAReport(t *testing.T) {
	w := newSaving(t)
	root := parse(t, w.get("/reports?show=yes&area=E23000026&measure=stalking_charges").Body.Bytes())
	if !strings.Contains(text(pagetest.Elements(root, "main", "")[0]), "Save it under a name") {
		t.Error("the report cannot be saved")
	}
	form := page(t, w.get(chargesSave))
	for _, want := range []string{"Save this report under a name?", "Measures: Stalking charges", "Areas: Bedfordshire", "Audience: internal", "The figures are true ones",
		"never: only save it", "every day at 07:00 next: Tue 15 Oct 2024, 01:00 BST; Wed 16 Oct 2024, 01:00 BST; Thu 17 Oct 2024, 01:00 BST", "the folder /srv/reports", "True figures are not mailed"} {
		if !strings.Contains(form, want) {
			t.Errorf("form = %q, want %q", form, want)
		}
	}
	if strings.Contains(form, "board@example.org") {
		t.Error("true figures can be mailed")
	}
	for range 2 { // twice by mistake
		if got := w.post(chargesSave, saving("Board report", "0 7 1 * *", stats.FolderPlace)); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/reports/saved" {
			t.Fatalf("%d: %s", got.Code, got.Body)
		}
	}
	want := []stats.SavedReport{{SavedAt: testNow, Who: "Ann Example", Name: "Board report", Kind: stats.SavedObservations, Filters: "area=E23000026&audience=internal&measure=stalking_charges",
		InWords: []string{"Measures: Stalking charges", "Areas: Bedfordshire", "Periods: as published", "Sources: all", "Audience: internal"}, Audience: Internal, Schedule: "0 7 1 * *", Place: stats.FolderPlace}}
	got := w.saved(t)
	id := got[0].ID
	got[0].ID = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	list := w.get("/reports/saved")
	shown := page(t, list)
	for _, want := range []string{"1 report is saved", "Board report", "internal; saved by Ann Example, 14 Oct 2024", "Measures: Stalking charges", "on the first of every month at 07:00, the folder /srv/reports next: Tue 15 Oct 2024", "none yet"} {
		if !strings.Contains(shown, want) {
			t.Errorf("list = %q, want %q", shown, want)
		}
	}
	if !strings.Contains(list.Body.String(), `href="/reports?area=E23000026&amp;audience=internal&amp;measure=stalking_charges&amp;show=yes"`) {
		t.Error("the list does not lead to the report")
	}
	remove := "/reports/saved/" + id + "/remove"
	if form := page(t, w.get(remove)); !strings.Contains(form, "Remove the saved report Board report?") {
		t.Errorf("%q", form)
	}
	if got := w.post(remove, signedBy("Bob", "")); got.Code != http.StatusBadRequest || len(w.saved(t)) != 1 {
		t.Errorf("without a reason: %d", got.Code)
	}
	if got := w.post(remove, signedBy("Bob", "nobody reads it")); got.Code != http.StatusSeeOther || len(w.saved(t)) != 0 {
		t.Errorf("%d, %d reports stand", got.Code, len(w.saved(t)))
	}
	if got := w.post(remove, signedBy("Bob", "again")); got.Code != http.StatusConflict {
		t.Errorf("removed twice: %d", got.Code)
	}
	removed, err := query.New(w.db).SavedReport(t.Context(), id)
	if diff := cmp.Diff(stats.TakenBack{At: testNow, Who: "Bob", Why: "nobody reads it"}, removed.Removed); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got := w.get("/reports/saved"); !strings.Contains(page(t, got), "No report is saved") {
		t.Error(page(t, got))
	}
}

const packSave = "/pack/save?area=E23000026&page=/orders&page=/changes?since%3D2024-09-01&audience="

// TestSavingAPack keeps which pages were chosen, in their order, and for whom; a day from
// which changes are told would stand still, and is not kept.
func TestSavingAPack(t *testing.T) {
	w := newSaving(t)
	w.site.delivered.MailInternal = true
	place := mail.Place("board@example.org")
	form := page(t, w.get(packSave+Internal))
	for _, want := range []string{"Save this board pack under a name?", "Board pack of Bedfordshire", "Audience: internal", "Page: Stalking Protection Orders", "Page: What has changed since the mail before", "The figures are true ones", "mail to board@example.org"} {
		if !strings.Contains(form, want) {
			t.Errorf("form = %q, want %q", form, want)
		}
	}
	if strings.Contains(form, "the folder") {
		t.Error("a pack can be put into a folder")
	}
	for range 2 { // twice by mistake
		if got := w.post(packSave+Internal, saving("Monday", "0 7 1 * *", place)); got.Code != http.StatusSeeOther || got.Header().Get("Location") != SavedAddress {
			t.Fatalf("%d: %s", got.Code, page(t, got))
		}
	}
	want := []stats.SavedReport{{SavedAt: testNow, Who: "Ann Example", Name: "Monday", Kind: stats.SavedPack, Filters: "area=E23000026&audience=internal&page=%2Forders&page=%2Fchanges",
		InWords: []string{"Board pack of Bedfordshire", "Audience: internal", "Page: Stalking Protection Orders", "Page: What has changed since the mail before"}, Audience: Internal, Schedule: "0 7 1 * *", Place: place}}
	got := w.saved(t)
	got[0].ID = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	list := w.get(SavedAddress)
	if shown := page(t, list); !strings.Contains(shown, "board pack, internal; saved by Ann Example") || !strings.Contains(list.Body.String(), `href="/pack?area=E23000026&amp;page=%2Forders&amp;page=%2Fchanges"`) {
		t.Errorf("%q", shown)
	}
	w.site.delivered.MailInternal = false
	for address, says := range map[string]string{
		packSave + Internal: "True figures are not mailed", packSave + "all": "The audience is internal or published, not “all”.", "/pack/save": "No page is chosen for the pack.",
		"/pack/save?page=/measures/none": "is not there", "/pack/save?page=/data": "cannot stand in a pack", "/pack/save?page=/&to=eve@example.org": "no parameter “to”",
	} {
		if got := w.post(address, saving("A", "0 7 1 * *", place)); got.Code != http.StatusBadRequest || !strings.Contains(page(t, got), says) {
			t.Errorf("%s: %d %q, want %q", address, got.Code, page(t, got), says)
		}
	}
	if got := w.post(packSave+Internal, saving("A", "0 7 1 * *", stats.FolderPlace)); got.Code != http.StatusBadRequest {
		t.Errorf("into a folder: %d", got.Code)
	}
	w.site.actions = false
	if got := w.get(packSave + Internal); got.Code != http.StatusForbidden {
		t.Errorf("without actions: %d", got.Code)
	}
	if len(w.saved(t)) != 1 {
		t.Errorf("%+v", w.saved(t))
	}
}

// TestTimesOfACronLine can be seen before the report is saved.
func TestTimesOfACronLine(t *testing.T) {
	w := newSaving(t)
	form := saving("", ownSchedule, "")
	form.Set("cron", "0 7 1,15 * *")
	form.Set("times", "yes")
	got := w.post(chargesSave, form)
	if shown := page(t, got); got.Code != 200 || !strings.Contains(shown, "Next: Mon 28 Oct 2024, 00:00 GMT; Mon 11 Nov 2024, 00:00 GMT; Mon 25 Nov 2024, 00:00 GMT") || len(w.saved(t)) != 0 {
		t.Errorf("%d %s", got.Code, shown)
	}
	form.Del("times")
	form.Set("name", "Fortnight")
	form.Set("place", stats.FolderPlace)
	if got := w.post(chargesSave, form); got.Code != http.StatusSeeOther || w.saved(t)[0].Schedule != "0 7 1,15 * *" {
		t.Errorf("%d %s", got.Code, page(t, got))
	}
}

func TestReportsThatAreNotSaved(t *testing.T) {
	w := newSaving(t)
	if got := w.post(chargesSave, saving("Board report", "", "")); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	with := func(name, value string, form url.Values) url.Values {
		form.Set(name, value)
		return form
	}
	place := mail.Place("board@example.org")
	for name, test := range map[string]struct {
		address string
		form    url.Values
		status  int
		says    string
	}{
		"no name":               {chargesSave, saving("", "", ""), 400, "Give the report a name"},
		"nobody":                {chargesSave, with("who", " ", saving("A", "", "")), 400, "Give your name"},
		"a long name":           {chargesSave, saving(strings.Repeat("x", 81), "", ""), 400, "longer than 80 characters"},
		"turned writing":        {chargesSave, saving("A\u202etxt.piz", "", ""), 400, "a character that cannot be shown"},
		"a name that is taken":  {chargesSave, saving("BOARD report", "0 7 * * *", stats.FolderPlace), 400, "There is a saved report of this name, by Ann Example"},
		"no such schedule":      {chargesSave, saving("A", "0 8 * * *", stats.FolderPlace), 400, "Choose when it is delivered"},
		"no line":               {chargesSave, saving("A", ownSchedule, stats.FolderPlace), 400, "Write the times as a line of cron"},
		"not a line":            {chargesSave, with("cron", "7 o’clock", saving("A", ownSchedule, stats.FolderPlace)), 400, "This is not a cron line."},
		"every minute":          {chargesSave, with("cron", "* * * * *", saving("A", ownSchedule, stats.FolderPlace)), 400, "oftener than once an hour"},
		"never":                 {chargesSave, with("cron", "0 7 30 2 *", saving("A", ownSchedule, stats.FolderPlace)), 400, "a day that never comes"},
		"nowhere":               {chargesSave, saving("A", "0 7 * * *", ""), 400, "True figures are not mailed"},
		"true figures by mail":  {chargesSave, saving("A", "0 7 * * *", place), 400, "True figures are not mailed: reports.mail_internal is off"},
		"an address of its own": {chargesSave, saving("A", "0 7 * * *", "eve@example.org"), 400, "True figures are not mailed"},
		"a past time":           {chargesSave + "&as_at=2024-10-10", saving("A", "0 7 * * *", stats.FolderPlace), 400, "A report of a past time never changes"},
		"no such measure":       {"/reports/save?measure=none", saving("A", "", ""), 400, `there is no measure "none"`},
		"another field":         {chargesSave, with("to", "eve@example.org", saving("A", "", "")), 400, "The form has no second “to”"},
	} {
		if got := w.post(test.address, test.form); got.Code != test.status || !strings.Contains(page(t, got), test.says) {
			t.Errorf("%s: %d %q", name, got.Code, page(t, got))
		}
	}
	id := w.saved(t)[0].ID
	w.site.actions = false
	for _, address := range []string{chargesSave, "/reports/saved/" + id + "/remove"} {
		if got := w.get(address); got.Code != http.StatusForbidden {
			t.Errorf("%s without actions: %d", address, got.Code)
		}
		if got := w.post(address, saving("A", "", "")); got.Code != http.StatusForbidden {
			t.Errorf("%s is sent without actions: %d", address, got.Code)
		}
	}
	if got := w.get("/reports/saved"); got.Code != 200 || strings.Contains(got.Body.String(), "/remove") {
		t.Errorf("the list without actions: %d", got.Code)
	}
	if saved := w.saved(t); len(saved) != 1 {
		t.Errorf("%+v", saved)
	}
}

// TestAHostileName stands on the list as the text that it is.
func TestAHostileName(t *testing.T) {
	w := newSaving(t)
	const name = `../../etc/<script>alert(1)</script> "x"`
	if got := w.post(chargesSave, saving(name, "", "")); got.Code != http.StatusSeeOther {
		t.Fatal(got.Code, got.Body)
	}
	if got := w.get("/reports/saved"); !strings.Contains(page(t, got), name) {
		t.Error(page(t, got))
	}
}

// TestLastDeliveries: what came of the last is on the list, in a sentence.
func TestLastDeliveries(t *testing.T) {
	w := newSaving(t)
	for i, name := range []string{"Delivered", "Failed", "Sending"} {
		if got := w.post(chargesSave, saving(name, "0 7 * * *", stats.FolderPlace)); got.Code != http.StatusSeeOther {
			t.Fatal(got.Code, got.Body)
		}
		saved, there := sameName(w.saved(t), name)
		if !there {
			t.Fatalf("%s is not saved", name)
		}
		d := stats.ReportDelivery{Report: saved.ID, Due: testNow, RecordedAt: testNow, Began: testNow, Place: saved.Place, File: name + ".zip", Rows: 5, Bytes: 4321, SHA256: "ab", AsAt: testNow.AddDate(0, 0, -1), Outcome: stats.Sending}
		for range 1 + min(1, 2-i) { // a mail has two rows, of which the second counts
			if err := query.New(w.db).RecordDelivery(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			d.Outcome = []stats.DeliveryOutcome{stats.Delivered, stats.DeliveryFailed}[min(i, 1)]
			if i == 1 {
				d.Problem = "The mail server did not take it."
			}
		}
	}
	list := page(t, w.get("/reports/saved"))
	for _, want := range []string{"3 reports are saved, of which 1 was not delivered the last time", "14 Oct 2024, 10:30 BST Delivered.zip 5 rows, 4,321 bytes, figures as at 13 Oct 2024, 10:30 BST",
		"14 Oct 2024, 10:30 BST The mail server did not take it. ", "it is not known whether it arrived: the program ended then. It is not sent again. Sending.zip"} {
		if !strings.Contains(list, want) {
			t.Errorf("list %q, want %q", list, want)
		}
	}
	if strings.Contains(list, "Failed.zip") {
		t.Errorf("a file is told that did not come: %q", list)
	}
	for name, taken := range map[string]bool{"Delivered": true, "Failed": false, "Sending": true} {
		if saved, _ := sameName(w.saved(t), name); saved.LastTaken.IsZero() == taken {
			t.Errorf("%s was taken at %v", name, saved.LastTaken)
		}
	}
}
