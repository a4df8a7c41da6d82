package analysis

import (
	"math"
	"testing"

	"stalkstats/internal/stats"
)

// The limits for counts of 0, 1, 5 and 9 are printed in Garwood's table
// (Biometrika 1936;28:437–42, 95%). Those for 10 and 100 were worked by
// hand from Byar's formula, and are within 0.1 of the exact ones.
func TestPoissonInterval(t *testing.T) {
	for _, c := range []struct{ count, lower, upper float64 }{
		{0, 0, 3.689}, {1, 0.0253, 5.572}, {5, 1.623, 11.668}, {9, 4.115, 17.085},
		{10, 4.7874, 18.3915}, {100, 81.3621, 121.6279},
	} {
		lower, upper := PoissonInterval(c.count, 0.05)
		if math.Abs(lower-c.lower) > 0.001 || math.Abs(upper-c.upper) > 0.001 {
			t.Errorf("PoissonInterval(%v) = %.4f, %.4f; want %v, %v", c.count, lower, upper, c.lower, c.upper)
		}
	}
}

// Newcombe RG. Stat Med 1998;17:857–72, table I, method 3: 81 of 263, 15 of
// 148, 0 of 20 and 1 of 29.
func TestWilsonInterval(t *testing.T) {
	for _, c := range []struct{ n, d, lower, upper float64 }{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		lower, upper := WilsonInterval(c.n, c.d, 1.959964)
		if math.Abs(lower-c.lower) > 0.00006 || math.Abs(upper-c.upper) > 0.00006 {
			t.Errorf("WilsonInterval(%v, %v) = %.5f, %.5f; want %v, %v", c.n, c.d, lower, upper, c.lower, c.upper)
		}
	}
}

func TestIntervalHasNoAnswer(t *testing.T) {
	proportion := stats.Measure{Per: 100, Interval: stats.Wilson}
	for name, f := range map[string]stats.Figure{
		"no value":           {Value: stats.Missing(stats.NotAvailable), Numerator: stats.Number(1), Denominator: stats.Number(2)},
		"no denominator":     {Value: stats.Number(1), Numerator: stats.Number(1)},
		"zero denominator":   {Value: stats.Number(1), Numerator: stats.Number(1), Denominator: stats.Number(0)},
		"below zero":         {Value: stats.Number(-1), Numerator: stats.Number(-1), Denominator: stats.Number(5)},
		"more than a whole":  {Value: stats.Number(150), Numerator: stats.Number(3), Denominator: stats.Number(2)},
		"nothing was worked": {Value: stats.Number(7)},
	} {
		if lower, upper := Interval95(proportion, f); lower.Known || upper.Known {
			t.Errorf("%s: Interval95() = %v, %v; want none", name, lower, upper)
		}
	}
}

// The exact limits were found by halving on sums of Poisson probabilities,
// Byar's and Wilson's worked by hand with z = 3.090232.
func TestIntervals998(t *testing.T) {
	for _, c := range []struct{ count, lower, upper float64 }{
		{0, 0, 6.907755}, {1, 0.0010005, 9.233413}, {5, 0.739372, 16.454745}, {9, 2.452424, 22.657373},
		{10, 2.916318, 24.193725}, {100, 71.903692, 134.943622},
	} {
		lower, upper := PoissonInterval(c.count, 0.002)
		if math.Abs(lower-c.lower) > 1e-5 || math.Abs(upper-c.upper) > 1e-5 {
			t.Errorf("PoissonInterval(%v) = %.6f, %.6f; want %v, %v", c.count, lower, upper, c.lower, c.upper)
		}
	}
}

// Known answers of 2021/22: Bedfordshire 53 of 985 is 5.4%, 4.1 to 7.0;
// England and Wales 5,947 of 99,265 is 6.0%.
func TestChargeRatesOf2021(t *testing.T) {
	m := stats.Measure{Per: 100, Interval: stats.Wilson}
	for _, c := range []struct{ n, d, rate, lower95, upper95, lower998, upper998 float64 }{
		{53, 985, 5.4, 4.1, 7.0, 3.6, 8.1}, {5947, 99265, 6.0, 5.8, 6.1, 5.8, 6.2},
	} {
		f := stats.Figure{Numerator: stats.Number(c.n), Denominator: stats.Number(c.d)}
		f.Value = Rate(m, f.Numerator, f.Denominator)
		low95, high95 := Interval95(m, f)
		low998, high998 := Interval998(m, f)
		for i, pair := range [][2]float64{{f.Value.Number, c.rate}, {low95.Number, c.lower95}, {high95.Number, c.upper95}, {low998.Number, c.lower998}, {high998.Number, c.upper998}} {
			if math.Abs(pair[0]-pair[1]) > 0.05 {
				t.Errorf("%v of %v: figure %d is %.3f, want %v", c.n, c.d, i, pair[0], pair[1])
			}
		}
	}
}

// Whatever the counts, an interval is finite, holds the rate, and is inside the
// wider one.
func FuzzIntervals(f *testing.F) {
	f.Add(uint32(0), uint32(1))
	f.Add(uint32(53), uint32(985))
	f.Add(uint32(10), uint32(4_000_000_000))
	f.Fuzz(func(t *testing.T, n, d uint32) {
		for _, m := range []stats.Measure{{Per: 100, Interval: stats.Wilson}, {Per: 1000, Interval: stats.Byar}} {
			figure := stats.Figure{Numerator: stats.Number(float64(n)), Denominator: stats.Number(float64(d))}
			figure.Value = Rate(m, figure.Numerator, figure.Denominator)
			low, high := Interval95(m, figure)
			lower, higher := Interval998(m, figure)
			if !low.Known {
				continue
			}
			order := []float64{0, lower.Number, low.Number, figure.Value.Number, high.Number, higher.Number, math.MaxFloat64}
			for i := range order[1:] {
				if !(order[i] <= order[i+1]*(1+1e-9)+1e-12) {
					t.Fatalf("%s interval of %d and %d out of order: %v", m.Interval, n, d, order)
				}
			}
		}
	})
}
