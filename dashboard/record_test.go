package dashboard

import (
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
		{"16", "evidence needed: no progress return", true, false},
		{"A", "for others to answer", false, false},
		{"E2", "evidence needed: no progress return", true, true},
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
		now  time.Time
		s    state
		want bool
	}{
		{time.Date(2024, time.November, 22, 23, 59, 0, 0, time.UTC), stateInProgress, false},
		{time.Date(2024, time.November, 23, 0, 1, 0, 0, time.UTC), stateInProgress, true},
		{stats.Day(2025, time.January, 1), stateNoReturn, true},
		{stats.Day(2025, time.January, 1), stateComplete, false},
		{stats.Day(2025, time.January, 1), stateNotAccepted, false},
	}
	for _, test := range tests {
		if got := overdue(r, test.s, test.now); got != test.want {
			t.Errorf("overdue(%s, %s) = %v, want %v", test.s.Words, test.now, got, test.want)
		}
	}
	r.Deadline = time.Time{}
	if overdue(r, stateNotStarted, testNow) {
		t.Error("overdue without a deadline")
	}
}

func TestStripOf(t *testing.T) {
	strip := stripOf(testRecord(), bedfordshire, testNow)
	if len(strip.Squares) != 29 || len(strip.Asks) != 2 || strip.Entered != 4 {
		t.Errorf("%d squares, %d asks, %d entered", len(strip.Squares), len(strip.Asks), strip.Entered)
	}
	if strip.Demonstration {
		t.Error("only the latest entry is shown, and it is not made up")
	}
	total := 0
	for _, c := range strip.Legend {
		total += c.Count
	}
	if total != 29 {
		t.Errorf("the legend counts %d of 29", total)
	}
}

func TestRecommendationPages(t *testing.T) {
	found := evidenceOf(testMeasures(), testFigures())
	page := buildRecommendations(testRecord(), bedfordshire, found, testNow)
	if want := "Bedfordshire: 2 asks of chief constables are past their deadline and not known to be complete"; page.Title != want {
		t.Errorf("Title = %q, want %q", page.Title, want)
	}
	if len(page.Asks[1].Figures) != 1 || len(page.Numbered[15].Figures) != 0 {
		t.Errorf("figures that bear on E2 %v, on 16 %v", page.Asks[1].Figures, page.Numbered[15].Figures)
	}
	if f := page.Asks[1].Figures[0]; f.Text != "Charge rate (of all outcomes)" || f.Strength != "partial" || f.Shows != "partial: one of several" {
		t.Errorf("the figure that bears on E2 is %+v", f)
	}

	one, ok := buildRecommendation(testRecord(), "7", bedfordshire, found, testNow)
	if !ok || len(one.History) != 2 || one.History[0].Status != "in progress" || one.History[1].Update != "A first entry" {
		t.Errorf("history = %+v", one.History)
	}
	if !one.Demonstration || !one.History[1].Demonstration || one.Row != "register.csv, row 2" {
		t.Errorf("demonstration %v, row %q", one.Demonstration, one.Row)
	}
	if _, ok := buildRecommendation(testRecord(), "30", bedfordshire, found, testNow); ok {
		t.Error("there are only 29")
	}
	unknown, ok := buildRecommendation(testRecord(), "3", bedfordshire, found, testNow)
	if !ok || unknown.Entered || !strings.HasSuffix(unknown.Title, "not entered") {
		t.Errorf("recommendation 3 = %+v", unknown.item)
	}
}

func TestNoRecommendationsAtAll(t *testing.T) {
	page := buildRecommendations(record{}, bedfordshire, evidence{}, testNow)
	if page.Title != "The recommendations have not been entered yet" || len(page.Numbered) != 29 {
		t.Errorf("%q with %d numbers", page.Title, len(page.Numbered))
	}
}

func TestEvidenceIsALinkOnlyToTheWeb(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.org/plan": true, "http://example.org": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "minutes of 3 May": false, "": false, "https:///x": false,
	} {
		if got := isWebAddress(address); got != want {
			t.Errorf("isWebAddress(%q) = %v, want %v", address, got, want)
		}
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
	if page, _ := buildRecommendation(rec, "E2", bedfordshire, evidence{}, testNow); page.Confidence != "confirmed; its number is not known" {
		t.Errorf("how sure we are: %q", page.Confidence)
	}
}
