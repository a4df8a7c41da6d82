package dashboard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/internal/stats"
)

// longSeries is months from January 2022 on.
func longSeries(measure string, values ...float64) stats.Series {
	m := testMeasures().ByID(measure)[0]
	s := stats.Series{Measure: m, Area: bedfordshire, Source: "force_return"}
	for i, value := range values {
		p := stats.Month(2022+i/12, time.January+time.Month(i%12))
		s.Figures = append(s.Figures, count(measure, bedfordshire.Code, "force_return", p, value, i+2))
	}
	return s
}

// risen is two years about 10 and then a jump.
var risen = []float64{9, 11, 10, 12, 8, 10, 11, 9, 10, 12, 9, 10, 11, 10, 9, 11, 10, 9, 12, 10, 9, 10, 11, 9, 10, 30}

func TestJudged(t *testing.T) {
	for measure, want := range map[string]verdict{
		"stalking_charges":  {"improvement", "Improvement", "Stalking charges rose above what chance explains in February 2024."},
		"stalking_recorded": {"change", "Change", "Recorded stalking offences rose above what chance explains in February 2024."},
	} {
		j := reference{}.judge(longSeries(measure, risen...), stats.KindMonth)
		if diff := cmp.Diff(want, j.verdict()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", measure, diff)
		}
		marks := j.marks(2)
		if len(marks) != 1 || marks[0].Place != 23 || marks[0].Value != 30 || (marks[0].Shape == chart.Diamond) != (want.Name == "change") {
			t.Errorf("%s: marks %+v", measure, marks)
		}
	}
	calm := reference{}.judge(longSeries("stalking_charges", risen[:25]...), stats.KindMonth)
	if v := calm.verdict(); v.Name != "chance" || v.Label != "" || !strings.Contains(v.Words, "within what chance explains") {
		t.Errorf("nothing happened: %+v", v)
	}
	few := reference{}.judge(longSeries("stalking_charges", 1, 2, 3), stats.KindMonth)
	if v := few.verdict(); v.Name != "unjudged" || few.hasLimits() || len(few.levels(0)) > 0 || len(few.marks(0)) > 0 {
		t.Errorf("three months: %+v, levels %v", v, few.levels(0))
	}
	if v := (reference{}).judge(stats.Series{}, stats.KindMonth).verdict(); v != (verdict{}) {
		t.Errorf("no figure: %+v", v)
	}
}

// TestFindingIsOnTheChart: the title of a chart is of the newest number that it shows,
// and days that are no whole period are told beside it.
func TestFindingIsOnTheChart(t *testing.T) {
	run := append(slices.Clone(risen[:15]), 13, 14, 13, 14, 13, 14, 13, 14)
	below := append(slices.Clone(risen[:15]), 8, 7, 8, 7, 8, 7, 8, 7)
	for want, values := range map[string][]float64{
		"stalking charges in February 2024 are 30: more than chance explains":                                              risen,
		"stalking charges in February 2024 are 0: below what chance explains":                                              append(slices.Clone(risen[:25]), 0),
		"stalking charges in January 2024 are 10: within chance":                                                           risen[:25],
		"stalking charges in March 2022 are 3":                                                                             {1, 2, 3},
		"stalking charges in November 2023 are 14: with those before it above the average for longer than chance explains": run,
		"stalking charges in November 2023 are 7: with those before it below the average for longer than chance explains":  below,
		"": nil,
	} {
		if got := (reference{}).judge(longSeries("stalking_charges", values...), stats.KindMonth).finding(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want, point := range map[string]analysis.Point{
		"the last of a longer rise than":                      {Rule: analysis.Trend, Side: analysis.Above},
		"the last of a longer fall than":                      {Rule: analysis.Trend, Side: analysis.Below},
		"with those before it closer to the lower limit than": {Rule: analysis.TwoOfThree, Side: analysis.Below},
	} {
		if got := runWords(point); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	j := reference{}.judge(longSeries("stalking_charges", risen...), stats.KindMonth)
	drawn, err := blockOf(j.series, stats.KindMonth, reference{})
	if err != nil {
		t.Fatal(err)
	}
	const says = "Improvement: Stalking charges rose above what chance explains in February 2024."
	if words := drawn.words(j.series); !strings.HasSuffix(drawn.Plot.Label, " "+says) || words.Description != drawn.Plot.Label || !slices.Contains(words.Below, says) {
		t.Errorf("the chart says %q, and alone %q", drawn.Plot.Label, words.Below)
	}
	hidden := hiddenMonths()
	if got := (reference{}).judge(hidden, stats.KindMonth).finding(); got != "orders granted in February 2023 are 0, the newest that is shown" {
		t.Errorf("newer ones are hidden: %q", got)
	}
	s, _ := pick(testSeries(), testMeasures().ByID("stalking_charges")[0], bedfordshire)
	block, err := blockOf(s, stats.KindMonth, testReference())
	if err != nil || !strings.HasPrefix(block.Title, "Stalking charges in August 2024 are 17") ||
		block.Undrawn != "1 to 27 Sep 2024 is not a whole month: it is in the table and not in the chart. Stalking charges from 1 to 27 September 2024 are 17." {
		t.Errorf("%q, %q, %v", block.Title, block.Undrawn, err)
	}
}

// A break parts the limits, and a chart that shows only the newest periods
// shows those of them that reach into it.
func TestLevelsOverABreak(t *testing.T) {
	ref := reference{breaks: []stats.Break{{Date: stats.Day(2023, time.January, 1), Measures: []string{"stalking_charges"}, Effect: "The rules changed."}}}
	j := ref.judge(longSeries("stalking_charges", risen...), stats.KindMonth)
	if rows := j.phaseRows(); len(rows) != 2 || rows[0].To != "Dec 2022" || rows[0].Caution != "Trial limits: only 12 points" || !strings.Contains(rows[1].Starts, "The rules changed.") {
		t.Errorf("%+v", rows)
	}
	for i, row := range j.phaseRows() {
		if got := numberText(j.chart.Phases[i].AverageRange, 2); row.Range != got || got == "" {
			t.Errorf("the average moving range is told as %q, want %q", row.Range, got)
		}
	}
	for first, want := range map[int]struct{ levels, from, to int }{0: {6, 12, 25}, 2: {6, 10, 23}, 12: {3, 0, 13}} {
		levels := j.levels(first)
		if len(levels) != want.levels {
			t.Fatalf("from place %d: %d levels, want %d", first, len(levels), want.levels)
		}
		last := levels[len(levels)-1]
		if last.From != want.from || last.To != want.to || !last.Labelled || levels[0].From != 0 {
			t.Errorf("from place %d: %+v", first, levels)
		}
	}
}

func TestCauses(t *testing.T) {
	values := append([]float64{30, 31}, risen...)
	values = append(values, 29)
	var words []string
	for _, v := range (reference{}).judge(longSeries("stalking_charges", values...), stats.KindMonth).causes() {
		words = append(words, v.Label+": "+v.Words)
	}
	want := []string{
		"Improvement: Stalking charges stayed above what chance explains since April 2024.",
		"Concern: Stalking charges came close to the lower limit in 14 of the 20 months to March 2024, more than chance explains.",
		"Concern: Stalking charges stayed below the average for 25 months in a row, from March 2022 to March 2024, more than chance explains.",
		"Concern: Stalking charges fell below what chance explains in July 2022.",
		"Concern: Stalking charges came close to the lower limit in two of the three months to May 2022, more than chance explains.",
		"Improvement: Stalking charges stayed above what chance explains from January 2022 to February 2022.",
	}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
}

// TestVerdictIsAmongTheCauses: what the overview says of the newest period is the first
// that the page of the measure and the page of changes tell, and a run near a limit is
// told though it is a part of a longer one.
func TestVerdictIsAmongTheCauses(t *testing.T) {
	j := (reference{}).judge(longSeries("stalking_charges", append(slices.Clone(risen[:20]), 11, 12, 11, 11, 12, 14, 14)...), stats.KindMonth)
	var words []string
	for _, v := range j.causes() {
		words = append(words, v.Words)
	}
	want := []string{
		"Stalking charges came close to the upper limit in two of the three months to March 2024, more than chance explains.",
		"Stalking charges stayed above the average for seven months in a row, since September 2023, more than chance explains.",
	}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
	if v := j.verdict(); v.Words != want[0] {
		t.Errorf("the verdict is %q", v.Words)
	}
	told, others := j.freshRuns([]int{len(j.chart.Points) - 1})
	if len(told) != 2 || others != 0 || j.verdictOf(told[0]) != j.verdict() {
		t.Errorf("what has changed tells %+v, and %d others", told, others)
	}
}

func TestChance(t *testing.T) {
	days := stats.Period{Start: stats.Day(2024, time.January, 1), End: stats.Day(2024, time.September, 27)}
	for _, test := range []struct {
		measure        string
		this, before   float64
		name, sentence string
	}{
		{"stalking_charges", 151, 96, "improvement", "Stalking charges from 1 January to 27 September 2024 are 151, against 96 in the same days of 2023: more than chance explains."},
		{"stalking_charges", 96, 151, "concern", "Stalking charges from 1 January to 27 September 2024 are 96, against 151 in the same days of 2023: more than chance explains."},
		{"stalking_recorded", 151, 96, "change", "Recorded stalking offences from 1 January to 27 September 2024 are 151, against 96 in the same days of 2023: more than chance explains."},
		{"spo_granted", 9, 0, "unjudged", "Stalking Protection Orders granted from 1 January to 27 September 2024 are 9, against 0 in the same days of 2023: too few to judge."},
		{"spo_granted", 14, 7, "chance", "Stalking Protection Orders granted from 1 January to 27 September 2024 are 14, against 7 in the same days of 2023: within chance."},
	} {
		m := testMeasures().ByID(test.measure)[0]
		v, outcome := chance(m, count(m.ID, bedfordshire.Code, "s", days, test.this, 2), count(m.ID, bedfordshire.Code, "s", days.YearEarlier(), test.before, 3))
		if v == nil || v.Name != test.name || v.Words != test.sentence || (outcome == "That is within chance.") != (test.name == "chance") {
			t.Errorf("%s: %+v, %q", test.measure, v, outcome)
		}
	}
	if v, outcome := chance(testMeasures().ByID("charge_rate")[0], rate(bedfordshire.Code, "s", days, 1, 2), rate(bedfordshire.Code, "s", days.YearEarlier(), 1, 3)); v != nil || outcome != "" {
		t.Errorf("two rates are no two counts: %+v, %q", v, outcome)
	}
}

// TestChanceOfLargeCounts: of thousands chance explains next to nothing, so the size of the
// change stands with the verdict. Charges of England and Wales, 2021/22 and the year before.
func TestChanceOfLargeCounts(t *testing.T) {
	m := testMeasures().ByID("stalking_charges")[0]
	tested := func(this, before float64) (*verdict, string) {
		return chance(m, count(m.ID, stats.EnglandAndWales, "s", stats.FinancialYear(2021), this, 2), count(m.ID, stats.EnglandAndWales, "s", stats.FinancialYear(2020), before, 3))
	}
	v, outcome := tested(5947, 6808)
	if want := "Stalking charges in the year to March 2022 are 5,947, against 6,808 in the year before: more than chance explains. The change is 12.6%; of counts this large even 4.4% is beyond chance."; v.Name != "concern" || v.Words != want {
		t.Errorf("%+v, want %q", v, want)
	}
	if outcome != "That is more than chance explains; of counts this large even 4.4% is." {
		t.Errorf("beside the change in per cent: %q", outcome)
	}
	if v, outcome = tested(6790, 6808); v.Name != "chance" || !strings.HasSuffix(v.Words, ": within chance.") || outcome != "That is within chance." {
		t.Errorf("within chance: %+v, %q", v, outcome)
	}
	if v, outcome = tested(151, 96); strings.Contains(v.Words+outcome, "this large") {
		t.Errorf("small counts: %+v, %q", v, outcome)
	}
}

func TestToKnow(t *testing.T) {
	said := func(name string) verdict { return verdict{Name: name, Label: "L", Words: name + "."} }
	outside := &allForces{Own: "5.4%", Position: analysis.Below998, Period: stats.FinancialYear(2021)}
	inside := &allForces{Own: "5.4%", Position: analysis.InsideLimits}
	strip := recommendationStrip{Overdue: []item{{Ref: "7"}, {Ref: "E2"}}, Undated: 25}
	headlines := []headline{
		{Name: "A", Verdict: said("change")}, {Name: "B", Verdict: said("improvement")}, {Name: "C", Verdict: said("chance"), AllForces: outside},
		{Name: "D", Verdict: said("concern"), AllForces: inside}, {Name: "E", Verdict: said("unjudged")},
		{Name: "F", Verdict: said("change"), YearToDate: &comparison{Chance: &verdict{Name: "concern", Words: "year."}}},
	}
	var words []string
	said6 := toKnow(headlines, strip, bedfordshire, nil)
	for _, f := range said6[:4] {
		words = append(words, f.Words)
	}
	// What there is no room for is named, and leads to what tells it.
	if also := said6[4]; len(said6) != mostFacts || also.Label != "Also" || len(also.Links) != 2 || also.Links[0].Text != "B (l)" || also.Links[1].Text != "A (l)" || also.Links[1].Joint != " and " {
		t.Errorf("what there is no room for: %+v", also)
	}
	want := []string{
		"concern.", "year.", "2 asks of chief constables are past their deadline and not known to be complete: 7 and E2. There may be more: for 25 of the 29 it is not known who must answer, or by when.",
		"C in the year to March 2022: Bedfordshire 5.4% is below the 99.8% limit of all forces.",
	}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("what to know (-want +got):\n%s", diff)
	}
	silent := toKnow(nil, recommendationStrip{Overdue: strip.Overdue, Silent: true}, bedfordshire, nil)
	if len(silent) != 1 || silent[0].Label != "Not known" ||
		silent[0].Words != "Nothing is loaded of what Bedfordshire says of the recommendations. 2 asks of chief constables are past their deadline: 7 and E2." {
		t.Errorf("a force that said nothing: %+v", silent)
	}
	if facts := toKnow([]headline{{Verdict: said("chance")}}, recommendationStrip{}, bedfordshire, nil); len(facts) > 0 {
		t.Errorf("nothing to know: %+v", facts)
	}
	late := lateNote{Before: "No figure since June 2024: ", Source: "Force return", After: " is 21 days late.", Address: "/data#source-s"}
	facts := toKnow(headlines, strip, bedfordshire, []lateNote{late})
	if f := facts[len(facts)-1]; len(facts) != mostFacts || f.Address != late.Address || f.Words != "No figure since June 2024: Force return is 21 days late." {
		t.Errorf("late: %+v", facts)
	}
	// As many as there is room for stand by themselves; more are one sentence that leads to each.
	if facts = toKnow(headlines[:1], recommendationStrip{}, bedfordshire, []lateNote{late, late, late, late}); len(facts) != mostFacts || facts[4].Address != late.Address {
		t.Errorf("four late: %+v", facts)
	}
	facts = toKnow(headlines, strip, bedfordshire, []lateNote{late, late, late})
	var joined string
	for _, l := range facts[len(facts)-1].Links {
		if joined += l.Joint + l.Text; l.Address != late.Address {
			t.Errorf("%s leads to %q", l.Text, l.Address)
		}
	}
	if len(facts) != mostFacts || joined != "Force return, Force return and Force return" {
		t.Errorf("late: %q in %+v", joined, facts)
	}
}

// TestTargetStandsFromWhenItWasSet: nobody aimed at a target before somebody set it. Where
// that leaves no line to see there is none, and the words say when it was set. A measure's own
// has no date, and goes over the whole chart.
func TestTargetStandsFromWhenItWasSet(t *testing.T) {
	for set, want := range map[time.Time][2]int{ // the place from which it stands, of all 26 months and of the last 24
		time.Date(2023, time.March, 5, 9, 0, 0, 0, time.UTC):     {14, 12},
		time.Date(2023, time.March, 31, 23, 30, 0, 0, time.UTC):  {15, 13}, // April in London
		time.Date(2022, time.February, 5, 9, 0, 0, 0, time.UTC):  {1, 0},
		time.Date(2020, time.February, 5, 9, 0, 0, 0, time.UTC):  {0, 0},
		time.Date(2024, time.January, 5, 9, 0, 0, 0, time.UTC):   {24, 22},
		time.Date(2024, time.February, 5, 9, 0, 0, 0, time.UTC):  {-1, -1}, // the newest month
		time.Date(2026, time.November, 28, 9, 0, 0, 0, time.UTC): {-1, -1},
		{}: {0, 0},
	} {
		ref := reference{annotations: []stats.Annotation{
			{Kind: stats.TargetAnnotation, Measure: "stalking_charges", Area: bedfordshire.Code, PeriodKind: stats.KindMonth, Value: 9, MadeAt: stats.Day(2022, time.June, 1)},
			{Kind: stats.TargetAnnotation, Measure: "stalking_charges", Area: bedfordshire.Code, PeriodKind: stats.KindMonth, Value: 12, MadeAt: set},
		}}
		j := ref.judge(longSeries("stalking_charges", risen...), stats.KindMonth)
		for i, first := range []int{0, 2} {
			levels := j.levels(first)
			if want[i] < 0 {
				if slices.ContainsFunc(levels, func(l chart.Level) bool { return l.Kind == chart.Target }) {
					t.Errorf("set on %s, a line over months of before: %+v", set.Format(time.DateOnly), levels)
				}
				said := ", set on " + day(set) + ", is too new for a line here"
				if !strings.HasSuffix(j.targetLine(), said) || !strings.Contains(j.assurance(), "It was set on "+day(set)+" and has no line here") {
					t.Errorf("set on %s: %q, %q", set.Format(time.DateOnly), j.targetLine(), j.assurance())
				}
				continue
			}
			if got := levels[len(levels)-1]; got.Kind != chart.Target || got.Value != 12 || got.From != want[i] || got.To != 25-first {
				t.Errorf("set on %s, drawn from place %d on: %+v, want it from %d", set.Format(time.DateOnly), first, got, want[i])
			}
		}
	}
}
