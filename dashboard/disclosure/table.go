package disclosure

import (
	"fmt"
	"maps"
	"slices"

	"stalkstats/internal/stats"
)

// A Table is every count of one source and basis that was ever put before the
// published audience. A count that comes with another number is another one;
// one that comes back is the same as before, and known or hidden as it was.
type Table struct {
	rules      Rules
	structure  Structure
	counts     []count
	keys       []stats.Key // of the counts
	reasons    []Reason
	place      map[version]int
	newest     map[stats.Key]Cell // of each key that ever was, the cell that was served last
	sets       [][]term
	directions []direction     // of the sets
	known      map[string]bool // the sets, each once
}

type version struct {
	key   stats.Key
	value float64
}

// NewTable makes an empty table.
func NewTable(rules Rules, structure Structure) *Table {
	return &Table{rules: rules, structure: structure, place: map[version]int{}, newest: map[stats.Key]Cell{}, known: map[string]bool{}}
}

// A Decision is whether a count of a publication is shown, and why not.
type Decision struct {
	Cell
	Reason Reason
}

// Recall puts a former publication into the table as it was decided. They are
// recalled in the order in which they stood.
func (t *Table) Recall(former []Decision) error {
	cells := make([]Cell, len(former))
	for i, d := range former {
		cells[i] = d.Cell
	}
	places, err := t.take(cells)
	if err != nil {
		return fmt.Errorf("recall a publication: %w", err)
	}
	// Of a publication that was withheld nothing was shown, not a 0. A later one that was
	// shown may still hide a count that was withheld then.
	if !slices.ContainsFunc(former, func(d Decision) bool { return d.Reason != Withheld }) {
		t.withheld(cells, places)
		return nil
	}
	for i, place := range places {
		t.hide(place, former[i].Reason)
	}
	t.show(places)
	t.addSets(cells, places)
	return nil
}

// Publish decides on a new publication. Whatever was shown before is known for
// ever, and what was hidden stays so: neither can be worked out from this
// publication, any other, or any two.
func (t *Table) Publish(cells []Cell) ([]Decision, error) {
	cells = slices.Clone(cells)
	slices.SortFunc(cells, func(a, b Cell) int { return stats.CompareKeys(a.Key, b.Key) })
	places, err := t.take(cells)
	if err != nil {
		return nil, err
	}
	sets := len(t.sets)
	for _, place := range places {
		if c := &t.counts[place]; t.rules.Small(c.value) && !c.fixed {
			t.hide(place, Primary)
		}
	}
	t.addSets(cells, places)
	if !t.protected() {
		t.forget(sets)
		return t.withheld(cells, places), nil
	}
	t.show(places)
	return t.decisions(cells, places), nil
}

// take finds or makes the count of each cell.
func (t *Table) take(cells []Cell) ([]int, error) {
	places := make([]int, len(cells))
	taken := make(map[stats.Key]bool, len(cells))
	for i, c := range cells {
		if taken[c.Key] {
			return nil, fmt.Errorf("%s of %s, %s, %s %s is there twice", c.Measure, c.Area, c.Period.Label(), c.Breakdown, c.BreakdownValue)
		}
		v := version{c.Key, c.Value}
		place, there := t.place[v]
		if !there {
			place = len(t.counts)
			t.place[v] = place
			t.counts = append(t.counts, count{value: c.Value, fixed: c.Value == 0})
			t.keys, t.reasons = append(t.keys, c.Key), append(t.reasons, Shown)
		}
		places[i], taken[c.Key], t.newest[c.Key] = place, true, c
	}
	return places, nil
}

func (t *Table) hide(place int, why Reason) {
	if why == Shown || t.counts[place].hidden {
		return
	}
	t.counts[place].hidden, t.reasons[place] = true, why
}

// show fixes what a publication shows: it is known from now on.
func (t *Table) show(places []int) {
	for _, place := range places {
		if !t.counts[place].hidden {
			t.counts[place].fixed = true
		}
	}
}

// addSets adds what adds up among what is served, and among what was served last of
// each key that ever was. What is served no more is still known, and may be the total of
// what is; where it does not add up any more it tells nothing, as a force that has left
// is no part of a total that was made after. A set of counts that were added before is
// the same set.
func (t *Table) addSets(cells []Cell, places []int) {
	serving := map[int]bool{}
	for _, place := range places {
		serving[place] = true
	}
	t.addSetsOf(cells, len(cells), serving)
	var former []Cell
	for _, c := range t.newest {
		if !serving[t.place[version{c.Key, c.Value}]] {
			former = append(former, c)
		}
	}
	if len(former) > 0 {
		slices.SortFunc(former, func(a, b Cell) int { return stats.CompareKeys(a.Key, b.Key) })
		t.addSetsOf(slices.Concat(cells, former), len(cells), serving)
	}
}

func (t *Table) addSetsOf(cells []Cell, served int, serving map[int]bool) {
	for _, v := range t.structure.sets(cells, served) {
		terms := make([]term, len(v))
		for i, x := range v {
			terms[i] = term{t.place[version{cells[x.cell].Key, cells[x.cell].Value}], x.sign}
		}
		if name := fmt.Sprint(terms); !t.known[name] && t.telling(terms, serving) {
			t.known[name] = true
			t.add(terms)
		}
	}
}

// telling reports whether a set of counts tells anything: all of them are served
// together, or they add up.
func (t *Table) telling(terms []term, serving map[int]bool) bool {
	together, sum := true, 0.0
	for _, x := range terms {
		together = together && serving[x.cell]
		sum += float64(x.sign) * t.counts[x.cell].value
	}
	return together || sum == 0
}

func (t *Table) add(terms []term) {
	for _, x := range terms {
		c := &t.counts[x.cell]
		c.in = append(c.in, occurrence{len(t.sets), x.sign})
	}
	if len(terms) > 2 && terms[0].sign < 0 { // else both are one count, or none is a total
		t.counts[terms[0].cell].rank++
	}
	t.sets, t.directions = append(t.sets, terms), append(t.directions, directionOf(terms, t.keys))
}

// forget takes the newest sets out again.
func (t *Table) forget(all int) {
	for _, terms := range t.sets[all:] {
		delete(t.known, fmt.Sprint(terms))
		for _, x := range terms {
			c := &t.counts[x.cell]
			c.in = slices.DeleteFunc(c.in, func(o occurrence) bool { return o.set >= all })
		}
	}
	t.sets, t.directions = t.sets[:all], t.directions[:all]
}

// protected hides as many more counts as it takes until no hidden one can be
// worked out, and reports whether that could be done. Every count of an
// alternative is protected by it, and stays so however many more are hidden.
func (t *Table) protected() bool {
	safe := map[int]bool{}
	s := search{counts: t.counts, keys: t.keys, sets: t.sets, directions: t.directions}
	for place := range t.counts {
		if !t.counts[place].hidden || safe[place] {
			continue
		}
		found := s.protect(place)
		if found == nil {
			return false
		}
		for _, changed := range slices.Sorted(maps.Keys(found)) {
			safe[changed] = true
			t.hide(changed, Secondary)
		}
	}
	return true
}

func (t *Table) decisions(cells []Cell, places []int) []Decision {
	all := make([]Decision, len(cells))
	for i, c := range cells {
		all[i] = Decision{c, t.reasons[places[i]]}
	}
	return all
}

// withheld is the publication of which nothing is shown. What was shown before
// stays known.
func (t *Table) withheld(cells []Cell, places []int) []Decision {
	all := make([]Decision, len(cells))
	for i, c := range cells {
		all[i] = Decision{c, Withheld}
		if !t.counts[places[i]].fixed {
			t.hide(places[i], Withheld)
		}
	}
	return all
}

// Sort puts decisions into the order of figures.
func Sort(all []Decision) {
	slices.SortFunc(all, func(a, b Decision) int { return stats.CompareKeys(a.Key, b.Key) })
}
