package dashboard

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func TestItemsOf(t *testing.T) {
	items := itemsOf(testRecord(), bedfordshire, testNow)
	if len(items) != 31 {
		t.Fatalf("%d items, want 29 and two asks without a number", len(items))
	}
	type line struct {
		Ref, State         string
		ForForces, Overdue bool
	}
	var got []line
	for _, i := range []int{0, 6, 9, 14, 15, 29, 30} {
		it := items[i]
		got = append(got, line{it.Ref, it.State.Words, it.ForForces, it.Overdue})
	}
	want := []line{
		{"1", "not entered", false, false},
		{"7", "in progress", true, true},
		{"10", "complete", true, false},
		{"15", "for others to answer", false, false}, // its deadline is past, and not the force's
		{"16", "no status given: the force has said nothing", true, false},
		{"A", "for others to answer", false, false},
		{"E2", "no status given: the force has said nothing", true, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("itemsOf (-want +got):\n%s", diff)
	}
	if items[0].Ask != "" || items[0].Addressee != "" {
		t.Errorf("an ask that nobody entered: %+v", items[0])
	}
}

func TestOverdueFromTheDayAfter(t *testing.T) {
	r := stats.Recommendation{Addressee: "chief constables", Deadline: stats.Day(2024, time.November, 22)}
	tests := []struct {
		now    time.Time
		status stats.Status
		want   bool
	}{
		{time.Date(2024, time.November, 22, 23, 59, 0, 0, time.UTC), stats.InProgress, false},
		{time.Date(2024, time.November, 23, 0, 1, 0, 0, time.UTC), stats.InProgress, true},
		{stats.Day(2025, time.January, 1), "", true},
		{stats.Day(2025, time.January, 1), stats.Complete, false},
		{stats.Day(2025, time.January, 1), stats.NotAccepted, false},
	}
	for _, test := range tests {
		if got := r.Overdue(test.status, test.now); got != test.want {
			t.Errorf("Overdue(%q, %s) = %v, want %v", test.status, test.now, got, test.want)
		}
	}
	r.Deadline = time.Time{}
	if r.Overdue(stats.NotStarted, testNow) {
		t.Error("overdue without a deadline")
	}
	for _, test := range []struct {
		addressee string
		deadline  time.Time
		status    stats.Status
		want      bool
	}{
		{"", time.Time{}, "", false}, {"", testNow, stats.InProgress, false}, {"", time.Time{}, stats.Complete, true}, {"chief constables", time.Time{}, stats.InProgress, false},
		{"chief constables", time.Time{}, stats.NotAccepted, true}, {"chief constables", testNow, "", true}, {"Home Office", time.Time{}, "", true},
	} {
		r := stats.Recommendation{Addressee: test.addressee, Deadline: test.deadline}
		if got := r.DueKnown(test.status); got != test.want {
			t.Errorf("whether %+v, %q, is overdue is known: %v", r, test.status, got)
		}
	}
}

func TestStripOf(t *testing.T) {
	strip := stripOf(testEvidence(bedfordshire).of(itemsOf(testRecord(), bedfordshire, testNow)))
	if len(strip.Squares) != 29 || len(strip.Asks) != 2 || strip.Entered != 4 {
		t.Errorf("%d squares, %d asks, %d entered", len(strip.Squares), len(strip.Asks), strip.Entered)
	}
	if strip.Demonstration {
		t.Error("only the latest entry is shown, and it is not made up")
	}
	if strip.Undated != 25 { // 7, 10, 15 and 16 are entered
		t.Errorf("of %d it is not known whether they are overdue", strip.Undated)
	}
	total := 0
	for _, c := range strip.Legend {
		total += c.Count
	}
	if total != 29 {
		t.Errorf("the legend counts %d of 29", total)
	}
}

// testRecommendation is the page of one recommendation.
func testRecommendation(t *testing.T, rec record, ref string) recommendationPage {
	t.Helper()
	it, err := findItem(rec, ref, bedfordshire, testNow)
	if err != nil {
		t.Fatal(err)
	}
	page, err := recommendationInput{area: bedfordshire, item: it, rec: rec, evidence: testEvidence(bedfordshire), actions: true, now: testNow}.build()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestRecommendationsPage(t *testing.T) {
	rec := testRecord()
	rec.progress[2].ReviewDate = testNow.AddDate(0, 0, -1)
	page := buildRecommendations(rec, bedfordshire, testEvidence(bedfordshire), true, testNow)
	if want := "Bedfordshire: 2 asks of chief constables are past their deadline and not known to be complete"; page.Title != want {
		t.Errorf("Title = %q, want %q", page.Title, want)
	}
	if len(page.Overdue) != 2 || page.Overdue[0].Ref != "7" || len(page.Reviews) != 1 || page.Reviews[0].Ref != "10" {
		t.Errorf("overdue %+v, reviews %+v", page.Overdue, page.Reviews)
	}
	if want := "There may be more: for 25 of the 29 it is not known who must answer, or by when."; page.MayBeMore != want {
		t.Errorf("may be more: %q", page.MayBeMore)
	}
	silent := stats.Area{Code: "E23000005", Name: "Greater Manchester"}
	if want, got := "Greater Manchester: nothing is loaded of what it says; 3 asks of chief constables are past their deadline", buildRecommendations(rec, silent, testEvidence(silent), true, testNow).Title; got != want {
		t.Errorf("Title = %q, want %q", got, want)
	}
	e2 := page.Asks[1]
	if len(e2.Figures) != 1 || e2.Figures[0].Name != "Charge rate (of all outcomes)" || e2.Figures[0].Latest.Text != "5.4%" || e2.Figures[0].Latest.Address != "/figure?area=E23000026&basis=outcomes&measure=charge_rate&period=2021-04-01%2F2022-03-31&source=published_force_figures" ||
		e2.Figures[0].When != "year to Mar 2022" || e2.Figures[0].Worked != "100 × 53 ÷ 981 = 5.4" || e2.Needed != "" {
		t.Errorf("figures that bear on E2: %+v, needed %q", e2.Figures, e2.Needed)
	}
	if got := page.Numbered[15]; len(got.Figures) != 0 || got.Needed != "Evidence needed: the force has said nothing, and no figure that bears on it is loaded." {
		t.Errorf("16: figures %v, needed %q", got.Figures, got.Needed)
	}
	if got := page.Numbered[6].Needed; got != "No figure that bears on it is loaded: all there is to see is what the force names as its evidence." {
		t.Errorf("7, of which the force names a document: %q", got)
	}
	silent10 := testRecord()
	silent10.progress[2].EvidenceURL = ""
	if got := buildRecommendations(silent10, bedfordshire, testEvidence(bedfordshire), true, testNow).Numbered[9].Needed; got != "No figure that bears on it is loaded, and the force names no evidence: all there is to see is its own word." {
		t.Errorf("10, which the force calls complete: %q", got)
	}
	if got := page.Numbered[14]; got.Needed != "" || got.Enter != "" {
		t.Errorf("15 is for others to answer: %q, %q", got.Needed, got.Enter)
	}
	if page.Numbered[2].Enter == "" {
		t.Error("what the register does not hold may be answered all the same")
	}
	if page.Numbered[6].Enter != "/recommendations/7/enter?area=E23000026" || page.Forces != "" {
		t.Errorf("enter at %q; one force alone stands beside no others: %q", page.Numbered[6].Enter, page.Forces)
	}
	if off := buildRecommendations(rec, bedfordshire, testEvidence(bedfordshire), false, testNow); off.Numbered[6].Enter != "" {
		t.Error("a form though actions are off")
	}
	missing := testEvidence(cheshire) // it has no charge rate
	if got := buildRecommendations(rec, cheshire, missing, true, testNow).Asks[1].Needed; got != "Evidence needed: the force has said nothing, and no figure of “Charge rate (of all outcomes)” is loaded." {
		t.Errorf("a measure that bears and has no figure: %q", got)
	}
}

// TestAllForces: the records of two forces, of which one took everything back.
func TestAllForces(t *testing.T) {
	rec := testRecord()
	entry := stats.Progress{Area: cheshire.Code, Recommendation: "E2", AsAt: testNow, Status: stats.NotAccepted, Entry: "e", Who: "Ann", SaidAt: testNow}
	rec.progress = append(rec.progress, entry)
	if page := buildRecommendations(rec, bedfordshire, testEvidence(bedfordshire), true, testNow); page.Forces != "/recommendations/forces" || page.Asks[1].Said != nil {
		t.Errorf("two forces: %q; Bedfordshire speaks for itself: %+v", page.Forces, page.Asks[1].Said)
	}
	page := buildForces(rec, testAreas(), bedfordshire, forcesEvidence{}, testNow)
	if page.Title != "What 2 forces say of the recommendations; of 1 other nothing is known here" || len(page.Rows) != 2 || len(page.Silent) != 1 || len(page.Columns) != 31 {
		t.Fatalf("%q, %d rows, silent %q", page.Title, len(page.Rows), page.Silent)
	}
	beds, other := page.Rows[0], page.Rows[1]
	if beds.Name != "Bedfordshire" || other.Name != "Cheshire" || len(other.Cells) != 31 {
		t.Errorf("rows %q, %q", beds.Name, other.Name)
	}
	if got := beds.Cells[6]; got.Letter != "P" || !got.Overdue {
		t.Errorf("Bedfordshire, 7 = %+v", got)
	}
	if got := other.Cells[6]; got.Letter != "?" || !got.Overdue {
		t.Errorf("Cheshire, 7 = %+v", got)
	}
	if got := other.Cells[30]; got.Letter != "X" || got.Overdue {
		t.Errorf("Cheshire, E2 = %+v", got)
	}
	rec.progress[3].TakenBack = stats.TakenBack{At: testNow, Who: "Bob", Why: "wrong"}
	if page := buildForces(rec, testAreas(), bedfordshire, forcesEvidence{}, testNow); len(page.Rows) != 1 || !slices.Contains(page.Silent, "Cheshire") {
		t.Errorf("what was taken back says nothing: %+v", page.Rows)
	}
}

func TestRecommendationPage(t *testing.T) {
	rec := testRecord()
	mistake := rec.progress[1]
	mistake.AsAt, mistake.Status, mistake.Entry, mistake.Who, mistake.SaidAt = testNow, stats.Complete, "e", "Ann", testNow
	mistake.TakenBack = stats.TakenBack{At: testNow, Who: "Bob", Why: "another force’s"}
	rec.progress = append(rec.progress, mistake)
	one := testRecommendation(t, rec, "7")
	if one.Title != "Bedfordshire: Recommendation 7, in progress, overdue" || one.Row != "register.csv, row 2" || !one.Demonstration {
		t.Errorf("title %q, row %q, demonstration %v", one.Title, one.Row, one.Demonstration)
	}
	if len(one.History) != 3 {
		t.Fatalf("history = %+v", one.History)
	}
	taken, now, first := one.History[0], one.History[1], one.History[2]
	if taken.TakenBack != "taken back by Bob on 14 October 2024, 10:30 BST: another force’s" || taken.Latest || taken.Before != "" || taken.TakeBack != "" ||
		taken.From.Rows[0] != "entered on the page by Ann on 14 October 2024, 10:30 BST" {
		t.Errorf("what was taken back = %+v", taken)
	}
	if !now.Latest || now.Status != "in progress" || now.Before != "not started" || now.From.Rows[0] != "progress.csv, row 2" {
		t.Errorf("what counts = %+v", now)
	}
	if first.Latest || first.Update != "A first entry" || !first.Demonstration {
		t.Errorf("what was said first = %+v", first)
	}
	if len(one.Given) != 1 || one.Given[0] != (evidenceLink{"https://example.org/plan", "1 March 2024", true}) {
		t.Errorf("evidence named = %+v", one.Given)
	}
	if e2 := testRecommendation(t, rec, "E2"); len(e2.Charts) != 1 || e2.Charts[0].Plot == nil || e2.Charts[0].Plot.Size != "full" || e2.CSV == "" {
		t.Errorf("charts of E2 = %+v", e2.Charts)
	}
	if unknown := testRecommendation(t, rec, "3"); unknown.Entered || unknown.Title != "Bedfordshire: Recommendation 3, not entered" {
		t.Errorf("recommendation 3 = %+v", unknown.item)
	}
	if _, err := findItem(rec, "30", bedfordshire, testNow); err == nil {
		t.Error("there are only 29")
	}
}

// What cannot be read is not said to be missing, or overdue.
func TestUnreadRecord(t *testing.T) {
	rec := record{register: testRecord().register, unread: true}
	page := buildRecommendations(rec, bedfordshire, testEvidence(bedfordshire), true, testNow)
	if page.Title != "What Bedfordshire says of the recommendations cannot be read just now" || len(page.Overdue) != 0 || page.Numbered[6].State != stateUnread {
		t.Errorf("%q, overdue %v, 7 %+v", page.Title, page.Overdue, page.Numbered[6].State)
	}
}

func TestPlan(t *testing.T) {
	rec := testRecord()
	rec.progress = append(rec.progress, stats.Progress{Area: bedfordshire.Code, Recommendation: "3", AsAt: testNow, Status: stats.Complete})
	page := buildPlan(rec, bedfordshire, testEvidence(bedfordshire), false, testNow)
	var numbers []string
	for _, row := range page.Rows {
		numbers = append(numbers, row.Number)
	}
	want := []string{"3", "7", "10", "16", "Number not known (our letter E2)"}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("what is for chief constables, and what the force answered (-want +got):\n%s", diff)
	}
	if !page.Chosen || page.Missing != 25 || page.Said != "14 October 2024" || !page.Unfigured {
		t.Errorf("chosen %v, %d missing, said %q", page.Chosen, page.Missing, page.Said)
	}
	for i := range rec.register {
		rec.register[i].Addressee = "not known"
	}
	if page := buildPlan(rec, bedfordshire, testEvidence(bedfordshire), false, testNow); page.Chosen || len(page.Rows) != 7 {
		t.Errorf("before the register says who is addressed: %d rows, want all 7", len(page.Rows))
	}
}

func TestNoRecommendationsAtAll(t *testing.T) {
	page := buildRecommendations(record{}, bedfordshire, testEvidence(bedfordshire), true, testNow)
	if page.Title != "The recommendations have not been entered yet" || len(page.Numbered) != 29 {
		t.Errorf("%q with %d numbers", page.Title, len(page.Numbered))
	}
}

func TestConfidenceWords(t *testing.T) {
	for confidence, want := range map[string]string{
		"secondary source; number not": "secondary source; its number is not known",
		"confirmed; number not":        "confirmed; its number is not known",
		"confirmed":                    "confirmed",
		"confirmed; number not known":  "confirmed; number not known",
	} {
		if got := confidenceWords(confidence); got != want {
			t.Errorf("confidenceWords(%q) = %q, want %q", confidence, got, want)
		}
	}
	rec := testRecord()
	rec.register[4].Confidence = "confirmed; number not"
	if page := testRecommendation(t, rec, "E2"); page.Confidence != "confirmed; its number is not known" {
		t.Errorf("how sure we are: %q", page.Confidence)
	}
}

// TestCompleteAfterTheDeadline is told wherever the state is: in the list, as
// the page's title, in the plan and among all forces.
func TestCompleteAfterTheDeadline(t *testing.T) {
	rec := testRecord()
	rec.progress[2].AsAt = stats.Day(2024, time.October, 11) // of recommendation 10, due on 1 October
	const says = "complete, 10 days after the deadline"
	it := itemsOf(rec, bedfordshire, testNow)[9]
	if it.State.Words != says || it.State.Name != stateComplete.Name || it.Overdue {
		t.Errorf("%+v", it.State)
	}
	if page := testRecommendation(t, rec, "10"); page.Title != "Bedfordshire: Recommendation 10, "+says {
		t.Errorf("title %q", page.Title)
	}
	forces := buildForces(rec, testAreas(), bedfordshire, forcesEvidence{}, testNow)
	if cell := forces.Rows[0].Cells[9]; cell.Letter != "C+" || cell.Words != says || forces.Legend[1].Words != "complete after the deadline" {
		t.Errorf("among all forces %+v, legend %+v", cell, forces.Legend)
	}
	s := newSite(t, io.Discard)
	for name, page := range map[string]any{"plan": ptr(buildPlan(rec, bedfordshire, evidence{reference: testReference()}, false, testNow)), "recommendations": ptr(buildRecommendations(rec, bedfordshire, evidence{reference: testReference()}, false, testNow))} {
		if body, err := s.templates.execute(name, page); err != nil || !strings.Contains(strings.ToLower(text(parse(t, body))), says) {
			t.Errorf("%s does not say it, %v", name, err)
		}
	}
}
