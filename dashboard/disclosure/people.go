package disclosure

import "stalkstats/internal/stats"

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
