package disclosure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// TestNothingHiddenCanBeWorkedOutOfTwoSources publishes two or three times what happened and to how many
// people, by two sources of which the second may be behind the first, with corrections and forces that
// leave one of the two measures. The attacker knows, beside what adds up, that people are never more than what
// they are counted of, nor than those of the months together, and what two sources count alike.
func TestNothingHiddenCanBeWorkedOutOfTwoSources(t *testing.T) {
	all, hidden := 0, 0
	for seed := range uint64(150) {
		h := &history{attacker: attacker{t: t}, places: map[seen]int{}}
		var former [][]Decision
		for n, cells := range twoSources(rand.New(rand.NewPCG(seed, 123))) {
			table := NewTable(Rules{Threshold: 5}, structure(), "")
			for _, decisions := range former {
				if err := table.Recall(decisions); err != nil {
					t.Fatal(err)
				}
			}
			decisions, err := table.Publish(cells)
			if err != nil {
				t.Fatal(err)
			}
			former = append(former, decisions)
			h.learn(n, decisions)
		}
		for i := range h.all {
			all++
			if h.all[i].lo == h.all[i].hi || h.names[i] == "" || h.truth[i] == 0 {
				continue
			}
			if hidden++; !h.canBe(h.all, i) {
				t.Errorf("seed %d: %s can be worked out of\n%s", seed, h.names[i], written(slices.Concat(former...)))
			}
		}
	}
	if hidden < all/10 {
		t.Errorf("of %d counts %d are hidden: this test finds nothing", all, hidden)
	}
	t.Logf("of %d counts %d are hidden", all, hidden)
}

// twoSources is the cells of some publications.
func twoSources(r *rand.Rand) (publications [][]Cell) {
	w := madeOf(r, []string{"events"}, forces[:1+r.IntN(2)], 1+2*r.IntN(2), r.IntN(2) == 0)
	people := r.IntN(2) == 0
	var before []Cell
	for n := range 2 + r.IntN(2) {
		former := w
		if n > 0 {
			w = w.revised(r)
		}
		own := served(r, w, former, n)
		if people {
			own = append(own, w.peopleOf(r, 2)...)
		}
		for i := range own {
			own[i].Source = "a"
		}
		slices.SortFunc(own, func(x, y Cell) int { return stats.CompareKeys(x.Key, y.Key) })
		behind := own
		if before != nil && r.IntN(3) == 0 {
			behind = before
		}
		cells, kept := slices.Clone(own), r.IntN(4)
		for _, c := range behind {
			if kept == 0 || kept == 1 && c.Breakdown == "" || kept == 2 && r.IntN(2) == 0 {
				continue
			}
			c.Source = "b"
			cells = append(cells, c)
		}
		before, publications = own, append(publications, cells)
	}
	return publications
}

// seen is a count as an attacker tells one from another: one that is withheld may be
// another in each publication.
type seen struct {
	version
	withheldIn int // from 1; 0: in none
}

// A history is what an attacker has of several publications.
type history struct {
	attacker
	places map[seen]int
	all    []unknown
	names  []string // empty where it is no count
}

func (h *history) add(truth int, u unknown, name string) (place int) {
	h.truth, h.all, h.names = append(h.truth, truth), append(h.all, u), append(h.names, name)
	return len(h.all) - 1
}

func (h *history) place(publication int, d Decision) int {
	s, least := seen{version: version{d.Key, d.Value}}, 1
	if d.Reason == Withheld {
		s.withheldIn, least = publication+1, 0
	}
	i, there := h.places[s]
	if !there {
		i = h.add(int(d.Value), unknown{least, farAway}, fmt.Sprintf("%d: %s %s %s %s %s = %v", publication, d.Source, d.Measure, d.Area, d.Period.Label(), d.BreakdownValue, d.Value))
		h.places[s] = i
	}
	if d.Reason == Shown {
		h.all[i] = unknown{h.truth[i], h.truth[i]}
	}
	return i
}

// learn takes in one publication.
func (h *history) learn(publication int, decisions []Decision) {
	at := map[stats.Key]int{}
	for _, d := range decisions {
		at[d.Key] = h.place(publication, d)
	}
	for _, d := range decisions {
		k := d.Key
		for _, sum := range addingUp(ofOne(at, k)) {
			if sum[0].place == at[k] && holds(sum, h.truth) {
				h.sums = append(h.sums, sum)
			}
		}
		if k.Measure == "people" {
			h.learnOfPeople(at, k)
		}
		if other := k; k.Source == "b" {
			other.Source = "a"
			if i, there := at[other]; there && h.truth[i] == h.truth[at[k]] && h.truth[i] != 0 {
				h.sums = append(h.sums, []piece{{i, 1}, {at[k], -1}})
			}
		}
	}
}

// ofOne is what may add up to a count: those of its source and measure, and of people none
// of other periods.
func ofOne(at map[stats.Key]int, k stats.Key) map[stats.Key]int {
	some := map[stats.Key]int{}
	for other, i := range at {
		if other.Source == k.Source && other.Measure == k.Measure && (k.Measure == "events" || other.Period == k.Period) {
			some[other] = i
		}
	}
	return some
}

func (h *history) learnOfPeople(at map[stats.Key]int, k stats.Key) {
	events := k
	events.Measure = "events"
	if i, there := at[events]; there && h.sameForces(at, k) && !h.unsaid(at, k) {
		h.noMore(at[k], i)
	}
	if k.Period.Days() <= 31 {
		return
	}
	var months []int
	for m := range 3 {
		month := k
		month.Period = stats.Month(k.Period.Start.Year(), k.Period.Start.Month()+time.Month(m))
		if i, there := at[month]; there {
			months = append(months, i)
			h.noMore(i, at[k])
		}
	}
	if len(months) == 3 {
		h.noMore(at[k], months...)
	}
}

// noMore notes that a count is no more than others together, if that is so.
func (h *history) noMore(small int, others ...int) {
	over, sum := -h.truth[small], []piece{{small, -1}}
	for _, i := range others {
		over, sum = over+h.truth[i], append(sum, piece{i, 1})
	}
	if over >= 0 {
		h.sums = append(h.sums, append(sum, piece{h.add(over, unknown{0, farAway}, ""), -1}))
	}
}

// sameForces reports whether what people are counted of has a count of each force that
// the people are of.
func (h *history) sameForces(at map[stats.Key]int, k stats.Key) bool {
	for _, force := range forces {
		people, events := k, k
		people.Area, events.Area, events.Measure = force, force, "events"
		_, one := at[people]
		if _, other := at[events]; k.Area == stats.EnglandAndWales && one && !other {
			return false
		}
	}
	return true
}

// unsaid reports whether anybody sees that people of an area are counted of something
// else: there are more of them somewhere.
func (h *history) unsaid(at map[stats.Key]int, k stats.Key) bool {
	for people, i := range at {
		events := people
		events.Measure = "events"
		j, there := at[events]
		if people.Measure == "people" && people.Source == k.Source && people.Area == k.Area && there &&
			h.all[i].lo == h.all[i].hi && h.all[j].lo == h.all[j].hi && h.truth[i] > h.truth[j] {
			return true
		}
	}
	return false
}
