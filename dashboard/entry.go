package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

const (
	longestOwner    = 100 // characters
	longestUpdate   = 2000
	longestEvidence = 500
	reviewWithin    = 10 // years
)

// entryPage is the form in which a force's word on a recommendation is typed.
type entryPage struct {
	frame
	item
	Action   string
	Back     string
	AsAt     field
	Status   field
	Owner    field
	Update   field
	Evidence field
	Review   field
	Who      field
	Statuses []option
	Faults   []field // what must be mended, in the order of the form
	Today    string
}

type entryReader interface {
	recommendationsReader
	Enter(ctx context.Context, entry stats.Progress) error
	TakeBack(ctx context.Context, entry, by stats.Progress) error
}

func enterAddress(ref string, area stats.Area) string {
	return "/recommendations/" + url.PathEscape(ref) + "/enter?area=" + url.QueryEscape(area.Code)
}

// entryForm shows the form, with the owner of the last statement in it.
func (s *site) entryForm(reader entryReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, it, _, err := s.enterable(r, reader)
		if err == nil {
			err = answerable(it)
		}
		if err != nil {
			return err
		}
		page := newEntryPage(it, area, s.now())
		page.AsAt.Typed = page.Today
		if it.Said != nil {
			page.Owner.Typed = it.Said.Owner
		}
		page.Title = fmt.Sprintf("What does %s say of %s?", area.Name, lowered(it.Name))
		page.frame = s.frame(r, areas, area).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "entry", page)
	}
}

// enter keeps what was typed, or shows the form again with what is wrong.
func (s *site) enter(reader entryReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, it, _, err := s.enterable(r, reader)
		if err == nil {
			err = answerable(it)
		}
		if err != nil {
			return err
		}
		form, err := readFields(w, r, entryFields)
		if err != nil {
			return err
		}
		page := newEntryPage(it, area, s.now())
		entry := page.read(form, s.now())
		if len(page.Faults) > 0 {
			page.Title = "Nothing was kept: " + plural(len(page.Faults), "answer needs", "answers need") + " mending"
			page.frame = s.frame(r, areas, area).with(page.frame)
			page.Choice = areaChoice{}
			return s.renderStatus(w, http.StatusBadRequest, "entry", page)
		}
		entry.Area, entry.Recommendation = area.Code, it.Ref
		id, err := s.keep(r.Context(), reader, entry)
		if err != nil {
			return err
		}
		http.Redirect(w, r, recommendationAddress(it.Ref, area)+"&entry="+url.QueryEscape(id), http.StatusSeeOther)
		return nil
	}
}

// keep adds an entry to the history. Where the last entry says the same by the
// same person the form was sent twice, and is kept once.
func (s *site) keep(ctx context.Context, reader entryReader, entry stats.Progress) (id string, err error) {
	s.entering.Lock()
	defer s.entering.Unlock()
	all, err := reader.Progress(query.Anew(ctx), entry.Area, query.Latest)
	if err != nil {
		return "", err
	}
	if last, ok := newestEntry(all); ok && last.Says(entry) && last.Who == entry.Who {
		return last.Entry, nil
	}
	entry.Entry, entry.SaidAt = s.newID(), s.now()
	if err := reader.Enter(ctx, entry); err != nil {
		return "", err
	}
	s.log.InfoContext(ctx, "progress entered", "request", RequestID(ctx), "entry", entry.Entry, "area", entry.Area, "recommendation", entry.Recommendation)
	return entry.Entry, nil
}

// newestEntry is what was entered last and stands.
func newestEntry(all []stats.Progress) (stats.Progress, bool) {
	var newest stats.Progress
	for _, p := range all {
		if p.Entered() && p.Stands() && !p.SaidAt.Before(newest.SaidAt) {
			newest = p
		}
	}
	return newest, newest.Entered()
}

// answerable says where a recommendation is not for a force to answer.
func answerable(it item) error {
	if it.Entered && !it.ForForces {
		return conflict("%s is not for a force to answer: it is addressed to %s.", it.Name, it.Addressee)
	}
	return nil
}

// enterable is the recommendation that an entry is of, where one may be made.
func (s *site) enterable(r *http.Request, reader entryReader) (areas *stats.Areas, area stats.Area, it item, rec record, err error) {
	if !s.actions {
		return nil, area, it, rec, problem{status: http.StatusForbidden, sentence: "Nothing can be entered on these pages: dashboard.actions is off in the configuration. Load a progress return instead."}
	}
	if areas, area, err = s.forceOf(r, reader); err != nil {
		return nil, area, it, rec, err
	}
	if _, known := areas.ByCode(area.Code); !known {
		return nil, area, it, rec, conflict("The police force areas have not been loaded yet: wait until they are.")
	}
	if rec, err = readRecord(r.Context(), reader, area.Code); err != nil {
		return nil, area, it, rec, err
	}
	it, err = findItem(rec, r.PathValue("ref"), area, s.now())
	return areas, area, it, rec, err
}

func newEntryPage(it item, area stats.Area, now time.Time) *entryPage {
	page := &entryPage{
		item: it, Action: enterAddress(it.Ref, area), Back: recommendationAddress(it.Ref, area), Today: today(now).Format(time.DateOnly),
		AsAt: field{ID: "as_at"}, Status: field{ID: "status"}, Owner: field{ID: "owner", Longest: longestOwner}, Update: field{ID: "update", Longest: longestUpdate},
		Evidence: field{ID: "evidence", Longest: longestEvidence}, Review: field{ID: "review"}, Who: field{ID: "who", Longest: longestWho},
	}
	page.choose("")
	return page
}

// choose marks one of the statuses.
func (page *entryPage) choose(status string) {
	page.Statuses = nil
	for _, s := range stats.Statuses {
		page.Statuses = append(page.Statuses, option{string(s), capitalised(string(s)), string(s) == status})
	}
}

var entryFields = []string{"as_at", "status", "owner", "update", "evidence", "review", "who"}

// read checks every answer, so that all that must be mended is told at once.
// What was typed stays in the form.
func (page *entryPage) read(form url.Values, now time.Time) stats.Progress {
	var p stats.Progress
	p.AsAt = page.AsAt.readDay(form, "Give the day of the statement, such as 27 March 2025.")
	if page.AsAt.Fault == "" {
		page.AsAt.Fault = dayFault(p.AsAt, now)
	}
	page.Status.Typed = strings.TrimSpace(form.Get("status"))
	p.Status = stats.Status(page.Status.Typed)
	if !p.Status.Valid() {
		page.Status.Fault = "Choose the status: not started, in progress, complete or not accepted."
	}
	page.choose(page.Status.Typed)
	p.Owner = page.Owner.readText(form, "owner")
	p.Update = page.Update.readWords(form, "update")
	p.EvidenceURL = page.Evidence.readText(form, "evidence")
	if page.Evidence.Fault == "" {
		page.Evidence.Fault = evidenceFault(p.EvidenceURL)
	}
	p.ReviewDate = page.Review.readDay(form, "")
	if page.Review.Fault == "" {
		page.Review.Fault = reviewFault(p.ReviewDate, p.AsAt)
	}
	p.Who = page.Who.readAs(form, "name")
	if page.Who.Fault == "" && p.Who == "" {
		page.Who.Fault = "Give your name: it is kept with what you enter."
	}
	for _, f := range []field{page.AsAt, page.Status, page.Owner, page.Update, page.Evidence, page.Review, page.Who} {
		if f.Fault != "" {
			page.Faults = append(page.Faults, f)
		}
	}
	return p
}

// dayFault is what is wrong with the day of a statement.
func dayFault(asAt, now time.Time) string {
	switch {
	case asAt.After(today(now)):
		return fmt.Sprintf("The statement is of %s, and today is %s: a status is entered once it is so.", day(asAt), day(today(now)))
	case asAt.Before(stats.RecommendationsMade):
		return fmt.Sprintf("The recommendations were made on %s: give that day or a later one.", day(stats.RecommendationsMade))
	}
	return ""
}

func reviewFault(review, asAt time.Time) string {
	switch {
	case review.IsZero() || asAt.IsZero():
		return ""
	case review.Before(asAt):
		return fmt.Sprintf("The next review, %s, is before the day of the statement.", day(review))
	case review.After(asAt.AddDate(reviewWithin, 0, 0)):
		return fmt.Sprintf("The next review, %s, is more than ten years away: look at the year.", day(review))
	}
	return ""
}

// schemed is a text that a browser could take for an address.
var schemed = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:\S`)

// evidenceFault is what is wrong with evidence: it is a web address, or the
// name of a document.
func evidenceFault(text string) string {
	if schemed.MatchString(text) && !isWebAddress(text) {
		return "The evidence is neither a web address nor the name of a document: start an address with https://, or name the document in words."
	}
	return ""
}

// lowered is a name inside a sentence.
func lowered(name string) string { return strings.ToLower(name[:1]) + name[1:] }
