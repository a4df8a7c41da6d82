package disclosure

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"stalkstats/internal/stats"
)

// A Table is every count of the sources that are protected together that was ever put
// before the published audience. A count that comes with another number is another one;
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
	secret     string
	chance     *chance
	decided    bool
}

type version struct {
	key   stats.Key
	value float64
}

// NewTable makes an empty table. The secret is what chance is drawn with: the same figures
// are hidden in the same way only under the same one.
func NewTable(rules Rules, structure Structure, secret string) *Table {
	return &Table{rules: rules, structure: structure, secret: secret, place: map[version]int{}, newest: map[stats.Key]Cell{}, known: map[string]bool{}}
}

// A Decision is whether a count of a publication is shown, and why not.
type Decision struct {
	Cell
	Reason Reason
}

// Recall puts a former publication into the table as it was decided. They are
// recalled in the order in which they stood. Of what was withheld nobody was told
// anything, not even whether it changed: it is as if it had not been there.
func (t *Table) Recall(former []Decision) error {
	var cells []Cell
	var reasons []Reason
	for _, d := range former {
		if d.Reason != Withheld {
			cells, reasons = append(cells, d.Cell), append(reasons, d.Reason)
		}
	}
	places, err := t.take(cells)
	if err != nil {
		return fmt.Errorf("recall a publication: %w", err)
	}
	for i, place := range places {
		t.hide(place, reasons[i])
	}
	t.show(places)
	t.addSets(cells, places)
	return nil
}

// Publish decides on a new publication. Whatever was shown before is known for
// ever, and what was hidden stays so: neither can be worked out from this
// publication, any other, or any two. A table decides on one publication.
func (t *Table) Publish(cells []Cell) ([]Decision, error) {
	if t.decided {
		return nil, errors.New("decide on a publication: a table decides on one, since nobody knows yet whether it will stand")
	}
	t.decided = true
	cells = slices.Clone(cells)
	slices.SortFunc(cells, func(a, b Cell) int { return stats.CompareKeys(a.Key, b.Key) })
	places, err := t.take(cells)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		if c := &t.counts[place]; t.rules.Small(c.value) && !c.fixed {
			t.hide(place, Primary)
		}
	}
	t.chance = chanceOf(cells, t.secret)
	t.addSets(cells, places)
	withheld := t.protect()
	decisions := make([]Decision, len(cells))
	for i, c := range cells {
		if decisions[i] = (Decision{c, t.reasons[places[i]]}); withheld[places[i]] {
			decisions[i].Reason = Withheld
		}
	}
	return decisions, nil
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
			t.counts = append(t.counts, count{value: c.Value, fixed: c.Value == 0, most: t.rules.most(c.Value)})
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
	for _, terms := range sameThings(t.keys, t.counts) {
		t.addOnce(terms)
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
			if terms[i] = x; x.cell != theRest {
				terms[i].cell = t.place[version{cells[x.cell].Key, cells[x.cell].Value}]
			}
		}
		if t.telling(terms, serving) {
			t.addOnce(terms)
		}
	}
}

func (t *Table) addOnce(terms []term) {
	if name := fmt.Sprint(terms); !t.known[name] {
		t.known[name] = true
		t.add(terms)
	}
}

// telling reports whether a set of counts tells anything: all of them are served
// together, or they add up. Where they need not, one side must be the greater in truth.
func (t *Table) telling(terms []term, serving map[int]bool) bool {
	together, onesided, sum := true, false, 0.0
	for _, x := range terms {
		if isRest(x) {
			onesided = true
			continue
		}
		together = together && serving[x.cell]
		sum += float64(x.sign) * t.counts[x.cell].value
	}
	if onesided {
		return sum >= 0
	}
	return together || sum == 0
}

func (t *Table) add(terms []term) {
	if len(terms) > 2 && terms[0].sign < 0 { // else both are one count, or none is a total
		t.counts[terms[0].cell].rank++
	}
	t.sets, t.directions = append(t.sets, terms), append(t.directions, directionOf(terms, t.keys))
}

// protect hides as many more counts as it takes until no hidden one can be
// worked out. Every count of an alternative is protected by it, and stays so however many
// more are hidden. Where there is none, all that hangs together with the count is
// withheld, and is answered.
func (t *Table) protect() (withheld map[int]bool) {
	u := t.united()
	u.hideTellingTotals()
	safe, without := map[int]bool{}, map[int]bool{}
	for here := range u.counts {
		if !u.counts[here].hidden || safe[here] || without[here] {
			continue
		}
		found := u.protect(here)
		if found == nil {
			u.hangingTogether(here, without)
		}
		for _, changed := range slices.Sorted(maps.Keys(found)) {
			safe[changed] = true
			u.hide(changed)
		}
	}
	withheld = map[int]bool{}
	for here := range without {
		for _, place := range u.members[here] {
			withheld[place] = true
		}
	}
	return withheld
}

// Sort puts decisions into the order of figures.
func Sort(all []Decision) {
	slices.SortFunc(all, func(a, b Decision) int { return stats.CompareKeys(a.Key, b.Key) })
}
