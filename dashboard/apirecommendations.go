package dashboard

import (
	"net/http"
	"net/url"

	"stalkstats/dashboard/report"
)

// apiRecommendations answers with the rows of the report of recommendations.
func (s *site) apiRecommendations(reader downloadReader) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		rows, areas, err := s.statements(r, reader)
		if err != nil {
			return err
		}
		noteRows(w, len(rows))
		text := []byte(`{"recommendations":[`)
		for i, row := range rows {
			if i > 0 {
				text = append(text, ',')
			}
			text = report.AppendStatement(append(text, '\n'), row, areas)
		}
		return sendText(w, r, append(text, "\n]}\n"...))
	}
}
