package dashboard

import (
	"errors"
	"iter"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/disclosure"
	"stalkstats/internal/stats"
)

func testChoices(in overviewInput) reportChoices {
	return reportChoices{areas: testAreas(), measures: in.measures, sources: in.sources, titles: in.titles, breakdowns: []string{"relationship"}, home: bedfordshire,
		similar: []stats.SimilarArea{{Area: bedfordshire.Code, Similar: cheshire.Code}}, audiences: []string{Internal, Published}}
}

// testChosen is the page of a report whose texts are the area's name.
func testChosen(t *testing.T, s *site, in overviewInput) *reportsPage {
	t.Helper()
	page := buildReports(testChoices(in), url.Values{"area": {bedfordshire.Code}})
	made := asked{audience: Published, values: url.Values{"area": {in.area.Name}}, areas: testAreas(), measures: in.measures}
	f := count("stalking_charges", bedfordshire.Code, "force_return", stats.Month(2024, time.May), 1, 2)
	f.Note = in.area.Name
	top, err := made.preview([]stats.Figure{f})
	if err != nil {
		t.Fatal(err)
	}
	page.Fault = "There is no area " + in.area.Name
	page.Chosen = s.buildChosen(made, look{Rows: 1, Top: top}, &url.URL{Scheme: "http", Host: "localhost"})
	return &page
}

func TestBuildReports(t *testing.T) {
	chosen := url.Values{"measure": {"charge_rate"}, "area": {cheshire.Code}, "from": {"2024-01-01"}, "period": {"quarter"}, "breakdown": {"relationship"}, "audience": {Published}}
	form := buildReports(testChoices(testOverview(bedfordshire)), chosen).Form
	selected := func(list []option) []string {
		var values []string
		for _, o := range list {
			if o.Selected {
				values = append(values, o.Value)
			}
		}
		return values
	}
	for what, got := range map[string][]string{"charge_rate": selected(form.Measures), cheshire.Code: selected(form.Areas), "quarter": selected(form.Periods),
		"relationship": selected(form.Breakdowns), Published: selected(form.Audiences)} {
		if len(got) != 1 || got[0] != what {
			t.Errorf("selected %q, want only %q", got, what)
		}
	}
	if len(form.Sources) != 2 || form.From != "2024-01-01" {
		t.Errorf("form = %+v, want the sources that hold figures, and the day", form)
	}
}

// TestReportChoices: what the form sends is what a report is asked for by, each
// group as its areas, and nothing that means what its absence does.
func TestReportChoices(t *testing.T) {
	choices := testChoices(testOverview(bedfordshire))
	for sent, want := range map[string]string{
		"show=yes&measure=a&measure=a&period=as_published&breakdown=all&from=&to=&as_at=&audience=internal": "audience=internal&measure=a",
		"area=forces&breakdown=totals":            "area=" + bedfordshire.Code + "&area=" + cheshire.Code + "&breakdown=totals",
		"area=similar":                            "area=" + bedfordshire.Code + "&area=" + cheshire.Code,
		"area=BTP&area=forces&area=E23000006":     "area=BTP&area=" + bedfordshire.Code + "&area=" + cheshire.Code,
		"period=quarter&to=2024-12-31&as_at=2025": "as_at=2025&period=quarter&to=2024-12-31",
	} {
		values, err := url.ParseQuery(sent)
		if err != nil {
			t.Fatal(err)
		}
		filters, err := choices.filters(values)
		if err != nil || filters.Encode() != want {
			t.Errorf("%s: %q, %v, want %q", sent, filters.Encode(), err, want)
		}
	}
	if _, err := choices.filters(url.Values{"from": {"2024-01-01", "2024-02-01"}}); err == nil || !strings.Contains(err.Error(), "from is given 2 times") {
		t.Errorf("two days: %v", err)
	}
	if _, err := choices.filters(url.Values{"area": {""}}); err == nil || !strings.Contains(err.Error(), "area is empty: leave it out for all") {
		t.Errorf("an empty area, which the form never sends: %v", err)
	}
	choices.similar = nil
	if _, err := choices.filters(url.Values{"area": {similarForces}}); err == nil || !strings.Contains(err.Error(), "most similar to Bedfordshire") {
		t.Errorf("a group that is not loaded: %v", err)
	}
}

// endless yields figures as long as anybody takes them, and counts them.
func endless(taken *int) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		for yield(stats.Figure{}, nil) {
			*taken++
		}
	}
}

func TestEnough(t *testing.T) {
	for name, test := range map[string]struct {
		most    int
		longest time.Duration
		want    int
	}{"rows": {3, time.Hour, 3}, "time": {1 << 40, 0, 1}} {
		taken, got := 0, 0
		var last error
		for _, err := range enough(test.most, test.longest)(endless(&taken)) {
			if last = err; err == nil {
				got++
			}
		}
		if got != test.want || taken != test.want || !errors.Is(last, errEnough) {
			t.Errorf("%s: %d let through of %d taken, then %v; want %d", name, got, taken, last, test.want)
		}
	}
	lost := errors.New("lost")
	for _, err := range enough(3, time.Hour)(func(yield func(stats.Figure, error) bool) { yield(stats.Figure{}, lost) }) {
		if !errors.Is(err, lost) {
			t.Errorf("error %v", err)
		}
	}
	n := 0
	for range enough(3, time.Hour)(func(yield func(stats.Figure, error) bool) {
		for i := 0; i < 2 && yield(stats.Figure{}, nil); i++ {
		}
	}) {
		n++
	}
	if n != 2 {
		t.Errorf("%d of 2 figures, with no more of them", n)
	}
}

func TestLookWords(t *testing.T) {
	for _, test := range []struct {
		look
		title string
		says  []string
	}{
		{look{}, "No figure fits what you chose", []string{"No figure is hidden, marked c: a count above 0 and under 5; one from which such a count could be worked out; all counts of a table that could not be protected otherwise; a rate of one of these; a median.",
			"No figure is marked k: it rounds to zero and is not zero, or is a rate of such a count.", "All other counts are rounded to the nearest 5, and rates are worked out from the counts as they are shown."}},
		{look{Rows: 1, Hidden: 1, Low: 1}, "One figure fits what you chose", []string{"1 figure is hidden, marked c: ", "1 figure is marked k: ", "All other"}},
		{look{Rows: 1200, Hidden: 1001}, "1,200 figures fit what you chose", []string{"1,001 figures are hidden", "No figure is marked k", "All other"}},
		{look{Rows: 200_000, More: true, Hidden: 2}, "More than 200,000 figures fit what you chose", []string{"Of the first 200,000, 2 figures are hidden", "Of the first 200,000, no figure is marked k", "All other"}},
	} {
		if got := test.title; got != test.look.title() {
			t.Errorf("title %q, want %q", test.look.title(), got)
		}
		says := test.hiding(disclosure.Rules{Threshold: 5, Rounding: 5}, (&site{rules: disclosure.Rules{Threshold: 5, Rounding: 5}}).hiddenWords())
		if len(says) != len(test.says) {
			t.Fatalf("says %q", says)
		}
		for i, want := range test.says {
			if !strings.HasPrefix(says[i], want) {
				t.Errorf("says %q, want %q", says[i], want)
			}
		}
	}
	if got := (look{Rows: 3}).hiding(disclosure.Rules{}, (&site{}).hiddenWords()); cmp.Diff([]string{"No figure is hidden, marked c: a median; what the file has so."}, got) != "" {
		t.Errorf("without rules: %q", got)
	}
}

func TestOrigin(t *testing.T) {
	r := httptest.NewRequest("GET", "https://localhost:8443/reports", nil)
	if got := (&site{}).origin(r).String(); got != "https://localhost:8443" {
		t.Errorf("origin %s", got)
	}
	r.TLS = nil
	if got := (&site{}).origin(r).String(); got != "http://localhost:8443" {
		t.Errorf("origin %s", got)
	}
}
