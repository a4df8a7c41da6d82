package dashboard

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// frame is what every page has round it.
type frame struct {
	Title         string // the finding: title of the window and the page's one h1
	Area          stats.Area
	HomeName      string // of the force of the configuration; empty where it is not known
	Sections      []link
	Demonstration bool // any figure on the page is made up
	Choice        areaChoice
	ServedSince   string // since when what is on the page is served, such as "since 14 October 2024, 10:30 BST"
	Today         string // the day on which the page was made
	Version       string
	Audience      string   // whom the figures are for, and what that does to them
	Sees          string   // which areas the reader may see in detail; empty where that is all, or none for everybody
	Internal      bool     // the reader may see true figures, and what is loaded
	Marking       string   // the force's own protective marking; empty: none
	Lately        string   // what has changed for the area
	Pack          string   // where its pages are put into one document
	CSV           string   // everything shown, as a file; empty where there are no figures
	Unfigured     bool     // the page shows no figure, so no audience need be told
	Standing      standing // what the page's figures cover, and how old they are
	Style, Icon   string
	NoSignIn      bool          // whoever reaches the pages may do everything
	Account       string        // where a reader sees as whom it has signed in; empty where nobody has
	SignedAs      string        // who the reader is, for forms alone: a page that is kept never shows it
	Filters       string        // what of the area the page shows, for the foot of paper: the measure, the period; empty where it is no part
	ChartScripts  *chartScripts // on the pages with charts
	Public        *publicFrame  // on the pages for everybody

	foot   foot        // of every page of paper
	inside bool        // the page is not for publication
	role   signin.Role // of the reader: links to pages that it may not have are left out
}

// Takes reports whether the reader may take figures away as files.
func (f frame) Takes() bool { return f.role >= signin.Analyst }

// reader is the role of whom a page is for.
func (f frame) reader() signin.Role { return f.role }

// A link is a place to go to, and whether one is there.
type link struct {
	Text, Address string
	Current       bool
}

// areaChoice is the form by which a reader changes the area. Hidden holds
// what else the address must keep.
type areaChoice struct {
	Action  string
	Options []option
}

type option struct {
	Value, Text string
	Selected    bool
}

type areasReader interface {
	Areas(ctx context.Context, asAt time.Time) (*stats.Areas, error)
}

// frame makes the frame of a page about an area. Areas may be nil where they
// cannot be read, as on an error page.
func (s *site) frame(r *http.Request, areas *stats.Areas, area stats.Area) frame {
	f := frame{
		Area: area, Version: s.version,
		Sections:    s.sections(r.URL.Path, area.Code),
		ServedSince: s.servedSince(r.Context()), Today: day(today(s.now())), Audience: s.audienceWords(), Internal: s.isInternal() && !s.personOf(r).Some, Sees: s.sees(r, areas), Marking: s.marking(),
		Style: s.assets.address(styleFile), Icon: s.assets.address(iconFile), Public: s.publicFrame(),
	}
	if f.role = s.personOf(r).Role; s.signIn != nil {
		f.signedIn(s.personOf(r))
	}
	f.inside = s.isInternal()
	f.NoSignIn = f.Internal && s.signIn == nil
	if f.Internal && f.role != signin.NoRole {
		f.Lately = withArea("/changes", s.home, area.Code)
		if area.Kind != stats.Country {
			f.Pack = withArea("/pack", s.home, area.Code)
		}
	}
	f.foot = foot{f.forWhom(), r.URL.RequestURI()}
	if home := s.homeArea(areas); home.Name != s.home {
		f.HomeName = home.Name
	}
	if areas != nil && f.role != signin.NoRole {
		f.Choice = areaChoice{r.URL.Path, areaOptions(areas, area.Code)}
	}
	return f
}

// An editioner knows what is served at a time.
type editioner interface {
	Edition(ctx context.Context, at time.Time) (query.Publication, error)
}

// askingSince is how long a page waits to hear since when its figures are served.
const askingSince = 5 * time.Second

// servedSince is when the newest of the figures was published. It is not the moment at
// which a page is made: a page that shows the same is the same page. Where it cannot be
// known it is that moment.
func (s *site) servedSince(ctx context.Context) string {
	if s.editions != nil {
		ctx, cancel := context.WithTimeout(ctx, askingSince) // on a page that says what is broken too
		defer cancel()
		if edition, err := s.editions.Edition(ctx, query.Latest); err == nil && !edition.AsAt.IsZero() {
			return "since " + moment(edition.AsAt)
		}
	}
	return "on " + moment(s.now())
}

// forWhom is how the foot of the page's paper begins: a sheet may be passed on without
// the one that says so.
func (f frame) forWhom() string {
	if f.inside {
		return "Not for publication. "
	}
	return ""
}

// foot is how the foot of every page of paper begins, and the address where the page is
// found again; empty where it stands elsewhere.
type foot struct{ first, at string }

// Paper is the style sheet of the foot of the page's paper: to which day its figures go, as
// served when, what it shows, and where it is found again. The area stands last: of a long
// foot it is what is cut.
func (f frame) Paper() string {
	words := "Figures as served " + f.ServedSince + ". "
	if last := f.Standing.lastDay(); last != "" {
		words = "Figures to " + last + ", as served " + f.ServedSince + ". "
	}
	of := ""
	if f.Filters == "" {
		words += f.Area.Name
	} else {
		of = strings.TrimPrefix(f.Area.Name+": "+f.Filters, ": ")
	}
	return paperAddress(f.foot.first+strings.TrimSuffix(words, ". "), of, f.foot.at, f.Marking)
}

// showing makes a page one that shows figures of an audience and names nobody: what is
// published may be passed on, and has its own marking.
func (s *site) showing(r *http.Request, f frame, audience string) frame {
	f.Audience = audienceWords(s.rules, audience)
	if audience == Published {
		f.Marking = s.markings.Of(audience)
		f.foot.first = ""
	}
	return f
}

// frameOfReport is the frame of a page about one report. Its head says whom the report is
// for, in the words given; the page says who made it and why, and stays the force's.
func (s *site) frameOfReport(r *http.Request, reader areasReader, audience, words string) func(frame) (frame, error) {
	return func(own frame) (frame, error) {
		f, err := s.plainFrame(r, reader, own)
		if err != nil || !f.Internal {
			return f, err
		}
		if f.Audience = words; audience == Published {
			f.foot.first = "This page is for the force alone; its report is for the published audience. "
		}
		return f, nil
	}
}

// chartScripts is where the script is that makes charts answer, and the library that
// it fetches for that.
type chartScripts struct{ Script, Library string }

// withCharts adds the script that only pages with charts load.
func (s *site) withCharts(f frame) frame {
	f.ChartScripts = &chartScripts{Script: s.assets.address(scriptFile), Library: s.assets.address(echartsFile)}
	return f
}

// homeArea is the force of the configuration; where the areas are not loaded
// it has only its code.
func (s *site) homeArea(areas *stats.Areas) stats.Area {
	if areas != nil {
		if area, ok := areas.ByCode(s.home); ok {
			return area
		}
	}
	return stats.Area{Code: s.home, Name: s.home}
}

func (s *site) sections(path, area string) []link {
	home, force := s.home, area
	if area == stats.EnglandAndWales {
		force = home // recommendations are answered by forces, and forces are compared
	}
	list := []link{
		{Text: "Overview", Address: overviewAddress(home, area)},
		{Text: "Recommendations", Address: withArea("/recommendations", home, force)},
		{Text: "Measures", Address: withArea("/measures", home, area)},
		{Text: "Orders", Address: withArea("/orders", home, area)},
		{Text: "Compare", Address: withArea("/compare", home, force)},
		{Text: "Data", Address: "/data"},
		{Text: "Reports", Address: withArea("/reports", home, area)},
		{Text: "About", Address: "/about"},
	}
	if !s.isInternal() {
		list = slices.DeleteFunc(list, func(l link) bool { return l.Address == "/data" })
	}
	for i := range list {
		list[i].Current = list[i].Address == path || inSection(path, list[i].Text)
	}
	return list
}

var sectionPaths = map[string]*regexp.Regexp{
	"Overview":        regexp.MustCompile(`^/(forces/.*)?$`),
	"Recommendations": regexp.MustCompile(`^/recommendations(/.*)?$`),
	"Measures":        regexp.MustCompile(`^/measures(/.*)?$`),
	"Compare":         regexp.MustCompile(`^/compare$`),
	"Orders":          regexp.MustCompile(`^/orders$`),
	"Data":            regexp.MustCompile(`^/data(/.*)?$`),
	"Reports":         regexp.MustCompile(`^/(reports|permalink)(/.*)?$`),
	"About":           regexp.MustCompile(`^/about$`),
}

func inSection(path, section string) bool { return sectionPaths[section].MatchString(path) }

func overviewAddress(home, area string) string {
	if area == home || area == "" {
		return "/"
	}
	return "/forces/" + url.PathEscape(area)
}

// withArea adds the area to an address where it is not the home force's.
func withArea(address, home, area string) string {
	if area == home || area == "" {
		return address
	}
	return address + "?area=" + url.QueryEscape(area)
}

func areaOptions(areas *stats.Areas, chosen string) []option {
	list := append([]stats.Area{}, areas.Forces()...)
	for _, area := range areas.All() {
		if area.Kind == stats.NationalForce || area.Kind == stats.Country {
			list = append(list, area)
		}
	}
	var options []option
	for _, area := range list {
		options = append(options, option{area.Code, area.Name, area.Code == chosen})
	}
	return options
}

// findArea finds the area of an address; an empty code is the home force.
func (s *site) findArea(areas *stats.Areas, code string) (stats.Area, error) {
	if code == "" {
		return s.homeArea(areas), nil
	}
	area, ok := areas.ByCode(code)
	if !ok {
		return stats.Area{}, notFound("There is no area with the code “%s”.", echoed(code))
	}
	return area, nil
}

// areaOf reads the areas, and the one that the page's address names.
func (s *site) areaOf(r *http.Request, reader areasReader) (*stats.Areas, stats.Area, error) {
	values, err := parameters(r, "area")
	if err != nil {
		return nil, stats.Area{}, err
	}
	areas, err := reader.Areas(r.Context(), query.Latest)
	if err != nil {
		return nil, stats.Area{}, err
	}
	area, err := s.findArea(areas, values["area"])
	return areas, area, err
}

// forceOf is areaOf for what only a force can have.
func (s *site) forceOf(r *http.Request, reader areasReader) (*stats.Areas, stats.Area, error) {
	values, err := parameters(r, "area")
	if err != nil {
		return nil, stats.Area{}, err
	}
	return s.findForce(r, reader, values["area"])
}

// findForce reads the areas, and finds the force with a code.
func (s *site) findForce(r *http.Request, reader areasReader, code string) (*stats.Areas, stats.Area, error) {
	areas, err := reader.Areas(r.Context(), query.Latest)
	if err != nil {
		return nil, stats.Area{}, err
	}
	area, err := s.findArea(areas, code)
	if err == nil && area.Kind == stats.Country {
		err = badRequest("Recommendations are answered by forces, one by one: choose a force instead of %s.", area.Name)
	}
	return areas, area, err
}

// withoutCountries leaves in a choice only what can answer for itself.
func (c areaChoice) withoutCountries() areaChoice {
	c.Options = slices.DeleteFunc(c.Options, func(o option) bool { return o.Value == stats.EnglandAndWales })
	return c
}

// parameters reads the address's parameters. One that the page does not know,
// or that stands twice, is an error: a page that ignored it would show
// something else than it was asked for.
func parameters(r *http.Request, known ...string) (map[string]string, error) {
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("The part of the address after the question mark cannot be read.")
	}
	values := map[string]string{}
	for _, name := range known {
		if len(given[name]) > 1 {
			return nil, badRequest("The address gives “%s” more than once.", echoed(name))
		}
		switch values[name] = given.Get(name); {
		case !given.Has(name) || !isBlank(values[name]):
		case strings.HasSuffix(r.URL.Path, ".svg"):
			return nil, badRequest("%s.", emptyValue(name))
		case isFile(r):
			return nil, badRequest("%s.", emptyFilter(name))
		}
		delete(given, name)
	}
	if others := slices.Sorted(maps.Keys(given)); len(others) > 0 {
		return nil, badRequest("This page has no parameter “%s”.", echoed(others[0]))
	}
	return values, nil
}

// isFile reports whether a request is for a CSV or its description. A form sends what
// was left empty on it, and shows on its page that it is; a file shows nothing.
func isFile(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, ".csv") || strings.HasSuffix(r.URL.Path, ".csv-metadata.json")
}
