package disclosure

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"stalkstats/internal/stats"
)

// TestAPartIsNoMoreThanItsWhole: parts of three months and their quarter, and the wholes of
// each month. Of the whole of June there are 6, so that the part is no more, and of 10 in
// April and June no fewer than 4 are of April. A whole is the denominator of a proportion, or a sum of
// which another part is not told.
func TestAPartIsNoMoreThanItsWhole(t *testing.T) {
	for part, whole := range map[string]string{"flagged": "events", "interim": "granted"} {
		quarter := cellOf("a", part, 4, "", "", 30)
		quarter.Period = stats.Quarter(2024, 1)
		cells := []Cell{
			cellOf("a", part, 5, "", "", 20), cellOf("a", whole, 4, "", "", 5), cellOf("a", whole, 6, "", "", 6), quarter,
			cellOf("a", part, 4, "", "", 4), cellOf("a", part, 6, "", "", 6), cellOf("a", whole, 5, "", "", 25),
		}
		found := hides(t, cells)
		told := 0
		for _, c := range cells[:4] {
			if found[c.Key] == Shown {
				told++
			}
		}
		if told == 4 {
			t.Errorf("%s: of 30 less 20 in April and June no more than 6 are of June, and no more than 5 of April: the small one is 4", part)
		}
		if told == 0 {
			t.Errorf("%s: everything is hidden", part)
		}
	}
}

// chances is how often each table is published, each time by other chances.
const chances = 14

// TestNoPatternTellsACount: who knows the rules and tries every table finds for each hidden
// count more than one number of which what is seen could come.
func TestNoPatternTellsACount(t *testing.T) {
	for _, rules := range []Rules{{Threshold: 3}, {Threshold: 4}, {Threshold: 5, Rounding: 5}} {
		for parts, most := range map[int]int{2: 14, 3: 7, 4: 4, 5: 2} {
			tables, seen, inside := 0, map[string][]map[int]bool{}, map[string]bool{}
			eachTable(make([]int, parts), 0, most, func(values []int) {
				tables++
				for n := range chances {
					pattern, numbers := looksLike(t, rules, values, fmt.Sprint(n))
					if seen[pattern] == nil {
						seen[pattern] = make([]map[int]bool, len(numbers))
						for i := range numbers {
							seen[pattern][i] = map[int]bool{}
						}
					}
					for i, number := range numbers {
						seen[pattern][i][number] = true
					}
					inside[pattern] = inside[pattern] || slices.Max(values) < most // another table may be a little larger
				}
			})
			told := 0
			for _, pattern := range slices.Sorted(maps.Keys(seen)) {
				for i, could := range seen[pattern] {
					if len(could) == 1 && !could[shown] && inside[pattern] {
						if told++; told < 4 {
							t.Errorf("%+v, %d parts: of %s the count %d can only be %v", rules, parts, pattern, i, could)
						}
					}
				}
			}
			t.Logf("%+v, %d parts: %d tables, %d patterns", rules, parts, tables, len(seen))
		}
	}
}

// shown stands for a count that is not hidden.
const shown = -1

func eachTable(values []int, at, most int, do func([]int)) {
	if at == len(values) {
		do(values)
		return
	}
	for values[at] = 0; values[at] <= most; values[at]++ {
		eachTable(values, at+1, most, do)
	}
}

// looksLike is what is seen of a total and its parts, and the numbers of those of them that
// are hidden.
func looksLike(t *testing.T, rules Rules, values []int, secret string) (pattern string, numbers []int) {
	t.Helper()
	total := 0
	cells := []Cell{cellOf("a", "events", 4, "", "", 0)}
	for i, value := range values {
		total += value
		cells = append(cells, cellOf("a", "events", 4, "age", fmt.Sprint(i), float64(value)))
	}
	cells[0].Value = float64(total)
	table := NewTable(rules, structure(), secret)
	decisions, err := table.Publish(cells)
	if err != nil {
		t.Fatal(err)
	}
	Sort(decisions)
	for _, d := range decisions {
		number := shown
		if d.Reason != Shown {
			pattern, number = pattern+" c", int(d.Value)
		} else {
			pattern += fmt.Sprint(" ", rules.Round(stats.Value{Known: true, Number: d.Value}).Number)
		}
		numbers = append(numbers, number)
	}
	return pattern, numbers
}

// TestATotalThatIsShownElsewhere: a year of 5 was shown, and another source has its
// quarters later, all of them small. The year cannot be hidden any more, and nothing that was
// shown is withheld for it.
func TestATotalThatIsShownElsewhere(t *testing.T) {
	year := func(source, area string, n float64) Cell {
		c := cellOf(source, "events", 4, "", "", n)
		c.Area, c.Period = area, stats.FinancialYear(2023)
		return c
	}
	own := []Cell{year("a", forces[0], 5), year("a", forces[1], 60), year("a", stats.EnglandAndWales, 65)}
	quarters := []Cell{year("b", forces[0], 5)}
	for n, value := range []float64{1, 1, 1, 2} {
		c := cellOf("b", "events", 4, "", "", value)
		c.Period = stats.Quarter(2023, n+1)
		quarters = append(quarters, c)
	}
	for _, d := range inTurn(t, own, slices.Concat(own, quarters))[1].decisions {
		if small := d.Value < 5; (d.Reason != Shown) != small {
			t.Errorf("%s of %s is %q", d.Period.Label(), d.Area, d.Reason)
		}
	}
}

// TestMonthsOfQuarters: who knows the rules and sees nothing of six months, their two quarters and
// their sum finds more than one number for each.
func TestMonthsOfQuarters(t *testing.T) {
	seen := map[string][]map[int]bool{}
	eachTable(make([]int, 6), 0, 2, func(values []int) {
		if slices.Contains(values, 0) {
			return
		}
		var cells []Cell
		sums := []int{0, 0, 0}
		for i, value := range values {
			cells = append(cells, cellOf("a", "events", 4+i, "", "", float64(value)))
			sums[i/3], sums[2] = sums[i/3]+value, sums[2]+value
		}
		for i, p := range []stats.Period{stats.Quarter(2024, 1), stats.Quarter(2024, 2), {Start: stats.Day(2024, 4, 1), End: stats.Day(2024, 9, 30)}} {
			c := cellOf("a", "events", 4, "", "", float64(sums[i]))
			c.Period = p
			cells = append(cells, c)
		}
		decisions, err := NewTable(Rules{Threshold: 5}, structure(), "").Publish(cells)
		if err != nil {
			t.Fatal(err)
		}
		pattern := ""
		for _, d := range decisions {
			pattern += " c"
			if d.Reason == Shown {
				pattern += fmt.Sprint(d.Value)
			}
		}
		if seen[pattern] == nil {
			seen[pattern] = make([]map[int]bool, len(decisions))
			for i := range decisions {
				seen[pattern][i] = map[int]bool{}
			}
		}
		for i, d := range decisions {
			seen[pattern][i][int(d.Value)] = true
		}
	})
	for i, could := range seen[" c c c c c c c c c"] {
		if len(could) < 2 {
			t.Errorf("the count %d can only be %v where all are hidden", i, could)
		}
	}
	if len(seen[" c c c c c c c c c"]) == 0 {
		t.Errorf("nowhere is everything hidden: %d patterns", len(seen))
	}
}
