package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// planPage is a force's action plan in the columns of the national framework,
// to be printed or published.
type planPage struct {
	frame
	Rows    []planRow
	Chosen  bool   // only what is addressed to chief constables
	Missing int    // how many of the 29 are not in the register
	Said    string // the day of the newest statement
	Figures bool   // the newest figures stand in it
	Other   link   // the plan with figures, or without
	Back    string
}

// planRow is one recommendation of the plan.
type planRow struct {
	listedItem
	Number string
	Status string // the force's word, or in its place which evidence there is
}

func (s *site) plan(reader recommendationsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := parameters(r, "area", "figures")
		if err != nil {
			return err
		}
		if values["figures"] != "" && values["figures"] != "yes" {
			return badRequest("figures is “yes”, or is left out: then the plan holds no figure.")
		}
		areas, area, err := s.findForce(r, reader, values["area"])
		if err != nil {
			return err
		}
		rec, err := readRecord(r.Context(), reader, area.Code)
		if err != nil {
			return err
		}
		evidence, err := s.readEvidence(r.Context(), reader, areas, area, "")
		if err != nil {
			return err
		}
		page := buildPlan(rec, area, evidence, values["figures"] == "yes", s.now())
		page.frame = s.frame(r, areas, area).with(page.frame)
		if !page.Figures { // it is made to be published
			page.Marking = s.markings.Of(Published)
			page.foot.first = ""
		}
		page.Choice = page.Choice.withoutCountries()
		return s.render(w, "plan", page)
	}
}

func buildPlan(rec record, area stats.Area, evidence evidence, figures bool, now time.Time) planPage {
	force := "?area=" + url.QueryEscape(area.Code)
	page := planPage{Figures: figures, Back: "/recommendations" + force, Other: link{Text: "the plan with the newest figures, for inside the force", Address: "/recommendations/plan" + force + "&figures=yes"}}
	if figures {
		page.Other = link{Text: "the plan without figures, to publish", Address: "/recommendations/plan" + force}
	}
	items := evidence.of(itemsOf(rec, area, now))
	for _, it := range items {
		page.Chosen = page.Chosen || it.ForForces
		if it.Numbered && !it.Entered {
			page.Missing++
		}
	}
	for _, it := range items {
		if !planned(it, page.Chosen) {
			continue
		}
		row := planRow{listedOf(it, evidence, false), it.Ref, planStatus(it)}
		if !it.Numbered {
			row.Number = "Number not known (our letter " + it.Ref + ")"
		}
		for _, f := range row.Figures {
			page.Demonstration = page.Demonstration || figures && f.Demonstration
		}
		page.Demonstration = page.Demonstration || it.Said != nil && it.Said.Demonstration
		page.Rows = append(page.Rows, row)
	}
	page.Said = newestSaid(rec.progress)
	page.Title = fmt.Sprintf("%s: action plan on the 29 recommendations on stalking", area.Name)
	page.CSV, page.Unfigured = "/reports/recommendations.csv"+force, !figures
	return page
}

// planStatus is the status as a column of it tells it: the force's own word, how late what
// is complete was and whether that word is all there is; where the force has said nothing
// the state up to the colon.
func planStatus(it item) string {
	if it.Said != nil {
		return capitalised(it.State.Words)
	}
	words, _, _ := strings.Cut(it.State.Words, ":")
	return capitalised(words)
}

// planned reports whether a recommendation stands in a force's plan: where the
// register tells who is addressed, those for chief constables; and whatever
// the force has said something of and is not for others.
func planned(it item, chosen bool) bool {
	if !it.Entered {
		return it.Said != nil
	}
	return it.ForForces || !chosen
}

// newestSaid is the day of the newest statement that stands.
func newestSaid(progress []stats.Progress) string {
	last, ok := latestOf(progress)
	if !ok {
		return ""
	}
	return day(last.AsAt)
}
