package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// recommendationPage is one recommendation and all that a force said of it.
type recommendationPage struct {
	frame
	listedItem
	Confidence string
	Source     string
	Row        string
	Failed     string  // said where the figures that bear on it cannot be read
	Unread     bool    // what the force said cannot be read just now
	Kept       string  // said once after an entry was made or taken back
	History    []moved // newest first
	Given      []evidenceLink
	Charts     []seriesBlock
	HistoryCSV string
	All        string
}

// moved is a statement, and what it changed.
type moved struct {
	said
	Before   string // the status before, where it was another one
	Latest   bool   // it is what the force says now
	TakeBack string // where it can be taken back; empty where it cannot
}

// evidenceLink is what a force named as its evidence, and when it did so last.
type evidenceLink struct {
	Text, When string
	Linked     bool // it is a web address
}

func (s *site) recommendation(reader recommendationsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := parameters(r, "area", "entry")
		if err != nil {
			return err
		}
		in, err := s.readRecommendation(r, reader, values["area"])
		if err != nil {
			return err
		}
		kept, err := keptOf(in.rec, values["entry"])
		if err != nil {
			return err
		}
		page, err := in.build()
		if err != nil {
			return err
		}
		page.Kept = kept
		page.Standing = s.standing(r, reader, func(fresh freshness) contents {
			return contents{series: in.evidence.series, others: fresh.recommending()}
		})
		page.frame = s.withCharts(s.frame(r, in.areas, in.area)).with(page.frame)
		page.Choice = page.Choice.withoutCountries()
		return s.renderDrawn(w, r, http.StatusOK, "recommendation", page)
	}
}

// recommendationInput is what the page of one recommendation is built from.
type recommendationInput struct {
	areas    *stats.Areas
	area     stats.Area
	item     item
	rec      record
	evidence evidence
	actions  bool
	now      time.Time
}

func (s *site) readRecommendation(r *http.Request, reader recommendationsReader, code string) (in recommendationInput, err error) {
	in.actions, in.now = s.offers(r, signin.DataOwner), s.now()
	if in.areas, in.area, err = s.findForce(r, reader, code); err != nil {
		return in, err
	}
	if in.rec, err = s.recordOf(r, reader, in.area.Code); err != nil {
		return in, err
	}
	if in.item, err = findItem(in.rec, r.PathValue("ref"), in.area, in.now); err != nil {
		return in, err
	}
	in.evidence = s.evidenceOn(r, reader, in.areas, in.area, in.item.Ref)
	in.item = in.evidence.of([]item{in.item})[0]
	return in, nil
}

// findItem is the recommendation of an address.
func findItem(rec record, ref string, area stats.Area, now time.Time) (item, error) {
	items := itemsOf(rec, area, now)
	i := slices.IndexFunc(items, func(it item) bool { return it.Ref == ref })
	if i < 0 {
		return item{}, notFound("There is no recommendation “%s”: they are numbered 1 to 29, and asks whose number is not known have a letter.", echoed(ref))
	}
	return items[i], nil
}

func (in recommendationInput) build() (recommendationPage, error) {
	page := recommendationPage{
		listedItem: listedOf(in.item, in.evidence, in.actions), Failed: in.evidence.failed, Unread: in.rec.unread,
		HistoryCSV: "/reports/recommendations.csv?area=" + url.QueryEscape(in.area.Code) + "&history=all",
		All:        "/recommendations?area=" + url.QueryEscape(in.area.Code),
	}
	if r := registered(in.rec.register, in.item.Ref); r != nil {
		page.Confidence, page.Source = confidenceWords(r.Confidence), r.Source
		page.Row = rowsOf([]stats.Origin{r.Origin})[0]
	}
	page.History = movesOf(historyOf(in.rec.progress, in.item.Ref), in)
	page.Given = givenIn(page.History)
	var ids []string
	for _, f := range page.Figures {
		kind, _ := kindToDraw(f.series)
		block, err := blockOf(f.series, kind, in.evidence.reference)
		if err != nil {
			return page, err
		}
		page.Charts = append(page.Charts, block)
		page.Demonstration = page.Demonstration || block.Demonstration
		ids = append(ids, f.series.Measure.ID)
	}
	if len(ids) > 0 {
		page.CSV = csvAddress(slices.Compact(ids), in.area.Code)
	}
	page.Demonstration = page.Demonstration || slices.ContainsFunc(page.History, func(m moved) bool { return m.Demonstration })
	page.Title = fmt.Sprintf("%s: %s, %s", in.area.Name, page.Name, page.State.Words)
	if page.Overdue {
		page.Title += ", overdue"
	}
	return page, nil
}

// movesOf is a history, newest first. What was taken back moved nothing.
func movesOf(history []stats.Progress, in recommendationInput) []moved {
	var moves []moved
	var before stats.Status
	for _, p := range history {
		m := moved{said: *sayOf(p, in.now)}
		if p.Stands() {
			if before != "" && before != p.Status {
				m.Before = string(before)
			}
			before = p.Status
			if in.actions && p.Entered() {
				m.TakeBack = takeBackAddress(in.item.Ref, p.Entry, in.area)
			}
		}
		moves = append(moves, m)
	}
	slices.Reverse(moves)
	if i := slices.IndexFunc(moves, func(m moved) bool { return m.TakenBack == "" }); i >= 0 {
		moves[i].Latest = true
	}
	return moves
}

// givenIn is the evidence that stands in a history, each once.
func givenIn(history []moved) []evidenceLink {
	var links []evidenceLink
	for _, m := range history {
		same := func(l evidenceLink) bool { return l.Text == m.Evidence }
		if m.Evidence != "" && m.TakenBack == "" && !slices.ContainsFunc(links, same) {
			links = append(links, evidenceLink{m.Evidence, m.AsAt, m.EvidenceLinked})
		}
	}
	return links
}

// keptOf is what is said after an entry was made or taken back; the address
// names it.
func keptOf(rec record, id string) (string, error) {
	if id == "" || rec.unread {
		return "", nil
	}
	i := slices.IndexFunc(rec.progress, func(p stats.Progress) bool { return p.Entry == id })
	if i < 0 {
		return "", notFound("There is no entry “%s” of this force.", echoed(id))
	}
	p := rec.progress[i]
	if !p.Stands() {
		return fmt.Sprintf("The entry of %s (%s) is taken back. It stays in the history, and counts no more.", day(p.AsAt), p.Status), nil
	}
	kept := fmt.Sprintf("It is kept: %s on %s, entered by %s. ", p.Status, day(p.AsAt), p.Who)
	if last, _ := latestOf(historyOf(rec.progress, p.Recommendation)); last.Entry != p.Entry {
		return kept + fmt.Sprintf("What counts is still a later word: %s on %s.", last.Status, day(last.AsAt)), nil
	}
	return kept + "What was said before stays in the history.", nil
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
