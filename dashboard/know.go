package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// A fact is one sentence of what to know first about a force, with the page
// that has the evidence for it.
type fact struct {
	verdict
	Address       string
	Links         []joinedLink // after the words, where there are several and no Address
	Demonstration bool
	rank          int
	short         string // what it is of, where there is no room for its words
}

// joinedLink is a link in a sentence with what joins it to the one before.
type joinedLink struct {
	Joint string
	link
}

// The order of what to know: what may be wrong and needs somebody comes before
// what is better and what is merely different; what is not up to date is last.
const (
	rankConcern = iota
	rankOverdue
	rankOutside
	rankImprovement
	rankChange
	rankLate
)

// mostFacts is how many a reader takes in before a board, what is not up to date among
// them. The last of them names what there is no room for: nothing that chance does not
// explain is left out.
const mostFacts = 5

var factRanks = map[string]int{"concern": rankConcern, "improvement": rankImprovement, "change": rankChange}

// toKnow is the sentences at the top of a force's page, the most important
// first. Each measure says one thing: its year to date where chance does not
// explain it, else its newest period.
func toKnow(headlines []headline, strip recommendationStrip, area stats.Area, late []lateNote) []fact {
	var facts []fact
	for _, h := range headlines {
		if f, ok := h.fact(); ok {
			facts = append(facts, f)
		}
		if f, ok := h.outsideFact(area); ok {
			facts = append(facts, f)
		}
	}
	if len(strip.Overdue) > 0 {
		facts = append(facts, fact{verdict: overdue(strip, area), Address: "#recommendations", Demonstration: strip.Demonstration, rank: rankOverdue, short: strip.past()})
	}
	slices.SortStableFunc(facts, func(a, b fact) int { return cmp.Compare(a.rank, b.rank) })
	room := mostFacts
	if len(late) > 0 {
		room-- // nothing else on the page says what is late
	}
	if len(facts) > room {
		facts = append(facts[:room-1:room-1], alsoFact(facts[room-1:]))
	}
	if len(late) == 0 {
		return facts
	}
	return append(facts, lateFacts(late, mostFacts-len(facts))...)
}

// alsoFact is one sentence that names several facts and leads to each. Its mark is that of
// the first.
func alsoFact(facts []fact) fact {
	also := fact{verdict: verdict{Name: facts[0].Name, Label: "Also"}, rank: facts[0].rank}
	for _, f := range facts {
		also.Links = append(also.Links, joinedLink{"", link{Text: f.short + " (" + strings.ToLower(f.Label) + ")", Address: f.Address}})
		also.Demonstration = also.Demonstration || f.Demonstration
	}
	join(also.Links)
	return also
}

// overdue is what is known of the asks that are past their deadline. Of a force that
// said nothing at all nobody knows what it has done: that, and not “overdue”, comes first.
func overdue(strip recommendationStrip, area stats.Area) verdict {
	past := strip.past()
	said := verdict{Name: "overdue", Label: "Overdue", Words: past + " and not known to be complete: " + overdueNames(strip.Overdue) + "."}
	if strip.Silent {
		said = verdict{Name: "unjudged", Label: "Not known", Words: fmt.Sprintf("Nothing is loaded of what %s says of the recommendations. %s: %s.",
			area.Name, past, overdueNames(strip.Overdue))}
	}
	if more := strip.mayBeMore(); more != "" {
		said.Words += " " + more
	}
	return said
}

// lateFacts is what is not up to date of what the page uses: a sentence for each source,
// or where there is no room for so many, one that leads to each.
func lateFacts(late []lateNote, room int) (facts []fact) {
	said := verdict{Name: "overdue", Label: "Not up to date"}
	if len(late) > room {
		one := fact{verdict: said, rank: rankLate}
		late = slices.CompactFunc(slices.SortedStableFunc(slices.Values(late), func(a, b lateNote) int { return cmp.Compare(a.Name, b.Name) }),
			func(a, b lateNote) bool { return a.Name != "" && a.Name == b.Name }) // what failed may be old too
		for _, note := range late {
			one.Links = append(one.Links, joinedLink{"", link{Text: note.Source, Address: note.Address}})
		}
		join(one.Links)
		one.Links[0].Text = capitalised(one.Links[0].Text)
		return []fact{one}
	}
	for _, note := range late {
		said.Words = note.Before + note.Source + note.After
		facts = append(facts, fact{verdict: said, Address: note.Address, rank: rankLate})
	}
	return facts
}

func overdueNames(items []item) string {
	var names []string
	for _, it := range items {
		names = append(names, it.Ref)
	}
	return listed(names)
}

// fact is what a measure says that chance does not explain. Two counts lead to the page of
// the newer, which has the other, the test and its p; a verdict leads to its chart.
func (h headline) fact() (fact, bool) {
	tested, way := h.years, h.Latest.Address
	if h.YearToDate != nil {
		tested, way = h.YearToDate.Chance, h.YearToDate.ThisWay
	}
	if tested != nil {
		if rank, ok := factRanks[tested.Name]; ok {
			return fact{verdict: *tested, Address: way, Demonstration: h.Demonstration, rank: rank, short: h.Name}, true
		}
	}
	if rank, ok := factRanks[h.Verdict.Name]; ok {
		return fact{verdict: h.Verdict, Address: h.Address, Demonstration: h.Demonstration, rank: rank, short: h.Name}, true
	}
	return fact{}, false
}

// outsideFact is that a force is outside the limits of all forces.
func (h headline) outsideFact(area stats.Area) (fact, bool) {
	a := h.AllForces
	if a == nil || a.Position == "" || a.Position == analysis.InsideLimits {
		return fact{}, false
	}
	words := fmt.Sprintf("%s in %s: %s %s is %s of all forces.", cmp.Or(a.Rate, h.Name), a.Period.InWords(), area.Name, a.Own, a.Position)
	return fact{verdict: verdict{Name: "outside", Label: "Unlike others", Words: words}, Address: a.Compare, Demonstration: a.OwnMade, rank: rankOutside, short: cmp.Or(a.Rate, h.Name)}, true
}
