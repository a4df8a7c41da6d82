package dashboard

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// section is what a reader sees of the part of a page whose heading has an id.
func section(t *testing.T, root *html.Node, id string) string {
	t.Helper()
	for _, s := range pagetest.Elements(root, "section", "") {
		if pagetest.Attribute(s, "aria-labelledby") == id {
			return text(s)
		}
	}
	t.Fatalf("the page has no part %q", id)
	return ""
}

// newSince is a force of which the release of 8 October 2024 revised figures of
// 2023 by 1 to 7, took one away and brought two.
func newSince(t *testing.T) works {
	t.Helper()
	w := newWorks(t)
	insert := "INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, former_value, value, file, source_row) VALUES "
	for month := 1; month <= 7; month++ {
		w.exec(t, insert+fmt.Sprintf("('%s','force_return','2023','changed','stalking_charges','E23000026','2023-0%[2]d-01',toLastDayOfMonth(toDate('2023-0%[2]d-01')),10,10-%[2]d,'<b>.csv',2)", newRelease, month))
	}
	w.exec(t, insert+fmt.Sprintf("('%s','force_return','2023','gone','stalking_charges','E23000026','2023-12-01','2023-12-31',6.5,NULL,'<b>.csv',2)", newRelease))
	for _, month := range []string{"2023-04", "2024-01", "2024-02"} { // the last is served no more
		w.exec(t, insert+fmt.Sprintf("('%s','force_return','2024','new','stalking_charges','E23000026','%s-01',toLastDayOfMonth(toDate('%[2]s-01')),NULL,5,'<b>.csv',2)", newRelease, month))
	}
	return w
}

func TestChangesListsWhatIsNewAndRevised(t *testing.T) {
	w := newSince(t)
	got := w.get("/changes?since=2024-10-08")
	root := parse(t, got.Body.Bytes())
	if want := "Bedfordshire since 8 October 2024: nothing changed beyond chance, 8 figures were revised and 1 count has new figures"; !strings.HasPrefix(page(t, got), want) {
		t.Errorf("page = %.200q, want %q", page(t, got), want)
	}
	if said, want := section(t, root, "new"), "Stalking chargesApr 2023 and Jan 20245 (Jan 2024)5the force’s monthly return"; !strings.Contains(said, want) {
		t.Errorf("new = %q, want %q", said, want)
	}
	said := section(t, root, "revised")
	for _, want := range []string{"7 figures of Bedfordshire were revised and 1 taken away since 8 October 2024. The 5 that were changed most:",
		"Stalking chargesJul 2023103−7 Bedfordshire: Stalking chargesDec 20236.5gone– Bedfordshire: Stalking chargesJun 2023104−6 Bedfordshire: Stalking chargesMay 2023105−5 Bedfordshire: Stalking chargesApr 2023106−4"} {
		if !strings.Contains(said, want) {
			t.Errorf("revised = %q, want %q", said, want)
		}
	}
	for number, want := range map[string]string{"5": "2024-01-01%2F2024-01-31&source=force_return", "3": "2023-07-01%2F2023-07-31&source=force_return#revised"} {
		if to := knownLinks(root)[number]; !strings.HasSuffix(to, want) {
			t.Errorf("%s leads to %q, want %q", number, to, want)
		}
	}
	if to := knownLinks(root)["gone"]; to != "" {
		t.Errorf("a figure that is gone leads to %q", to)
	}
	var links []string
	for _, a := range pagetest.Elements(root, "a", "") {
		if text(a) == "All of them, with the rows they come from" {
			links = append(links, pagetest.Attribute(a, "href"))
		}
	}
	if diff := cmp.Diff([]string{"/data/revisions?area=E23000026&since=2024-10-08"}, links); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if log := w.get(links[0]); log.Code != http.StatusOK || !strings.Contains(page(t, log), "7 figures of Bedfordshire were revised and 1 taken away") {
		t.Errorf("the log says %d: %.200q", log.Code, page(t, log))
	}
	later := w.get("/changes?since=2024-10-09")
	if said := section(t, parse(t, later.Body.Bytes()), "new"); !strings.Contains(said, "None.") {
		t.Errorf("a day later: %q", said)
	}
}

// TestChangesOfRecommendations: a deadline that passed before the day is no
// news, and neither is a status that was said before.
func TestChangesOfRecommendations(t *testing.T) {
	w := newWorks(t)
	w.exec(t, `INSERT INTO recommendations (release_id, source, slice, number, ref, addressee, deadline, ask, source_row) VALUES
		('g0','register','all',7,'','chief constables','2024-10-01','<b>Record</b> it.',2), ('g0','register','all',10,'','chief constables','2024-09-01','Train.',3)`)
	progress := func(recommendation, asAt, status string) {
		w.exec(t, fmt.Sprintf(`INSERT INTO recommendation_progress (release_id, source, slice, area_code, recommendation, as_at, status, source_row) VALUES ('g0','register','all','E23000026','%s','%s','%s',4)`, recommendation, asAt, status))
	}
	progress("7", "2024-08-01", "not started")
	progress("7", "2024-10-05", "in progress")
	progress("7", "2024-10-06", "in progress")
	progress("16", "2024-10-02", "not accepted")
	w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('register','all','g0','2024-02-02','g0')`)
	w.exec(t, `INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('g0','register','r.csv','s','2024-02-01','2024-02-01')`)
	already := func(refs string) string {
		return "Past their deadline before, and still not known to be complete: " + refs + ". The recommendations"
	}
	for since, want := range map[string]string{
		"2024-10-02": "Recommendations Fell overdue Recommendation 7, due 1 October 2024: in progress. <b>Record</b> it. " + already("10") + " Changed status " +
			"Recommendation 7: in progress on 5 October 2024, before that not started. Recommendation 16: not accepted on 2 October 2024, the first that is said of it.",
		"2024-10-03": "Recommendations None fell overdue. " + already("7 and 10") + " Changed status Recommendation 7: in progress on 5 October 2024, before that not started.",
		"2024-10-06": "Recommendations None fell overdue. " + already("7 and 10") + " No status was changed.",
	} {
		got := w.get("/changes?since=" + since)
		if said := section(t, parse(t, got.Body.Bytes()), "recommendations"); said != want {
			t.Errorf("since %s: %q, want %q", since, said, want)
		}
		if title := page(t, got); strings.Contains(title, "1 ask of chief constables fell overdue") != (since == "2024-10-02") {
			t.Errorf("since %s: %.150q", since, title)
		}
	}
}

// TestStatusEnteredLate: what somebody enters of an earlier day is news on the
// day on which it was entered.
func TestStatusEnteredLate(t *testing.T) {
	in := sinceInput{since: stats.Day(2024, time.October, 10)}
	said := stats.Progress{Status: stats.Complete, AsAt: stats.Day(2024, time.April, 1), SaidAt: testNow, Entry: "e1", Who: "Ann"}
	changes := statusChanges(in, item{Name: "Recommendation 7"}, []stats.Progress{said})
	if len(changes) != 1 || changes[0].Says != "complete on 1 April 2024, the first that is said of it, entered on 14 October 2024" {
		t.Errorf("%+v", changes)
	}
	said.SaidAt = in.since.AddDate(0, 0, -1)
	if changes := statusChanges(in, item{}, []stats.Progress{said}); len(changes) > 0 {
		t.Errorf("entered before: %+v", changes)
	}
}

// TestChangesNotJudged: what cannot be judged is never told as nothing. What has no limits
// and was tested is told with the answer of the test: heads on a day, which do not add up,
// are not tested.
func TestChangesNotJudged(t *testing.T) {
	for addsUp, want := range map[string]struct{ says, saysNot, title string }{
		"areas and periods": {"Without limits, and judged by two counts a year apart: Stalking charges from 1 to 31 January 2024 are 5, against 10 in the same days of 2023: within chance. In its chart, no limits yet: only 5 points. Jan 2024: 5",
			"Not judged", "nothing changed beyond chance"},
		"areas": {"Not judged: Stalking charges: no limits yet: only 5 points.", "Nothing changed", "none of the new headline figures can be judged"},
	} {
		w := newSince(t)
		w.exec(t, `INSERT INTO measures (release_id, source, slice, measure, measure_name, unit, adds_up, headline, force_source, source_row) VALUES ('r1','measures','all','stalking_charges','Stalking charges','charges','`+addsUp+`',1,'force_return',2)`)
		w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('measures','all','r1','2024-02-01','r1')`)
		got := w.get("/changes?since=2024-10-08")
		root := parse(t, got.Body.Bytes())
		if said := section(t, root, "limits"); !strings.Contains(said, want.says) || strings.Contains(said, want.saysNot) {
			t.Errorf("%s: out of limits = %q", addsUp, said)
		}
		if title := page(t, got); !strings.HasPrefix(title, "Bedfordshire since 8 October 2024: "+want.title) {
			t.Errorf("%s: title = %.200q", addsUp, title)
		}
	}
}

// TestChangesWithoutRevisions: three parts need the log that is not there, and
// the two others stand.
func TestChangesWithoutRevisions(t *testing.T) {
	w := newSince(t)
	w.exec(t, "DROP TABLE revisions SYNC")
	got := w.get("/changes?since=2024-10-08")
	root := parse(t, got.Body.Bytes())
	if got.Code != http.StatusOK {
		t.Fatal(got.Code, page(t, got))
	}
	for id, failed := range map[string]bool{"limits": true, "revised": true, "new": true, "recommendations": false, "sources": false} {
		if said := section(t, root, id); strings.Contains(said, "could not be read, and the fault is ours. It has been written to the log as ") != failed {
			t.Errorf("%s: %q", id, said)
		}
	}
	said := page(t, got)
	if !strings.HasPrefix(said, "Bedfordshire since 8 October 2024: a part of this page could not be read") || strings.Contains(strings.ToLower(said), "nothing changed") {
		t.Errorf("page = %q", said)
	}
}

// TestGuarded: a part that fails, by an error, a problem or a panic, says so.
func TestGuarded(t *testing.T) {
	var log strings.Builder
	s := newSite(t, &log)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/changes", nil)
	for name, tt := range map[string]struct {
		build  func() (int, error)
		want   block[int]
		logged string
	}{
		"well":      {func() (int, error) { return 7, nil }, block[int]{Shows: 7}, ""},
		"a problem": {func() (int, error) { return 7, notFound("There is none.") }, block[int]{Failed: "There is none."}, ""},
		"an error":  {func() (int, error) { return 7, errNotLoaded }, block[int]{}, errNotLoaded.Error()},
		"a panic":   {func() (int, error) { panic("out of <b>range</b>") }, block[int]{}, "out of <b>range</b>"},
	} {
		log.Reset()
		got := guarded(s, r, "what is new", tt.build)
		if tt.logged != "" {
			if !strings.HasPrefix(got.Failed, "What is new could not be read, and the fault is ours.") || strings.Contains(got.Failed, tt.logged) || !strings.Contains(log.String(), tt.logged) || got.Shows != 0 {
				t.Errorf("%s: %+v, logged %q", name, got, log.String())
			}
			continue
		}
		if got != tt.want || log.Len() > 0 {
			t.Errorf("%s: %+v, logged %q", name, got, log.String())
		}
	}
}

// TestMonthAgo: a month has a last day, which no other need have.
func TestMonthAgo(t *testing.T) {
	s := newSite(t, io.Discard)
	for now, want := range map[string]string{"2024-10-14": "2024-09-14", "2024-03-31": "2024-02-29", "2023-03-29": "2023-02-28", "2024-01-31": "2023-12-31", "2024-12-01": "2024-11-01"} {
		s.now = func() time.Time {
			day, err := parseDay("now", now)
			if err != nil {
				t.Fatal(err)
			}
			return day
		}
		if got := s.monthAgo().Format(time.DateOnly); got != want {
			t.Errorf("a month before %s is %s, want %s", now, got, want)
		}
	}
}
