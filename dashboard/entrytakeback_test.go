package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
)

func TestTakingAnEntryBack(t *testing.T) {
	w := newForce(t)
	w.post(enter7, answers())
	entry := w.history(t, "E23000026")[1].Entry
	address := "/recommendations/7/entries/" + entry + "/take-back?area=E23000026"
	if got := page(t, w.get(address)); !strings.Contains(got, "Take back what was entered of recommendation 7 for 10 October 2024? It was entered by Ann Example on 14 October 2024, 10:30 BST, and says: complete.") {
		t.Errorf("form = %q", got)
	}
	checkTakeBackFaults(t, w, address)
	if got := w.post(strings.Replace(address, "/7/", "/D/", 1), url.Values{"who": {"Bob"}, "why": {"x"}}); got.Code != 404 {
		t.Errorf("an entry of another recommendation: %d", got.Code)
	}
	sent := w.post(address, url.Values{"who": {"Bob"}, "why": {"another force’s"}})
	if sent.Code != http.StatusSeeOther {
		t.Fatal(sent.Code)
	}
	got := page(t, w.get(sent.Header().Get("Location")))
	for _, want := range []string{"Bedfordshire: Recommendation 7, in progress, overdue", "is taken back. It stays in the history, and counts no more.", "Taken back by Bob on 14 October 2024, 10:30 BST: another force’s", "In progress (what counts now)"} {
		if !strings.Contains(got, want) {
			t.Errorf("page = %q, want %q", got, want)
		}
	}
	if again := w.post(address, url.Values{"who": {"Bob"}, "why": {"x"}}); again.Code != http.StatusConflict {
		t.Errorf("taken back twice: %d", again.Code)
	}
	rows := w.records(t, "/reports/recommendations.csv?area=E23000026&history=all")
	if rows[6]["current"] != "yes" || rows[7]["taken_back_by"] != "Bob" || rows[7]["taken_back_why"] != "another force’s" || rows[7]["current"] != "no" {
		t.Errorf("history of 7 = %v, %v", rows[6], rows[7])
	}
}

// checkTakeBackFaults: what must be mended is named at its field, what was typed
// stays, and nothing is taken back.
func checkTakeBackFaults(t *testing.T, w works, address string) {
	t.Helper()
	for _, tt := range []struct {
		form   url.Values
		faults []string
		who    string
		why    string
	}{
		{url.Values{"who": {" "}, "why": {""}}, []string{"Give your name: it is kept with what you did.", "Say why: the reason is kept with what you did."}, "", ""},
		{url.Values{"who": {"Bob"}}, []string{"Say why: the reason is kept with what you did."}, "Bob", ""},
		{url.Values{"who": {""}, "why": {"wrong <b>day</b>"}}, []string{"Give your name: it is kept with what you did."}, "", "wrong <b>day</b>"},
	} {
		got := w.post(address, tt.form)
		said := page(t, got)
		root := parse(t, got.Body.Bytes())
		var faults []string
		for _, list := range pagetest.Elements(root, "ul", "govuk-error-summary__list") {
			for _, a := range pagetest.Elements(list, "a", "") {
				faults = append(faults, text(a))
			}
		}
		if diff := cmp.Diff(tt.faults, faults); got.Code != 400 || diff != "" || !strings.HasPrefix(said, "Nothing was done: ") {
			t.Errorf("%v: status %d, page %.80q (-want +got):\n%s", tt.form, got.Code, said, diff)
			continue
		}
		if who, why := pagetest.Attribute(pagetest.Elements(root, "input", "govuk-input")[0], "value"), text(pagetest.Elements(root, "textarea", "")[0]); strings.TrimSpace(who) != tt.who || why != tt.why {
			t.Errorf("%v: typed %q and %q stay", tt.form, who, why)
		}
		for _, again := range pagetest.Elements(root, "form", "work") {
			if pagetest.Attribute(again, "action") != address {
				t.Errorf("the form is sent to %q, want %q", pagetest.Attribute(again, "action"), address)
			}
		}
	}
}
