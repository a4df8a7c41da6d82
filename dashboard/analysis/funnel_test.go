package analysis

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

var (
	chargeRate  = stats.Measure{ID: "charge_rate", Numerator: "stalking_charges", Denominator: "stalking_outcomes", Per: 100, Unit: "percent", Interval: stats.Wilson}
	ordersPer1k = stats.Measure{ID: "spo_per_1000_offences", Numerator: "spo_granted", Denominator: "stalking_recorded", Per: 1000, Unit: "per 1,000 offences", Interval: stats.Byar}
)

func member(name string, n, d float64) Member {
	f := stats.Figure{Numerator: stats.Number(n), Denominator: stats.Number(d)}
	f.Period = stats.FinancialYear(2021)
	return Member{Area: stats.Area{Code: name, Name: name}, Figure: f}
}

// realForces is the 43 forces' charges and outcomes of 2021/22, as published.
func realForces(t *testing.T) []Member {
	t.Helper()
	file, err := os.Open("../../sample/published_force_figures.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]float64{}
	var members []Member
	for _, row := range rows[1:] {
		if row[0] == "BTP" || row[3] != "2021/22" || row[4] == "" {
			continue
		}
		n, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			t.Fatal(err)
		}
		switch row[2] {
		case "stalking_outcomes":
			outcomes[row[1]] = n
		case "stalking_charges":
			members = append(members, member(row[1], n, 0))
		}
	}
	for i := range members {
		members[i].Figure.Denominator = stats.Number(outcomes[members[i].Area.Name])
	}
	return members
}

// Known answers of 2021/22: England and Wales 5,947 charges of 99,265 outcomes
// is 6.0%, Bedfordshire 53 of 985 is 5.4% (Wilson 4.1 to 7.0). φ was worked out
// apart from this program.
func TestFunnelOfEnglandAndWales(t *testing.T) {
	plot, err := Funnel(chargeRate, realForces(t))
	if err != nil || len(plot.Points) != 43 || len(plot.LeftOut) != 0 {
		t.Fatalf("%d points, %v left out, %v", len(plot.Points), plot.LeftOut, err)
	}
	if plot.Numerator != 5947 || plot.Denominator != 99265 || math.Round(plot.Average*10) != 60 {
		t.Errorf("average %v: %v of %v", plot.Average, plot.Numerator, plot.Denominator)
	}
	near(t, "φ", plot.Dispersion.Phi, 10.350049)
	if d := plot.Dispersion; !d.Tested || !d.Widened || d.Members != 43 {
		t.Errorf("%+v", d)
	}
	const words = "The 43 forces differ from one another by more than chance explains. The limits allow for that: they are 3.2 times as wide as for chance alone."
	if got := plot.Dispersion.Sentence(); got != words {
		t.Errorf("got  %s\nwant %s", got, words)
	}
	const phi = "Over-dispersion: φ = 10.35. φ is the mean square of the forces’ z scores, those beyond the 10th and the 90th percentile set to these; by chance alone it is about 1. The limits are widened by its square root, 3.22."
	if got := plot.Dispersion.PhiSentence(); got != phi {
		t.Errorf("got  %s\nwant %s", got, phi)
	}
	for d, want := range map[Dispersion]string{
		{Members: 9}:                            "Over-dispersion, φ, is not worked out: it takes 10 forces, and there are 9.",
		{Members: 20, Tested: true, Phi: 0.934}: "Over-dispersion: φ = 0.93. φ is the mean square of the forces’ z scores, those beyond the 10th and the 90th percentile set to these; by chance alone it is about 1. That is no more than chance explains among so many forces: the limits are not widened.",
	} {
		if got := d.PhiSentence(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for _, p := range plot.Points {
		if p.Area.Name != "Bedfordshire" {
			continue
		}
		if p.Position != InsideLimits || math.Round(p.Rate*10) != 54 || math.Round(p.Lower95.Number*10) != 41 || math.Round(p.Upper95.Number*10) != 70 {
			t.Errorf("Bedfordshire: %+v", p)
		}
		return
	}
	t.Error("no Bedfordshire")
}

// Worked by hand from the binomial and Poisson probabilities: 40 of which a
// fifth is expected; and 3 and 10 expected events.
func TestExactLimits(t *testing.T) {
	for _, test := range []struct {
		model                     funnelModel
		denominator, tail, lo, hi float64
	}{
		{funnelModel{proportion: true, average: 0.2}, 40, 0.025, 2.831282, 13.765353},
		{funnelModel{proportion: true, average: 0.2}, 40, 0.001, 0.652316, 16.995383},
		{funnelModel{proportion: true, average: 0.06}, 985, 0.025, 44.395656, 74.635571},
		{funnelModel{proportion: true, average: 0.06}, 985, 0.001, 36.873375, 83.850294},
		{funnelModel{average: 0.03}, 100, 0.025, -0.497862, 7.393840},
		{funnelModel{average: 0.03}, 100, 0.001, -0.979914, 10.126505},
		{funnelModel{average: 0.1}, 100, 0.025, 3.775188, 17.159951},
		{funnelModel{average: 0.1}, 100, 0.001, 1.220529, 21.662001},
	} {
		lo, hi := test.model.exact(test.denominator, test.tail)
		if math.Abs(lo-test.lo) > 1e-5 || math.Abs(hi-test.hi) > 1e-5 {
			t.Errorf("%+v of %v at %v: %.6f to %.6f, want %v to %v", test.model, test.denominator, test.tail, lo, hi, test.lo, test.hi)
		}
	}
}

// A whole count is beyond a limit exactly where it or anything further out has
// less than the tail's probability: here summed term by term.
func TestLimitsAreTails(t *testing.T) {
	for _, average := range []float64{0.02, 0.06, 0.3, 0.5, 0.93} {
		for _, d := range []float64{5, 17, 60, 333} {
			l := funnelModel{proportion: true, average: average, width: 1}.limits(d, 1)
			up, down := 0.0, 0.0
			for k := 0.0; k <= d; k++ {
				down += binomialChance(k, d, average)
				if under := k/d < l.Lower95; under != (down < 0.025) && math.Abs(down-0.025) > 1e-9 {
					t.Errorf("%v of %v at %v: P(%v or fewer) = %v, below the limit %v", k, d, average, k, down, under)
				}
			}
			for k := d; k >= 0; k-- {
				up += binomialChance(k, d, average)
				if over := k/d > l.Upper998; over != (up < 0.001) && math.Abs(up-0.001) > 1e-9 {
					t.Errorf("%v of %v at %v: P(%v or more) = %v, above the limit %v", k, d, average, k, up, over)
				}
			}
		}
	}
}

func binomialChance(k, n, p float64) float64 {
	chance := 1.0
	for i := 1.0; i <= k; i++ {
		chance *= (n - k + i) / i * p
	}
	return chance * math.Pow(1-p, n-k)
}

// From 10 expected on the exact limits are the normal ones, half a count wider,
// but for the skew, which shrinks as the count grows.
func TestLimitsRunIntoTheNormalOnes(t *testing.T) {
	for _, expected := range []float64{100, 1000, 10_000} {
		f := funnelModel{average: 0.001, width: 1}
		lo, hi := f.exact(expected*1000, 0.025)
		reach := 1.959964*math.Sqrt(expected) + 0.5
		if skew := (1.96*1.96 - 1) / 6; math.Abs(lo-(expected-reach+skew)) > 0.05 || math.Abs(hi-(expected+reach+skew)) > 0.05 {
			t.Errorf("%v expected: %v to %v, want about %v each way", expected, lo, hi, reach)
		}
	}
}

// Along the denominators no limit jumps.
func TestCurvesHaveNoTeeth(t *testing.T) {
	for _, model := range []funnelModel{{proportion: true, average: 0.06, width: 1}, {average: 0.004, width: 1}} {
		last := model.limits(200, 100)
		for d := 201.0; d <= 5000; d++ {
			l := model.limits(d, 100)
			for name, pair := range map[string][2]float64{
				"upper 99.8%": {last.Upper998, l.Upper998}, "upper 95%": {last.Upper95, l.Upper95}, "lower 95%": {last.Lower95, l.Lower95}, "lower 99.8%": {last.Lower998, l.Lower998},
			} {
				if math.Abs(pair[1]-pair[0]) > 0.02*(l.Upper998-l.Lower998) {
					t.Fatalf("%s of %+v jumps at %v: %v to %v", name, model, d, pair[0], pair[1])
				}
			}
			last = l
		}
	}
}

// z scores of 1 to 10, less 5.5: their 10th and 90th percentiles are −3.6 and
// 3.6, so that φ = 2 × (3.6² + 3.5² + 2.5² + 1.5² + 0.5²) ÷ 10.
func TestDispersion(t *testing.T) {
	var scores []float64
	for z := 1.0; z <= 10; z++ {
		scores = append(scores, z-5.5)
	}
	d := dispersionOf(scores)
	near(t, "φ", d.Phi, 2*(12.96+12.25+6.25+2.25+0.25)/10)
	if !d.Tested || !d.Widened {
		t.Errorf("%+v: 10 × φ = 67.9 exceeds 16.92", d)
	}
	near(t, "width", d.Width(), math.Sqrt(6.792))
	if d := dispersionOf(scores[:9]); d.Tested || d.Widened || d.Phi != 0 || d.Width() != 1 {
		t.Errorf("nine members: %+v", d)
	}
	// 10 × φ on both sides of 16.919, the 95% point of chi-squared with 9.
	for _, test := range []struct {
		z    float64
		want bool
	}{{1.3007, false}, {1.3008, true}} {
		alike := make([]float64, 10)
		for i := range alike {
			alike[i] = test.z * float64(1-2*(i%2))
		}
		if got := dispersionOf(alike).Widened; got != test.want {
			t.Errorf("ten at ±%v: widened %v", test.z, got)
		}
	}
}

// Widened limits are so many times as far from the average, and no proportion
// is under 0 or over 100%.
func TestWidenedLimits(t *testing.T) {
	narrow := funnelModel{proportion: true, average: 0.2, width: 1}.limits(400, 100)
	wide := funnelModel{proportion: true, average: 0.2, width: 2.5}.limits(400, 100)
	near(t, "lower 95%", 20-wide.Lower95, 2.5*(20-narrow.Lower95))
	near(t, "upper 95%", wide.Upper95-20, 2.5*(narrow.Upper95-20))
	near(t, "lower 99.8%", 20-wide.Lower998, 2.5*(20-narrow.Lower998))
	near(t, "upper 99.8%", wide.Upper998-20, 2.5*(narrow.Upper998-20))
	widest := funnelModel{proportion: true, average: 0.2, width: 30}.limits(400, 100)
	if widest.Lower998 != 0 || widest.Upper998 != 100 {
		t.Errorf("%+v", widest)
	}
}

func TestDispersionSentences(t *testing.T) {
	for want, d := range map[string]Dispersion{
		"The limits allow for chance alone: with 9 forces there are too few to tell how much forces differ anyway.": {Members: 9},
		"The limits allow for chance alone: it is enough to explain how much the 43 forces differ.":                 {Members: 43, Tested: true, Phi: 1},
	} {
		if got := d.Sentence(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Twelve forces at 10% of 100, and one at each of several rates beside them.
func TestFunnelPositions(t *testing.T) {
	for n, want := range map[float64]Position{
		10: InsideLimits, 16: InsideLimits, 17: Above95, 22: Above998, 5: InsideLimits, 4: Below95, 1: Below998,
	} {
		l := funnelModel{proportion: true, average: 0.1, width: 1}.limits(100, 100)
		if got := l.position(n); got != want {
			t.Errorf("%v%% of 100 where 10%% is the average: %q, want %q (%+v)", n, got, want, l)
		}
	}
}

// TestPlaceAmong: worked out for one member alone, its place is the one that it has in
// the whole funnel.
func TestPlaceAmong(t *testing.T) {
	gap := member("gap", 0, 0)
	gap.Figure = stats.Figure{}
	members := append(realForces(t), gap)
	plot, err := Funnel(chargeRate, members)
	if err != nil || len(plot.Points) != len(members)-1 {
		t.Fatalf("%d points of %d, %v", len(plot.Points), len(members), err)
	}
	for _, want := range plot.Points {
		point, dispersion, err := PlaceAmong(chargeRate, members, want.Area.Code)
		if err != nil || point.Limits != want.Limits || point.Position != want.Position || dispersion != plot.Dispersion {
			t.Errorf("%s: %+v %v, %v; want %+v %v", want.Area.Name, point.Limits, point.Position, err, want.Limits, want.Position)
		}
	}
	for _, area := range []string{gap.Area.Code, "nobody"} {
		if _, _, err := PlaceAmong(chargeRate, members, area); !errors.Is(err, ErrNoMember) {
			t.Errorf("%s, which has no rate: %v", area, err)
		}
	}
}

func TestFunnelKeepsTheOrderAndNamesWhoIsLeftOut(t *testing.T) {
	gap := member("gap", 0, 0)
	gap.Figure = stats.Figure{}
	half := member("half", 3, 0)
	half.Figure.Denominator = stats.Missing(stats.NotAvailable)
	hidden := member("hidden", 0, 70)
	hidden.Figure.Numerator = stats.Missing(stats.Confidential)
	plot, err := Funnel(ordersPer1k, []Member{
		member("c", 9, 1000), gap, member("a", 2, 900), half, member("b", 20, 1100), member("none", 0, 0), hidden, member("odd", -1, 5),
	})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, p := range plot.Points {
		order = append(order, p.Area.Name)
	}
	if diff := cmp.Diff([]string{"c", "a", "b"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	want := []LeftOut{{gap.Area, "no figure"}, {half.Area, "no denominator"}, {member("none", 0, 0).Area, "the denominator is 0"},
		{hidden.Area, "no numerator"}, {member("odd", 0, 0).Area, "not two counts"}}
	if diff := cmp.Diff(want, plot.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	near(t, "average", plot.Average, 1000*31.0/3000)
	if plot.Dispersion.Tested {
		t.Error("three forces were tested for over-dispersion")
	}
	curves := plot.Curves()
	if first, last := curves[0], curves[len(curves)-1]; first.Denominator != 450 || last.Denominator < 1100 {
		t.Errorf("curves from %v to %v", first.Denominator, last.Denominator)
	}
}

func TestFunnelRefuses(t *testing.T) {
	a, b := member("a", 5, 100), member("b", 6, 100)
	other := func(change func(*stats.Figure)) []Member {
		c := b
		change(&c.Figure)
		return []Member{a, c}
	}
	for name, test := range map[string]struct {
		measure stats.Measure
		members []Member
		want    error
	}{
		"a count":            {stats.Measure{ID: "stalking_charges"}, []Member{a, b}, ErrNoRate},
		"one member":         {chargeRate, []Member{a}, ErrNoMember},
		"one that is whole":  {chargeRate, []Member{a, member("b", 101, 100)}, ErrNoMember},
		"another year":       {chargeRate, other(func(f *stats.Figure) { f.Period = stats.FinancialYear(2020) }), ErrUnlike},
		"another source":     {chargeRate, other(func(f *stats.Figure) { f.Source = "elsewhere" }), ErrUnlike},
		"another basis":      {chargeRate, other(func(f *stats.Figure) { f.Basis = "recorded" }), ErrUnlike},
		"a made-up figure":   {chargeRate, other(func(f *stats.Figure) { f.Note = stats.Demonstration }), ErrMixed},
		"no method is named": {stats.Measure{ID: "r", Numerator: "a", Per: 1}, []Member{a, b}, ErrNoRate},
	} {
		if _, err := Funnel(test.measure, test.members); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func FuzzFunnel(f *testing.F) {
	f.Add([]byte{5, 100, 6, 90, 0, 80, 30, 120, 4, 7}, false)
	f.Add([]byte{0, 100, 0, 90}, true)
	f.Add([]byte{100, 100, 90, 90}, true)
	f.Fuzz(func(t *testing.T, counts []byte, ratio bool) {
		measure := chargeRate
		if ratio {
			measure = ordersPer1k
		}
		var members []Member
		for i := 0; i+1 < len(counts) && len(members) < 60; i += 2 {
			// Denominators from 0 to some tens of millions.
			d := math.Floor(math.Exp(float64(counts[i+1])/15) - 1)
			members = append(members, member(strconv.Itoa(i), math.Floor(d*float64(counts[i])/255), d))
		}
		plot, err := Funnel(measure, members)
		if err != nil {
			return
		}
		if len(plot.Points)+len(plot.LeftOut) != len(members) {
			t.Fatalf("%d points and %d left out of %d", len(plot.Points), len(plot.LeftOut), len(members))
		}
		for _, p := range plot.Points {
			sound(t, plot, p.Limits)
			if math.IsNaN(p.Rate+p.Score) || math.IsInf(p.Rate+p.Score, 0) {
				t.Errorf("rate %v, score %v", p.Rate, p.Score)
			}
		}
		for _, l := range plot.Curves() {
			sound(t, plot, l)
		}
	})
}

// sound checks that limits are finite, in order, and have the average inside.
func sound(t *testing.T, plot FunnelPlot, l FunnelLimits) {
	t.Helper()
	order := []float64{0, l.Lower998, l.Lower95, plot.Average, l.Upper95, l.Upper998, math.MaxFloat64}
	for i := range order[1:] {
		if !(order[i] <= order[i+1]*(1+1e-9)+1e-9) {
			t.Fatalf("limits of %v out of order: %v", l.Denominator, order)
		}
	}
}
