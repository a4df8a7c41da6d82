package disclosure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

var forces = []string{"E23000001", "E23000002", "E23000003"}

// structure is of three forces, one measure of events, two and their sum, one of people
// and one that adds up over nothing.
func structure() Structure {
	return Structure{Forces: forces, Measures: stats.NewMeasures([]stats.Measure{
		{ID: "events", AddsUp: stats.OverAreasAndPeriods},
		{ID: "interim", AddsUp: stats.OverAreasAndPeriods},
		{ID: "full", AddsUp: stats.OverAreasAndPeriods},
		{ID: "granted", AddsUp: stats.OverAreasAndPeriods, Parts: []string{"interim", "full"}},
		{ID: "people", AddsUp: stats.OverAreas},
		{ID: "days", AddsUp: stats.OverNothing},
		{ID: "flagged", AddsUp: stats.OverAreasAndPeriods},
		{ID: "flagged_rate", Numerator: "flagged", Denominator: "events", Per: 100, Interval: stats.Wilson},
	})}
}

// A world is the finest counts that a table is made of: by measure, force, month and sex.
type world map[stats.Key]int

var sexes = []string{"female", "male"}

// made is a world by chance: most counts are small.
func made(r *rand.Rand, months int, broken bool) world {
	return madeOf(r, []string{"events"}, forces[:1+r.IntN(len(forces))], months, broken)
}

func madeOf(r *rand.Rand, measures, areas []string, months int, broken bool) world {
	w := world{}
	for _, measure := range measures {
		for _, force := range areas {
			for m := range months {
				k := stats.Key{Measure: measure, Area: force, Source: "source", Period: stats.Month(2024, time.Month(1+m))}
				for _, sex := range sexes {
					if broken {
						k.Breakdown, k.BreakdownValue = "sex", sex
					}
					w[k] = []int{0, 1, 1, 2, 3, 4, 5, 6, 9, 14}[r.IntN(10)]
				}
			}
		}
	}
	return w
}

// sumOf is the measures to which a count goes.
func sumOf(measure string) []string {
	if measure == "events" {
		return []string{measure}
	}
	return []string{measure, "granted"}
}

// cells is the world with all its totals: of the sexes, of the forces, of the
// quarters, of the measures.
func (w world) cells() []Cell {
	sums := map[stats.Key]int{}
	for k, n := range w {
		for _, area := range []string{k.Area, stats.EnglandAndWales} {
			for _, period := range []stats.Period{k.Period, quarterOf(k.Period)} {
				for _, total := range []bool{false, true} {
					if total && k.Breakdown == "" {
						continue
					}
					for _, measure := range sumOf(k.Measure) {
						sum := k
						sum.Measure, sum.Area, sum.Period = measure, area, period
						if total {
							sum.Breakdown, sum.BreakdownValue = "", ""
						}
						sums[sum] += n
					}
				}
			}
		}
	}
	var cells []Cell
	for k, n := range sums {
		cells = append(cells, Cell{Key: k, Value: float64(n)})
	}
	return cells
}

func quarterOf(p stats.Period) stats.Period {
	first := (p.Start.Month()-1)/3*3 + 1
	return stats.Period{Start: stats.Day(p.Start.Year(), first, 1), End: stats.Day(p.Start.Year(), first+3, 0)}
}

// revised is the world after some of its counts were corrected.
func (w world) revised(r *rand.Rand) world {
	now := world{}
	for _, k := range sortedKeys(w) {
		now[k] = w[k]
		if r.IntN(6) == 0 {
			now[k] = r.IntN(10)
		}
	}
	return now
}

// served is the cells of a publication: now and then all of a kind are not there, a
// force is not, and the totals are of the others, a value of a breakdown has another
// name, or the totals of the forces are those of the former publication.
func served(r *rand.Rand, w, former world, n int) []Cell {
	left := r.IntN(10 + n)
	before := map[stats.Key]float64{}
	switch left {
	case 8:
		for _, c := range former.cells() {
			before[c.Key] = c.Value
		}
	case 4, 5:
		w = w.without(forces[r.IntN(2)])
	case 6, 7:
		w = w.renamed(sexes[r.IntN(2)])
	}
	cells := w.cells()
	for i, c := range cells {
		if value, there := before[c.Key]; there && c.Area == stats.EnglandAndWales {
			cells[i].Value = value
		}
	}
	return slices.DeleteFunc(cells, func(c Cell) bool {
		switch left {
		case 0:
			return c.Area == stats.EnglandAndWales
		case 1:
			return c.Period.Days() > 31
		case 2:
			return c.Period == stats.Month(2024, time.February)
		case 3:
			return c.Breakdown != ""
		}
		return false
	})
}

// without is the world of the other forces; where there are none, all of it.
func (w world) without(force string) world {
	rest := world{}
	for k, n := range w {
		if k.Area != force {
			rest[k] = n
		}
	}
	if len(rest) == 0 {
		return w
	}
	return rest
}

func (w world) renamed(sex string) world {
	now := world{}
	for k, n := range w {
		if k.BreakdownValue == sex {
			k.BreakdownValue = "not known"
		}
		now[k] = n
	}
	return now
}

func sortedKeys(w world) []stats.Key {
	var keys []stats.Key
	for k := range w {
		keys = append(keys, k)
	}
	sortKeys(keys)
	return keys
}

// A publication as an attacker has it: what adds up is worked out anew here.
type published struct {
	decisions []Decision
}

// isWithheld reports whether nobody sees what it holds.
func (p published) isWithheld() bool {
	return !slices.ContainsFunc(p.decisions, func(d Decision) bool { return d.Reason != Withheld })
}

// leak is the first hidden count that the publications tell together, empty
// where they tell none.
func leak(t testing.TB, publications []published) string {
	place := map[version]int{}
	var all []unknown
	var truth []int
	var names []string
	var sums [][]piece
	shown := map[int]bool{}
	at := map[stats.Key]int{} // what was served last of each key
	for _, p := range publications {
		now := map[stats.Key]int{}
		for _, d := range p.decisions {
			v := version{d.Key, d.Value}
			i, there := place[v]
			if !there {
				i = len(all)
				place[v] = i
				all, truth = append(all, unknown{0, farAway}), append(truth, int(d.Value))
				names = append(names, fmt.Sprintf("%s %s %s %s %s = %v", d.Measure, d.Area, d.Period.Label(), d.Breakdown, d.BreakdownValue, d.Value))
			}
			if d.Reason == Shown {
				shown[i] = true
			}
			if d.Reason != Withheld { // of which nobody is told that it is no 0, or the same as before
				all[i].lo, at[d.Key], now[d.Key] = 1, i, i
			}
		}
		if len(now) > 0 {
			for _, known := range []map[stats.Key]int{at, now} {
				for _, sum := range addingUp(known) {
					if holds(sum, truth) { // else it tells nothing that is true
						sums = append(sums, sum)
					}
				}
			}
		}
	}
	for i := range all {
		if shown[i] {
			all[i] = unknown{truth[i], truth[i]}
		}
	}
	a := &attacker{t: t, sums: sums, truth: truth}
	for i := range all {
		if !shown[i] && !a.canBe(all, i) {
			return names[i]
		}
	}
	return ""
}

func holds(sum []piece, truth []int) bool {
	n := 0
	for _, p := range sum {
		n += p.sign * truth[p.place]
	}
	return n == 0
}

// addingUp is what adds up among keys: written out, with none of the code that
// is tested.
func addingUp(at map[stats.Key]int) [][]piece {
	var sums [][]piece
	for k, i := range at {
		var areas, sexParts, months, kinds []piece
		for other, j := range at {
			sameArea, samePeriod := other.Area == k.Area, other.Period == k.Period
			sameSex := other.BreakdownValue == k.BreakdownValue
			if other.Measure != k.Measure {
				if k.Measure == "granted" && sameArea && samePeriod && sameSex {
					kinds = append(kinds, piece{j, 1})
				}
				continue
			}
			switch {
			case k.Area == stats.EnglandAndWales && !sameArea && samePeriod && sameSex:
				areas = append(areas, piece{j, 1})
			case k.Breakdown == "" && other.Breakdown != "" && sameArea && samePeriod:
				sexParts = append(sexParts, piece{j, 1})
			case k.Period.Days() > 31 && other.Period.Days() <= 31 && k.Period.Contains(other.Period) && sameArea && sameSex:
				months = append(months, piece{j, 1})
			}
		}
		if len(months)%3 != 0 { // an incomplete quarter adds up to nothing
			months = nil
		}
		if len(kinds) != 2 {
			kinds = nil
		}
		for _, parts := range [][]piece{areas, sexParts, months, kinds} {
			if parts != nil {
				sums = append(sums, append([]piece{{i, -1}}, parts...))
			}
		}
	}
	return sums
}

// Nothing hidden can be worked out by subtraction, whatever the table.
func TestNothingHiddenCanBeWorkedOut(t *testing.T) {
	notWorkedOut(t, 250, 3, func(r *rand.Rand, seed uint64) world { return made(r, 3, seed%2 == 0) })
}

// Nor can it after many publications, some of which were withheld.
func TestNothingHiddenCanBeWorkedOutAfterMany(t *testing.T) {
	notWorkedOut(t, 80, 5, func(r *rand.Rand, seed uint64) world { return made(r, 3, seed%3 == 0) })
}

// Nor can it out of measures that add up to another one.
func TestNothingHiddenCanBeWorkedOutOfOtherMeasures(t *testing.T) {
	notWorkedOut(t, 100, 2, func(r *rand.Rand, seed uint64) world {
		return madeOf(r, []string{"interim", "full"}, forces[:1+r.IntN(2)], 3, seed%5 == 0)
	})
}

// notWorkedOut publishes worlds by chance, each several times with corrections, and has
// the attacker look at them.
func notWorkedOut(t *testing.T, worlds uint64, times int, begin func(r *rand.Rand, seed uint64) world) {
	t.Helper()
	withheld, hidden, all := make([]int, times), make([]int, times), make([]int, times)
	defer func() { t.Log("withheld", withheld, "hidden", hidden, "of", all) }()
	for seed := range worlds {
		r := rand.New(rand.NewPCG(seed, 1))
		w := begin(r, seed)
		var publications []published
		for n := range times {
			former := w
			if n > 0 {
				w = w.revised(r)
			}
			// A program decides on each publication with a table into which it has put the
			// former ones.
			table := NewTable(Rules{Threshold: 5, Rounding: 1}, structure(), "")
			for _, p := range publications {
				if err := table.Recall(p.decisions); err != nil {
					t.Fatal(err)
				}
			}
			decisions, err := table.Publish(served(r, w, former, n))
			if err != nil {
				t.Fatal(err)
			}
			publications = append(publications, published{decisions})
			checkPrimary(t, decisions)
			if (published{decisions}).isWithheld() {
				withheld[n]++
			}
			for _, d := range decisions {
				all[n]++
				if d.Reason != Shown {
					hidden[n]++
				}
			}
			if found := leak(t, publications); found != "" {
				t.Fatalf("seed %d, publication %d: %s can be worked out of\n%s", seed, n+1, found, written(decisions))
			}
		}
	}
}

func checkPrimary(t *testing.T, decisions []Decision) {
	t.Helper()
	for _, d := range decisions {
		if d.Value > 0 && d.Value < 5 && d.Reason == Shown {
			t.Fatalf("%v is shown, and is small", d.Cell)
		}
	}
}

func written(decisions []Decision) string {
	var text string
	for _, d := range decisions {
		text += fmt.Sprintf("%s %s %s: %v %s\n", d.Area, d.Period.Label(), d.BreakdownValue, d.Value, d.Reason)
	}
	return text
}

func sortKeys(keys []stats.Key) { slices.SortFunc(keys, stats.CompareKeys) }
