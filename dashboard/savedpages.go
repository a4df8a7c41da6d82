package dashboard

import (
	"net/http"
	"time"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// savedPage lists the saved reports.
type savedPage struct {
	frame
	Reports []savedRow
	Idle    string // why nothing is delivered; empty where it can be
}

type savedRow struct {
	Name                  link
	Audience, Saved       string
	InWords               []string
	Schedule, Place, Next string
	LastAt, File          string
	Brought               string // rows, bytes and the date of the figures
	Problem               string // why the last delivery failed; empty where it did not
	Remove                string // the form; empty where it cannot be removed
}

func (s *site) savedReports(keeper savedKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		all, err := keeper.SavedReports(r.Context(), MostSaved)
		if err != nil {
			return err
		}
		page := buildSaved(all, s.delivered, s.offers(r, signin.Analyst), s.now())
		if page.frame, err = s.plainFrame(r, keeper, page.frame); err != nil {
			return err
		}
		return s.render(w, "saved", page)
	}
}

func buildSaved(all []stats.SavedReport, saving Saving, actions bool, now time.Time) savedPage {
	page := savedPage{}
	page.Unfigured = true
	failed := 0
	for _, r := range all {
		row := savedRow{Name: link{Text: r.Name, Address: savedAddress(r)}, Audience: audienceOfSaved(r), InWords: r.InWords,
			Saved: "by " + r.Who + ", " + shortMoment(r.SavedAt), Schedule: scheduleWords(r.Schedule), Place: saving.placeWords(r.Place)}
		if next := saving.nextTime(r, now); !next.IsZero() {
			row.Next = weekMoment(next)
		}
		if row.delivery(r.Last); r.Last.Outcome == stats.DeliveryFailed {
			failed++
		}
		if actions {
			row.Remove = removeSavedAddress(r.ID)
		}
		page.Reports = append(page.Reports, row)
	}
	page.Title = "No report is saved"
	if len(all) > 0 {
		page.Title = plural(len(all), "report is saved", "reports are saved")
	}
	if failed > 0 {
		page.Title += ", of which " + plural(failed, "was", "were") + " not delivered the last time"
	}
	if len(saving.places(Published)) == 0 {
		page.Idle = "Nothing can be delivered: the configuration names no folder (reports.folder) and no address (reports.mail_to)."
	}
	return page
}

// savedAddress is where what was saved is seen now.
func savedAddress(r stats.SavedReport) string {
	if r.Kind == stats.SavedPack {
		return packAddress(r.Filters)
	}
	return ReportAddress(r.Filters)
}

func audienceOfSaved(r stats.SavedReport) string {
	if r.Kind == stats.SavedPack {
		return "board pack, " + r.Audience
	}
	return r.Audience
}

// delivery tells of the last delivery.
func (row *savedRow) delivery(d stats.ReportDelivery) {
	if d.Outcome == "" {
		return
	}
	row.LastAt, row.Problem = shortMoment(d.Began), d.Problem
	if d.Outcome == stats.Sending {
		row.Problem = "It was handed to the mail server, and it is not known whether it arrived: the program ended then. It is not sent again."
	}
	if d.Outcome != stats.DeliveryFailed {
		row.File, row.Brought = d.File, plural(int(d.Rows), "row", "rows")+", "+plural(int(d.Bytes), "byte", "bytes")+", figures as at "+shortMoment(d.AsAt)
	}
}

// removableSaved asks who removes a saved report, and why.
func removableSaved(r stats.SavedReport) *confirmPage {
	return newConfirmPage(action{
		Finding: "Remove the saved report " + r.Name + "?",
		Says: []string{
			"It was saved by " + r.Who + " on " + moment(r.SavedAt) + ", and is " + deliveredWords(r.Schedule) + ".",
			"Nothing is delivered of it any more. Files that were delivered stay where they are. It can be saved again.",
		},
		Lists: r.InWords, Button: "Remove the report", NeedsWhy: true, Back: link{Text: "the saved reports", Address: SavedAddress},
	}, removeSavedAddress(r.ID))
}

// removable is the saved report of an address, where it can be removed.
func (s *site) removable(r *http.Request, keeper savedKeeper) (stats.SavedReport, error) {
	if !s.actions {
		return stats.SavedReport{}, problem{status: http.StatusForbidden, sentence: "No saved report can be removed on these pages: dashboard.actions is off in the configuration."}
	}
	return findSaved(r, keeper)
}

func (s *site) removeSavedForm(keeper savedKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		saved, err := s.removable(r, keeper)
		if err != nil {
			return err
		}
		page := removableSaved(saved)
		if page.frame, err = s.frameOfReport(r, keeper, saved.Audience, audienceWords(s.rules, saved.Audience))(page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

// removeSaved adds that a saved report is removed.
func (s *site) removeSaved(keeper savedKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		saved, err := s.removable(r, keeper)
		if err != nil {
			return err
		}
		signed, ok, err := s.signed(w, r, removableSaved(saved), s.frameOfReport(r, keeper, saved.Audience, audienceWords(s.rules, saved.Audience)))
		if !ok {
			return err
		}
		if err := keeper.RemoveSavedReport(r.Context(), saved.ID, stats.TakenBack{At: s.now(), Who: signed.Who, Why: signed.Why}); err != nil {
			return err
		}
		s.log.InfoContext(r.Context(), "saved report removed", "request", RequestID(r.Context()), "report", saved.ID)
		http.Redirect(w, r, SavedAddress, http.StatusSeeOther)
		return nil
	}
}
