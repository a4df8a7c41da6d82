package dashboard

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// TestEvidenceNeeded: evidence is needed only where there is neither a status nor a
// figure. Of 16 and E2 Bedfordshire has said nothing, and on E2 alone a figure bears.
func TestEvidenceNeeded(t *testing.T) {
	const silent, needed = "no status given: the force has said nothing", "evidence needed: neither a status nor a figure"
	unknown := evidence{reference: reference{measures: stats.NewMeasures(nil)}, area: bedfordshire, failed: "It cannot be read."}
	for name, test := range map[string]struct {
		evidence evidence
		of16, e2 string
		counted  int // of the 29
	}{
		"figures":            {testEvidence(bedfordshire), needed, silent, 1},
		"another's figures":  {testEvidence(cheshire), needed, needed, 1},
		"figures unread":     {unknown, silent, silent, 0},
		"nobody asked which": {evidence{}, silent, silent, 0},
	} {
		items := test.evidence.of(itemsOf(testRecord(), bedfordshire, testNow))
		if items[15].State.Words != test.of16 || items[30].State.Words != test.e2 || items[6].State != stateInProgress {
			t.Errorf("%s: 16 %+v, E2 %+v, 7 %+v", name, items[15].State, items[30].State, items[6].State)
		}
		for _, c := range stripOf(items).Legend {
			if want := map[string]int{"needed": test.counted, "no-return": 1 - test.counted}; c.Name == "needed" || c.Name == "no-return" {
				if c.Count != want[c.Name] {
					t.Errorf("%s: %d are %s", name, c.Count, c.Words)
				}
			}
		}
	}
	page, err := buildOverview(testOverview(bedfordshire))
	if err != nil || page.Recommendations.Squares[15].State != stateNeeded || page.Recommendations.Asks[1].State != stateNoReturn {
		t.Errorf("the overview: 16 %+v, E2 %+v, %v", page.Recommendations.Squares[15].State, page.Recommendations.Asks[1].State, err)
	}
	in := recommendationInput{area: bedfordshire, rec: testRecord(), evidence: testEvidence(bedfordshire), now: testNow}
	in.item = in.evidence.of(itemsOf(in.rec, bedfordshire, testNow))[15]
	if one, err := in.build(); err != nil || one.Title != "Bedfordshire: Recommendation 16, "+needed {
		t.Errorf("its own page: %q, %v", one.Title, err)
	}
	plan := buildPlan(testRecord(), bedfordshire, testEvidence(bedfordshire), false, testNow)
	var statuses []string
	for _, row := range plan.Rows {
		statuses = append(statuses, row.Ref+" "+row.Status)
	}
	if diff := cmp.Diff([]string{"7 In progress", "10 Complete", "16 Evidence needed", "E2 No status given"}, statuses); diff != "" {
		t.Errorf("the plan (-want +got):\n%s", diff)
	}
}

// testEvidence is what the fixture's figures tell of its recommendations.
func testEvidence(area stats.Area) evidence {
	return evidenceOf(testFigures(), testAreas(), area, testReference())
}

// A figure that bears on a recommendation is judged as on its own page: with the word
// that says what the change means, and its mark.
func TestBearingSaysWhatItMeans(t *testing.T) {
	s := longSeries("stalking_charges", append(slices.Clone(risen[:25]), 0)...)
	s.Measure.Bearings = []stats.Bearing{{Ref: "E2", Strength: stats.Partial}}
	found := evidenceOf(s.Figures, testAreas(), bedfordshire, reference{measures: stats.NewMeasures([]stats.Measure{s.Measure})})
	page := buildRecommendations(testRecord(), bedfordshire, found, true, testNow)
	body, err := newSite(t, io.Discard).templates.execute("recommendations", &page)
	if err != nil {
		t.Fatal(err)
	}
	says := pagetest.Elements(parse(t, body), "span", "verdict")
	if len(says) != 1 || text(says[0]) != "Concern: Stalking charges fell below what chance explains in February 2024." || len(pagetest.Elements(says[0], "span", "mark--concern")) != 1 {
		t.Errorf("%d verdicts: %s", len(says), body)
	}
}

// A verdict is of the newest whole month, and its figure stands beside that of the days
// after it, each with its period and its way.
func TestBearingShowsWhatIsJudged(t *testing.T) {
	s := longSeries("stalking_charges", risen...)
	s.Measure.Bearings = []stats.Bearing{{Ref: "E2", Strength: stats.Partial}}
	part := stats.Period{Start: stats.Day(2024, time.March, 1), End: stats.Day(2024, time.March, 27)}
	for _, test := range []struct {
		more []stats.Figure
		want string
	}{
		{nil, "Stalking charges: 30, Feb 2024 Improvement: Stalking charges rose above what chance explains in February 2024. Partial"},
		{[]stats.Figure{count("stalking_charges", bedfordshire.Code, "force_return", part, 9, 99)},
			"Stalking charges: 9, 1 to 27 Mar 2024; the newest whole month, Feb 2024: 30 Improvement: Stalking charges rose above what chance explains in February 2024. Partial"},
	} {
		found := evidenceOf(append(slices.Clone(s.Figures), test.more...), testAreas(), bedfordshire, reference{measures: stats.NewMeasures([]stats.Measure{s.Measure})})
		page := buildRecommendations(testRecord(), bedfordshire, found, true, testNow)
		body, err := newSite(t, io.Discard).templates.execute("recommendations", &page)
		if err != nil {
			t.Fatal(err)
		}
		root := parse(t, body)
		if got := text(pagetest.Elements(root, "ul", "bearing")[0]); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
		if to := knownLinks(root)["30"]; !strings.Contains(to, "2024-02-01") {
			t.Errorf("the judged figure leads to %q", to)
		}
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

// TestProofWords: how much a figure proves is said once.
func TestProofWords(t *testing.T) {
	for want, tt := range map[string]struct {
		strength stats.Strength
		shows    string
	}{
		"Strong, with the date of the system": {stats.Strong, "strong, with the date of the system"},
		"Partial: one of several":             {stats.Partial, "partial: one of several"},
		"Strong: who was trained":             {stats.Strong, "who was trained"},
		"A document":                          {stats.Document, ""},
		"Who was trained":                     {"", "who was trained"},
		"":                                    {"", ""},
	} {
		if got := proofWords(tt.strength, tt.shows); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := testRecommendation(t, testRecord(), "E2").Figures[0].Proves; got != "Partial: one of several" {
		t.Errorf("on a page: %q", got)
	}
}

// TestCompleteWithoutEvidence: where neither a figure bears on what a force says is complete nor
// does it name its evidence, every page says that the status is all there is, and counts it apart.
func TestCompleteWithoutEvidence(t *testing.T) {
	const bare = "complete: no evidence given"
	rec := testRecord()
	rec.progress[2].EvidenceURL = ""
	in := testOverview(bedfordshire)
	in.record = rec
	page, err := buildOverview(in)
	if err != nil || page.Recommendations.Squares[9].State != stateBare || stateBare.Words != bare {
		t.Errorf("the overview: %+v, %v", page.Recommendations.Squares[9].State, err)
	}
	counted := map[string]int{}
	for _, c := range page.Recommendations.Legend {
		counted[c.Words] = c.Count
	}
	if counted["complete"] != 0 || counted[bare] != 1 {
		t.Errorf("the legend: %v", counted)
	}
	list := buildRecommendations(rec, bedfordshire, testEvidence(bedfordshire), true, testNow)
	if list.Numbered[9].State != stateBare {
		t.Errorf("the list: %+v", list.Numbered[9].State)
	}
	plan := buildPlan(rec, bedfordshire, testEvidence(bedfordshire), false, testNow)
	if got := plan.Rows[1]; got.Ref != "10" || got.Status != "Complete: no evidence given" {
		t.Errorf("the plan: %s %s", got.Ref, got.Status)
	}

	if got := buildForces(rec, testAreas(), bedfordshire, forcesEvidence{}, testNow).Rows[0].Cells[9]; got.state != stateBare || got.Letter != "C?" {
		t.Errorf("all forces: %+v", got)
	}

	rec.register[1].Deadline = stats.Day(2024, time.February, 20)
	if late := testEvidence(bedfordshire).of(itemsOf(rec, bedfordshire, testNow))[9]; late.State.Words != "complete, 10 days after the deadline: no evidence given" {
		t.Errorf("late: %q", late.State.Words)
	}
	rec.withheld = true // then nobody can tell whether there is evidence
	open := buildRecommendations(rec, bedfordshire, testEvidence(bedfordshire), false, testNow).Numbered[9]
	if open.State.Name != stateComplete.Name || !strings.Contains(open.Needed, "whether the force names evidence is not published") {
		t.Errorf("published: %+v, %q", open.State, open.Needed)
	}
	if codes, _ := namingNone(rec, testAreas(), testNow); len(codes) > 0 || buildForces(rec, testAreas(), bedfordshire, forcesEvidence{}, testNow).Rows[0].Cells[9].Name != stateComplete.Name {
		t.Errorf("all forces, published: %v", codes)
	}
	rec.progress[2].Recommendation = "E2" // on which a figure bears
	if figured := testEvidence(bedfordshire).of(itemsOf(rec, bedfordshire, testNow))[30]; figured.State != stateComplete {
		t.Errorf("with a figure: %+v", figured.State)
	}
}
