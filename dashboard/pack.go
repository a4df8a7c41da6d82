package dashboard

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// packPage is chosen pages in one document for a board: a cover, what is in it, and
// each page from a sheet of its own. Without a choice it asks for one.
type packPage struct {
	frame
	Offered []option // pages, by their addresses
	Parts   []packPart
	Newest  string // the last day that a figure in it covers, in words
	Here    string // the address, by which it is found again
	Mails   []packMailLinks
}

// packPart is one page of a pack.
type packPart struct {
	Number  int
	ID      string
	Name    string // of the page; empty where the form does not offer it
	Title   string
	Address string
	Body    template.HTML // what the page shows, without what only works on a screen
	Failed  string        // instead of it
}

// mostParts is how many pages a pack may have: more is no board paper.
const mostParts = 20

// packed are the patterns of pages that can stand in a pack.
var packed = []string{"GET /{$}", "GET /forces/{area}", "GET /measures/{measure}", "GET /compare", "GET /orders", "GET /changes",
	"GET /recommendations", "GET /recommendations/{ref}", "GET /recommendations/forces", "GET /recommendations/plan"}

type packReader interface {
	areasReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
}

// board is the pages of a pack, and the force whose they are.
type board struct {
	areas         *stats.Areas
	force         stats.Area
	offered       []option
	parts         []packPart
	demonstration bool
	last          time.Time // the last day that the figures of its pages cover; zero: they have none
}

// pack makes a pack of the pages that its address names, or asks which.
func (s *site) pack(reader packReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := reportValues(r.URL.RawQuery)
		if err != nil {
			return onward(err, "", choosePack)
		}
		chosen, area, err := packChoice(values)
		if err != nil {
			return onward(err, "", choosePack)
		}
		b, err := s.board(r, reader, chosen, area)
		if err != nil {
			return onward(err, "", choosePack)
		}
		page := packPage{Offered: b.offered, Parts: b.parts, Newest: NewestFigure(b.last)}
		page.Demonstration = b.demonstration
		if !b.last.IsZero() {
			page.Standing.Last = b.last.Format(time.DateOnly)
		}
		page.Title = "Choose the pages of a board pack"
		if len(chosen) > 0 {
			page.Title, page.Here = packTitle(b.force), s.origin(r).String()+r.URL.RequestURI()
			if s.personOf(r).Role >= signin.Analyst {
				page.Mails = s.packMails(values)
			}
		}
		page.Unfigured = len(chosen) == 0
		page.frame = s.frame(r, b.areas, b.force).with(page.frame)
		page.Choice = page.Choice.withoutCountries()
		page.foot.at = "" // the cover has the address, which is longer than a foot
		return s.render(w, "pack", page)
	}
}

// choosePack is the way on from a pack that cannot be made.
var choosePack = link{Text: "Choose the pages of a board pack", Address: packPath}

func packTitle(force stats.Area) string { return "Stalking in " + force.Name + ": a board pack" }

// board makes the chosen pages.
func (s *site) board(r *http.Request, reader packReader, chosen []string, area string) (b board, err error) {
	if b.areas, b.force, err = s.findForce(r, reader, area); err != nil {
		return b, err
	}
	measures, err := reader.Measures(r.Context(), query.Latest)
	if err != nil {
		return b, err
	}
	b.offered = offered(measures, b.force, s.home, s.monthAgo(), chosen)
	for i, address := range chosen {
		part, shown, err := s.packPart(r, i+1, address)
		if err != nil {
			return b, err
		}
		part.Name = pageName(b.offered, measures, address)
		b.parts = append(b.parts, part)
		b.demonstration = b.demonstration || shown.demonstration
		if shown.last.After(b.last) {
			b.last = shown.last
		}
	}
	return b, nil
}

// pageName is what the form calls a page, or one that differs from it by its parameters
// alone; a measure that the form does not offer has its own name. It is empty for others.
func pageName(offered []option, measures *stats.Measures, address string) string {
	path, _, _ := strings.Cut(address, "?")
	for _, same := range []func(string) bool{
		func(value string) bool { return value == address },
		func(value string) bool { return strings.HasPrefix(value+"?", path+"?") },
	} {
		if i := slices.IndexFunc(offered, func(o option) bool { return same(o.Value) }); i >= 0 {
			return offered[i].Text
		}
	}
	if id, ok := strings.CutPrefix(path, "/measures/"); ok {
		if m, ok := measures.Count(id); ok {
			return m.Name
		}
		if list := measures.ByID(id); len(list) > 0 {
			return list[0].Name
		}
	}
	return ""
}

// packChoice reads which pages were chosen, in their order, and of which force.
func packChoice(values url.Values) (pages []string, area string, err error) {
	for name := range values {
		if name != "page" && name != "area" {
			return nil, "", badRequest("This page has no parameter “%s”.", echoed(name))
		}
	}
	if len(values["area"]) > 1 {
		return nil, "", badRequest("The address gives “area” more than once.")
	}
	if pages = given(values["page"]); len(pages) > mostParts {
		return nil, "", badRequest("A pack has at most %d pages, and %d are chosen.", mostParts, len(pages))
	}
	return pages, values.Get("area"), nil
}

// offered is the pages that the form offers for a force.
func offered(measures *stats.Measures, force stats.Area, home string, since time.Time, chosen []string) []option {
	offered := []option{
		{Value: overviewAddress(home, force.Code), Text: "Overview"},
		{Value: changesAddress(force.Code, since), Text: "What has changed in the last month"},
		{Value: withArea("/recommendations", home, force.Code), Text: "The 29 recommendations"},
		{Value: withArea("/recommendations/plan", home, force.Code), Text: "Action plan"},
		{Value: withArea("/orders", home, force.Code), Text: "Stalking Protection Orders"},
		{Value: withArea("/compare", home, force.Code), Text: "Compared with other forces"},
	}
	seen := map[string]bool{}
	for _, m := range headlineMeasures(measures) {
		if !seen[m.ID] {
			offered = append(offered, option{Value: withArea("/measures/"+m.ID, home, force.Code), Text: m.Name})
		}
		seen[m.ID] = true
	}
	for i := range offered {
		offered[i].Selected = slices.Contains(chosen, offered[i].Value)
	}
	return offered
}

// packPart makes one page of a pack, of the same state of the figures as all others. What
// there is not is refused; what failed says so, and the rest of the pack stands.
func (s *site) packPart(r *http.Request, number int, address string) (part packPart, shown paperPart, err error) {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		return part, shown, badRequest("“%s” is not the address of a page of this site, such as /orders.", echoed(address))
	}
	asked := r.Clone(r.Context())
	asked.URL, asked.RequestURI, asked.Method = u, address, http.MethodGet
	if _, pattern := s.pages.Handler(asked); !slices.Contains(packed, pattern) {
		return part, shown, badRequest("The page “%s” cannot stand in a pack%s.", echoed(address), s.forWhom())
	}
	a := answerOf(s.pages, asked)
	part = packPart{Number: number, ID: partID(number), Address: address}
	switch {
	case a.cause != nil || a.status >= http.StatusInternalServerError:
		spoil(r)
		part.Title, part.Failed = address, fmt.Sprintf("This page could not be made, and the fault is ours. The log has it as %s. The rest of this pack stands.", RequestID(r.Context()))
		if a.cause != nil {
			s.log.ErrorContext(r.Context(), "page of a pack failed", "request", RequestID(r.Context()), "page", address, "error", a.cause)
		}
		return part, shown, nil
	case a.status != http.StatusOK:
		return part, shown, badRequest("The page “%s” of the pack is not there: open it to see why.", echoed(address))
	}
	if shown, err = forPaper(a.body, number); err != nil {
		return part, shown, fmt.Errorf("put %s into a pack: %w", address, err)
	}
	part.Title, part.Body = shown.title, shown.body
	return part, shown, nil
}
