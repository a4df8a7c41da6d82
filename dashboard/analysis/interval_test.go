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
