package disclosure

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// shownOf is how many of the cells that a test names are shown.
func shownOf(found map[stats.Key]Reason, is func(stats.Key) bool) (n int) {
	for k, reason := range found {
		if reason == Shown && is(k) {
			n++
		}
	}
	return n
}

// Some forces report by month and others by quarter: the total of the quarters has no
// part that was added up of months, and tells the small one of those that it has.
func TestATotalOfForcesThatReportTheQuarter(t *testing.T) {
	s, quarter, row := structure(), stats.Quarter(2024, 1), 0
	s.Forces = nil
	for n := range 24 {
		s.Forces = append(s.Forces, fmt.Sprintf("E230000%02d", n+1))
	}
	var cells []Cell
	add := func(area string, p stats.Period, n float64, read bool) {
		c := Cell{Key: stats.Key{Measure: "events", Area: area, Source: "force_return", Period: p}, Value: n}
		if row++; read {
			c.Origin = stats.Origin{File: "return.csv", Row: row}
		}
		cells = append(cells, c)
	}
	for m, n := range []float64{3, 0, 0} {
		add(s.Forces[0], stats.Month(2024, time.Month(4+m)), n, true)
	}
	add(s.Forces[0], quarter, 3, false)
	add(s.Forces[1], quarter, 1, true)
	for _, force := range s.Forces[2:] {
		add(force, quarter, 8, true)
	}
	add(stats.EnglandAndWales, quarter, 1+22*8, false)
	decisions, err := NewTable(Rules{Threshold: 5}, s, "").Publish(cells)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, d := range decisions {
		if d.Reason == Shown && (d.Area == stats.EnglandAndWales || d.Value == 8) {
			shown++
		}
	}
	if shown == 23 || shown == 0 {
		t.Errorf("177 - 22 × 8 tells the 1:\n%s", written(decisions))
	}
}

// A breakdown that holds a value beside another of which it is a part does not add up to
// its total, and without the part it does.
func TestAValueThatIsPartOfAnother(t *testing.T) {
	p := stats.Month(2024, time.April)
	values := []part{{"relationship", "acquaintance", 8}, {"relationship", "acquaintance: neighbour", 3}, {"relationship", "domestic", 1}, {"relationship", "stranger", 8}}
	large := func(k stats.Key) bool {
		return k.BreakdownValue == "" || k.BreakdownValue == "acquaintance" || k.BreakdownValue == "stranger"
	}
	found := hides(t, brokenDown(p, append(values, part{"", "", 17})))
	if n := shownOf(found, large); n == 3 || n == 0 {
		t.Errorf("17 - 8 - 8 tells the 1: %v", found)
	}
	values = []part{{"relationship", "acquaintance", 5}, {"relationship", "domestic", 1}, {"relationship", "domestic: partner", 1}, {"relationship", "stranger", 8}, {"sex", "female", 7}, {"sex", "male", 7}}
	for _, turned := range []bool{false, true} {
		if turned { // whichever comes first
			for i := range values {
				values[i].breakdown = map[string]string{"relationship": "z", "sex": "sex"}[values[i].breakdown]
			}
		}
		found = hides(t, brokenDown(p, values))
		if n := shownOf(found, func(k stats.Key) bool { return true }); n == 4 || n == 0 {
			t.Errorf("7 + 7 - 5 - 8 tells the 1: %v", found)
		}
	}
	whole := brokenDown(p, []part{{"", "", 30}, {"relationship", "acquaintance", 9}, {"relationship", "domestic", 13}, {"relationship", "stranger", 7}})
	if found := hides(t, whole); countHidden(found) != 0 {
		t.Errorf("no value is small, and some are hidden: %v", found)
	}
}

// A breakdown may have its total among its values, however many there are.
func TestAValueThatIsTheTotalOfTheOthers(t *testing.T) {
	for _, others := range [][]part{
		{{"sex", "female", 16}, {"sex", "male", 1}},
		{{"age", "a", 1}, {"age", "b", 6}, {"age", "c", 7}, {"age", "d", 8}, {"age", "e", 9}, {"age", "f", 10}},
	} {
		var cells []Cell
		for m := range 2 {
			all := part{others[0].breakdown, "all persons", float64(m)}
			for _, other := range others {
				all.n += other.n
			}
			month := append(slices.Clone(others), all)
			month[len(others)-1].n += float64(m)
			cells = append(cells, brokenDown(stats.Month(2024, time.Month(1+m)), month)...)
		}
		hidden := map[stats.Period]int{}
		for k, reason := range hides(t, cells) {
			if reason != Shown {
				hidden[k.Period]++
			}
		}
		for p, n := range hidden {
			if n < 2 || n > len(others) {
				t.Errorf("%d of %d are hidden in %s: all persons without the others tell the small one", n, len(others)+1, p.Label())
			}
		}
	}
}

// The people of a quarter in which only one month has any are those of the month.
func TestPeopleOfAQuarterThatAreThoseOfItsMonth(t *testing.T) {
	june, quarter := stats.Month(2024, time.June), stats.Quarter(2024, 1)
	cells := append(brokenDown(june, []part{{"", "", 17}, {"age", "under 18", 1}, {"age", "18 to 40", 8}, {"age", "over 40", 8}}),
		brokenDown(quarter, []part{{"age", "18 to 40", 8}, {"age", "over 40", 8}})...)
	for i := range cells {
		cells[i].Measure = "people"
	}
	found := hides(t, cells)
	for _, age := range []string{"18 to 40", "over 40"} {
		of := func(k stats.Key) bool { return k.BreakdownValue == age }
		if n := shownOf(found, of); n == 1 {
			t.Errorf("%s is shown in one of two periods where it is the same: %v", age, found)
		}
	}
	if n := shownOf(found, func(k stats.Key) bool { return k.BreakdownValue != "under 18" }); n == 5 || n == 0 {
		t.Errorf("17 - 8 - 8 tells the 1: %v", found)
	}
}

// Two sources that count the same hide the same: what one hides beside a small count the
// other would tell.
func TestTheSameInTwoSources(t *testing.T) {
	var cells []Cell
	for _, source := range []string{"force_records", "force_return"} {
		for m, n := range []float64{12, 3, 7} {
			if source == "force_return" && m == 0 {
				n++ // one that the other source does not have
			}
			cells = append(cells, Cell{Key: stats.Key{Measure: "events", Area: forces[0], Source: source, Period: stats.Month(2024, time.Month(1+m))}, Value: n})
		}
	}
	quarter := cells[0]
	quarter.Period, quarter.Value = stats.Quarter(2023, 4), 22
	found := hides(t, append(cells, quarter))
	if found[cells[2].Key] != found[cells[5].Key] && (found[cells[2].Key] == Shown || found[cells[5].Key] == Shown) {
		t.Errorf("one of two sources shows the 7 that the other hides: %v", found)
	}
	if found[cells[3].Key] != Shown || countHidden(found) != 4 {
		t.Errorf("hidden are not the two months of both sources alone: %v", found)
	}
}

// Of a measure that nothing protects only that is withheld, and what hangs together with it.
func TestOtherMeasuresAreNotWithheld(t *testing.T) {
	of := func(measure, area string, n float64) Cell {
		return Cell{Key: stats.Key{Measure: measure, Area: area, Period: stats.FinancialYear(2023)}, Value: n}
	}
	first := []Cell{of("events", forces[0], 9), of("events", forces[1], 20), of("events", stats.EnglandAndWales, 29),
		of("full", forces[0], 3), of("full", forces[1], 7), of("full", forces[2], 30), of("full", stats.EnglandAndWales, 40)}
	second := slices.Clone(first)
	second[0].Value = 3 // its total was not made anew, and is known
	publications := inTurn(t, first, second, second)
	if found := leak(t, publications); found != "" {
		t.Errorf("%s can be worked out", found)
	}
	for n, p := range publications[1:] {
		withheld, shown := 0, 0
		for _, d := range p.decisions {
			switch {
			case d.Measure == "events" && d.Reason == Withheld:
				withheld++
			case d.Measure == "full" && d.Reason == Shown:
				shown++
			}
		}
		if withheld != 3 || shown != 2 {
			t.Errorf("publication %d: of events %d are withheld, want 3; of full %d are shown, want 2:\n%s", n+2, withheld, shown, written(p.decisions))
		}
	}
}
