package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// recommendationPage is one recommendation and all that a force said of it.
type recommendationPage struct {
	frame
	item
	Confidence string
	Source     string
	Row        string
	History    []said // newest first
	Figures    []bearingLink
}

func (s *site) recommendation(reader recommendationsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, err := s.forceOf(r, reader)
		if err != nil {
			return err
		}
		rec, err := readRecord(r.Context(), reader, area.Code)
		if err != nil {
			return err
		}
		ref := r.PathValue("ref")
		evidence, err := readEvidence(r.Context(), reader, area, ref)
		if err != nil {
			return err
		}
		page, ok := buildRecommendation(rec, ref, area, evidence, s.now())
		if !ok {
			return notFound("There is no recommendation “%s”: they are numbered 1 to 29, and asks whose number is not known have a letter.", echoed(ref))
		}
		fresh, err := s.freshness(r, reader)
		if err != nil {
			return err
		}
		page.Late = fresh.notes(append(evidence.sources, fresh.recommending()...), evidence.newest)
		page.frame = s.frame(r, areas, area).with(page.frame)
		page.Choice = page.Choice.withoutCountries()
		return s.render(w, "recommendation", page)
	}
}

func buildRecommendation(rec record, ref string, area stats.Area, evidence evidence, now time.Time) (recommendationPage, bool) {
	items := itemsOf(rec, area, now)
	i := slices.IndexFunc(items, func(it item) bool { return it.Ref == ref })
	if i < 0 {
		return recommendationPage{}, false
	}
	page := recommendationPage{item: items[i], Figures: evidence.bearing(ref, area)}
	if r := registered(rec.register, ref); r != nil {
		page.Confidence, page.Source = confidenceWords(r.Confidence), r.Source
		page.Row = rowsOf([]stats.Origin{r.Origin})[0]
	}
	for _, p := range slices.Backward(historyOf(rec.progress, ref)) {
		page.History = append(page.History, *sayOf(p))
	}
	page.Title = fmt.Sprintf("%s: %s, %s", area.Name, page.Name, page.State.Words)
	if page.Overdue {
		page.Title += ", overdue"
	}
	page.Demonstration = len(page.Figures) > 0 && evidence.demonstration ||
		slices.ContainsFunc(page.History, func(s said) bool { return s.Demonstration })
	return page, true
}

// confidenceWords makes a sentence of the register's shorthand.
func confidenceWords(confidence string) string {
	if words, ok := strings.CutSuffix(confidence, "; number not"); ok {
		return words + "; its number is not known"
	}
	return confidence
}

func registered(register []stats.Recommendation, ref string) *stats.Recommendation {
	i := slices.IndexFunc(register, func(r stats.Recommendation) bool {
		return r.Number > 0 && strconv.Itoa(r.Number) == ref || r.Number == 0 && r.Ref == ref
	})
	if i < 0 {
		return nil
	}
	return &register[i]
}
