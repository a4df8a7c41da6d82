package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"stalkstats/internal/stats"
)

// random counts, some of them gaps, with runs and jumps among them.
func randomCounts(random *rand.Rand) []float64 {
	level, counts := 20+random.Float64()*200, []float64{}
	for range 1 + random.IntN(60) {
		switch random.IntN(15) {
		case 0:
			counts = append(counts, -1)
			continue
		case 1:
			level = 20 + random.Float64()*200
		}
		counts = append(counts, math.Floor(level+20*random.Float64()))
	}
	return counts
}

func TestXmRIsSound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		soundChart(t, chartOf(randomCounts(random)...))
	}
}

func soundChart(t *testing.T, c ControlChart) {
	t.Helper()
	for _, p := range c.Phases {
		for _, n := range []float64{p.Mean, p.AverageRange, p.Lower, p.Upper, p.NearLower, p.NearUpper} {
			if math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
				t.Fatalf("%+v", p)
			}
		}
		if p.HasLimits() && !(p.Lower <= p.NearLower && p.NearLower <= p.Mean && p.Mean <= p.NearUpper && p.NearUpper <= p.Upper) {
			t.Fatalf("the limits do not hold the average: %+v", p)
		}
	}
	for place, point := range c.Points {
		phase := c.Phases[point.Phase]
		if place < phase.First || place > phase.Last {
			t.Fatalf("place %d is not in its phase %+v", place, phase)
		}
		if point.Rule == "" {
			continue
		}
		if !point.Known || !phase.HasLimits() || point.Verdict == WithinChance || point.Verdict == NotJudged {
			t.Fatalf("marked: %+v in %+v", point, phase)
		}
		for within := point.From; within <= point.To; within++ {
			if !c.Points[within].Known || c.Points[within].Phase != point.Phase {
				t.Fatalf("the run %d to %d crosses a gap or a phase", point.From, point.To)
			}
		}
	}
}

// What is marked does not hang on the unit: as many more to each, or so many
// times each, and the same points are marked.
func TestXmRDoesNotHangOnTheUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	changed := func(counts []float64, to func(float64) float64) []float64 {
		var others []float64
		for _, n := range counts {
			if n >= 0 {
				n = to(n)
			}
			others = append(others, n)
		}
		return others
	}
	marked := 0
	for range 500 {
		counts := changed(randomCounts(random), func(n float64) float64 { return n + 1000 })
		want := marks(chartOf(counts...))
		for name, to := range map[string]func(float64) float64{
			"4 times as many": func(n float64) float64 { return 4 * n },
			"512 more":        func(n float64) float64 { return n + 512 },
		} {
			if got := marks(chartOf(changed(counts, to)...)); got != want {
				t.Fatalf("%v, %s: marks %q, want %q", counts, name, got, want)
			}
		}
		for _, letter := range want {
			if letter != '.' && letter != ' ' {
				marked++
			}
		}
	}
	if marked < 500 {
		t.Errorf("only %d points were marked", marked)
	}
}

// Upside down the same points are marked, on the other side.
func TestXmRUpsideDown(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		counts := randomCounts(random)
		var mirrored []float64
		for i, n := range counts {
			if n >= 0 {
				counts[i], n = n+5000, 5000-n
			}
			mirrored = append(mirrored, n)
		}
		c, m := chartOf(counts...), chartOf(mirrored...)
		if marks(c) != marks(m) {
			t.Fatalf("%v: marks %q, mirrored %q", counts, marks(c), marks(m))
		}
		for i := range c.Points {
			if c.Points[i].Side != -m.Points[i].Side {
				t.Fatalf("%v: place %d is on the sides %d and %d", counts, i, c.Points[i].Side, m.Points[i].Side)
			}
		}
	}
}

func TestXmRNeverMarksTheSameNumber(t *testing.T) {
	for length := range 40 {
		for _, n := range []float64{0, 1, 5, 17, 1.0 / 3, 100.1} {
			counts := make([]float64, length)
			for i := range counts {
				counts[i] = n
			}
			for _, p := range chartOf(counts...).Points {
				if p.Rule != "" || p.Verdict != NotJudged {
					t.Fatalf("%d times %v: %+v", length, n, p)
				}
			}
		}
	}
}

// What stands before a restart changes nothing after it.
func TestXmRForgetsWhatWasBeforeARestart(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		after := append([]float64{50}, randomCounts(random)...)
		before := append([]float64{50}, randomCounts(random)...)
		whole := XmR(monthly(append(before[:len(before):len(before)], after...)...), stats.KindMonth, []Restart{{Date: monthAt(len(before)).Start}})
		alone := chartOf(after...)
		if got, want := marks(whole)[len(before):], marks(alone); got != want {
			t.Fatalf("%v after %v: marks %q, want %q", after, before, got, want)
		}
		if got, want := whole.Phases[1].Upper, alone.Phases[0].Upper; got != want {
			t.Fatalf("upper limit %v, want %v", got, want)
		}
	}
}

func FuzzXmR(f *testing.F) {
	f.Add([]byte{10, 12, 11, 13, 10, 12, 11, 13, 10, 12, 11, 13, 12, 200}, byte(9), true)
	f.Add([]byte{255, 0, 255, 0}, byte(0), false)
	f.Fuzz(func(t *testing.T, numbers []byte, restart byte, percent bool) {
		var counts []float64
		for _, n := range numbers[:min(len(numbers), 200)] {
			switch {
			case n == 255:
				counts = append(counts, -1)
			case n > 250:
				counts = append(counts, math.Pow(10, float64(n-240)))
			default:
				counts = append(counts, float64(n)/2)
			}
		}
		s := monthly(counts...)
		if percent {
			s.Measure.Unit = "percent"
		}
		c := XmR(s, stats.KindMonth, []Restart{{Date: monthAt(int(restart)).Start, Step: percent}})
		soundChart(t, c)
		for place, p := range c.Points {
			if p.Known && c.Sentence(place, charges) == "" {
				t.Errorf("nothing is said of %+v", p)
			}
		}
		c.Assurance(stats.Number(float64(restart)))
		if err := StepAllowed(c, monthAt(int(restart)).Start); err != nil && err.Error() == "" {
			t.Error("a step is refused without a word")
		}
	})
}
