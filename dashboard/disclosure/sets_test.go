package disclosure

import (
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

func eventCell(p stats.Period, value float64) Cell {
	return Cell{Key: stats.Key{Measure: "events", Area: forces[0], Period: p}, Value: value}
}

// A part is a value of a breakdown and its count; of a total both names are empty.
type part struct {
	breakdown, value string
	n                float64
}

func brokenDown(p stats.Period, parts []part) (cells []Cell) {
	for _, of := range parts {
		c := eventCell(p, of.n)
		c.Breakdown, c.BreakdownValue = of.breakdown, of.value
		cells = append(cells, c)
	}
	return cells
}

// hides publishes cells and says which are hidden, by place.
func hides(t *testing.T, cells []Cell) map[stats.Key]Reason {
	t.Helper()
	decisions, err := NewTable(Rules{Threshold: 5}, structure(), "").Publish(cells)
	if err != nil {
		t.Fatal(err)
	}
	found := map[stats.Key]Reason{}
	for _, d := range decisions {
		found[d.Key] = d.Reason
	}
	return found
}

// Two rolling years differ by the quarters at their ends: with three of the
// four known the fourth is too.
func TestRollingYearsTellTheirDifference(t *testing.T) {
	year := func(start stats.Period) stats.Period {
		return stats.Period{Start: start.Start, End: start.Start.AddDate(1, 0, -1)}
	}
	first, fifth := stats.Quarter(2020, 1), stats.Quarter(2021, 1)
	cells := []Cell{eventCell(year(first), 60), eventCell(year(stats.Quarter(2020, 2)), 57), eventCell(first, 6), eventCell(fifth, 3)}
	found := hides(t, cells)
	if found[cells[3].Key] != Primary {
		t.Fatal("a 3 is shown")
	}
	if n := countHidden(found); n != 2 {
		t.Errorf("%d counts are hidden, and 60 - 6 + 3 = 57 tells the 3: %v", n, found)
	}
	if found[cells[2].Key] != Secondary {
		t.Errorf("not the smallest is hidden: %v", found)
	}
}

func countHidden(found map[stats.Key]Reason) (n int) {
	for _, why := range found {
		if why != Shown {
			n++
		}
	}
	return n
}

// A count that is told twice is hidden twice.
func TestCountToldTwice(t *testing.T) {
	p := stats.Quarter(2021, 1)
	row := stats.Origin{File: "outcomes.xlsx", Sheet: "2021", Row: 7}
	kind := func(value string, n float64, row int) Cell {
		c := eventCell(p, n)
		c.Breakdown, c.BreakdownValue = "outcome_type", value
		c.Origin = stats.Origin{File: "outcomes.xlsx", Sheet: "2021", Row: row}
		return c
	}
	charges := Cell{Key: stats.Key{Measure: "charges", Area: forces[0], Period: p}, Value: 9, Origin: row}
	found := hides(t, []Cell{kind("1", 9, 7), kind("16", 3, 8), kind("18", 30, 9), eventCell(p, 42), charges})
	if found[charges.Key] == Shown {
		t.Errorf("the charges are shown, and hidden as outcome type 1: %v", found)
	}
}

// A count that stands under two names in two rows is hidden twice, where both are the
// same number wherever both are there.
func TestCountUnderTwoNames(t *testing.T) {
	cells := func(second float64) []Cell {
		var all []Cell
		for m, parts := range [][3]float64{{30, 2, 10}, {31, 12, 11}} {
			p := stats.Month(2024, time.Month(1+m))
			total := eventCell(p, 0)
			for i, value := range []string{"charged", "14", "16"} {
				c := eventCell(p, parts[i])
				c.Breakdown, c.BreakdownValue = "outcome_type", value
				c.Origin = stats.Origin{File: "return.csv", Row: 2 + 10*m + i}
				total.Value += c.Value
				all = append(all, c)
			}
			named := Cell{Key: stats.Key{Measure: "interim", Area: forces[0], Period: p}, Value: parts[2], Origin: stats.Origin{File: "return.csv", Row: 9 + 10*m}}
			if m == 1 {
				named.Value = second
			}
			all = append(all, total, named)
		}
		return all
	}
	all := cells(11)
	if found := hides(t, all); found[all[2].Key] == Shown || found[all[4].Key] == Shown {
		t.Errorf("30, 10 and 42 tell the 2: %v", found)
	}
	all = cells(12) // as often not the same as the same
	if found := hides(t, all); found[all[4].Key] != Shown {
		t.Errorf("another count is hidden that was the same by chance: %v", found)
	}
}

// Two breakdowns of one count add up to the same, though nobody says to what.
func TestTwoBreakdownsWithoutTheirTotal(t *testing.T) {
	p := stats.Month(2024, time.January)
	cells := brokenDown(p, []part{{"relationship", "stranger", 10}, {"relationship", "former partner", 7}, {"online", "no", 14}, {"online", "yes", 3}})
	if found := hides(t, cells); countHidden(found) < 2 {
		t.Errorf("10 + 7 - 14 tells the 3: %v", found)
	}
	shorter := eventCell(p, 16)
	shorter.Breakdown, shorter.BreakdownValue = "age", "known" // stands first, and is not whole
	if found := hides(t, append(cells, shorter)); countHidden(found) < 2 {
		t.Errorf("10 + 7 - 14 tells the 3 beside a third breakdown: %v", found)
	}
	cells[0].Value = 11 // one of the breakdowns is not whole
	if found := hides(t, cells); countHidden(found) != 1 {
		t.Errorf("more is hidden than the small one: %v", found)
	}
}

// A force that leaves, and a value that gets another name, are no part of the totals
// that are made after.
func TestWhatIsServedNoMore(t *testing.T) {
	p := stats.Quarter(2021, 1)
	of := func(area, sex string, n float64) Cell {
		c := Cell{Key: stats.Key{Measure: "events", Area: area, Period: p}, Value: n}
		if sex != "" {
			c.Breakdown, c.BreakdownValue = "sex", sex
		}
		return c
	}
	for name, editions := range map[string][2][]Cell{
		"a force": {
			{of(forces[0], "", 20), of(forces[1], "", 30), of(forces[2], "", 40), of(stats.EnglandAndWales, "", 90)},
			{of(forces[0], "", 2), of(forces[1], "", 31), of(stats.EnglandAndWales, "", 33)},
		},
		"a name": {
			{of(forces[0], "female", 40), of(forces[0], "not known", 9), of(forces[0], "", 49)},
			{of(forces[0], "female", 41), of(forces[0], "unknown", 3), of(forces[0], "", 44)},
		},
	} {
		publications := inTurn(t, editions[:]...)
		if found := leak(t, publications); found != "" {
			t.Errorf("%s: %s can be worked out of\n%s", name, found, written(publications[1].decisions))
		}
	}
}

// Two values of two breakdowns that are one count are hidden together.
func TestValueOfTwoBreakdowns(t *testing.T) {
	p := stats.Month(2024, time.January)
	cells := brokenDown(p, []part{{"", "", 56}, {"outcome_group", "charged", 9}, {"outcome_group", "other", 47}, {"outcome_type", "1", 9}, {"outcome_type", "14", 3}, {"outcome_type", "16", 20}, {"outcome_type", "18", 24}})
	if found := hides(t, cells); found[cells[1].Key] == Shown && found[cells[3].Key] != Shown {
		t.Errorf("56 - 24 - 20 - 9 tells the 3: %v", found)
	}
}

// A value of a breakdown that is, month by month, the sum of values of another tells the
// hidden one of them.
func TestNestedBreakdowns(t *testing.T) {
	var cells []Cell
	for m, n := range [][]float64{{30, 7, 3, 6, 10}, {21, 9, 8, 7, 12}, {25, 8, 6, 14, 9}} {
		p := stats.Month(2024, time.Month(1+m))
		cells = append(cells, brokenDown(p, []part{{"", "", n[0] + n[1] + n[2] + n[3] + n[4]}, {"domestic", "yes", n[0] + n[1] + n[2]}, {"domestic", "no", n[3] + n[4]},
			{"relationship", "former partner", n[0]}, {"relationship", "partner", n[1]}, {"relationship", "family", n[2]}, {"relationship", "stranger", n[3]}, {"relationship", "acquaintance", n[4]}})...)
	}
	found := hides(t, cells)
	if found[cells[1].Key] == Shown && found[cells[3].Key] == Shown && found[cells[4].Key] == Shown {
		t.Errorf("40 - 30 - 7 tells the 3: %v", found)
	}
	if n := countHidden(found); n > 4 {
		t.Errorf("%d counts are hidden for one small one: %v", n, found)
	}
}

// A total that is served no more is still known beside the parts of now.
func TestATotalIsServedNoMore(t *testing.T) {
	p := stats.Month(2024, time.January)
	of := func(sex string, n float64) Cell {
		c := eventCell(p, n)
		if sex != "" {
			c.Breakdown, c.BreakdownValue = "sex", sex
		}
		return c
	}
	last := inTurn(t, []Cell{of("", 44), of("female", 38), of("not known", 6)}, []Cell{of("female", 41), of("unknown", 3)})[1].decisions
	for _, d := range last {
		if d.Reason == Shown {
			t.Errorf("44 - 41 tells the 3:\n%s", written(last))
		}
	}
}

// A period that is served no more does not hide what adds up without it.
func TestAPeriodIsServedNoMore(t *testing.T) {
	months := func(values ...float64) (cells []Cell) {
		for m, n := range values {
			cells = append(cells, eventCell(stats.Month(2024, time.Month(1+m)), n))
		}
		return cells
	}
	two, quarter := stats.Period{Start: stats.Day(2024, time.January, 1), End: stats.Day(2024, time.February, 29)}, quarterOf(stats.Month(2024, time.January))
	publications := inTurn(t, append(months(31, 40, 9), eventCell(two, 71), eventCell(quarter, 80)), append(months(30, 40, 3), eventCell(quarter, 73)))
	if found := leak(t, publications); found != "" {
		t.Errorf("%s can be worked out of\n%s", found, written(publications[1].decisions))
	}
	if last := publications[1].decisions; !slices.ContainsFunc(last, func(d Decision) bool { return d.Reason == Secondary }) {
		t.Errorf("73 - 30 - 40 tells the 3:\n%s", written(last))
	}
}

// People of two months are not those of the quarter: no subtraction tells any.
func TestPeopleDoNotAddUpOverPeriods(t *testing.T) {
	var cells []Cell
	for m := range 3 {
		cells = append(cells, Cell{Key: stats.Key{Measure: "people", Area: forces[0], Period: stats.Month(2024, time.Month(1+m))}, Value: float64(3 + 10*m)})
	}
	cells = append(cells, Cell{Key: stats.Key{Measure: "people", Area: forces[0], Period: quarterOf(cells[0].Period)}, Value: 36})
	if n := countHidden(hides(t, cells)); n != 1 {
		t.Errorf("%d are hidden, want the one that is small", n)
	}
}

func TestACellThatIsThereTwiceIsAnError(t *testing.T) {
	c := eventCell(stats.Quarter(2021, 1), 7)
	if _, err := NewTable(Rules{}, structure(), "").Publish([]Cell{c, c}); err == nil {
		t.Error("a table with a count twice was taken")
	}
}

func TestATablePublishesOnce(t *testing.T) {
	table := NewTable(Rules{Threshold: 5}, structure(), "")
	cells := []Cell{eventCell(stats.Quarter(2021, 1), 7)}
	if _, err := table.Publish(cells); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Publish(cells); err == nil {
		t.Error("a table that does not know whether its publication stands has published another")
	}
}

// inTurn publishes one edition after the other as a program does: each with a table into
// which it has put the former ones.
func inTurn(t *testing.T, editions ...[]Cell) []published {
	t.Helper()
	var publications []published
	for _, cells := range editions {
		table := NewTable(Rules{Threshold: 5}, structure(), "")
		for _, p := range publications {
			if err := table.Recall(p.decisions); err != nil {
				t.Fatal(err)
			}
		}
		decisions, err := table.Publish(cells)
		if err != nil {
			t.Fatal(err)
		}
		publications = append(publications, published{decisions})
	}
	return publications
}

// FuzzPublish: whatever the counts, no small one is shown and nothing hidden can
// be worked out.
func FuzzPublish(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, []byte{1, 2, 3, 4, 5, 6, 7, 8, 1})
	f.Add([]byte{0, 0, 0, 1, 1, 1, 9, 9, 9}, []byte{0, 0, 1, 1, 1, 1, 9, 9, 8})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var editions [][]Cell
		for _, bytes := range [][]byte{first, second} {
			w := world{}
			for i, b := range bytes[:min(len(bytes), 9)] {
				w[stats.Key{Measure: "events", Area: forces[i%3], Source: "source", Period: stats.Month(2024, time.Month(1+i/3))}] = int(b % 16)
			}
			if len(w) == 0 {
				return
			}
			editions = append(editions, w.cells())
		}
		publications := inTurn(t, editions...)
		checkPrimary(t, publications[0].decisions)
		checkPrimary(t, publications[1].decisions)
		if found := leak(t, publications); found != "" {
			t.Errorf("%s can be worked out of\n%s", found, written(publications[1].decisions))
		}
	})
}
