package analysis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func TestXmRRestarts(t *testing.T) {
	counts := append(quiet[:13:13], 30, 32, 31, 33, 30, 32, 31, 33)
	at := func(y int, m time.Month, d int) Restart {
		return Restart{Date: stats.Day(y, m, d), Words: "rules changed"}
	}
	type part struct{ First, Last, Restarts int }
	tests := map[string]struct {
		restarts []Restart
		want     []part
	}{
		"none":                           {nil, []part{{0, 20, 0}}},
		"on the first day of a period":   {[]Restart{at(2024, time.May, 1)}, []part{{0, 12, 0}, {13, 20, 1}}},
		"inside a period":                {[]Restart{at(2024, time.April, 2)}, []part{{0, 12, 0}, {13, 20, 1}}},
		"two before one period":          {[]Restart{at(2024, time.May, 1), at(2024, time.April, 9)}, []part{{0, 12, 0}, {13, 20, 2}}},
		"two":                            {[]Restart{at(2024, time.June, 1), at(2024, time.May, 1)}, []part{{0, 12, 0}, {13, 13, 1}, {14, 20, 1}}},
		"before and after all there is":  {[]Restart{at(2020, time.April, 1), at(2024, time.December, 2)}, []part{{0, 20, 0}}},
		"on the first day of the series": {[]Restart{at(2023, time.April, 1)}, []part{{0, 20, 0}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := XmR(monthly(counts...), stats.KindMonth, test.restarts)
			var got []part
			for i, p := range c.Phases {
				got = append(got, part{p.First, p.Last, len(p.Restarts)})
				for place := p.First; place <= p.Last; place++ {
					if c.Points[place].Phase != i {
						t.Errorf("place %d is in phase %d", place, c.Points[place].Phase)
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("phases (-want +got):\n%s", diff)
			}
		})
	}
	c := XmR(monthly(counts...), stats.KindMonth, []Restart{at(2024, time.May, 1)})
	near(t, "first mean", c.Phases[0].Mean, 150.0/13)
	near(t, "second mean", c.Phases[1].Mean, 31.5)
	near(t, "second average moving range, without the jump", c.Phases[1].AverageRange, 13.0/7)
	if got := marks(c); got != "....................." {
		t.Errorf("a restart explains the jump, and yet %q", got)
	}
}

// TestXmRAcrossApril2020: recorded stalking before and after the change of the
// counting rules has two sets of limits (the demonstration here is of the
// dates; the numbers are made for the test).
func TestXmRAcrossApril2020(t *testing.T) {
	var figures []stats.Figure
	for q := range 32 {
		n := 100 + float64(q%3)*10
		if q >= 16 {
			n += 200
		}
		figures = append(figures, figure(stats.Quarter(2016+q/4, q%4+1), n, q+2))
	}
	s := seriesOf(figures...)
	c := XmR(s, stats.KindQuarter, []Restart{{Date: stats.Day(2020, time.April, 1), Words: "recording rules changed"}})
	if len(c.Phases) != 2 || c.Phases[0].State != FullLimits || c.Phases[1].State != FullLimits {
		t.Fatalf("phases %+v", c.Phases)
	}
	if first := c.Points[c.Phases[1].First].Period; first != stats.Quarter(2020, 1) {
		t.Errorf("the limits start anew in %s", first.Label())
	}
	if c.Phases[0].Upper >= c.Phases[1].Lower {
		t.Errorf("limits %v and %v", c.Phases[0], c.Phases[1])
	}
}
