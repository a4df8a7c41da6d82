package dashboard

import (
	"net/http"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// forcesEvidence is on which recommendations a figure of a force bears, of those that the
// force says are complete without naming evidence: the others' figures are not read.
type forcesEvidence struct {
	figured map[string]map[string]bool // by area and recommendation
	failed  string                     // said where it cannot be read just now; nothing else is then known
}

// of tells apart, of what a force says is complete, what has neither a figure that bears on
// it nor evidence that is named, in the words of every other page.
func (e forcesEvidence) of(items []item, area stats.Area) []item {
	if e.failed != "" {
		return items
	}
	items = slices.Clone(items)
	for i := range items {
		if it := &items[i]; it.namesNone() && !e.figured[area.Code][it.Ref] {
			it.State = it.bare()
		}
	}
	return items
}

// evidenceOfForces is the part of the page that can fail alone.
func (s *site) evidenceOfForces(r *http.Request, reader evidenceReader, areas *stats.Areas, all record) forcesEvidence {
	codes, refs := namingNone(all, areas, s.now())
	if len(codes) == 0 {
		return forcesEvidence{}
	}
	read := guarded(s, r, "the figures that bear on the recommendations", func() (forcesEvidence, error) {
		var known reference
		figures, err := readBearing(r.Context(), reader, &known, codes, func(m stats.Measure) bool { return slices.ContainsFunc(refs, m.Bears) })
		return forcesEvidenceOf(figures, areas, known), err
	})
	if read.Failed != "" {
		return forcesEvidence{failed: read.Failed}
	}
	return read.Shows
}

func forcesEvidenceOf(figures []stats.Figure, areas *stats.Areas, known reference) forcesEvidence {
	found := forcesEvidence{figured: map[string]map[string]bool{}}
	if len(figures) == 0 {
		return found
	}
	of := map[string]evidence{} // of each force apart: a search among the series of all would be long
	for _, s := range analysis.Group(figures, known.measures, areas) {
		own := of[s.Area.Code]
		own.reference, own.area, own.series = known, s.Area, append(own.series, s)
		of[s.Area.Code] = own
	}
	for code, own := range of {
		found.figured[code] = own.figured()
	}
	return found
}

// namingNone is the forces that say of a recommendation that it is complete and name no
// evidence, and those recommendations.
func namingNone(all record, areas *stats.Areas, now time.Time) (codes, refs []string) {
	for _, code := range speaking(all.progress) {
		area, ok := areas.ByCode(code)
		if !ok {
			continue // nothing can be counted of it
		}
		for _, it := range itemsOf(all.of(area), area, now) {
			if it.namesNone() {
				codes, refs = append(codes, code), append(refs, it.Ref)
			}
		}
	}
	slices.Sort(codes)
	slices.Sort(refs)
	return slices.Compact(codes), slices.Compact(refs)
}
