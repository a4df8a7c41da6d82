package dashboard

import (
	"context"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// readPeers reads what the forces beside a headline rate need: every area's
// figure of the newest period that all forces have. Counts of forces of unlike
// size are not compared.
func readPeers(ctx context.Context, reader figuresReader, measures []stats.Measure, all []stats.Series) ([]stats.Figure, error) {
	var peers []stats.Figure
	for _, m := range measures {
		if !m.Derived() || m.CompareSource == "" {
			continue
		}
		national, ok := comparedSeries(m, stats.EnglandAndWales, "", all)
		if !ok {
			continue
		}
		latest, ok := national.Latest()
		if !ok {
			continue
		}
		found, err := reader.AllFigures(ctx, query.Filter{
			Measures: []string{m.ID}, Sources: []string{m.CompareSource}, From: latest.Period.Start, To: latest.Period.End, Totals: true,
		})
		if err != nil {
			return nil, err
		}
		peers = append(peers, found...)
	}
	return peers, nil
}

// comparedSeries is an area's total of a measure in the source by which forces
// are compared, on a basis of that source; an empty one is whichever is there.
func comparedSeries(m stats.Measure, area, basis string, all []stats.Series) (stats.Series, bool) {
	i := slices.IndexFunc(all, func(s stats.Series) bool {
		return isTotal(s, m, area) && s.Source == m.CompareSource && (basis == "" || s.Basis == basis)
	})
	if i < 0 {
		return stats.Series{}, false
	}
	return all[i], true
}

// place says where a force's rate is among those of all forces, as the page
// that compares them does, and where that is.
func (a *allForces) place(m stats.Measure, area stats.Area, basis string, ref reference) {
	if len(ref.peers) == 0 {
		return
	}
	rate := forcesRate{measure: m, basis: basis}
	q := compareRequest{areas: ref.areas, measures: ref.measures, area: area, measure: m, chosen: rate, period: a.Period, asked: true, group: allGroup}
	point, dispersion, err := analysis.PlaceAmong(m, q.membersOf(q.compared(ref.peers)), area.Code)
	if err != nil {
		return // figures that do not compare: nothing is said
	}
	a.Position, a.Limits, a.Compare = point.Position, dispersion.Sentence(), q.address(rate)
}
