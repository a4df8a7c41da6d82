package dashboard

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

const charges = "/measures/stalking_charges?area=E23000026"

// newCharges is a site whose force has two years of charges about 20 a month,
// and a third about 40.
func newCharges(t *testing.T) works {
	t.Helper()
	w := newWorks(t)
	var months []string
	for year, level := range map[string]int{"2021": 20, "2022": 20, "2023": 40} {
		for i, month := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"} {
			months = append(months, fmt.Sprintf("('c0','charges','all','stalking_charges','E23000026','%s-%s-01',toLastDayOfMonth(toDate('%[1]s-%[2]s-01')),%d,'','charges.csv',%d)",
				year, month, level+i%3, 2*len(months)+2))
		}
	}
	w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('charges','all','c0','2024-02-01','c0')`)
	w.exec(t, `INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('c0','charges','charges.csv','s','2024-02-01','2024-02-01')`)
	w.insert(t, observations, months...)
	return w
}

func annotateForm(changes ...string) url.Values {
	form := url.Values{"words": {"The new team began."}, "who": {"Ann Example"}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

const (
	targetForm = "/measures/stalking_charges/annotate?area=E23000026&kind=target&by=month"
	noteForm   = "/measures/stalking_charges/annotate?area=E23000026&kind=note"
	stepForm   = "/measures/stalking_charges/annotate?area=E23000026&kind=step&source=charges&by=month"
)

// kept sends a form that is in order and gives the page that it leads to.
func (w works) annotated(t *testing.T, address string, form url.Values) string {
	t.Helper()
	page(t, w.get(address))
	sent := w.post(address, form)
	if sent.Code != http.StatusSeeOther {
		t.Fatalf("%s: %d: %s", address, sent.Code, page(t, sent))
	}
	where, _, _ := strings.Cut(sent.Header().Get("Location"), "#")
	return page(t, w.get(where))
}

func TestTarget(t *testing.T) {
	w := newCharges(t)
	w.exec(t, `ALTER TABLE measures UPDATE direction = 'up', unit = 'charges', headline = 1 WHERE measure = 'stalking_charges' SETTINGS mutations_sync = 1`)
	early := time.Date(2023, time.February, 10, 9, 30, 0, 0, time.UTC)
	w.site.now = func() time.Time { return early }
	w.annotated(t, targetForm, annotateForm("value", "12"))
	w.site.now = func() time.Time { return early.Add(time.Hour) }
	got := w.annotated(t, targetForm, annotateForm("value", "1,000"))
	w.site.now = func() time.Time { return testNow.Add(time.Hour) }
	for _, want := range []string{"Target 12 charges a month, until a newer one took its place: The new team began.", "Target 1,000 charges a month: The new team began.",
		"By Ann Example, 10 February 2023, 10:30 GMT.",
		"The target is 1,000 charges a month: stalking charges moved beyond what chance explains, so that limits do not tell whether it will be met."} {
		if !strings.Contains(got, want) {
			t.Errorf("page = %q, want %q", got, want)
		}
	}
	if !strings.Contains(w.get(charges).Body.String(), `"name":"Target"`) {
		t.Error("the target is not on the chart")
	}
	for _, address := range []string{charges, "/forces/E23000026"} {
		if !strings.Contains(w.get(address).Body.String(), "The target, 1,000 charges a month, is a line of its own.") {
			t.Errorf("%s: who hears a chart is not told of its target", address)
		}
	}
	if home := page(t, w.get("/forces/E23000026")); !strings.Contains(home, ". The target, 1,000 charges a month, is a line of its own") {
		t.Errorf("the small chart has a target that no word tells: %q", home)
	}
	defer func() {
		late := w.annotated(t, targetForm, annotateForm("value", "900"))
		if want := "It was set on 14 October 2024 and has no line here"; strings.Contains(w.get(charges).Body.String(), `"name":"Target"`) || !strings.Contains(late, want) {
			t.Errorf("a target that was set after the newest figure: %q, want %q and no line", late, want)
		}
	}()
	if got := page(t, w.get(charges)); strings.Count(got, "The target is") != strings.Count(got, ", by month.") {
		t.Errorf("a target of months stands by other charts, or not by all of months: %q", got)
	}
	for address, want := range map[string]string{strings.TrimSuffix(targetForm, "&by=month"): "for each month, quarter or year", strings.Replace(targetForm, "month", "range", 1): "for each month"} {
		if refused := w.get(address); refused.Code != http.StatusNotFound || !strings.Contains(page(t, refused), want) {
			t.Errorf("%s: %d", address, refused.Code)
		}
	}
	for form, want := range map[string]string{"": "Give the target as a number.", "many": "“many” is not a target", "-3": "is not a target", "NaN": "is not a target"} {
		if refused := w.post(targetForm, annotateForm("value", form)); refused.Code != http.StatusBadRequest || !strings.Contains(page(t, refused), want) {
			t.Errorf("%q: %d, want %q", form, refused.Code, want)
		}
	}
}

func TestStep(t *testing.T) {
	w := newCharges(t)
	before := page(t, w.get(charges))
	if !strings.Contains(before, "Accept a step in this chart") {
		t.Fatalf("page = %q", before)
	}
	for day, want := range map[string]string{
		"2021-06-01": "A step needs 12 points before it, and from January 2021 there would be only 5.", "2030-01-01": "The day is still to come", "": "Give the day", "2023-02-30": "is not a date",
	} {
		if refused := w.post(stepForm, annotateForm("day", day)); refused.Code != http.StatusBadRequest || !strings.Contains(page(t, refused), want) {
			t.Errorf("%q: %d, want %q: %s", day, refused.Code, want, page(t, refused))
		}
	}
	if limits := strings.Count(before, "The limits start anew here"); limits != 0 {
		t.Errorf("the limits start anew %d times before a step", limits)
	}
	got := w.annotated(t, stepForm, annotateForm("day", "2023-01-01"))
	for _, want := range []string{"The limits start anew here: a step was accepted: The new team began.", "from 1 January 2023, in the figures by month of charges"} {
		if !strings.Contains(got, want) {
			t.Errorf("page = %q, want %q", got, want)
		}
	}
	// Why stands under the chart, as a note does, and with the chart alone.
	under, _, _ := strings.Cut(page(t, w.get(charges)), "Average and limits")
	if want := "Step accepted, January 2023: The new team began."; strings.Count(under, want) != 1 || !strings.Contains(html.UnescapeString(w.get("/charts/stalking_charges.svg?area=E23000026").Body.String()), "Step accepted, January 2023: ") {
		t.Errorf("under the chart stands %q, want %q", under, want)
	}
	line := `"id":"chart-stalking_charges-E23000026-charges-month-1"`
	if !strings.Contains(w.get(charges).Body.String(), line) {
		t.Error("the line of the chart goes on across the step")
	}
	if other := w.get("/measures/stalking_charges/annotate?area=E23000026&kind=step&source=nothing&by=month"); other.Code != http.StatusNotFound {
		t.Errorf("a step in no series: %d", other.Code)
	}
}

func TestNoteAndTakingItBack(t *testing.T) {
	w := newCharges(t)
	hostile := `</script><script>alert(1)</script>`
	w.annotated(t, noteForm, annotateForm("day", "2022-03-01", "words", hostile))
	w.annotated(t, noteForm, annotateForm("day", "2022-03-01", "words", hostile)) // sent twice, kept once
	body := w.get(charges)
	checkInert(t, parse(t, body.Body.Bytes()))
	if got := page(t, w.get(charges)); !strings.Contains(got, "Note 1 1 March 2022: "+hostile) || strings.Contains(got, "Note 2") {
		t.Errorf("page = %q", got)
	}
	// Under the chart, before what follows it, and with the chart alone.
	under, _, _ := strings.Cut(page(t, w.get(charges)), "Average and limits")
	if want := "Note 1, 1 March 2022: " + hostile; strings.Count(under, want) != 1 {
		t.Errorf("under the chart stands %q, want %q", under, want)
	}
	if file := w.get("/charts/stalking_charges.svg?area=E23000026"); !strings.Contains(html.UnescapeString(file.Body.String()), "Note 1, 1 March 2022: ") {
		t.Errorf("the chart alone says %d, %.3000s", file.Code, file.Body)
	}
	standing, err := query.New(w.db).Annotations(t.Context(), "E23000026", query.Latest)
	if err != nil || len(standing) != 1 || standing[0].Words != hostile || standing[0].Kind != stats.NoteAnnotation {
		t.Fatalf("%+v, %v", standing, err)
	}
	back := "/measures/stalking_charges/annotations/" + standing[0].ID + "/take-back?area=E23000026"
	page(t, w.get(back))
	checkTakeBackFaults(t, w, back)
	if got := w.annotated(t, back, url.Values{"who": {"Bob"}, "why": {"wrong day"}}); strings.Contains(got, hostile) {
		t.Errorf("page = %q", got)
	}
	if again := w.post(back, url.Values{"who": {"Bob"}, "why": {"x"}}); again.Code != http.StatusNotFound {
		t.Errorf("taken back twice: %d", again.Code)
	}
	w.actions, w.handler = false, w.protect(w.routes(Options{Reader: query.New(w.db)}))
	for _, address := range []string{noteForm, back} {
		if refused := w.post(address, annotateForm("day", "2022-03-01")); refused.Code != http.StatusForbidden {
			t.Errorf("%s with actions off: %d", address, refused.Code)
		}
	}
	if got := page(t, w.get(charges)); strings.Contains(got, "Add a note") || strings.Contains(got, "Accept a step") {
		t.Errorf("actions are off, and the page = %q", got)
	}
}

func TestAnnotateUnknown(t *testing.T) {
	w := newCharges(t)
	for address, code := range map[string]int{
		strings.Replace(noteForm, "note", "poem", 1):             http.StatusBadRequest,
		strings.Replace(noteForm, "stalking_charges", "none", 1): http.StatusNotFound,
		strings.Replace(noteForm, "E23000026", "X", 1):           http.StatusNotFound,
		noteForm + "&basis=outcomes":                             http.StatusNotFound,
		noteForm + "&colour=red":                                 http.StatusBadRequest,
	} {
		if got := w.get(address); got.Code != code {
			t.Errorf("%s: %d, want %d", address, got.Code, code)
		}
	}
}
