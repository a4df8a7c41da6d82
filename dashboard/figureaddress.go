package dashboard

import (
	"net/http"
	"net/url"
	"strings"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// figureAddress is the page that answers "how do you know?" of a figure. The
// same address leads to the same figure for as long as it is served.
func figureAddress(f stats.Figure) string { return figurePath("/figure", f.Key) }

// figurePath is an address that names a figure by every part of its key, in the
// order of their names. Every number of a page has one, so it is made in one go.
func figurePath(path string, k stats.Key) string {
	var address strings.Builder
	address.WriteString(path)
	separator := byte('?')
	for _, part := range [...]struct{ name, value string }{
		{"area", k.Area}, {"basis", k.Basis}, {"breakdown", k.Breakdown}, {"breakdown_value", k.BreakdownValue},
		{"measure", k.Measure}, {"period", k.Period.Range()}, {"source", k.Source},
	} {
		if part.value == "" {
			continue
		}
		address.WriteByte(separator)
		address.WriteString(part.name)
		address.WriteByte('=')
		address.WriteString(url.QueryEscape(part.value))
		separator = '&'
	}
	return address.String()
}

// countAddresses is where the two counts of a rate lead; empty for a stock.
func countAddresses(f stats.Figure, m stats.Measure) (numerator, denominator string) {
	numerator = figurePath("/figure", m.CountKey(f.Key, m.Numerator))
	if m.DenominatorSource == "" {
		denominator = figurePath("/figure", m.CountKey(f.Key, m.Denominator))
	}
	return numerator, denominator
}

// figureRequest is the figure that an address names.
type figureRequest struct {
	key      stats.Key
	measure  stats.Measure
	area     stats.Area
	areas    *stats.Areas
	measures *stats.Measures
}

// readFigureRequest reads the address of a figure. Its measure, area, source and
// period have to be there: a page that guessed one would show another figure.
func readFigureRequest(r *http.Request, reader figureReader) (q figureRequest, err error) {
	values, err := parameters(r, "measure", "area", "source", "basis", "period", "breakdown", "breakdown_value")
	if err != nil {
		return q, err
	}
	for _, name := range []string{"measure", "area", "source", "period"} {
		if values[name] == "" {
			return q, badRequest("The address names no %s: a figure is found by its measure, area, source and period.", name)
		}
	}
	if q.areas, err = reader.Areas(r.Context(), query.Latest); err != nil {
		return q, err
	}
	if q.measures, err = reader.Measures(r.Context(), query.Latest); err != nil {
		return q, err
	}
	q.key = stats.Key{Measure: values["measure"], Area: values["area"], Source: values["source"], Basis: values["basis"],
		Breakdown: values["breakdown"], BreakdownValue: values["breakdown_value"]}
	return q, q.find(values["period"])
}

func (q *figureRequest) find(period string) error {
	var ok bool
	if q.key.Period, ok = stats.ParseLabel(period); !ok {
		var err error
		if q.key.Period, err = stats.ParsePeriod(period); err != nil {
			return badRequest("“%s” is not a period: write it as a table of figures does, or as 2024-03, 2024/25 Q1, 2024/25 or 2024-01-01/2024-09-27.", echoed(period))
		}
	}
	if q.area, ok = q.areas.ByCode(q.key.Area); !ok {
		return notFound("There is no area with the code “%s”.", echoed(q.key.Area))
	}
	all := q.measures.ByID(q.key.Measure)
	if len(all) == 0 {
		return notFound("There is no measure called “%s”.", echoed(q.key.Measure))
	}
	if q.measure, ok = q.measures.Of(q.key.Measure, q.key.Basis); !ok {
		// What is loaded instead is told beside it.
		q.measure = all[0]
	}
	return nil
}
