package dashboard

import (
	"fmt"
	"slices"

	"stalkstats/internal/stats"
)

// recommendationNews is what has changed in a force's record of the
// recommendations.
type recommendationNews struct {
	Overdue       []item // their deadline passed lately
	Already       string // the refs of those that were overdue before, "7, 16 and E1"; empty: none
	Changes       []statusChange
	Unloaded      bool // no recommendation is loaded, so that nothing is known of any
	Demonstration bool
}

// statusChange is a status that a force gave to a recommendation.
type statusChange struct {
	Name, Address, Says string
	Demonstration       bool
}

func recommendationNewsOf(in sinceInput, rec record) recommendationNews {
	news := recommendationNews{Unloaded: len(rec.register) == 0}
	var already []item
	for _, it := range itemsOf(rec, in.area, in.now) {
		r := registered(rec.register, it.Ref)
		switch {
		case !it.Overdue || r == nil:
		case r.Deadline.AddDate(0, 0, 1).Before(in.since):
			already = append(already, it)
		default:
			news.Overdue = append(news.Overdue, it)
		}
		for _, change := range statusChanges(in, it, historyOf(rec.progress, it.Ref)) {
			news.Changes = append(news.Changes, change)
			news.Demonstration = news.Demonstration || change.Demonstration
		}
	}
	news.Already = overdueNames(already)
	news.Demonstration = news.Demonstration || slices.ContainsFunc(slices.Concat(news.Overdue, already), func(it item) bool { return it.Said != nil && it.Said.Demonstration })
	return news
}

// statusChanges is what a force said since the day that it had not said before,
// or entered since of an earlier one.
// History is oldest first.
func statusChanges(in sinceInput, it item, history []stats.Progress) []statusChange {
	history = slices.DeleteFunc(history, func(p stats.Progress) bool { return !p.Stands() })
	var changes []statusChange
	for i, p := range history {
		late := p.Entered() && !p.SaidAt.Before(in.since) // of a day before, and told since
		if p.AsAt.Before(in.since) && !late || i > 0 && history[i-1].Status == p.Status {
			continue
		}
		change := statusChange{Name: it.Name, Address: it.Address, Demonstration: stats.IsDemonstration(p.Update)}
		if i == 0 {
			change.Says = fmt.Sprintf("%s on %s, the first that is said of it", p.Status, day(p.AsAt))
		} else {
			change.Says = fmt.Sprintf("%s on %s, before that %s", p.Status, day(p.AsAt), history[i-1].Status)
		}
		if late && p.AsAt.Before(in.since) {
			change.Says += ", entered on " + dayOf(p.SaidAt)
		}
		changes = append(changes, change)
	}
	return changes
}
