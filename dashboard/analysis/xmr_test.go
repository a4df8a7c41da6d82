package analysis

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// monthly is a series of counts by month from April 2023 on; a negative number
// stands for a month without a figure.
func monthly(counts ...float64) stats.Series {
	var figures []stats.Figure
	for i, n := range counts {
		f := figure(monthAt(i), n, i+2)
		if n < 0 {
			f.Value = stats.Missing(stats.NotAvailable)
		}
		figures = append(figures, f)
	}
	s := seriesOf(figures...)
	s.Measure.Unit, s.Measure.Direction = "charges", stats.UpIsBetter
	return s
}

func monthAt(place int) stats.Period { return stats.Month(2023, time.April+time.Month(place)) }

func chartOf(counts ...float64) ControlChart { return XmR(monthly(counts...), stats.KindMonth, nil) }

// Thirteen months that sum to 150, with twelve moving ranges that sum to 22:
// mean 11.538, mR̄ 1.8333, limits 11.538 ± 4.8767, near limits 11.538 ± 3.2511.
var quiet = []float64{10, 12, 11, 13, 10, 12, 11, 13, 10, 12, 11, 13, 12}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-4 {
		t.Errorf("%s = %.5f, want %.5f", what, got, want)
	}
}

func TestXmRLimits(t *testing.T) {
	p := chartOf(quiet...).Phases[0]
	if p.State != FullLimits || p.Known != 13 {
		t.Fatalf("%+v", p)
	}
	near(t, "mean", p.Mean, 150.0/13)
	near(t, "average moving range", p.AverageRange, 22.0/12)
	near(t, "lower", p.Lower, 6.66179)
	near(t, "upper", p.Upper, 16.41513)
	near(t, "near lower", p.NearLower, 8.28735)
	near(t, "near upper", p.NearUpper, 14.78957)
}

// The flow rates of ten batches, as printed: NIST/SEMATECH e-Handbook of Statistical
// Methods, 6.3.2.2 (individuals control charts). It has 3 ÷ 1.128 for the factor that
// is rounded to 2.66 here, so its limits are 0.0008 narrower.
func TestXmRAsPublished(t *testing.T) {
	p := chartOf(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1).Phases[0]
	if p.State != TrialLimits || p.Known != 10 {
		t.Fatalf("%+v", p)
	}
	near(t, "mean", p.Mean, 50.81)
	near(t, "average moving range", p.AverageRange, 1.8778)
	if math.Abs(p.Upper-55.8041) > 0.001 || math.Abs(p.Lower-45.8159) > 0.001 {
		t.Errorf("limits %.4f and %.4f, printed as 45.8159 and 55.8041", p.Lower, p.Upper)
	}
}

// With a fourteenth month of 40 the moving ranges sum to 50, mR̄ is 3.8462 and
// 28 is over 3.267 times that: without it mR̄ is 22 ÷ 12 again. Mean 190 ÷ 14.
func TestXmRScreensMovingRanges(t *testing.T) {
	c := chartOf(append(quiet[:13:13], 40)...)
	near(t, "average moving range", c.Phases[0].AverageRange, 22.0/12)
	near(t, "upper", c.Phases[0].Upper, 190.0/14+2.66*22/12)
	if got := c.Points[13]; got.Rule != OutsideLimits || got.Side != Above || got.Verdict != Improvement {
		t.Errorf("the jump: %+v", got)
	}
	if got := screened([]float64{1, 1, 1, 20, 10, 1, 1, 1, 1, 1, 1}); got != 19.0/10 {
		t.Errorf("screened twice or not at all: %v", got)
	}
}

func TestXmRStates(t *testing.T) {
	tests := map[string]struct {
		counts []float64
		want   State
	}{
		"13 points":                        {quiet, FullLimits},
		"12 points":                        {quiet[:12], TrialLimits},
		"7 points":                         {quiet[:7], TrialLimits},
		"6 points":                         {quiet[:6], NoLimits},
		"6 points and a gap":               {append(quiet[:3:3], -1, 12, 11, 13), NoLimits},
		"no number at all":                 {[]float64{-1, -1}, NoLimits},
		"seven that stand alone":           {[]float64{9, -1, 8, -1, 9, -1, 8, -1, 9, -1, 8, -1, 9}, NoLimits},
		"an average under 5":               {[]float64{4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, TooFew},
		"an average of 5":                  {[]float64{4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 5}, FullLimits},
		"never another number":             {[]float64{7, 7, 7, 7, 7, 7, 7, 7}, NoVariation},
		"one jump that is screened out":    {[]float64{7, 7, 7, 7, 7, 7, 9, 9, 9, 9}, NoVariation},
		"two orders and a year of nothing": {[]float64{2, 0, 0, 0, 0, 0, 0}, TooFew},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := chartOf(test.counts...)
			if got := c.Phases[0].State; got != test.want {
				t.Errorf("state %q, want %q", got, test.want)
			}
			for _, p := range c.Points {
				if judged := p.Verdict != NotJudged; judged != (p.Known && c.Phases[0].HasLimits()) {
					t.Errorf("%s: verdict %q in the state %q", p.Period.Label(), p.Verdict, test.want)
				}
			}
		})
	}
	if c := XmR(seriesOf(), stats.KindMonth, nil); len(c.Points) != 0 || len(c.Phases) != 0 {
		t.Errorf("an empty series: %+v", c)
	}
}

// A rate is judged by its numerators: 20% of 10 is two.
func TestXmRRatesByTheirNumerators(t *testing.T) {
	for _, test := range []struct {
		of   float64
		want State
	}{{10, TooFew}, {1000, FullLimits}} {
		s := monthly(quiet...)
		s.Measure.Numerator, s.Measure.Denominator, s.Measure.Unit, s.Measure.Per = "a", "b", "percent", 100
		for i := range s.Figures {
			f := &s.Figures[i]
			f.Numerator, f.Denominator = stats.Number(f.Value.Number*test.of/100), stats.Number(test.of)
		}
		if got := XmR(s, stats.KindMonth, nil).Phases[0].State; got != test.want {
			t.Errorf("about 11%% of %v: %q, want %q", test.of, got, test.want)
		}
	}
}

// Counts rounded to more than their standard deviation have no limits: these vary by
// 2 from month to month, and rounded by 5 or not at all.
func TestXmRRoundedCounts(t *testing.T) {
	true12, wide := []float64{21, 23, 22, 24, 22, 23, 21, 24, 23, 22, 24, 22, 23}, []float64{200, 215, 190, 220, 185, 205, 230, 195, 210, 225, 180, 200, 215}
	rounded := func(counts []float64, to int) ControlChart {
		s := monthly(counts...)
		for i := range s.Figures {
			if n := &s.Figures[i].Value.Number; to > 1 {
				*n = math.Round(*n/float64(to)) * float64(to)
			}
		}
		s.Measure.RoundedTo = to
		return XmR(s, stats.KindMonth, nil)
	}
	for name, test := range map[string]struct {
		counts []float64
		to     int
		want   State
	}{
		"true":                {true12, 0, FullLimits},
		"rounded to itself":   {true12, 1, FullLimits},
		"rounded to 5":        {true12, 5, TooCoarse},
		"rounded to the same": {[]float64{21, 22, 21, 22, 21, 22, 21, 22, 21, 22, 21, 22, 21}, 5, TooCoarse},
		"far apart":           {wide, 5, FullLimits},
	} {
		c := rounded(test.counts, test.to)
		if got := c.Phases[0].State; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if test.want == TooCoarse && c.Caution(0) != "no limits: the counts are rounded to the nearest 5, and vary by less from month to month" {
			t.Errorf("%s: %q", name, c.Caution(0))
		}
	}
	// A rate moves by what its counts are rounded to: 5 of 100 are 5 percent, of 10,000 are 0.05.
	for of, want := range map[float64]State{100: TooCoarse, 10_000: FullLimits} {
		s := monthly(quiet...)
		s.Measure.Numerator, s.Measure.Denominator, s.Measure.Unit, s.Measure.Per, s.Measure.RoundedTo = "a", "b", "percent", 100, 5
		for i := range s.Figures {
			f := &s.Figures[i]
			f.Numerator, f.Denominator = stats.Number(f.Value.Number*of/100), stats.Number(of)
		}
		if got := XmR(s, stats.KindMonth, nil).Phases[0].State; got != want {
			t.Errorf("a rate of %v: %q, want %q", of, got, want)
		}
	}
}

func TestXmRLimitsAreClipped(t *testing.T) {
	wide := []float64{0, 20, 2, 18, 1, 19, 3, 17, 0, 20, 2, 18, 1}
	p := chartOf(wide...).Phases[0]
	if p.Lower != 0 || p.NearLower != 0 || p.Upper <= 20 {
		t.Errorf("limits %v to %v, near %v", p.Lower, p.Upper, p.NearLower)
	}
	high := func(at float64) ControlChart {
		s := monthly(80, 100, 82, 98, 81, 99, 83, 97, 80, 100, 82, 98, at)
		s.Measure.Unit = "percent"
		return XmR(s, stats.KindMonth, nil)
	}
	if p := high(90).Phases[0]; p.Upper != 100 || p.NearUpper != 100 {
		t.Errorf("a percentage's upper limits are %v and %v", p.Upper, p.NearUpper)
	}
	if p := high(101).Phases[0]; p.Upper <= 101 {
		t.Errorf("a ratio that passes 100 has an upper limit of %v", p.Upper)
	}
}

// marks is the rule of each point by a letter: outside, trend, near, side.
func marks(c ControlChart) string {
	letters := map[Rule]byte{"": '.', OutsideLimits: 'o', Trend: 't', TwoOfThree: 'n', OneSide: 's'}
	var text []byte
	for _, p := range c.Points {
		letter := letters[p.Rule]
		if !p.Known {
			letter = ' '
		}
		text = append(text, letter)
	}
	return string(text)
}

func TestXmRRules(t *testing.T) {
	// The average is 50 and mR̄ 6 wherever the phase is given: limits 34.04 and
	// 65.96, near limits 39.36 and 60.64.
	tests := map[string]struct {
		counts []float64
		want   string
	}{
		"nothing":                              {[]float64{51, 49, 52, 48, 51, 49}, "......"},
		"above and below the limits":           {[]float64{51, 66, 49, 34, 51}, ".o.o."},
		"just inside":                          {[]float64{51, 65, 49, 35, 51}, "....."},
		"two of three":                         {[]float64{49, 62, 51, 63, 49}, ".n.n."},
		"two next to each other":               {[]float64{51, 62, 63, 49}, ".nn."},
		"three of three":                       {[]float64{49, 62, 63, 64, 49}, ".nnn."},
		"two of three below":                   {[]float64{51, 38, 49, 37, 51}, ".n.n."},
		"the third on the other side":          {[]float64{49, 62, 49, 63, 49}, "....."},
		"the third on the average":             {[]float64{49, 62, 50, 63, 49}, "....."},
		"on different sides":                   {[]float64{51, 62, 38, 62, 49}, "....."},
		"two of four":                          {[]float64{49, 62, 51, 51, 63, 49}, "......"},
		"one outside is not near":              {[]float64{49, 62, 51, 67, 49}, "...o."},
		"a third outside with two near":        {[]float64{49, 62, 67, 63, 49}, ".non."},
		"two of three at the end of two":       {[]float64{62, 63}, ".."},
		"seven above":                          {[]float64{49, 51, 52, 51, 52, 51, 52, 51, 49}, ".sssssss."},
		"six above":                            {[]float64{49, 51, 52, 51, 52, 51, 52, 49}, "........"},
		"nine below":                           {[]float64{49, 48, 49, 48, 49, 48, 49, 48, 49, 51}, "sssssssss."},
		"the average ends a run":               {[]float64{51, 52, 51, 50, 51, 52, 51, 52}, "........"},
		"a gap ends a run":                     {[]float64{51, 52, 51, -1, 51, 52, 51, 52}, "... ...."},
		"seven rising":                         {[]float64{51, 45, 46, 47, 48, 51, 52, 53, 49}, ".ttttttt."},
		"six rising":                           {[]float64{51, 46, 47, 48, 51, 52, 53, 49}, "........"},
		"seven falling":                        {[]float64{49, 55, 53, 52, 51, 49, 48, 47, 51}, ".ttttttt."},
		"an equal one ends a trend":            {[]float64{45, 46, 47, 48, 48, 51, 52, 53}, "........"},
		"a gap ends a trend":                   {[]float64{44, 45, 46, 47, -1, 48, 51, 52, 53}, ".... ...."},
		"a gap, then seven rising":             {[]float64{51, -1, 45, 46, 47, 48, 51, 52, 53}, ". ttttttt"},
		"a gap between two of three":           {[]float64{49, 62, -1, 63, 51, 49}, ".. ..."},
		"trend before near, outside before it": {[]float64{45, 46, 47, 51, 61, 63, 66}, "tttttto"},
		"near before one side":                 {[]float64{51, 52, 51, 62, 51, 63, 51}, "sssnsns"},
		"trend before one side":                {[]float64{51, 52, 53, 54, 55, 56, 57, 51}, "ttttttts"},
		"up and down again":                    {[]float64{44, 45, 46, 47, 48, 49, 53, 49, 48, 47, 46, 45, 44}, "ttttttttttttt"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := XmR(monthly(test.counts...), stats.KindMonth, nil)
			for i := range c.Points {
				c.Points[i].Rule, c.Points[i].Verdict = "", NotJudged
			}
			c.mark(Phase{Last: len(c.Points) - 1, Mean: 50, Lower: 34.04, Upper: 65.96, NearLower: 39.36, NearUpper: 60.64})
			if got := marks(c); got != test.want {
				t.Errorf("marks %q, want %q", got, test.want)
			}
		})
	}
}

// The peak of a rise of seven and a fall of seven is of the fall.
func TestXmRPeakIsOfTheFall(t *testing.T) {
	c := chartOf(44, 45, 46, 47, 48, 49, 50, 49, 48, 47, 46, 45, 44, 52, 43, 52, 43)
	if got := c.Points[6]; got.Rule != Trend || got.Side != Below || got.From != 6 || got.To != 12 {
		t.Errorf("the peak: %+v", got)
	}
	if got := c.Points[0]; got.Side != Above || got.From != 0 || got.To != 6 {
		t.Errorf("the first: %+v", got)
	}
}

func TestXmRDirections(t *testing.T) {
	counts := append(quiet[:13:13], 40, 12, 11, 13, 12, 0)
	for direction, want := range map[stats.Direction][2]Verdict{
		stats.UpIsBetter:   {Improvement, Concern},
		stats.DownIsBetter: {Concern, Improvement},
		stats.Neither:      {SpecialChange, SpecialChange},
		"":                 {SpecialChange, SpecialChange},
	} {
		s := monthly(counts...)
		s.Measure.Direction = direction
		c := XmR(s, stats.KindMonth, nil)
		if got := [2]Verdict{c.Points[13].Verdict, c.Points[18].Verdict}; got != want {
			t.Errorf("%q: %v, want %v", direction, got, want)
		}
		if got := c.Points[0].Verdict; got != WithinChance {
			t.Errorf("%q: an everyday point is %q", direction, got)
		}
	}
}

// A missing period is on the axis, whether or not a source says that it is
// missing, and no moving range is taken over it.
func TestXmRGaps(t *testing.T) {
	counts := append(quiet[:6:6], -1, 31, 33, 30, 32, 31, 33, 30)
	s := monthly(counts...)
	s.Figures = append(s.Figures[:6:6], s.Figures[7:]...)
	unsaid, said := XmR(s, stats.KindMonth, nil), chartOf(counts...)
	if len(unsaid.Points) != 14 || unsaid.Points[6].Known || unsaid.Phases[0].Known != 13 {
		t.Fatalf("%d points, %+v", len(unsaid.Points), unsaid.Phases)
	}
	if diff := cmp.Diff(said.Phases, unsaid.Phases); diff != "" {
		t.Errorf("phases (-said +unsaid):\n%s", diff)
	}
	// 2, 1, 2, 3, 2 before the gap and 2, 3, 2, 1, 2, 3 after it.
	near(t, "average moving range", unsaid.Phases[0].AverageRange, 23.0/11)
}

func TestXmRNotANumberIsAGap(t *testing.T) {
	s := monthly(quiet...)
	s.Figures[3].Value.Number, s.Figures[4].Value.Number = math.NaN(), math.Inf(1)
	c := XmR(s, stats.KindMonth, nil)
	if p := c.Phases[0]; p.Known != 11 || math.IsNaN(p.Mean) || math.IsInf(p.Upper, 0) {
		t.Errorf("%+v", p)
	}
}

func TestXmRIsNotForMixedOrRollingFigures(t *testing.T) {
	s := monthly(append(quiet[:13:13], 12, 40)...)
	madeUp(s.Figures[:7]...)
	c := XmR(s, stats.KindMonth, nil)
	if c.Phases[0].State != MixedFigures || c.Points[14].Verdict != NotJudged || !c.Points[14].Known {
		t.Errorf("mixed: %+v, %+v", c.Phases[0], c.Points[14])
	}
	madeUp(s.Figures...)
	if c := XmR(s, stats.KindMonth, nil); c.Phases[0].State != FullLimits {
		t.Errorf("all made up: %+v", c.Phases[0])
	}
	rolling := Combine(monthly(append(quiet[:13:13], quiet...)...), stats.KindTwelveMonths)
	if c := XmR(rolling, stats.KindTwelveMonths, nil); len(c.Points) != 15 || c.Phases[0].State != Overlapping {
		t.Errorf("rolling: %d points, %+v", len(c.Points), c.Phases)
	}
}
