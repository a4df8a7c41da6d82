package dashboard

import (
	"context"
	"fmt"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// groupRate is the rate by which forces are compared where a count does not compare them:
// the first that is of the count and has a source of all forces.
func groupRate(count stats.Measure, measures *stats.Measures) (stats.Measure, bool) {
	for _, m := range measures.All() {
		if m.Derived() && m.Numerator == count.ID && m.CompareSource != "" {
			return m, true
		}
	}
	return stats.Measure{}, false
}

// withGroupRates is the headline measures, and the rates that stand for the group in the
// rows of counts.
func withGroupRates(headlines []stats.Measure, measures *stats.Measures) []stats.Measure {
	all := slices.Clone(headlines)
	for _, m := range headlines {
		if rate, ok := groupRate(m, measures); ok && rate.Headline == 0 {
			all = append(all, rate)
		}
	}
	return all
}

// setGroup puts all forces beside the force's own figure: by the measure where it is a
// rate, else by a rate of it. A total of all forces beside the count of one compares nothing,
// so a count without such a rate says why there is none.
func (h *headline) setGroup(m stats.Measure, area stats.Area, all []stats.Series, ref reference) {
	if area.Kind == stats.NationalForce {
		h.NoGroup = area.Name + " has no area of its own, and is not compared with the forces that have one."
		return
	}
	if m.Derived() {
		if h.AllForces = allForcesOf(m, area, all, ref); h.AllForces == nil {
			h.NoGroup = "no figure of them is loaded, so that the force cannot be placed among them."
		}
		return
	}
	h.NoGroup = "counts of forces of different size do not compare"
	rate, ok := groupRate(m, ref.measures)
	switch {
	case !ok:
		h.NoGroup += ", and no source has a rate of this for all forces."
	case rate.Headline > 0:
		h.NoGroup += ": see the"
		h.GroupInstead = link{Text: nounOf(rate), Address: measureAddress(rate, area)}
	default:
		if h.AllForces = allForcesOf(rate, area, all, ref); h.AllForces != nil {
			h.AllForces.Rate, h.NoGroup = rate.Name, ""
			return
		}
		h.NoGroup += fmt.Sprintf(". The rate that would, %s, has no figure of all forces loaded.", nounOf(rate))
	}
}

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
