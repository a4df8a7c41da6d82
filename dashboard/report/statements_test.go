package report

import (
	"slices"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// TestStatementsTakenBack: where all that a force said was taken back a row without words
// says whether the recommendation is overdue, with the history or without.
func TestStatementsTakenBack(t *testing.T) {
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	register := []stats.Recommendation{{Number: 16, Addressee: "Chief Constables", Deadline: stats.Day(2025, time.March, 27)}}
	said := stats.Progress{Area: "E23000026", Recommendation: "16", AsAt: stats.Day(2026, time.June, 1), Status: stats.Complete, Entry: "e"}
	back := said
	back.TakenBack = stats.TakenBack{At: now, Who: "Ann", Why: "another force's"}
	type row struct {
		status           stats.Status
		current, overdue bool
	}
	for name, tt := range map[string]struct {
		said    stats.Progress
		history bool
		want    []row
	}{
		"stands":                   {said, false, []row{{stats.Complete, true, false}}},
		"stands, with history":     {said, true, []row{{stats.Complete, true, false}}},
		"taken back":               {back, false, []row{{"", false, true}}},
		"taken back, with history": {back, true, []row{{stats.Complete, false, false}, {"", false, true}}},
	} {
		var got []row
		for _, s := range Statements(register, []stats.Progress{tt.said}, "E23000026", tt.history, now) {
			if s.Recommendation.Number == 16 {
				got = append(got, row{s.Progress.Status, s.Current, s.Overdue})
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
