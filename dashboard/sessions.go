package dashboard

import (
	"net/http"
	"net/url"
	"slices"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// sessionRoutes are the pages on which admins see who is signed in, and end that.
func (s *site) sessionRoutes(admins registrar, reader areasReader) {
	admins.page("GET "+sessionsPath, s.sessions(reader))
	admins.page("GET "+sessionsPath+"/{id}/end", s.endSessionForm(reader))
	admins.act("POST "+sessionsPath+"/{id}/end", stats.EndSessionAct, s.endSession)
}

// sessionsPage lists who is signed in.
type sessionsPage struct {
	frame
	Rows []sessionRow
}

type sessionRow struct{ ID, Role, Began, Ends, End string }

func (s *site) sessions(reader areasReader) handler {
	return func(w http.ResponseWriter, r *http.Request) (err error) {
		if _, err := parameters(r); err != nil {
			return err
		}
		page := buildSessions(s.signIn.Sessions())
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "sessions", page)
	}
}

func buildSessions(all []signin.Session) sessionsPage {
	page := sessionsPage{}
	page.Unfigured = true
	page.Title = plural(len(all), "browser is", "browsers are") + " signed in"
	for _, one := range all {
		page.Rows = append(page.Rows, sessionRow{one.Person.ID, one.Person.Role.Words(), shortMoment(one.Began), shortMoment(one.Ends), endSessionAddress(one.Name)})
	}
	return page
}

func endSessionAddress(name string) string {
	return sessionsPath + "/" + url.PathEscape(name) + "/end"
}

// sessionOf is the session of an address.
func (s *site) sessionOf(r *http.Request) (signin.Session, error) {
	all := s.signIn.Sessions()
	i := slices.IndexFunc(all, func(one signin.Session) bool { return one.Name == r.PathValue("id") })
	if i < 0 {
		return signin.Session{}, notFound("There is no such session: it may have ended already.")
	}
	return all[i], nil
}

// endSessionForm asks whether a session is to end.
func (s *site) endSessionForm(reader areasReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		one, err := s.sessionOf(r)
		if err != nil {
			return err
		}
		page := &confirmPage{Action: endSessionAddress(one.Name), Unsigned: true, action: action{
			Says:   []string{"Signed in since " + moment(one.Began) + ". With the next page that is opened there somebody has to sign in again; what was typed into a form is lost."},
			Last:   "To keep somebody out, take them out of the file of users or out of their groups at the provider first.",
			Button: "End the session", Grave: true, Back: link{Text: "all sessions", Address: sessionsPath},
		}}
		page.Title = "End the session of " + one.Person.ID + "?"
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

// endSession ends a session of anybody.
func (s *site) endSession(w http.ResponseWriter, r *http.Request) error {
	if _, err := readFields(w, r, nil); err != nil {
		return err
	}
	one, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	s.signIn.EndSession(one.Name)
	s.log.InfoContext(r.Context(), "session ended", "request", RequestID(r.Context()), "user", one.Person.ID, "by", idOf(r))
	http.Redirect(w, r, sessionsPath, http.StatusSeeOther)
	return nil
}
