package report

import (
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// A Statement is what a force said of a recommendation: one row of the report
// of recommendations. Progress is zero but for its area where nothing was said.
type Statement struct {
	Recommendation stats.Recommendation
	Progress       stats.Progress
	Current        bool // it is what the force says now
	Overdue        bool // by what the force says now
}

// Statements is all 29 recommendations in order and the asks without a number
// after them, each with what forces say of it: now, or in its history. A
// recommendation of which nothing was said has one row, and so has one of which all that
// the force said was taken back, after the rows of its history. Progress with what
// neither the register nor the 29 hold comes last.
func Statements(register []stats.Recommendation, progress []stats.Progress, area string, history bool, now time.Time) []Statement {
	var rows []Statement
	for _, r := range listed(register, progress) {
		rows = append(rows, statementsOf(r, progress, area, history, now)...)
	}
	return rows
}

// listed is 1 to 29, whether the register holds them or not, then the asks of
// the register by ref, then what only progress names.
func listed(register []stats.Recommendation, progress []stats.Progress) []stats.Recommendation {
	var list, asks []stats.Recommendation
	for number := 1; number <= stats.RecommendationCount; number++ {
		r := stats.Recommendation{Number: number}
		if i := slices.IndexFunc(register, func(r stats.Recommendation) bool { return r.Number == number }); i >= 0 {
			r = register[i]
		}
		list = append(list, r)
	}
	for _, r := range register {
		if r.Number == 0 {
			asks = append(asks, r)
		}
	}
	slices.SortStableFunc(asks, func(a, b stats.Recommendation) int { return strings.Compare(a.Ref, b.Ref) })
	list = append(list, asks...)
	for _, p := range progress {
		if !slices.ContainsFunc(list, func(r stats.Recommendation) bool { return r.Name() == p.Recommendation }) {
			list = append(list, stats.RecommendationNamed(p.Recommendation))
		}
	}
	return list
}

func statementsOf(r stats.Recommendation, progress []stats.Progress, area string, history bool, now time.Time) []Statement {
	var rows []Statement
	latest := map[string]int{} // the row of each force's latest word
	for _, p := range progress {
		if p.Recommendation != r.Name() || !p.Stands() && !history {
			continue
		}
		last, before := latest[p.Area]
		switch {
		case before && !history:
			rows[last].Progress = p
			continue
		case p.Stands():
			latest[p.Area] = len(rows)
		}
		rows = append(rows, Statement{Recommendation: r, Progress: p})
	}
	for _, i := range latest {
		rows[i].Current, rows[i].Overdue = true, r.Overdue(rows[i].Progress.Status, now)
	}
	// What is overdue stands in the row of what is said now: where all of it was taken back
	// that is a row of its own.
	if _, speaks := latest[area]; len(rows) == 0 || area != "" && !speaks {
		rows = append(rows, Statement{Recommendation: r, Progress: stats.Progress{Area: area}, Overdue: area != "" && r.Overdue("", now)})
	}
	return rows
}
