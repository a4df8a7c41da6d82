package disclosure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// years is a table of forces by month over two calendar years, of three values of a
// breakdown and their total, with every longer period that is whole.
func years(r *rand.Rand, areas []string) []Cell {
	sums := map[stats.Key]int{}
	for _, area := range areas {
		size := []float64{0.5, 1, 1, 1, 2, 4}[r.IntN(6)]
		for m := range 24 {
			for i, value := range []string{"partner", "family", "stranger"} {
				n := int(math.Round(size * (8 - 2*float64(i)) * (0.2 + 1.6*r.Float64())))
				for _, period := range yearsOf(m) {
					for _, area := range []string{area, stats.EnglandAndWales} {
						k := stats.Key{Measure: "events", Source: "source", Area: area, Period: period}
						sums[k] += n
						k.Breakdown, k.BreakdownValue = "relationship", value
						sums[k] += n
					}
				}
			}
		}
	}
	var cells []Cell
	for k, n := range sums {
		cells = append(cells, Cell{Key: k, Value: float64(n)})
	}
	slices.SortFunc(cells, func(a, b Cell) int { return stats.CompareKeys(a.Key, b.Key) })
	return cells
}

// yearsOf is a month from January 2022 on, and the quarter and the years that it is of, as
// far as they are whole by December 2023.
func yearsOf(m int) []stats.Period {
	month := stats.Month(2022+m/12, time.Month(1+m%12))
	year := stats.Period{Start: stats.Day(2022+m/12, 1, 1), End: stats.Day(2022+m/12, 12, 31)}
	all := []stats.Period{month, quarterOf(month), year}
	if m >= 3 && m < 15 {
		all = append(all, stats.FinancialYear(2022))
	}
	return all
}

// TestATableOfAllForcesIsNotWithheld: periods that hang together in quarters and in two kinds of
// year leave so few ways round that a search from count to count does not find them.
func TestATableOfAllForcesIsNotWithheld(t *testing.T) {
	for seed := range uint64(3) {
		for _, n := range []int{12, 43} {
			t.Run(fmt.Sprint(seed, n), func(t *testing.T) {
				t.Parallel()
				s := structure()
				s.Forces = nil
				for i := range n {
					s.Forces = append(s.Forces, fmt.Sprintf("E230000%02d", 1+i))
				}
				cells := years(rand.New(rand.NewPCG(seed, 7)), s.Forces)
				decisions, err := NewTable(Rules{Threshold: 5}, s, "").Publish(cells)
				if err != nil {
					t.Fatal(err)
				}
				hidden := map[Reason]int{}
				for _, d := range decisions {
					hidden[d.Reason]++
				}
				t.Log(hidden)
				if hidden[Withheld] > 0 || hidden[Shown] < len(cells)/2 {
					t.Fatalf("of %d counts %v are hidden", len(cells), hidden)
				}
				for _, of := range determined(decisions, s.Forces) {
					t.Errorf("what is shown determines %s of %s, %s: %v", of.BreakdownValue, of.Area, of.Period.Label(), of.Value)
				}
				for i := range decisions {
					if decisions[i].Reason == Secondary {
						decisions[i].Reason = Shown
					}
				}
				if len(determined(decisions, s.Forces)) == 0 {
					t.Error("nothing is determined either where only small counts are hidden: this test finds nothing")
				}
			})
		}
	}
}
