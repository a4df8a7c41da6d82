package analysis

import (
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

const charges = "stalking charges"

func TestSentences(t *testing.T) {
	// Limits of these are worked out of the points themselves, so a jump or a
	// run stands after a quiet year.
	year := quiet[:12:12]
	tests := map[string]struct {
		counts []float64
		want   string
	}{
		"nothing":                {quiet, "stalking charges stayed within what chance explains in April 2024"},
		"above":                  {append(year, 11, 12, 30), "stalking charges rose above what chance explains in June 2024"},
		"above and on":           {append(year, 11, 12, 30, 32, 31), "stalking charges stayed above what chance explains since June 2024"},
		"above, though it falls": {append(year, 11, 12, 40, 30), "stalking charges stayed above what chance explains since June 2024"},
		"above after a gap":      {append(year, 11, -1, 30), "stalking charges stood above what chance explains in June 2024"},
		"below":                  {append(year, 11, 12, 1), "stalking charges fell below what chance explains in June 2024"},
		"a trend": {[]float64{20, 24, 19, 25, 20, 24, 19, 18, 19, 20, 21, 22, 23, 24},
			"stalking charges rose month by month from November 2023 to May 2024, more than chance explains"},
		"a falling trend": {[]float64{20, 24, 19, 25, 20, 24, 19, 25, 24, 23, 22, 21, 20, 19},
			"stalking charges fell month by month from November 2023 to May 2024, more than chance explains"},
		"one side": {[]float64{24, 20, 24, 20, 24, 20, 24, 21, 18, 16, 18, 16, 18, 16, 18, 16},
			"stalking charges stayed below the average for eight months in a row, since December 2023, more than chance explains"},
		"two of three": {append(year, 11, 16.5, 13, 16.5),
			"stalking charges came close to the upper limit in two of the three months to July 2024, more than chance explains"},
		"three of three": {append(year, 11, 16, 16, 16),
			"stalking charges came close to the upper limit in each of the three months to July 2024, more than chance explains"},
		"threes that share months": {append(year, 11, 17, 14, 17, 17),
			"stalking charges came close to the upper limit in three of the four months to August 2024, more than chance explains"},
		"two of three and one beyond": {append(year, 11, 17.5, 21, 17.8),
			"stalking charges came close to the upper limit in two of the three months to July 2024, and went beyond it in June 2024, more than chance explains"},
		"trial limits": {quiet[:9], "stalking charges stayed within what chance explains in December 2023 (trial limits: only 9 points)"},
		"no limits":    {quiet[:5], "stalking charges in August 2023: no limits yet: only 5 points"},
		"one point":    {quiet[:1], "stalking charges in April 2023: no limits yet: only 1 point"},
		"too few":      {[]float64{2, 1, 0, 3}, "stalking charges in July 2023: too few to judge (3 charges)"},
		"too few, one": {[]float64{2, 1, 0, 1}, "stalking charges in July 2023: too few to judge (1 charge)"},
		"all the same": {[]float64{7, 7, 7, 7, 7, 7, 7}, "stalking charges in October 2023: no limits: the figures are all but the same"},
		"the newest is missing": {append(year, 30, -1),
			"stalking charges rose above what chance explains in April 2024"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := chartOf(test.counts...)
			place, ok := c.Latest()
			if !ok {
				t.Fatal("no newest point")
			}
			if got := c.Sentence(place, charges); got != test.want {
				t.Errorf("got  %s\nwant %s\nmarks %s, %+v", got, test.want, marks(c), c.Phases[0])
			}
		})
	}
}

// Of a run that has ended the sentence tells the end.
func TestSentenceOfARunThatEnded(t *testing.T) {
	c := chartOf(24, 20, 24, 20, 24, 20, 24, 21, 18, 16, 18, 16, 18, 16, 18, 16, 22)
	const want = "stalking charges stayed below the average for eight months in a row, from December 2023 to July 2024, more than chance explains"
	if got := c.Sentence(10, charges); got != want {
		t.Errorf("got  %s\nwant %s\nmarks %s", got, want, marks(c))
	}
}

func TestSentencesOfLongerPeriods(t *testing.T) {
	var quarters, years []stats.Figure
	for i, n := range append(quiet[:13:13], 30) {
		quarters = append(quarters, figure(stats.Quarter(2018+i/4, i%4+1), n, i+2))
		years = append(years, figure(stats.FinancialYear(2010+i), n, i+2))
	}
	for kind, test := range map[stats.PeriodKind]struct {
		figures []stats.Figure
		want    string
	}{
		stats.KindQuarter:       {quarters, "stalking charges rose above what chance explains in 2021/22 Q2 (July to September 2021)"},
		stats.KindFinancialYear: {years, "stalking charges rose above what chance explains in the year to March 2024"},
	} {
		if got := XmR(seriesOf(test.figures...), kind, nil).Sentence(13, charges); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestTooFewOfARate(t *testing.T) {
	s := monthly(5, 10, 5)
	s.Measure.Numerator, s.Measure.Denominator, s.Measure.Per, s.Measure.Unit = "a", "b", 100, "percent"
	for i := range s.Figures {
		s.Figures[i].Numerator, s.Figures[i].Denominator = stats.Number(2), stats.Number(40)
	}
	c := XmR(s, stats.KindMonth, nil)
	if got, want := c.Sentence(2, "charge rate"), "charge rate in June 2023: too few to judge (2 of 40)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := c.Caution(0), "too few to judge: under 5 a month on average"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCautions(t *testing.T) {
	mixed := monthly(quiet...)
	madeUp(mixed.Figures[:3]...)
	for name, test := range map[string]struct {
		c    ControlChart
		want string
	}{
		"limits": {chartOf(quiet...), ""},
		"mixed":  {XmR(mixed, stats.KindMonth, nil), "demonstration and real figures do not add up, and do not compare"},
		"rolling": {XmR(Combine(monthly(append(quiet[:13:13], quiet...)...), stats.KindTwelveMonths), stats.KindTwelveMonths, nil),
			"no limits: each of these years shares months with the one before"},
		"apart": {chartOf(9, -1, 8, -1, 9, -1, 8, -1, 9, -1, 8, -1, 9), "no limits: no two periods with a figure stand side by side"},
	} {
		if got := test.c.Caution(0); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if _, ok := chartOf(-1, -1).Latest(); ok {
		t.Error("a newest point where there is none")
	}
}

func TestCountWords(t *testing.T) {
	for _, test := range []struct {
		n    float64
		unit string
		want string
	}{
		{3, "orders", "3 orders"}, {1, "orders", "1 order"}, {1, "people", "1 person"}, {1, "breaches", "1 breach"},
		{0, "cases", "0 cases"}, {1, "offences", "1 offence"}, {2, "", "2"},
	} {
		if got := CountWords(test.n, test.unit); got != test.want {
			t.Errorf("CountWords(%v, %q) = %q, want %q", test.n, test.unit, got, test.want)
		}
	}
}

func TestStepAllowed(t *testing.T) {
	counts := append(quiet[:13:13], 30, 32, 31, 33, 30, 32, 31, 33, 30, 32, 31, 33)
	step := func(m time.Month) []Restart { return []Restart{{Date: stats.Day(2024, m, 1), Step: true}} }
	breaks := []Restart{{Date: stats.Day(2024, time.May, 1)}}
	tests := map[string]struct {
		restarts []Restart
		date     time.Time
		want     string
	}{
		"after 13 points":          {nil, stats.Day(2024, time.May, 1), ""},
		"after 12 points":          {nil, stats.Day(2024, time.April, 1), ""},
		"inside the month before":  {nil, stats.Day(2024, time.March, 9), ""},
		"after 11 points":          {nil, stats.Day(2024, time.March, 1), "a step needs 12 points before it, and from April 2023 there would be only 11"},
		"soon after a break":       {breaks, stats.Day(2024, time.June, 1), "a step needs 12 points before it, and from May 2024 there would be only 1"},
		"on a break":               {breaks, stats.Day(2024, time.May, 1), "the limits start anew in May 2024 already"},
		"on the first day":         {nil, stats.Day(2023, time.April, 1), "the limits start anew in April 2023 already"},
		"after the last period":    {nil, stats.Day(2025, time.May, 1), "no month of this chart begins on or after 1 May 2025"},
		"soon before another step": {step(time.June), stats.Day(2024, time.April, 1), "the next step needs 12 points before it, and from April 2024 there would be only 2"},
		"soon before a break":      {[]Restart{{Date: stats.Day(2024, time.June, 1)}}, stats.Day(2024, time.April, 1), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := StepAllowed(XmR(monthly(counts...), stats.KindMonth, test.restarts), test.date); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	if err := StepAllowed(ControlChart{Kind: stats.KindMonth}, stats.Day(2024, 1, 1)); err == nil {
		t.Error("a step in a chart of nothing")
	}
}

func TestAssurance(t *testing.T) {
	// Limits 6.66 to 16.42.
	tests := []struct {
		direction stats.Direction
		target    stats.Value
		want      Assurance
	}{
		{stats.UpIsBetter, stats.Number(17), WillMiss}, {stats.UpIsBetter, stats.Number(6), WillMeet}, {stats.UpIsBetter, stats.Number(12), MayMeetOrMiss},
		{stats.DownIsBetter, stats.Number(17), WillMeet}, {stats.DownIsBetter, stats.Number(6), WillMiss}, {stats.DownIsBetter, stats.Number(16), MayMeetOrMiss},
		{stats.Neither, stats.Number(17), NoAssurance}, {"", stats.Number(17), NoAssurance}, {stats.UpIsBetter, stats.Value{}, NoAssurance},
	}
	for _, test := range tests {
		s := monthly(quiet...)
		s.Measure.Direction = test.direction
		if got := XmR(s, stats.KindMonth, nil).Assurance(test.target); got != test.want {
			t.Errorf("%q, target %v: %q, want %q", test.direction, test.target, got, test.want)
		}
	}
	if got := chartOf(quiet[:6]...).Assurance(stats.Number(100)); got != NoAssurance {
		t.Errorf("without limits: %q", got)
	}
	if got := (ControlChart{}).Assurance(stats.Number(100)); got != NoAssurance {
		t.Errorf("without figures: %q", got)
	}
	s := monthly(append(quiet[:13:13], 30, 32, 31, 33, 30, 32, 31, 33)...)
	if got := XmR(s, stats.KindMonth, []Restart{{Date: stats.Day(2024, time.May, 1)}}).Assurance(stats.Number(20)); got != WillMeet {
		t.Errorf("by the newest phase: %q", got)
	}
	s.Measure.Direction = stats.UpIsBetter
	if got := XmR(s, stats.KindMonth, nil).Assurance(stats.Number(200)); got != Moving {
		t.Errorf("of figures that moved: %q", got)
	}
	if got, want := Moving.Sentence("charge rate", "20%"), "the target is 20%: charge rate moved beyond what chance explains, so that limits do not tell whether it will be met"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := WillMiss.Sentence("charge rate", "20%"), "the target is 20%: if nothing changes, charge rate will keep missing it"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := NoAssurance.Sentence("charge rate", "20%"); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestCautionWithoutFigures: of a gap nobody is told that there are “only 0 points”.
func TestCautionWithoutFigures(t *testing.T) {
	if got := chartOf(-1, -1).Caution(0); got != "no limits: there are no figures" {
		t.Errorf("caution %q", got)
	}
}

// TestNearWordsNameTheMarkedMonths: the months that the sentence counts are those that hold
// the marks, and a month at either end of a run that has none is not among them.
func TestNearWordsNameTheMarkedMonths(t *testing.T) {
	c := chartOf(append(quiet[:12:12], 11, 14, 17, 17, 14, 11)...)
	const want = "stalking charges came close to the upper limit in two of the three months to July 2024, more than chance explains"
	for place, point := range c.Points {
		if point.Rule != TwoOfThree {
			continue
		}
		if point.From != 13 || point.To != 16 || place != 14 && place != 15 {
			t.Errorf("the point at %d is of a run from %d to %d", place, point.From, point.To)
		}
		if got := c.Sentence(place, "stalking charges"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestThreesThatShareMonthsAreOneCause: every point near the limit names the same run.
func TestThreesThatShareMonthsAreOneCause(t *testing.T) {
	c := chartOf(append(quiet[:12:12], 11, 17, 14, 17, 17)...)
	var places []int
	for place, point := range c.Points {
		if point.Rule != TwoOfThree {
			continue
		}
		places = append(places, place)
		if point.From != 13 || point.To != 16 || point.Side != Above {
			t.Errorf("the point at %d is of a run from %d to %d", place, point.From, point.To)
		}
	}
	if want := []int{13, 15, 16}; !slices.Equal(places, want) {
		t.Errorf("marked are %d, want %d", places, want)
	}
}
