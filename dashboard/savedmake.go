package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// savePage asks under what name a report is saved, when it is delivered and where.
type savePage struct {
	frame
	Thing                      string   // what is saved: a report, or a board pack
	Called                     string   // what is called by its name
	Lists                      []string // the filters in words
	Warning                    string
	Action                     string
	Name, Schedule, Own, Place field
	Who                        field
	Schedules                  []scheduleChoice
	OwnTimes                   string // the next times of the line that was typed
	Places                     []option
	NoPlace                    string // why there is none; empty where there are some
	Back                       string
	Faults                     []field
	audience                   string // whom what is saved is for
}

// scheduleChoice is a schedule with its next times.
type scheduleChoice struct {
	option
	Times string
}

const (
	longestReportName = 80
	longestSchedule   = 60
	noSchedule        = ""
	ownSchedule       = "own"
)

// savable is what can be saved.
type savable struct {
	kind     stats.SavedKind
	audience string
	values   url.Values // its filters
	words    []string   // the same
	path     string     // of the form
	back     string     // where it was chosen
}

// A reading reads what an address asks to be saved.
type reading func(r *http.Request) (savable, error)

func (s *site) maySave() error {
	if !s.actions {
		return problem{status: http.StatusForbidden, sentence: "No report can be saved on these pages: dashboard.actions is off in the configuration."}
	}
	return nil
}

// saveable reads the report that an address asks for, if it can be saved.
func (s *site) saveable(readers Readers) reading {
	return func(r *http.Request) (savable, error) {
		if err := s.maySave(); err != nil {
			return savable{}, err
		}
		q, err := s.keepable(r, readers)
		if err != nil {
			return savable{}, err
		}
		// Said outright: whoever delivers it later may usually be of another audience.
		q.values.Set("audience", q.audience)
		return savable{stats.SavedObservations, q.audience, q.values, q.inWords(q.values, s.titles), savePath, q.address("/reports")}, nil
	}
}

// saveablePack reads the pack that an address asks for, if its mail can be made now.
func (s *site) saveablePack(r *http.Request) (q savable, err error) {
	if err := s.maySave(); err != nil {
		return q, err
	}
	values, err := reportValues(r.URL.RawQuery)
	if err != nil {
		return q, err
	}
	if len(values.Encode()) > longestFilters {
		return q, badRequest("These filters are too long to be kept: choose fewer.")
	}
	audience, err := packAudience(values)
	if err != nil {
		return q, err
	}
	back := packPath + "?" + values.Encode()
	chosen, area, err := packChoice(values)
	if err != nil {
		return q, onward(err, "", choosePack)
	}
	q = savable{kind: stats.SavedPack, audience: audience, path: savePackPath, back: back, values: url.Values{"audience": {audience}}}
	if area != "" {
		q.values.Set("area", area)
	}
	for _, address := range chosen {
		q.values.Add("page", changesSinceAddress(address, time.Time{}))
	}
	q.words, err = s.packer.inWords(r.Context(), audience, chosen, area)
	return q, err
}

// address is that of a page for what can be saved.
func (q savable) address() string {
	return (&url.URL{Path: q.path, RawQuery: q.values.Encode()}).String()
}

// places is where it can be delivered.
func (q savable) places(s Saving) []option {
	all := s.places(q.audience)
	if q.kind == stats.SavedPack {
		all = slices.DeleteFunc(all, func(o option) bool { return o.Value == stats.FolderPlace })
	}
	return all
}

func (s *site) newSavePage(q savable) *savePage {
	page := &savePage{audience: q.audience, Thing: "report", Called: "its file", Lists: q.words, Action: q.address(), Back: q.back,
		Name: field{ID: "name", Longest: longestReportName}, Schedule: field{ID: "schedule"}, Own: field{ID: "cron", Longest: longestSchedule},
		Place: field{ID: "place"}, Who: field{ID: "who", Longest: longestWho}}
	if q.kind == stats.SavedPack {
		page.Thing, page.Called = "board pack", "the mail"
	}
	page.Title = "Save this " + page.Thing + " under a name?"
	if q.audience != Published {
		page.Warning = "The figures are true ones, for the force alone: small numbers are not hidden. What leaves the force is made for the published audience."
	}
	page.Places = q.places(s.delivered)
	page.NoPlace = s.noPlace(page.Places, q)
	return page
}

// noPlace says why reports cannot be delivered, or why they cannot be mailed.
func (s *site) noPlace(places []option, q savable) string {
	switch {
	case q.audience != Published && len(s.delivered.MailTo) > 0 && !s.delivered.MailInternal:
		return "True figures are not mailed: reports.mail_internal is off in the configuration. A report for the published audience can be."
	case len(places) == 0 && q.kind == stats.SavedPack:
		return "Nothing can be mailed: the configuration names no address (reports.mail_to). The pack can still be saved."
	case len(places) == 0:
		return "Nothing can be delivered: the configuration names no folder (reports.folder) and no address (reports.mail_to). The report can still be saved."
	}
	return ""
}

// choices fills in what there is to choose from, with what was chosen.
func (page *savePage) choices(s *site) {
	page.Schedules = []scheduleChoice{{option: option{noSchedule, "never: only save it", page.Schedule.Typed == noSchedule}}}
	for _, choice := range scheduleChoices {
		times, err := s.delivered.times(choice.Value, s.now())
		if err != nil {
			continue
		}
		choice.Selected = page.Schedule.Typed == choice.Value
		page.Schedules = append(page.Schedules, scheduleChoice{choice, strings.Join(times, "; ")})
	}
	page.Schedules = append(page.Schedules, scheduleChoice{option: option{ownSchedule, "at times of my own, as a line of cron", page.Schedule.Typed == ownSchedule}})
	for i := range page.Places {
		page.Places[i].Selected = page.Places[i].Value == page.Place.Typed
	}
}

// read checks the answers. What was typed stays in the form.
func (page *savePage) read(form url.Values, q savable, s *site) (saved stats.SavedReport) {
	saved = stats.SavedReport{Kind: q.kind, Filters: q.values.Encode(), InWords: q.words, Audience: q.audience}
	saved.Name = page.Name.readText(form, "name of the "+page.Thing)
	if page.Name.Fault == "" && saved.Name == "" {
		page.Name.Fault = "Give the " + page.Thing + " a name: " + page.Called + " is called by it."
	}
	saved.Schedule = page.readSchedule(form, s)
	if saved.Schedule != "" && page.Schedule.Fault == "" && q.values.Has("as_at") {
		page.Schedule.Fault = "A report of a past time never changes: leave “Figures as served on” of the report empty, or only save it."
	}
	page.Place.Typed = strings.ToValidUTF8(form.Get("place"), "�")
	if saved.Schedule != "" {
		saved.Place = page.readPlace()
	}
	saved.Who = page.Who.readAs(form, "name")
	if page.Who.Fault == "" && saved.Who == "" {
		page.Who.Fault = noName
	}
	page.gather()
	return saved
}

// gather lists what must be mended.
func (page *savePage) gather() {
	page.Faults = nil
	for _, f := range []field{page.Name, page.Schedule, page.Own, page.Place, page.Who} {
		if f.Fault != "" {
			page.Faults = append(page.Faults, f)
		}
	}
}

// readSchedule is the cron line that was chosen or typed; empty: none.
func (page *savePage) readSchedule(form url.Values, s *site) string {
	page.Schedule.Typed = form.Get("schedule")
	own := page.Own.readAs(form, "line of cron")
	if own != "" && page.Own.Fault == "" {
		times, err := s.delivered.times(own, s.now())
		if page.OwnTimes = strings.Join(times, "; "); err != nil && (page.Schedule.Typed == ownSchedule || form.Has("times")) {
			page.Own.Fault = capitalised(err.Error()) + "."
		}
	}
	switch chosen := page.Schedule.Typed; {
	case chosen == noSchedule:
		return ""
	case chosen == ownSchedule:
		if own == "" && page.Own.Fault == "" {
			page.Own.Fault = "Write the times as a line of cron: minute, hour, day of the month, month, weekday."
		}
		return own
	case slices.ContainsFunc(scheduleChoices, func(o option) bool { return o.Value == chosen }):
		if _, err := s.delivered.times(chosen, s.now()); err != nil {
			page.Schedule.Fault = capitalised(err.Error()) + "."
		}
		return chosen
	}
	page.Schedule.Typed, page.Schedule.Fault = noSchedule, "Choose when it is delivered from the list."
	return ""
}

func (page *savePage) readPlace() string {
	if slices.ContainsFunc(page.Places, func(o option) bool { return o.Value == page.Place.Typed }) {
		return page.Place.Typed
	}
	page.Place.Fault = "Choose where it is delivered."
	if page.NoPlace != "" {
		page.Place.Fault = page.NoPlace
	}
	return ""
}

// saveForm shows what would be saved.
func (s *site) saveForm(read reading, keeper savedKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := read(r)
		if err != nil {
			return err
		}
		return s.showSave(w, r, keeper, s.newSavePage(q), http.StatusOK)
	}
}

func (s *site) showSave(w http.ResponseWriter, r *http.Request, reader areasReader, page *savePage, status int) (err error) {
	page.choices(s)
	if page.frame, err = s.frameOfReport(r, reader, page.audience, audienceWords(s.rules, page.audience))(page.frame); err != nil {
		return err
	}
	return s.renderStatus(w, status, "save", page)
}

// saveReport saves the report, or shows the form again: with what must be mended,
// or with the times of a line of cron that somebody wants to see first.
func (s *site) saveReport(read reading, keeper savedKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := read(r)
		if err != nil {
			return err
		}
		form, err := readFields(w, r, []string{"name", "schedule", "cron", "place", "who", "times"})
		if err != nil {
			return err
		}
		page := s.newSavePage(q)
		saved := page.read(form, q, s)
		if form.Has("times") {
			for _, f := range []*field{&page.Name, &page.Place, &page.Who} {
				f.Fault = ""
			}
			if page.gather(); len(page.Faults) == 0 {
				return s.showSave(w, r, keeper, page, http.StatusOK)
			}
		}
		s.saving.Lock()
		defer s.saving.Unlock()
		if len(page.Faults) == 0 {
			if err := s.save(r, keeper, page, saved); err != nil {
				return err
			}
		}
		if len(page.Faults) > 0 {
			page.Title = "Nothing was saved: " + plural(len(page.Faults), "answer needs", "answers need") + " mending"
			return s.showSave(w, r, keeper, page, http.StatusBadRequest)
		}
		http.Redirect(w, r, SavedAddress, http.StatusSeeOther)
		return nil
	}
}

// save adds the report, unless one of its name stands. A form that is sent twice
// saves one.
func (s *site) save(r *http.Request, keeper savedKeeper, page *savePage, saved stats.SavedReport) error {
	all, err := keeper.SavedReports(r.Context(), MostSaved)
	if err != nil {
		return err
	}
	if other, there := sameName(all, saved.Name); there {
		if other.Who == saved.Who && other.Kind == saved.Kind && other.Filters == saved.Filters && other.Schedule == saved.Schedule && other.Place == saved.Place {
			return nil
		}
		page.Name.Fault = fmt.Sprintf("There is a saved report of this name, by %s: choose another, or remove that one.", other.Who)
		page.gather()
		return nil
	}
	if len(all) >= MostSaved {
		return conflict("There are %d saved reports, and there can be no more: remove one that nobody needs.", MostSaved)
	}
	saved.ID, saved.SavedAt = s.newID(), s.now()
	if err := keeper.SaveReport(r.Context(), saved); err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "report saved", "request", RequestID(r.Context()), "report", saved.ID, "audience", saved.Audience, "filters", saved.Filters, "schedule", saved.Schedule, "place", saved.Place)
	return nil
}
