package dashboard

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

const auditPath = "/audit"

// auditPage is who did what.
type auditPage struct {
	frame
	Day, User string
	Rows      []actRow
	More      string // that there are more than the page lists; empty where there are not
	Kept      string // how long
}

type actRow struct {
	When, User, Channel, Action string
	About                       string
	Made                        string // the page that it led to
	Outcome                     string // empty where it was done
}

type auditReader interface {
	areasReader
	actRecorder
	Acts(ctx context.Context, user string, from, until time.Time) iter.Seq2[stats.Act, error]
}

// actsListed is how many acts the page lists; the CSV has all.
const actsListed = 200

// auditQuery is what an address asks of the audit.
type auditQuery struct {
	day         time.Time
	user        string
	from, until time.Time
}

func auditAsked(r *http.Request) (q auditQuery, err error) {
	values, err := parameters(r, "day", "user")
	if err != nil {
		return q, err
	}
	if q.user, err = readLine(values["user"], "user", longestWho); err != nil {
		return q, err
	}
	if q.day, err = parseDay("day", values["day"]); err != nil {
		return q, badRequest("%s.", capitalised(err.Error()))
	}
	if !q.day.IsZero() {
		q.from, q.until = startOfDay(q.day), startOfDay(q.day.AddDate(0, 0, 1))
	}
	return q, nil
}

// address is where the same question is answered otherwise.
func (q auditQuery) address(path string) string {
	values := url.Values{}
	if q.user != "" {
		values.Set("user", q.user)
	}
	if !q.day.IsZero() {
		values.Set("day", q.day.Format(time.DateOnly))
	}
	return (&url.URL{Path: path, RawQuery: values.Encode()}).String()
}

func (s *site) audit(reader auditReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := auditAsked(r)
		if err != nil {
			return err
		}
		var listed []stats.Act
		for a, err := range reader.Acts(r.Context(), q.user, q.from, q.until) {
			if err != nil {
				return err
			}
			if listed = append(listed, a); len(listed) > actsListed {
				break
			}
		}
		page := buildAudit(listed, q, s.auditKept)
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "audit", page)
	}
}

// buildAudit lists acts; one more than are listed says that there are more.
func buildAudit(all []stats.Act, q auditQuery, kept time.Duration) auditPage {
	page := auditPage{User: q.user, Kept: "for ever"}
	page.Unfigured, page.CSV = true, q.address(auditPath+".csv")
	if kept > 0 {
		page.Kept = "for " + plural(int(kept/(24*time.Hour)), "day", "days")
	}
	span := ""
	if !q.day.IsZero() {
		page.Day, span = q.day.Format(time.DateOnly), " on "+day(q.day)
	}
	if len(all) > actsListed {
		all = all[:actsListed]
		page.More = fmt.Sprintf("These are the newest %d.", actsListed)
	}
	for _, a := range all {
		row := actRow{When: shortMoment(a.At), User: a.User, Channel: channelWords[a.Channel], Action: capitalised(string(a.Action)), About: a.About, Outcome: string(a.Outcome)}
		if a.Outcome == stats.ActDone {
			row.Outcome = ""
		}
		if strings.HasPrefix(a.Made, "/") && a.Action != stats.SignInAct && a.Action != stats.SignOutAct {
			row.Made = a.Made
		}
		page.Rows = append(page.Rows, row)
	}
	switch {
	case len(all) == 0:
		page.Title = "Nothing was done" + span
	case page.More != "":
		page.Title = fmt.Sprintf("More than %d things were done%s", actsListed, span)
	default:
		page.Title = plural(len(all), "thing was", "things were") + " done" + span
	}
	if q.user != "" {
		page.Title += " by " + q.user
	}
	return page
}

// auditCSV streams the whole audit, or that of a day or of somebody.
func (s *site) auditCSV(reader auditReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := auditAsked(r)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-audit-" + s.now().Format(time.DateOnly) + ".csv", metadata: q.address(auditPath + ".csv-metadata.json")}
		rows, err := report.Acts(out, reader.Acts(r.Context(), q.user, q.from, q.until))
		noteRows(w, rows)
		return s.finish(out, r, err)
	}
}

// auditMetadata tells how to read the CSV of the same address.
func (s *site) auditMetadata(w http.ResponseWriter, r *http.Request) error {
	q, err := auditAsked(r)
	if err != nil {
		return err
	}
	d := report.Description{URL: strings.TrimPrefix(q.address("/audit.csv"), "/"), Title: "Who did what", Filters: r.URL.Query(),
		Describe: "One row for each time that somebody signed in or out, downloaded figures, ran, sent, replayed, accepted or withdrew, entered or changed something, the newest first."}
	return sendMetadata(w, d, report.ActColumns)
}
