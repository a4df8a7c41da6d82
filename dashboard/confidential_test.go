package dashboard

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

// hiddenMonths is a year by month of which the first two are 0 and the others hidden.
func hiddenMonths() stats.Series {
	s := stats.Series{Measure: stats.Measure{ID: "n", Name: "Orders granted", Unit: "orders", AddsUp: stats.OverAreasAndPeriods}, Area: bedfordshire, Source: "s"}
	for m := time.January; m <= time.December; m++ {
		f := count("n", bedfordshire.Code, "s", stats.Month(2023, m), 0, 2)
		if m > time.February {
			f.Value = stats.Missing(stats.Confidential)
		}
		s.Figures = append(s.Figures, f)
	}
	return s
}

// TestHighestShown: of a chart that lacks hidden figures the highest is that of those
// shown, and a chart of one period is not one “from … to …”.
func TestHighestShown(t *testing.T) {
	for want, s := range map[string]stats.Series{
		"shown 0 (Jan 2023); what is confidential is not drawn": hiddenMonths(),
		"0 (Jan 2023)": {Measure: hiddenMonths().Measure, Area: bedfordshire, Source: "s", Figures: hiddenMonths().Figures[:2]},
	} {
		j := (reference{}).judge(s, stats.KindMonth)
		p, err := plotOf(j, chart.Small, 0)
		if err != nil || p.Top != want || !strings.Contains(p.Label, ": highest "+want+".") {
			t.Errorf("%+v, %v, want %q", p, err, want)
		}
		if says := summaryOf(j, analysis.Periods(stats.KindMonth, analysis.Span(s)), 0); strings.Contains(want, "shown") != strings.Contains(says, "2 figures shown, each 0; what is confidential is not drawn.") {
			t.Errorf("the summary is %q", says)
		}
	}
	one := hiddenMonths()
	one.Figures = one.Figures[:1]
	p, err := plotOf((reference{}).judge(one, stats.KindMonth), chart.Small, 0)
	if err != nil || !strings.HasPrefix(p.Label, "Orders granted, Bedfordshire, Jan 2023: 0.") {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestVerdictBesideConfidential: a verdict that stands beside newer figures which are
// confidential says in the same line of which period it is; one of the newest does not.
func TestVerdictBesideConfidential(t *testing.T) {
	const says = "That is of February 2023: the newest figure is confidential."
	s := hiddenMonths()
	if got := (reference{}).judge(s, stats.KindMonth).verdict().Words; !strings.HasSuffix(got, ". "+says) {
		t.Errorf("the verdict is %q", got)
	}
	s.Figures = s.Figures[:2]
	if got := (reference{}).judge(s, stats.KindMonth).verdict().Words; got == "" || strings.Contains(got, "confidential") {
		t.Errorf("the verdict of the newest figure is %q", got)
	}
}

// TestHiddenIsSaid: what is hidden is neither told as zero nor as unknown, and each table
// that hides a number says once what that means, and leads to why.
func TestHiddenIsSaid(t *testing.T) {
	w := newOrders(t)
	var rows []string
	for month := time.January; month <= time.August; month++ {
		p := stats.Month(2024, month)
		rows = append(rows, fmt.Sprintf("('o0','orders','all','spo_granted','E23000013','%s','%s','c','','orders.csv',9)", p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly)))
	}
	w.exec(t, `INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value_note, note, file, source_row) VALUES `+strings.Join(rows, ","))
	for address, want := range map[string]struct {
		title string
		notes int // of tables that hide a number
	}{
		"/orders?area=E23000013":               {"Cleveland: Stalking Protection Orders granted in August 2024 are confidential", 1},
		"/measures/spo_granted?area=E23000013": {"Cleveland: Stalking Protection Orders granted in August 2024 are confidential", 1},
		"/measures?area=E23000013":             {"Cleveland has figures for 1 of 9 measures", 1},
		"/orders":                              {"Bedfordshire: Stalking Protection Orders granted rose beyond chance (27, against 9)", 0},
	} {
		answer := w.get(address)
		page(t, answer)
		root := parse(t, answer.Body.Bytes())
		if got := text(pagetest.Elements(root, "h1", "")[0]); got != want.title {
			t.Errorf("%s: title %q, want %q", address, got, want.title)
		}
		notes := pagetest.Elements(root, "p", "confidential")
		if len(notes) != want.notes {
			t.Errorf("%s: %d notes, want %d", address, len(notes), want.notes)
		}
		for _, note := range notes {
			if hrefs := pagetest.Elements(note, "a", ""); len(hrefs) != 1 || pagetest.Attribute(hrefs[0], "href") != "/about#hidden" {
				t.Errorf("%s: the note leads nowhere: %s", address, text(note))
			}
		}
	}
	if about := w.get("/about").Body.String(); !strings.Contains(about, `id="hidden"`) {
		t.Error("the page does not say what is hidden")
	}
}

// TestWhatIsHidden: the reasons are all told to everybody, and on a force's own pages
// that a file may have it so.
func TestWhatIsHidden(t *testing.T) {
	s := newSite(t, io.Discard)
	s.rules = disclosure.Rules{Threshold: 5, Rounding: 5}
	own := strings.Join(s.whatIsHidden(), " ")
	s.audience = Published
	all := strings.Join(s.whatIsHidden(), " ")
	for _, reason := range []string{"a count above 0 and under 5", "one from which such a count could be worked out", "all counts of a table that could not be protected otherwise", "a median"} {
		if !strings.Contains(all, reason) || !strings.Contains(own, reason) {
			t.Errorf("%q is not told in %q or %q", reason, all, own)
		}
	}
	if strings.Contains(all, "Among true figures") || !strings.Contains(own, "Among true figures") || !strings.Contains(all, "nearest 5") {
		t.Errorf("everybody is told %q, the force %q", all, own)
	}
	const sums = "every sum of forces that is not of the Home Office or the Office for National Statistics; a rate of one of these; a median"
	if s.forSome = true; strings.Contains(all, "sum of forces") || !strings.Contains(strings.Join(s.whatIsHidden(), " "), sums) {
		t.Errorf("who may see some areas in detail is told %q, everybody %q", s.whatIsHidden(), all)
	}
	if says := (look{Rows: 95, Hidden: 95}).hiding(s.rules, s.hiddenWords()); !strings.Contains(says[0], sums) {
		t.Errorf("a report says %q", says)
	}
	s.forSome = false
	s.rules = disclosure.Rules{}
	if says := s.whatIsHidden(); len(says) != 2 || !strings.HasPrefix(says[1], "Hidden is: a median; what the file has so.") {
		t.Errorf("without rules: %q", says)
	}
}
