package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/mail"
	"stalkstats/internal/stats"
)

// Saving says when and where saved reports can be delivered.
type Saving struct {
	// Schedule reads a cron line: it gives the next time after another. nil: no
	// report can have a schedule.
	Schedule     func(spec string) (next func(time.Time) time.Time, err error)
	Folder       string   // empty: none
	MailTo       []string // the only addresses
	MailInternal bool     // whether true figures may be mailed
	// Pages is the address of the pages, for links in mails; empty: it is not known.
	Pages string
}

// MostSaved is how many saved reports can stand.
const MostSaved = 200

// SavedAddress is the list of saved reports.
const SavedAddress = "/reports/saved"

const savePath = "/reports/save"

type savedKeeper interface {
	areasReader
	SavedReports(ctx context.Context, limit int) ([]stats.SavedReport, error)
	SavedReport(ctx context.Context, id string) (stats.SavedReport, error)
	SaveReport(ctx context.Context, r stats.SavedReport) error
	RemoveSavedReport(ctx context.Context, id string, by stats.TakenBack) error
}

func removeSavedAddress(id string) string { return SavedAddress + "/" + url.PathEscape(id) + "/remove" }

// places is where a report of an audience can be delivered.
func (s Saving) places(audience string) []option {
	var all []option
	if s.Folder != "" {
		all = append(all, option{Value: stats.FolderPlace, Text: "the folder " + s.Folder})
	}
	if audience == Published || s.MailInternal {
		for _, address := range s.MailTo {
			all = append(all, option{Value: mail.Place(address), Text: "mail to " + address})
		}
	}
	return all
}

// placeWords is where a report is delivered, also where it can be no more.
func (s Saving) placeWords(place string) string {
	for _, p := range s.places(Published) {
		if p.Value == place {
			return p.Text
		}
	}
	switch place {
	case "":
		return ""
	case stats.FolderPlace:
		return "a folder that is not in the configuration any more"
	}
	return "an address that is not in the configuration any more"
}

// scheduleChoices are the usual schedules, in plain words.
var scheduleChoices = []option{
	{Value: "0 7 * * *", Text: "every day at 07:00"},
	{Value: "0 7 * * 1", Text: "every Monday at 07:00"},
	{Value: "0 7 1 * *", Text: "on the first of every month at 07:00"},
}

func scheduleWords(spec string) string {
	if spec == "" {
		return "not delivered"
	}
	for _, choice := range scheduleChoices {
		if choice.Value == spec {
			return choice.Text
		}
	}
	return "at the times of " + spec
}

// deliveredWords is a schedule inside a sentence.
func deliveredWords(spec string) string {
	if spec == "" {
		return scheduleWords(spec)
	}
	return "delivered " + scheduleWords(spec)
}

const (
	timesShown = 3
	// timesLooked is how many times of a schedule are looked at for two that come
	// too soon after each other.
	timesLooked = 200
	oftenest    = time.Hour
)

// times reads a cron line and gives its next times in words.
func (s Saving) times(spec string, now time.Time) (words []string, err error) {
	if s.Schedule == nil {
		return nil, errors.New("reports are not delivered by this program")
	}
	next, err := s.Schedule(spec)
	if err != nil {
		return nil, err
	}
	last := time.Time{}
	at := next(now)
	for n := 0; n < timesLooked && !at.IsZero(); n++ {
		if !last.IsZero() && at.Sub(last) < oftenest {
			return nil, errors.New("these times come oftener than once an hour: no report is written oftener")
		}
		if n < timesShown {
			words = append(words, weekMoment(at))
		}
		last, at = at, next(at)
	}
	if len(words) == 0 {
		return nil, errors.New("this names a day that never comes")
	}
	return words, nil
}

// weekMoment is a moment with its weekday.
func weekMoment(at time.Time) string { return at.In(london()).Format("Mon ") + shortMoment(at) }

// nextTime is when a report is due next; zero: never.
func (s Saving) nextTime(r stats.SavedReport, now time.Time) time.Time {
	if r.Schedule == "" || s.Schedule == nil {
		return time.Time{}
	}
	next, err := s.Schedule(r.Schedule)
	if err != nil {
		return time.Time{}
	}
	last := r.SavedAt
	if r.LastTaken.After(last) {
		last = r.LastTaken
	}
	if at := next(last); at.After(now) {
		return at
	}
	return next(now)
}

// findSaved is the saved report that an address names, which stands.
func findSaved(r *http.Request, reader savedKeeper) (stats.SavedReport, error) {
	if _, err := parameters(r); err != nil {
		return stats.SavedReport{}, err
	}
	saved, err := reader.SavedReport(r.Context(), r.PathValue("id"))
	if errors.Is(err, query.ErrNotFound) {
		return saved, notFound("There is no saved report “%s”.", echoed(r.PathValue("id")))
	}
	if err == nil && !saved.Stands() {
		return saved, conflict("This report was removed already, on %s.", moment(saved.Removed.At))
	}
	return saved, err
}

// sameName is the saved report of a name, whatever its capitals.
func sameName(all []stats.SavedReport, name string) (stats.SavedReport, bool) {
	i := slices.IndexFunc(all, func(r stats.SavedReport) bool { return strings.EqualFold(r.Name, name) })
	if i < 0 {
		return stats.SavedReport{}, false
	}
	return all[i], true
}
