package dashboard

import (
	"cmp"
	"fmt"
	"slices"

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
// them. The rows below say the rest, but not that figures are old.
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
	if n := len(strip.Overdue); n > 0 {
		words := fmt.Sprintf("%s deadline and not known to be complete: %s.",
			plural(n, "ask of chief constables is past its", "asks of chief constables are past their"), overdueNames(strip.Overdue))
		facts = append(facts, fact{verdict: verdict{Name: "overdue", Label: "Overdue", Words: words},
			Address: "#recommendations", Demonstration: strip.Demonstration, rank: rankOverdue})
	}
	slices.SortStableFunc(facts, func(a, b fact) int { return cmp.Compare(a.rank, b.rank) })
	if len(late) == 0 {
		return facts[:min(len(facts), mostFacts)]
	}
	facts = facts[:min(len(facts), mostFacts-1)] // nothing else on the page says what is late
	return append(facts, lateFacts(late, mostFacts-len(facts))...)
}

// lateFacts is what is not up to date of what the page uses: a sentence for each source,
// or where there is no room for so many, one that leads to each.
func lateFacts(late []lateNote, room int) (facts []fact) {
	said := verdict{Name: "overdue", Label: "Not up to date"}
	if len(late) > room {
		one := fact{verdict: said, rank: rankLate}
		for i, note := range late {
			joint := ", "
			switch i {
			case 0:
				joint = ""
			case len(late) - 1:
				joint = " and "
			}
			one.Links = append(one.Links, joinedLink{joint, link{Text: note.Source, Address: note.Address}})
		}
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

// fact is what a measure says that chance does not explain.
func (h headline) fact() (fact, bool) {
	if h.YearToDate != nil && h.YearToDate.Chance != nil {
		if rank, ok := factRanks[h.YearToDate.Chance.Name]; ok {
			return fact{verdict: *h.YearToDate.Chance, Address: h.Address, Demonstration: h.Demonstration, rank: rank}, true
		}
	}
	if rank, ok := factRanks[h.Verdict.Name]; ok {
		return fact{verdict: h.Verdict, Address: h.Address, Demonstration: h.Demonstration, rank: rank}, true
	}
	return fact{}, false
}

// outsideFact is that a force is outside the limits of all forces.
func (h headline) outsideFact(area stats.Area) (fact, bool) {
	a := h.AllForces
	if a == nil || a.Position == "" || a.Position == analysis.InsideLimits {
		return fact{}, false
	}
	words := fmt.Sprintf("%s in %s: %s %s is %s of all forces.", h.Name, a.Period.InWords(), area.Name, a.Own, a.Position)
	return fact{verdict: verdict{Name: "outside", Label: "Unlike others", Words: words}, Address: a.Compare, Demonstration: a.OwnMade, rank: rankOutside}, true
}
