package dashboard

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// forcesPage is all forces by recommendations, by name: no score, no ranking.
type forcesPage struct {
	frame
	Columns []forceColumn
	Rows    []forceRow
	Silent  []string // the forces of which nothing is loaded or entered
	Legend  []stateCell
	Failed  string // said where the figures could not be read
}

// forceColumn is a recommendation as a column heads it.
type forceColumn struct {
	link
	ForForces bool
}

// forceRow is a force and where each recommendation stands for it.
type forceRow struct {
	Name, Address string
	Cells         []stateCell
}

// stateCell is a state as a letter, with the shape of its name.
type stateCell struct {
	state
	Letter  string
	Overdue bool
}

// stateLetters has none for what only a page with figures can tell.
var stateLetters = map[string]string{
	"complete": "C", "bare": "C?", "in-progress": "P", "not-started": "N", "not-accepted": "X", "no-return": "?", "context": "·", "not-entered": "–",
}

// lateLetter is that of what was complete after its deadline.
const lateLetter = "C+"

func (s *site) recommendationForces(reader recommendationsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, home, err := s.forceOf(r, reader)
		if err != nil {
			return err
		}
		all, err := readRecord(r.Context(), reader, "")
		if err != nil {
			return err
		}
		all.withheld = s.withholds()
		page := buildForces(all, areas, home, s.evidenceOfForces(r, reader, areas, all), s.now())
		page.Standing = s.standing(r, reader, func(fresh freshness) contents { return contents{others: fresh.recommending()} })
		page.frame = s.frame(r, areas, home).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "forces", page)
	}
}

func buildForces(all record, areas *stats.Areas, home stats.Area, evidence forcesEvidence, now time.Time) forcesPage {
	page := forcesPage{Columns: columnsOf(all, home), Failed: evidence.failed}
	for _, s := range allStates {
		if letter := stateLetters[s.Name]; letter != "" {
			page.Legend = append(page.Legend, cellOf(s, false))
		}
	}
	codes, late := speaking(all.progress), false
	for _, area := range forcesByName(areas, codes) {
		if !slices.Contains(codes, area.Code) {
			page.Silent = append(page.Silent, area.Name)
			continue
		}
		row := forceRow{Name: area.Name, Address: "/recommendations?area=" + url.QueryEscape(area.Code)}
		for _, it := range evidence.of(itemsOf(all.of(area), area, now), area) {
			cell := cellOf(it.State, it.Overdue)
			if it.DaysLate > 0 {
				cell.Letter, late = lateLetter, true
			}
			row.Cells = append(row.Cells, cell)
			page.Demonstration = page.Demonstration || it.Said != nil && it.Said.Demonstration
		}
		page.Rows = append(page.Rows, row)
	}
	if late {
		page.Legend = slices.Insert(page.Legend, 1, stateCell{state{stateComplete.Name, "complete after the deadline"}, lateLetter, false})
	}
	page.Title = forcesTitle(len(page.Rows), len(page.Silent))
	page.CSV, page.Unfigured = "/reports/recommendations.csv", true
	return page
}

func columnsOf(all record, home stats.Area) []forceColumn {
	var columns []forceColumn
	for _, it := range itemsOf(record{register: all.register}, home, time.Time{}) {
		columns = append(columns, forceColumn{link{Text: it.Ref, Address: it.Address}, it.ForForces})
	}
	return columns
}

// forcesByName is all forces, and whoever else has said something.
func forcesByName(areas *stats.Areas, codes []string) []stats.Area {
	var forces []stats.Area
	for _, area := range areas.All() {
		if area.Kind == stats.TerritorialForce || area.Kind == stats.NationalForce {
			forces = append(forces, area)
		}
	}
	for _, code := range codes {
		if !slices.ContainsFunc(forces, func(a stats.Area) bool { return a.Code == code }) {
			forces = append(forces, stats.Area{Code: code, Name: code})
		}
	}
	slices.SortStableFunc(forces, func(a, b stats.Area) int { return cmp.Compare(a.Name, b.Name) })
	return forces
}

func cellOf(s state, overdue bool) stateCell { return stateCell{s, stateLetters[s.Name], overdue} }

func forcesTitle(speaking, silent int) string {
	switch {
	case speaking == 0:
		return "No force’s word on the recommendations is loaded or entered"
	case silent == 0:
		return fmt.Sprintf("What %s of the recommendations", plural(speaking, "force says", "forces say"))
	}
	return fmt.Sprintf("What %s of the recommendations; of %s nothing is known here", plural(speaking, "force says", "forces say"), plural(silent, "other", "others"))
}
