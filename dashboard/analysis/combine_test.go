package analysis

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func TestCombine(t *testing.T) {
	september := stats.Month(2023, time.September)
	first, rest := days("2023-09-01", "2023-09-27"), days("2023-09-28", "2023-09-30")
	missing := func(f stats.Figure, m stats.Marker) stats.Figure {
		f.Value = stats.Missing(m)
		return f
	}
	type result struct {
		Period string
		Value  stats.Value
		Rows   int
	}
	tests := map[string]struct {
		figures []stats.Figure
		kind    stats.PeriodKind
		want    []result
	}{
		"two parts make the month": {
			[]stats.Figure{figure(first, 11, 1), figure(rest, 2, 2)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Number(13), 2}}},
		"the month itself is preferred to its parts": {
			[]stats.Figure{figure(september, 14, 1), figure(first, 11, 2), figure(rest, 2, 3)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Number(14), 1}}},
		"a month beside a part of it is counted once": {
			[]stats.Figure{figure(stats.Month(2023, time.July), 5, 1), figure(stats.Month(2023, time.August), 6, 2),
				figure(september, 14, 3), figure(first, 11, 4)}, stats.KindQuarter,
			[]result{{"2023/24 Q2", stats.Number(25), 3}}},
		"an incomplete month has no figure": {
			[]stats.Figure{figure(stats.Month(2023, time.August), 6, 1), figure(first, 11, 2)}, stats.KindMonth,
			[]result{{"Aug 2023", stats.Number(6), 1}}},
		"a gap in the year leaves no year": {
			[]stats.Figure{figure(stats.Quarter(2017, 1), 12, 1), figure(stats.Quarter(2017, 2), 13, 2),
				figure(stats.Quarter(2017, 4), 19, 3)}, stats.KindFinancialYear, nil},
		"four quarters make the financial year": {
			[]stats.Figure{figure(stats.Quarter(2017, 1), 12, 1), figure(stats.Quarter(2017, 2), 13, 2),
				figure(stats.Quarter(2017, 3), 21, 3), figure(stats.Quarter(2017, 4), 19, 4)}, stats.KindFinancialYear,
			[]result{{"year to Mar 2018", stats.Number(65), 4}}},
		"a part that is only a marker makes the whole not available": {
			[]stats.Figure{figure(first, 11, 1), missing(figure(rest, 0, 2), stats.LowNotZero)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Missing(stats.NotAvailable), 2}}},
		"a confidential part makes the whole confidential": {
			[]stats.Figure{figure(first, 11, 1), missing(figure(rest, 0, 2), stats.Confidential)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Missing(stats.Confidential), 2}}},
		"other parts go round a marker": {
			[]stats.Figure{missing(figure(days("2023-09-01", "2023-09-20"), 0, 1), stats.NotAvailable),
				figure(days("2023-09-01", "2023-09-10"), 4, 2), figure(days("2023-09-11", "2023-09-20"), 5, 3),
				figure(days("2023-09-21", "2023-09-30"), 6, 4)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Number(15), 3}}},
		"the longest part that leads nowhere is passed over": {
			[]stats.Figure{figure(days("2023-09-01", "2023-09-20"), 9, 1), figure(days("2023-09-01", "2023-09-10"), 4, 2),
				figure(days("2023-09-11", "2023-09-30"), 7, 3)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Number(11), 2}}},
		"a zero is a figure": {
			[]stats.Figure{figure(first, 0, 1), figure(rest, 0, 2)}, stats.KindMonth,
			[]result{{"Sep 2023", stats.Number(0), 2}}},
		"there is no whole of no length": {
			[]stats.Figure{figure(first, 11, 1)}, stats.KindRange, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []result
			for _, f := range Combine(seriesOf(test.figures...), test.kind).Figures {
				got = append(got, result{f.Period.Label(), f.Value, len(f.Origins)})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Combine (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCombineRate(t *testing.T) {
	rate := func(month time.Month, charges, outcomes float64) stats.Figure {
		f := figure(stats.Month(2024, month), 0, int(month))
		f.Numerator, f.Denominator = stats.Number(charges), stats.Number(outcomes)
		f.Value = Rate(stats.Measure{Per: 100}, f.Numerator, f.Denominator)
		return f
	}
	s := seriesOf(rate(time.April, 1, 10), rate(time.May, 0, 0), rate(time.June, 5, 20))
	s.Measure = stats.Measure{ID: "charge_rate", Numerator: "stalking_charges", Denominator: "stalking_outcomes", Per: 100, AddsUp: stats.OverAreasAndPeriods}

	quarter := Combine(s, stats.KindQuarter).Figures
	if len(quarter) != 1 {
		t.Fatalf("%d quarters, want 1", len(quarter))
	}
	got := quarter[0]
	want := stats.Figure{Value: stats.Number(20), Numerator: stats.Number(6), Denominator: stats.Number(30)}
	if got.Value != want.Value || got.Numerator != want.Numerator || got.Denominator != want.Denominator {
		t.Errorf("quarter = %v of %v / %v, want 20 of 6 / 30", got.Value, got.Numerator, got.Denominator)
	}

	s.Figures = []stats.Figure{rate(time.April, 0, 0), rate(time.May, 0, 0), rate(time.June, 0, 0)}
	if got := Combine(s, stats.KindQuarter).Figures[0].Value; got != stats.Missing(stats.NotApplicable) {
		t.Errorf("a rate of no outcomes = %v, want the marker z", got)
	}
}

func TestCombineCarriesProvenance(t *testing.T) {
	day := func(d int) time.Time { return stats.Day(2024, time.October, d) }
	a, b := figure(days("2023-09-01", "2023-09-27"), 1, 7), figure(days("2023-09-28", "2023-09-30"), 2, 8)
	a.Note, b.Note = "demonstration", "demonstration; late entries"
	a.Releases, b.Releases = []string{"r1"}, []string{"r1", "r2"}
	a.PublishedAt, b.PublishedAt = day(2), day(1)
	a.RetrievedAt, b.RetrievedAt = day(3), day(4)
	b.Value = stats.Number(2, stats.Provisional)

	got, err := Over(seriesOf(a, b), stats.Month(2023, time.September))
	if err != nil {
		t.Fatal(err)
	}
	want := stats.Figure{
		Key: a.Key, Value: stats.Number(3, stats.Provisional), Note: "demonstration; late entries",
		Releases: []string{"r1", "r2"}, PublishedAt: day(2), RetrievedAt: day(4),
		Origins: []stats.Origin{{File: "return.csv", Row: 7}, {File: "return.csv", Row: 8}},
	}
	want.Period = stats.Month(2023, time.September)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Over (-want +got):\n%s", diff)
	}
}

func TestSamePeriodLastYear(t *testing.T) {
	now := figure(days("2024-09-01", "2024-09-27"), 14, 3)
	s := seriesOf(figure(days("2023-09-01", "2023-09-27"), 11, 1), figure(days("2023-09-28", "2023-09-30"), 2, 2), now)
	got, err := SamePeriodLastYear(s, now)
	if err != nil || got.Value != stats.Number(11) {
		t.Errorf("same days last year = %v, %v, want 11", got.Value, err)
	}
	if _, err := SamePeriodLastYear(s, got); !errors.Is(err, ErrNotCovered) {
		t.Errorf("a figure of 2022 that nobody published: %v", err)
	}
}

// Whatever parts a source publishes, overlapping or with holes, a combined
// figure counts each day of its period once: give each day of each part the
// same weight, and the sum must be the weight of the period's days.
func TestCombineCountsEachDayOnce(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		s := seriesOf(randomParts(random)...)
		for _, kind := range wholeKinds {
			for _, f := range Combine(s, kind).Figures {
				if want := float64(f.Period.Days()); f.Value.Number != want || !f.Value.Known {
					t.Fatalf("seed %d: %s counts %v, and has %v days", seed, f.Period.Label(), f.Value, want)
				}
				checkOrigins(t, seed, s, f)
			}
		}
	}
}

// randomParts cuts two years into pieces, several times over, and drops some.
func randomParts(random *rand.Rand) []stats.Figure {
	var figures []stats.Figure
	seen := map[stats.Period]bool{}
	for range 1 + random.IntN(3) {
		for start := stats.Day(2023, time.January, 1); start.Year() < 2025; {
			end := start.AddDate(0, 0, random.IntN(40))
			if random.IntN(2) == 0 {
				end = stats.Day(start.Year(), start.Month()+1, 0)
			}
			p := stats.Period{Start: start, End: end}
			if !seen[p] && random.IntN(40) > 0 {
				seen[p] = true
				figures = append(figures, figure(p, float64(p.Days()), len(figures)+1))
			}
			start = end.AddDate(0, 0, 1)
		}
	}
	sortByPeriod(figures)
	return figures
}

func checkOrigins(t *testing.T, seed uint64, s stats.Series, f stats.Figure) {
	t.Helper()
	covered := map[time.Time]int{}
	for _, origin := range f.Origins {
		i := slices.IndexFunc(s.Figures, func(part stats.Figure) bool { return part.Origins[0] == origin })
		for day := s.Figures[i].Period.Start; !day.After(s.Figures[i].Period.End); day = day.AddDate(0, 0, 1) {
			covered[day]++
		}
	}
	for day := f.Period.Start; !day.After(f.Period.End); day = day.AddDate(0, 0, 1) {
		if covered[day] != 1 {
			t.Fatalf("seed %d: %s counts %s %d times", seed, f.Period.Label(), day.Format(time.DateOnly), covered[day])
		}
	}
}

// A year of days, each also there as the start of long parts that lead
// nowhere, must not take for ever.
func TestCombineManyOverlaps(t *testing.T) {
	var figures []stats.Figure
	start := stats.Day(2023, time.January, 1)
	for d := range 364 {
		for length := range 20 {
			p := stats.Period{Start: start.AddDate(0, 0, d), End: start.AddDate(0, 0, d+length)}
			if p.End.Before(stats.Day(2023, time.December, 31)) {
				figures = append(figures, figure(p, 1, len(figures)+1))
			}
		}
	}
	if got := Combine(seriesOf(figures...), stats.KindCalendarYear).Figures; len(got) != 0 {
		t.Errorf("31 December is not covered, and yet %d figures", len(got))
	}
}

// TestAPopulationIsNoSum: the denominator of a longer period is that of its
// last part, the financial year in which the period ends.
func TestAPopulationIsNoSum(t *testing.T) {
	var s stats.Series
	s.Measure = stats.Measure{ID: "per_1000", Numerator: "stalking_recorded", Denominator: "population", DenominatorSource: "ons_population", Per: 1000,
		Interval: stats.Byar, AddsUp: stats.OverAreasAndPeriods}
	for i, people := range []float64{1000, 2000, 2000, 2000} {
		f := figure(stats.Period{Start: stats.Day(2018, time.Month(1+3*i), 1), End: stats.Day(2018, time.Month(4+3*i), 0)}, 0, i+2)
		f.Numerator, f.Denominator = stats.Number(10), stats.Number(people)
		f.Value = Rate(s.Measure, f.Numerator, f.Denominator)
		s.Figures = append(s.Figures, f)
	}
	f, err := Over(s, stats.Period{Start: stats.Day(2018, time.January, 1), End: stats.Day(2018, time.December, 31)})
	if err != nil || f.Value != stats.Number(20) || f.Numerator != stats.Number(40) || f.Denominator != stats.Number(2000) || !f.Lower95.Known {
		t.Errorf("the year is %v = %v ÷ %v, error %v", f.Value, f.Numerator, f.Denominator, err)
	}
}
