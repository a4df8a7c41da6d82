package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"stalkstats/internal/stats"
)

// RecommendationColumns is the columns of the report of recommendations, in order.
var RecommendationColumns = []Column{
	{"number", "Number", "1 to 29; empty where the number of the ask is not known", "integer"},
	{"ref", "Ref", "our letter for an ask whose number is not known", "string"},
	{"addressee", "Addressee", "who must answer it", "string"},
	{"deadline", "Deadline", "by when; empty where none is known", "date"},
	{"ask", "Ask", "what is asked, in our own words", "string"},
	{"confidence", "Confidence", "how sure we are of it", "string"},
	{"register_source", "Source of the ask", "where it was confirmed", "string"},
	{"area_code", "Area code", "ONS code of the force whose progress follows; empty where it has returned none", "string"},
	{"area_name", "Area name", "name of the force", "string"},
	{"as_at", "As at", "date of the statement", "date"},
	{"status", "Status", "not started, in progress, complete or not accepted", "string"},
	{"owner", "Owner", "the role that answers for it", "string"},
	{"update", "Update", "the force's words", "string"},
	{"evidence_url", "Evidence", "a link to evidence", "string"},
	{"review_date", "Review date", "when it will be looked at again", "date"},
}

// Recommendations writes a row for each statement of progress, in the order of
// the register, and one without progress where a recommendation has none.
// Progress with what the register does not hold comes last.
func Recommendations(w io.Writer, register []stats.Recommendation, history []stats.Progress, areas *stats.Areas) (rows int, err error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	records := [][]string{names(RecommendationColumns)}
	used := make([]bool, len(history))
	for _, r := range register {
		found := false
		for i, p := range history {
			if p.Recommendation == r.Name() {
				records = append(records, recommendation(r, p, areas))
				found, used[i] = true, true
			}
		}
		if !found {
			records = append(records, recommendation(r, stats.Progress{}, areas))
		}
	}
	for i, p := range history {
		if !used[i] {
			records = append(records, recommendation(stats.RecommendationNamed(p.Recommendation), p, areas))
		}
	}
	if err := out.WriteAll(records); err != nil {
		return 0, fmt.Errorf("write the recommendations: %w", err)
	}
	return len(records) - 1, nil
}

func recommendation(r stats.Recommendation, p stats.Progress, areas *stats.Areas) []string {
	number := ""
	if r.Number > 0 {
		number = strconv.Itoa(r.Number)
	}
	area, _ := areas.ByCode(p.Area)
	return []string{number, Text(r.Ref), Text(r.Addressee), date(r.Deadline), Text(r.Ask), Text(r.Confidence), Text(r.Source),
		Text(p.Area), Text(area.Name), date(p.AsAt), Text(string(p.Status)), Text(p.Owner), Text(p.Update), Text(p.EvidenceURL), date(p.ReviewDate)}
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
