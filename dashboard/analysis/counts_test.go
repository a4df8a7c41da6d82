package analysis

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"stalkstats/internal/stats"
)

func TestPercentageChange(t *testing.T) {
	for _, test := range []struct {
		this, before, want float64
		ok                 bool
	}{
		{151, 96, 57.2917, true}, {96, 151, -36.4238, true}, {10, 10, 0, true}, {9, 20, 0, false}, {20, 9, 0, false}, {10, 0, 0, false},
		{math.NaN(), 20, 0, false}, {20, math.NaN(), 0, false},
	} {
		got, ok := PercentageChange(test.this, test.before)
		if ok != test.ok || math.Abs(got-test.want) > 0.0001 {
			t.Errorf("PercentageChange(%v, %v) = %v, %v", test.this, test.before, got, ok)
		}
	}
}

// 682 of 925 against 0.75 is the example of R's binom.test, which prints 0.3825
// (Conover 1971, page 97); 11 of 32 in 800 of 3,811 person-years that of
// poisson.test, 0.07967. The rest were summed by hand as fractions: 0 of 6 is
// 2 ÷ 64, 15 of 20 is 2 × 21,700 ÷ 2^20.
func TestBinomialTest(t *testing.T) {
	for _, test := range []struct{ x, n, p, want, within float64 }{
		{682, 925, 0.75, 0.3825, 5e-5}, {11, 32, 800.0 / 3811, 0.07967, 5e-6},
		{0, 6, 0.5, 2.0 / 64, 1e-9}, {15, 20, 0.5, 2 * 21700.0 / (1 << 20), 1e-9}, {3, 10, 0.5, 2 * 176.0 / 1024, 1e-9},
		{5, 10, 0.5, 1, 1e-9}, {0, 0, 0.5, 1, 0},
	} {
		if got := binomialTest(test.x, test.n, test.p); math.Abs(got-test.want) > test.within {
			t.Errorf("binomialTest(%v, %v, %v) = %v, want %v", test.x, test.n, test.p, got, test.want)
		}
	}
}

// Against the definition itself, summed in fractions that do not round.
func TestBinomialTestIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n, part := 1+random.Int64N(60), 1+random.Int64N(60)
		x, whole := random.Int64N(n+1), part+1+random.Int64N(60)
		got, want := binomialTest(float64(x), float64(n), float64(part)/float64(whole)), exactTest(x, n, part, whole)
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%d of %d at %d/%d: %v, want %v", x, n, part, whole, got, want)
		}
	}
}

// exactTest sums the chances, in units of whole to the power of n, that are not
// larger than that of x.
func exactTest(x, n, part, whole int64) float64 {
	chance := func(k int64) *big.Int {
		c := new(big.Int).Binomial(n, k)
		c.Mul(c, new(big.Int).Exp(big.NewInt(part), big.NewInt(k), nil))
		return c.Mul(c, new(big.Int).Exp(big.NewInt(whole-part), big.NewInt(n-k), nil))
	}
	sum, observed := new(big.Int), chance(x)
	for k := range n + 1 {
		if c := chance(k); c.Cmp(observed) <= 0 {
			sum.Add(sum, c)
		}
	}
	all := new(big.Int).Exp(big.NewInt(whole), big.NewInt(n), nil)
	share, _ := new(big.Rat).SetFrac(sum, all).Float64()
	return share
}

func TestCompareCounts(t *testing.T) {
	this, before := days("2024-01-01", "2024-09-27"), days("2023-01-01", "2023-09-27")
	for _, test := range []struct {
		this, before float64
		p            float64 // summed as fractions, 271 days against 270
		want         CountVerdict
		sentence     string
	}{
		{151, 96, 0.000566, MoreThanChance, "that is more than chance explains"},
		{96, 151, 0.000447, MoreThanChance, "that is more than chance explains"},
		{120, 92, 0.063528, ChanceExplains, "that is within chance"},
		{125, 92, 0.029659, MayBeMore, "that may be more than chance"},
		{6, 3, 0.507819, ChanceExplains, "that is within chance"},
		{0, 0, 1, ChanceExplains, "that is within chance"},
	} {
		got, err := CompareCounts(figure(this, test.this, 1), figure(before, test.before, 2))
		if err != nil || math.Abs(got.P-test.p) > 1e-6 || got.Verdict != test.want || got.Verdict.Sentence() != test.sentence {
			t.Errorf("%v against %v: %+v, %v", test.this, test.before, got, err)
		}
	}
	// Over equal days, as it is printed: p = 0.0006.
	equal, err := CompareCounts(figure(before, 151, 1), figure(days("2022-01-01", "2022-09-27"), 96, 2))
	if err != nil || math.Abs(equal.P-0.00056333) > 5e-8 {
		t.Errorf("151 against 96 over equal days: %+v, %v", equal, err)
	}
	// Twice the days explain twice the count.
	half, err := CompareCounts(figure(days("2023-01-01", "2023-12-31"), 200, 1), figure(days("2022-01-01", "2022-07-02"), 100, 2))
	if err != nil || half.Verdict != ChanceExplains || half.P < 0.9 {
		t.Errorf("200 in a year against 100 in half of one: %+v, %v", half, err)
	}
}

func TestCountVerdict(t *testing.T) {
	for p, want := range map[float64]CountVerdict{0.0099: MoreThanChance, 0.01: MayBeMore, 0.0499: MayBeMore, 0.05: ChanceExplains, 1: ChanceExplains} {
		if got := countVerdict(p); got != want {
			t.Errorf("p = %v: %q, want %q", p, got, want)
		}
	}
}

func TestCompareCountsRefuses(t *testing.T) {
	p := stats.Quarter(2023, 1)
	rate := figure(p, 5, 1)
	rate.Numerator, rate.Denominator = stats.Number(5), stats.Number(100)
	missing := figure(p, 0, 1)
	missing.Value = stats.Missing(stats.Confidential)
	for name, f := range map[string]stats.Figure{
		"a rate": rate, "no figure": missing, "half an event": figure(p, 1.5, 1), "fewer than none": figure(p, -1, 1),
		"not a number": figure(p, math.NaN(), 1), "without end": figure(p, math.Inf(1), 1), "days that end before they begin": figure(days("2024-01-02", "2023-01-01"), 3, 1),
	} {
		for _, pair := range [][2]stats.Figure{{f, figure(p, 5, 2)}, {figure(p, 5, 2), f}} {
			if _, err := CompareCounts(pair[0], pair[1]); !errors.Is(err, ErrNoCounts) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := CompareCounts(madeUp(figure(p, 5, 1))[0], figure(p, 5, 2)); !errors.Is(err, ErrMixed) {
		t.Errorf("a demonstration against a real count: %v", err)
	}
}

func FuzzCompareCounts(f *testing.F) {
	f.Add(uint32(151), uint32(96), uint16(271), uint16(270))
	f.Add(uint32(0), uint32(0), uint16(1), uint16(1))
	f.Add(uint32(10_000_000), uint32(9_990_000), uint16(365), uint16(366))
	f.Fuzz(func(t *testing.T, a, b uint32, daysA, daysB uint16) {
		this := figure(lasting(daysA), float64(a%10_000_001), 1)
		before := figure(lasting(daysB), float64(b%10_000_001), 2)
		got, err := CompareCounts(this, before)
		back, err2 := CompareCounts(before, this)
		if err != nil || err2 != nil {
			t.Fatalf("%v, %v", err, err2)
		}
		if !(got.P >= 0 && got.P <= 1) || math.Abs(got.P-back.P) > 1e-6 {
			t.Errorf("p = %v, and %v the other way about", got.P, back.P)
		}
		if a == b && daysA == daysB && got.P < 0.999 {
			t.Errorf("the same count twice: p = %v", got.P)
		}
	})
}

func lasting(days uint16) stats.Period {
	start := stats.Day(2000, 1, 1)
	return stats.Period{Start: start, End: start.AddDate(0, 0, int(days))}
}

// TestLeastBeyondChance: charges of England and Wales, and the counts on both sides of the
// boundary by the definition, in both directions. By the normal approximation, worked by hand,
// 6,808 has to lose about 2.576 x sqrt(2 x 6,808 - 297) = 297, which is 4.4%.
func TestLeastBeyondChance(t *testing.T) {
	year := func(of int, n float64) stats.Figure {
		return figure(stats.FinancialYear(of), n, of)
	}
	percent, ok := LeastBeyondChance(year(2021, 5947), year(2020, 6808))
	if !ok || math.Abs(percent-4.37) > 0.05 {
		t.Errorf("5,947 against 6,808: %v, %v", percent, ok)
	}
	for _, tt := range []struct{ this, before float64 }{{5947, 6808}, {7600, 6808}, {1000, 1200}, {2000, 1000}, {900_000, 1_000_000}} {
		percent, ok := LeastBeyondChance(year(2021, tt.this), year(2020, tt.before))
		least := math.Round(percent * tt.before / 100)
		up := math.Copysign(1, tt.this-tt.before)
		beyond, _ := CompareCounts(year(2021, tt.before+up*least), year(2020, tt.before))
		within, _ := CompareCounts(year(2021, tt.before+up*(least-1)), year(2020, tt.before))
		if !ok || least < 1 || beyond.Verdict != MoreThanChance || within.Verdict == MoreThanChance {
			t.Errorf("%v against %v: %v%% (%v), which is %q, and one less %q", tt.this, tt.before, percent, ok, beyond.Verdict, within.Verdict)
		}
	}
	for name, of := range map[string][2]float64{"within chance": {6800, 6808}, "small": {999, 3000}, "once small": {3000, 999}} {
		if percent, ok := LeastBeyondChance(year(2021, of[0]), year(2020, of[1])); ok {
			t.Errorf("%s: %v", name, percent)
		}
	}
}
