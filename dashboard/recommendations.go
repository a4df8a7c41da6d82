package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// recommendationsPage is all 29, for one force.
type recommendationsPage struct {
	frame
	Numbered   []listedItem
	Asks       []listedItem
	Subjects   []subject // on which figures bear and which are none of these
	Entered    int
	Legend     []stateCount
	Overdue    []item
	MayBeMore  string // that more may be overdue than are known to be; empty where that is known
	Reviews    []item // those whose next review should have been
	Unread     bool   // what the force said cannot be read just now
	Failed     string // said where the figures that bear on them cannot be read
	Plan       string
	Forces     string // where all forces stand beside each other; empty with fewer than two
	HistoryCSV string
}

// listedItem is a recommendation with the figures that bear on it.
type listedItem struct {
	item
	Figures []bearingFigure
	Needed  string // which evidence is needed
	Enter   string // where a status is entered; empty where none can be
}

type recommendationsReader interface {
	areasReader
	recordReader
	stateReader
	evidenceReader
}

func (s *site) recommendations(reader recommendationsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, err := s.forceOf(r, reader)
		if err != nil {
			return err
		}
		all, err := s.recordOf(r, reader, "")
		if err != nil {
			return err
		}
		evidence := s.evidenceOn(r, reader, areas, area, "")
		page := buildRecommendations(all, area, evidence, s.offers(r, signin.DataOwner), s.now())
		page.Standing = s.standing(r, reader, func(fresh freshness) contents {
			return contents{series: evidence.series, others: fresh.recommending()}
		})
		page.frame = s.frame(r, areas, area).with(page.frame)
		page.Choice = page.Choice.withoutCountries()
		return s.render(w, "recommendations", page)
	}
}

func buildRecommendations(all record, area stats.Area, evidence evidence, actions bool, now time.Time) recommendationsPage {
	rec := all.of(area)
	items := evidence.of(itemsOf(rec, area, now))
	strip := stripOf(items)
	force := "?area=" + url.QueryEscape(area.Code)
	page := recommendationsPage{
		Failed: evidence.failed, Entered: strip.Entered, Legend: strip.Legend, Overdue: strip.Overdue, MayBeMore: strip.mayBeMore(), Unread: rec.unread,
		Plan: "/recommendations/plan" + force, HistoryCSV: "/reports/recommendations.csv" + force + "&history=all",
	}
	if len(speaking(all.progress)) > 1 {
		page.Forces = "/recommendations/forces"
	}
	page.Demonstration = strip.Demonstration
	for _, it := range items {
		listed := listedOf(it, evidence, actions)
		page.Demonstration = page.Demonstration || slices.ContainsFunc(listed.Figures, func(f bearingFigure) bool { return f.Demonstration }) ||
			it.Said != nil && it.Said.Demonstration
		if it.Said != nil && it.Said.ReviewPast {
			page.Reviews = append(page.Reviews, it)
		}
		if it.Numbered {
			page.Numbered = append(page.Numbered, listed)
		} else {
			page.Asks = append(page.Asks, listed)
		}
	}
	page.Subjects = evidence.subjects(items)
	for _, s := range page.Subjects {
		page.Demonstration = page.Demonstration || slices.ContainsFunc(s.Figures, func(f bearingFigure) bool { return f.Demonstration })
	}
	page.CSV = "/reports/recommendations.csv" + force
	page.Title = recommendationsTitle(strip, area, rec.unread)
	return page
}

func listedOf(it item, evidence evidence, enter bool) listedItem {
	figures, missing := evidence.bearing(it.Ref)
	listed := listedItem{item: it, Figures: figures}
	if evidence.failed == "" { // else nobody knows what is there
		listed.Needed = needed(it, figures, missing)
	}
	if enter && answerable(it) == nil {
		listed.Enter = enterAddress(it.Ref, evidence.area)
	}
	return listed
}

func recommendationsTitle(strip recommendationStrip, area stats.Area, unread bool) string {
	switch {
	case strip.Entered == 0 && len(strip.Asks) == 0:
		return "The recommendations have not been entered yet"
	case unread:
		return "What " + area.Name + " says of the recommendations cannot be read just now"
	case len(strip.Overdue) == 0:
		return area.Name + ": no recommendation that is entered is known to be overdue"
	case strip.Silent:
		return area.Name + ": nothing is loaded of what it says; " + strip.past()
	}
	return area.Name + ": " + strip.past() + " and not known to be complete"
}

// speaking is the codes of the forces that have said anything that stands.
func speaking(progress []stats.Progress) []string {
	var codes []string
	for _, p := range progress {
		if p.Stands() && !slices.Contains(codes, p.Area) {
			codes = append(codes, p.Area)
		}
	}
	return codes
}
