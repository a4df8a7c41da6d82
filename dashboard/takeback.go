package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"stalkstats/internal/stats"
)

func takeBackAddress(ref, entry string, area stats.Area) string {
	return "/recommendations/" + url.PathEscape(ref) + "/entries/" + url.PathEscape(entry) + "/take-back?area=" + url.QueryEscape(area.Code)
}

// takeBackForm asks who takes an entry back, and why.
func (s *site) takeBackForm(reader entryReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, it, entry, err := s.takeable(r, reader)
		if err != nil {
			return err
		}
		page := takeBackPage(it, entry, area)
		if page.frame, err = s.frameOfArea(r, areas, area)(page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

func takeBackPage(it item, entry stats.Progress, area stats.Area) *confirmPage {
	return newConfirmPage(action{
		Finding: fmt.Sprintf("Take back what was entered of %s for %s?", lowered(it.Name), day(entry.AsAt)),
		Says: []string{
			fmt.Sprintf("It was entered by %s on %s, and says: %s.", entry.Who, moment(entry.SaidAt), entry.Status),
			"Taken back it counts no more, and what the force said before it counts again. It stays in the history, with your name and your reason.",
		},
		Last: "To put a mistake right, take it back and enter the right words.", Button: "Take it back", NeedsWhy: true,
		Back: link{Text: lowered(it.Name), Address: recommendationAddress(it.Ref, area)},
	}, takeBackAddress(it.Ref, entry.Entry, area))
}

// takeBack adds to the history that an entry is taken back.
func (s *site) takeBack(reader entryReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, it, entry, err := s.takeable(r, reader)
		if err != nil {
			return err
		}
		signed, ok, err := s.signed(w, r, takeBackPage(it, entry, area), s.frameOfArea(r, areas, area))
		if !ok {
			return err
		}
		by := stats.Progress{Entry: s.newID(), SaidAt: s.now(), Who: signed.Who, Update: signed.Why}
		if err := reader.TakeBack(r.Context(), entry, by); err != nil {
			return err
		}
		s.log.InfoContext(r.Context(), "entry taken back", "request", RequestID(r.Context()), "entry", entry.Entry)
		http.Redirect(w, r, recommendationAddress(it.Ref, area)+"&entry="+url.QueryEscape(entry.Entry), http.StatusSeeOther)
		return nil
	}
}

// takeable is the entry of an address, if it can be taken back.
func (s *site) takeable(r *http.Request, reader entryReader) (*stats.Areas, stats.Area, item, stats.Progress, error) {
	areas, area, it, rec, err := s.enterable(r, reader)
	if err != nil {
		return nil, area, it, stats.Progress{}, err
	}
	id := r.PathValue("entry")
	i := slices.IndexFunc(rec.progress, func(p stats.Progress) bool { return p.Entry == id && p.Recommendation == it.Ref })
	if i < 0 || id == "" {
		return nil, area, it, stats.Progress{}, notFound("There is no entry “%s” of this force and recommendation.", echoed(id))
	}
	if entry := rec.progress[i]; entry.Stands() {
		return areas, area, it, entry, nil
	}
	return nil, area, it, stats.Progress{}, conflict("This entry was taken back already.")
}
