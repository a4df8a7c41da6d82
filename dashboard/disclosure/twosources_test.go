package disclosure

import (
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// cellOf is a count of the first force in a month of 2024.
func cellOf(source, measure string, month int, breakdown, value string, n float64) Cell {
	return Cell{Key: stats.Key{Source: source, Measure: measure, Area: forces[0], Period: stats.Month(2024, time.Month(month)), Breakdown: breakdown, BreakdownValue: value}, Value: n}
}

// A sum that holds in one source is known, though the same names do not add up in another.
func TestASumOfOneSourceAlone(t *testing.T) {
	var cells []Cell
	for m := 4; m <= 6; m++ {
		n := float64(m)
		for source, more := range map[string]float64{"a": 0, "b": 9} {
			for _, c := range []Cell{
				cellOf(source, "events", m, "", "", 39+2*n), cellOf(source, "events", m, "flag", "domestic", 13+n+more), cellOf(source, "events", m, "flag", "not", 26+n-more),
				cellOf(source, "events", m, "relationship", "partner", 3), cellOf(source, "events", m, "relationship", "family", 10+n),
				cellOf(source, "events", m, "relationship", "stranger", 6), cellOf(source, "events", m, "relationship", "acquaintance", 20+n),
			} {
				if source == "b" {
					c.Area = forces[1]
				}
				cells = append(cells, c)
			}
		}
	}
	found := hides(t, cells)
	for m := 4; m <= 6; m++ {
		n := float64(m)
		domestic, family := cellOf("a", "events", m, "flag", "domestic", 13+n), cellOf("a", "events", m, "relationship", "family", 10+n)
		if found[domestic.Key] == Shown && found[family.Key] == Shown {
			t.Errorf("in month %d domestic less family tells the 3", m)
		}
	}
}

// The same counts may have other names in another source.
func TestOtherNamesInAnotherSource(t *testing.T) {
	var cells []Cell
	for m := 4; m <= 6; m++ {
		n := float64(m)
		cells = append(cells, cellOf("a", "events", m, "", "", 13+n), cellOf("a", "events", m, "sex", "female", 3), cellOf("a", "events", m, "sex", "male", 10+n),
			cellOf("b", "events", m, "gender", "M", 10+n))
	}
	found := hides(t, cells)
	for m := 4; m <= 6; m++ {
		if total := cellOf("a", "events", m, "", "", 0); found[total.Key] == Shown && found[cellOf("b", "events", m, "gender", "M", 0).Key] == Shown {
			t.Errorf("in month %d the total of one source less M of the other tells the 3", m)
		}
	}
}

// A source may bring later what another one had before it was corrected.
func TestASourceBringsWhatAnotherHad(t *testing.T) {
	publications := inTurn(t,
		[]Cell{cellOf("a", "events", 4, "", "", 13), cellOf("a", "events", 4, "sex", "female", 3), cellOf("a", "events", 4, "sex", "male", 10)},
		[]Cell{cellOf("a", "events", 4, "", "", 14), cellOf("a", "events", 4, "sex", "female", 3), cellOf("a", "events", 4, "sex", "male", 11), cellOf("b", "events", 4, "sex", "male", 10)})
	for _, d := range publications[1].decisions {
		if d.Source == "b" && d.Reason == Shown {
			t.Errorf("the former total, 13, less 10 tells the 3:\n%s", written(publications[1].decisions))
		}
	}
}

// That one place has more people than events, as totals of other forces may, does not
// unsay that people are never more elsewhere.
func TestMorePeopleInOnePlace(t *testing.T) {
	q := threeMonths{[]int{11, 8, 1, 20}, []int{10, 8, 1, 18}}
	cells := q.cells()
	july := stats.Month(2024, time.July)
	for _, c := range []struct {
		measure, area string
		n             float64
	}{{"events", forces[0], 30}, {"people", forces[0], 28}, {"people", forces[1], 20}, {"events", stats.EnglandAndWales, 30}, {"people", stats.EnglandAndWales, 48}} {
		cells = append(cells, Cell{Key: stats.Key{Measure: c.measure, Area: c.area, Period: july}, Value: c.n})
	}
	found := hides(t, cells)
	if may := cells[1].Key; found[may] != Shown && found[cells[5].Key] == Shown && found[cells[0].Key] == Shown && found[cells[3].Key] == Shown {
		t.Errorf("8 people in May and 20 - 11 events in May and June tell June's 1: %v", found)
	}
}
