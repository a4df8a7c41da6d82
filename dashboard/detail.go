package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// People who may see some areas in detail have two sites of their own, over a Reader that
// no true figure of another area passes. Which one answers goes by the areas that an
// address asks for: the detailed one where all of them may be seen in detail, and the
// plain one, which is as the published audience has it, for everything else. So no page,
// file or chart is for two audiences, and one that is forgotten here is the plain one.
type someSites struct {
	detailed, plain     *site
	toDetailed, toPlain http.Handler
}

// makeSome makes the sites for those who may see some areas in detail; nil where no Reader
// for them is given.
func (s *site) makeSome(o Options) (*someSites, error) {
	if o.SignIn == nil || o.Detail == nil {
		return nil, nil
	}
	o.recorder, o.Reader, o.Published = o.Reader, o.Detail, nil
	o.Actions, o.Saving, o.Backups, o.Layouts, o.some = false, Saving{}, Backups{}, nil, true
	sources := o.Sources
	o.Sources = nil
	for _, source := range sources {
		o.Sources = append(o.Sources, Source{Name: source.Name, Title: source.Title, Limit: source.Limit})
	}
	var both someSites
	for _, one := range []struct {
		audience string
		site     **site
		handler  *http.Handler
	}{{Internal, &both.detailed, &both.toDetailed}, {Published, &both.plain, &both.toPlain}} {
		o.Audience = one.audience
		made, routes, err := makeSite(o)
		if err != nil {
			return nil, err
		}
		made.renderer, made.turns = s.renderer, s.turns
		*one.site, *one.handler = made, made.kept(compressed(routes))
	}
	return &both, nil
}

const detailKey contextKey = 3

// detailOf is which areas the sender of a request may see in detail, by their codes. It is
// empty where that is none, and where it is all.
func detailOf(r *http.Request) []string {
	codes, _ := r.Context().Value(detailKey).([]string)
	return codes
}

// bySight hands the requests of people who may see some areas in detail to their sites.
// What is the same for everybody, and pages of their account, they have from this one.
func (s *site) bySight(all http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := s.pages.Handler(r)
		if !s.personOf(r).Some || s.known[pattern].open || isAccount(r.URL.Path) {
			all.ServeHTTP(w, r)
			return
		}
		if s.some == nil {
			s.writeError(w, r, problem{status: http.StatusForbidden, sentence: "You may see some areas in detail alone, and these pages have no figures for that. Ask whoever runs stalkstats."})
			return
		}
		own := s.areasInDetail(r)
		ctx := context.WithValue(r.Context(), detailKey, own)
		if asksOnlyFor(own, pattern, r.URL, s.home) {
			s.some.toDetailed.ServeHTTP(w, r.WithContext(published.InDetail(ctx, own)))
			return
		}
		s.some.toPlain.ServeHTTP(w, r.WithContext(ctx))
	})
}

// isAccount reports whether an address is of the pages of a reader's own sign-in.
func isAccount(path string) bool {
	return path == accountPath || strings.HasPrefix(path, accountPath+"/") || path == signOutPath
}

// areasInDetail is the areas that the sender of a request may see in detail, by their codes.
func (s *site) areasInDetail(r *http.Request) []string {
	areas, err := s.some.plain.areas.Areas(r.Context(), query.Latest)
	if err != nil {
		return nil // the page says what cannot be read
	}
	codes, _ := areaCodes(s.personOf(r), areas)
	return codes
}

// areaCodes is the areas that were named for a person, as far as they are known here, and
// how many of the names are not. Such a name opens nothing, nor does that of England and
// Wales.
func areaCodes(p signin.Person, areas *stats.Areas) (codes []string, unknown int) {
	for _, name := range p.AreaNames(func(name string) bool { _, ok := areas.Force(name); return ok }) {
		area, ok := areas.Force(name)
		switch {
		case !ok && !strings.EqualFold(name, signin.NoArea):
			unknown++
		case ok && !slices.Contains(codes, area.Code):
			codes = append(codes, area.Code)
		}
	}
	slices.Sort(codes)
	return codes, unknown
}

// Where an address says which areas it asks for.
const (
	areaInPath = iota + 1
	areaOrHome // the parameter area, and the home force where there is none
	areasAsked // each parameter area; all where there is none
)

// detailedPages are the pages that can be in detail. All others are as published:
// comparisons, since they are of many forces.
var detailedPages = map[string]int{
	"GET /{$}":                                    areaOrHome,
	"GET /forces/{area}":                          areaInPath,
	"GET /measures":                               areaOrHome,
	"GET /measures/{measure}":                     areaOrHome,
	"GET /orders":                                 areaOrHome,
	"GET /charts/{file}":                          areaOrHome,
	"GET /figure":                                 areasAsked,
	"GET /figure.csv":                             areasAsked,
	"GET /figure.csv-metadata.json":               areasAsked,
	"GET /recommendations":                        areaOrHome,
	"GET /recommendations/{ref}":                  areaOrHome,
	"GET /reports":                                areasAsked,
	"GET /reports/observations.csv":               areasAsked,
	"GET /reports/observations.csv-metadata.json": areasAsked,
	"GET /reports/observations.zip":               areasAsked,
	"GET /reports/observations.xlsx":              areasAsked,
	"GET " + apiRoot + "/observations":            areasAsked,
}

// asksOnlyFor reports whether an address asks for nothing but areas of a list. Where it
// does not, and is taken to, the figures of the others are as published still.
func asksOnlyFor(own []string, pattern string, address *url.URL, home string) bool {
	values, err := url.ParseQuery(address.RawQuery)
	if err != nil || slices.Contains(values["audience"], Published) {
		return false
	}
	asked := given(values["area"])
	switch detailedPages[pattern] {
	case areaInPath:
		asked = []string{strings.TrimPrefix(address.Path, "/forces/")}
	case areaOrHome:
		if len(asked) == 0 {
			asked = []string{home}
		}
	case areasAsked:
	default:
		return false
	}
	return len(asked) > 0 && !slices.ContainsFunc(asked, func(code string) bool { return !slices.Contains(own, code) })
}

// audienceWords says whom the pages of a site are for, and what is done to their figures.
func (s *site) audienceWords() string {
	words := audienceWords(s.rules, s.audience)
	if s.forSome && s.isInternal() {
		words += " of the area, of others as published"
	}
	return words
}

// sees is what somebody who may see some areas in detail is told above the figures.
func (s *site) sees(r *http.Request, areas *stats.Areas) string {
	if !s.forSome {
		return ""
	}
	var names []string
	for _, code := range detailOf(r) {
		name := code
		if areas != nil {
			if area, ok := areas.ByCode(code); ok {
				name = area.Name
			}
		}
		names = append(names, name)
	}
	const public = "small numbers are hidden, the others rounded"
	const sums = ", and sums of forces are shown from the Home Office and the Office for National Statistics alone"
	alone := "that area alone"
	if len(names) > 1 {
		alone = "these areas alone"
	}
	switch {
	case len(names) == 0:
		return "Your sign-in names no area that you may see in detail, so all figures here are as the public has them: " + public + ". If that is wrong, ask whoever looks after your account."
	case s.isInternal():
		return "You see " + listed(names) + " in detail. Figures of any other area here are as the public has them: " + public + sums + "."
	}
	return "These figures are as the public has them: " + public + sums + ". You see " + listed(names) + " in detail: open a page or a report of " + alone + "."
}
