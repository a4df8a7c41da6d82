package disclosure

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// threeMonths is a quarter of one force: what happened in each of its months and in all of
// it, and to how many people. Without events a source counts people alone.
type threeMonths struct {
	events, people []int // of the months, then of the quarter
}

// cells are the counts of the quarter, those of events first.
func (q threeMonths) cells() []Cell {
	periods := []stats.Period{stats.Month(2024, time.April), stats.Month(2024, time.May), stats.Month(2024, time.June), stats.Quarter(2024, 1)}
	var cells []Cell
	for n, of := range [][]int{q.events, q.people} {
		for i, count := range of {
			cells = append(cells, Cell{Key: stats.Key{Measure: []string{"events", "people"}[n], Area: forces[0], Period: periods[i]}, Value: float64(count)})
		}
	}
	return cells
}

// could reports whether the counts can be, as anybody knows: events add up, nobody is
// counted to whom nothing happened, and whoever is in the quarter is in one of its months.
func (q threeMonths) could() bool {
	if q.events != nil && q.events[0]+q.events[1]+q.events[2] != q.events[3] {
		return false
	}
	for i, n := range q.people {
		if q.events != nil && n > q.events[i] || n > q.people[3] {
			return false
		}
	}
	return q.people[3] <= q.people[0]+q.people[1]+q.people[2]
}

// told is the hidden counts of which only one number can be. The attacker tries every
// number that the hidden ones may have: none of them is nothing, and one at least is
// small, else none would be hidden.
func (q threeMonths) told(t *testing.T) (told []Decision, hidden int) {
	t.Helper()
	decisions, err := NewTable(Rules{Threshold: 5}, structure(), "").Publish(q.cells())
	if err != nil {
		t.Fatal(err)
	}
	byKey := map[stats.Key]Decision{}
	for _, d := range decisions {
		byKey[d.Key] = d
	}
	var at []int
	tried := slices.Concat(q.events, q.people)
	for i, c := range q.cells() {
		if byKey[c.Key].Reason != Shown {
			at = append(at, i)
		}
	}
	seen := make([]map[int]bool, len(tried))
	for i := range seen {
		seen[i] = map[int]bool{}
	}
	q.each(tried, at, func() {
		for _, i := range at {
			seen[i][tried[i]] = true
		}
	})
	for _, i := range at {
		if len(seen[i]) < 2 {
			told = append(told, byKey[q.cells()[i].Key])
		}
	}
	return told, len(at)
}

// each goes through all that the counts at some places can be.
func (q threeMonths) each(tried, at []int, do func()) {
	const most = 16 // more than any month of these tests
	split := len(q.events)
	var next func(n int, small bool)
	next = func(n int, small bool) {
		if n == len(at) {
			this := threeMonths{people: tried[split:]}
			if split > 0 {
				this.events = tried[:split]
			}
			if small && this.could() {
				do()
			}
			return
		}
		for tried[at[n]] = 1; tried[at[n]] <= most; tried[at[n]]++ {
			next(n+1, small || tried[at[n]] < 5)
		}
	}
	next(0, false)
}

func TestPeopleTellNoCount(t *testing.T) {
	for name, q := range map[string]threeMonths{
		"each event is of another person":  {[]int{13, 1, 8, 22}, []int{13, 1, 8, 20}},
		"nobody came again in the quarter": {nil, []int{12, 4, 12, 28}},
		"one month has most of them":       {nil, []int{12, 1, 2, 15}},
	} {
		if told, hidden := q.told(t); len(told) > 0 || hidden == 0 || hidden == len(q.cells()) {
			t.Errorf("%s: %d are hidden, and told are\n%s", name, hidden, written(told))
		}
	}
}

// TestPeopleByChance is of many quarters, of which few may be withheld.
func TestPeopleByChance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 20241127))
	withheld := 0
	const worlds = 300
	for world := range worlds {
		q := threeMonths{people: make([]int, 4)}
		for m := range 3 {
			q.people[m] = r.IntN(12)
		}
		sum, most := q.people[0]+q.people[1]+q.people[2], slices.Max(q.people)
		q.people[3] = max(most, sum-r.IntN(3))
		if world%2 == 0 {
			q.events = make([]int, 4)
			for m := range 3 {
				q.events[m] = q.people[m]
				if q.people[m] > 0 {
					q.events[m] += max(0, r.IntN(4)-1)
				}
				q.events[3] += q.events[m]
			}
		}
		told, hidden := q.told(t)
		if len(told) > 0 {
			t.Fatalf("of %+v these can be worked out:\n%s", q, written(told))
		}
		if hidden == len(q.cells()) {
			withheld++
		}
	}
	if withheld > worlds/3 {
		t.Errorf("of %d quarters nothing at all is shown", withheld)
	}
}

// peopleOf is the people of the events of a world: of each force, month and sex some
// fewer, and of each quarter some who came again. Their totals are of forces and sexes.
func (w world) peopleOf(r *rand.Rand, again int) []Cell {
	finest := map[stats.Key]int{}
	for _, k := range sortedKeys(w) {
		if k.Measure != "events" {
			continue
		}
		n := max(min(w[k], 1), w[k]-r.IntN(again))
		k.Measure = "people"
		finest[k] += n
		k.Period = quarterOf(k.Period)
		finest[k] += n
	}
	sums := map[stats.Key]int{}
	for _, k := range sortedKeys(finest) {
		n := finest[k]
		if k.Period == quarterOf(k.Period) {
			n -= r.IntN(max(1, min(n/2, again)))
		}
		for _, area := range []string{k.Area, stats.EnglandAndWales} {
			sum := k
			sum.Area = area
			sums[sum] += n
			if k.Breakdown != "" {
				sum.Breakdown, sum.BreakdownValue = "", ""
				sums[sum] += n
			}
		}
	}
	var cells []Cell
	for _, k := range sortedKeys(sums) {
		cells = append(cells, Cell{Key: k, Value: float64(sums[k])})
	}
	return cells
}

// A sum of forces whose people are of more forces than what they are counted of may be the
// greater one, and says nothing of the sums in which both are of the same forces.
func TestPeopleOfMoreForces(t *testing.T) {
	may := stats.Month(2024, time.May)
	cell := func(measure, area string, month time.Month, n float64) Cell {
		return Cell{Key: stats.Key{Measure: measure, Source: "source", Area: area, Period: stats.Month(2024, month)}, Value: n}
	}
	cells := []Cell{
		cell("events", forces[0], time.April, 9), cell("people", forces[0], time.April, 9),
		cell("events", forces[1], time.April, 9), cell("people", forces[1], time.April, 7),
		cell("events", stats.EnglandAndWales, time.April, 18), cell("people", stats.EnglandAndWales, time.April, 16),
		cell("events", forces[0], time.May, 9), cell("people", forces[0], time.May, 8), cell("people", forces[1], time.May, 8),
		cell("events", stats.EnglandAndWales, time.May, 9), cell("people", stats.EnglandAndWales, time.May, 16),
	}
	found := map[stats.Period]int{}
	for _, v := range structure().ofOneCount(cells) {
		if k := cells[v[0].cell].Key; k.Area == stats.EnglandAndWales {
			found[k.Period]++
		}
	}
	if found[stats.Month(2024, time.April)] != 1 || found[may] != 0 {
		t.Errorf("sums of which one is never the greater: %v", found)
	}
}
