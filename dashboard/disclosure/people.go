package disclosure

import (
	"cmp"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// ofPeople is the counts of people, who do not add up over periods, that are one count in
// a period and in one that holds it: where nobody is in the other months of a quarter, it
// has the people of its one month. That is taken of all that are alike, whatever the
// other months say: it hides little more.
func (s Structure) ofPeople(cells []Cell) []set {
	var all []set
	for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Period = stats.Period{}
		return k, c.Value > 0 && s.addsUp(c.Measure) == stats.OverAreas
	}) {
		for _, i := range group {
			for _, j := range group {
				if i != j && cells[i].Value == cells[j].Value && cells[i].Period.Contains(cells[j].Period) {
					all = append(all, set{{i, -1}, {j, 1}})
				}
			}
		}
	}
	return all
}

// ofPeopleOverPeriods is the periods whose people are nearly as many as those of the
// shorter periods in it together, and never more: people who come again make them fewer. So
// the longer period tells the least that a shorter one can have.
func (s Structure) ofPeopleOverPeriods(cells []Cell) []set {
	var all []set
	for _, group := range grouped(cells, func(c Cell) (stats.Key, bool) {
		k := c.Key
		k.Period = stats.Period{}
		return k, s.addsUp(c.Measure) == stats.OverAreas
	}) {
		slices.SortStableFunc(group, func(i, j int) int { return cmp.Compare(cells[i].Period.Days(), cells[j].Period.Days()) })
		ways := map[time.Time][]way{}
		for _, i := range group {
			from, to := cells[i].Period.Start, cells[i].Period.End.AddDate(0, 0, 1)
			if parts := shortest(ways, from, to); parts != nil {
				if v := append(set{{i, -1}, {theRest, -1}}, parts...); v.near(cells) {
					all = append(all, v)
				}
			}
			ways[from] = append(ways[from], way{to, term{i, 1}})
		}
	}
	return all
}

// near reports whether the greater side of a set is the greater, and by so little that it
// could become the less by changes that are tried.
func (v set) near(cells []Cell) bool {
	over := v.over(cells)
	return over >= 0 && over <= 2*mostChange
}
