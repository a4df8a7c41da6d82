package dashboard

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// A Source is what the configuration knows of one source.
type Source struct {
	Name        string                        // the short name
	Title       string                        // as words inside a sentence; empty: its name
	Layout      string                        // of its file, such as force_return
	Kind        string                        // of the several that the layout reads; empty where it reads one
	From        string                        // where its file is, as configured: a file, a folder with a pattern, a web address or builtin:FILE
	Schedule    string                        // a cron line; empty: only when asked
	Next        func(now time.Time) time.Time // when it runs next; nil: only when asked
	Limit       stats.FreshLimit              // how old what it serves may be
	Columns     []Column                      // of its layout, in order; none where they are not told
	Template    []byte                        // an empty file of its layout to fill in, as CSV; empty: there is none
	RecordLevel bool                          // its file holds records about people, and so is never sent through a page
}

// A Layout is a file that people fill in, whether a source is configured for it or not.
type Layout struct {
	Name        string // of its parser, such as force_records
	Kind        string // of the several that it reads, such as arrests; empty where it reads one
	Title       string // what it holds, as words inside a sentence
	Columns     []Column
	Template    []byte // the empty file, as CSV
	RecordLevel bool   // it holds records about people
}

// A Column is one column of a layout.
type Column struct {
	Name     string
	Explains string // what stands in it
	Example  string
}

// sourceNamed finds a source of the configuration.
func (s *site) sourceNamed(name string) (Source, bool) {
	i := slices.IndexFunc(s.sources, func(source Source) bool { return source.Name == name })
	if i < 0 {
		return Source{}, false
	}
	return s.sources[i], true
}

// titlesOf is what readers are told instead of the sources' short names.
func titlesOf(sources []Source) sourceTitles {
	titles := sourceTitles{}
	for _, source := range sources {
		if source.Title != "" {
			titles[source.Name] = source.Title
		}
	}
	return titles
}

// sourceAddress is the page of one source.
func sourceAddress(name string) string { return "/data/sources/" + url.PathEscape(name) }

// place is where a source's file is, as pages tell of it: the file, or the
// pattern, and the folder that it is in. Where that lies is nobody's business.
func (source Source) place() string {
	switch {
	case source.From == "":
		return ""
	case strings.HasPrefix(source.From, "builtin:"):
		return "the reference data inside the program"
	case strings.Contains(source.From, "://"):
		return source.From
	}
	return filepath.Join(filepath.Base(filepath.Dir(source.From)), filepath.Base(source.From))
}

// knownSource is a source of the configuration, or one that has left it, and
// what its runs made of it.
type knownSource struct {
	Source
	stats.Freshness
	configured bool
	covers     time.Time // the last day that its figures cover, where that has a limit and it serves any
}

// together joins what the configuration and the runs know: the configured
// sources in their order, then those that are no longer configured.
func together(configured []Source, ran []stats.Freshness, covered map[string]time.Time) []knownSource {
	var all []knownSource
	for _, source := range configured {
		known := knownSource{Source: source, configured: true, covers: covered[source.Name]}
		if i := slices.IndexFunc(ran, func(f stats.Freshness) bool { return f.Source == source.Name }); i >= 0 {
			known.Freshness = ran[i]
		}
		known.Freshness.Source = source.Name
		all = append(all, known)
	}
	for _, fresh := range ran {
		if !slices.ContainsFunc(configured, func(s Source) bool { return s.Name == fresh.Source }) {
			all = append(all, knownSource{Source: Source{Name: fresh.Source}, Freshness: fresh})
		}
	}
	return all
}

// How much a source needs somebody, most first.
const (
	waitsForSomebody = iota
	wentWrong
	isLate
	neverLoaded
	needsNobody
)

// concern is how much a source needs somebody, and why in a few words; they
// are empty where it needs nobody.
func (k knownSource) concern(now time.Time) (rank int, words string) {
	late := k.lateBy(now)
	switch {
	case k.LastRun.Outcome == stats.Held:
		return waitsForSomebody, "held"
	case outcomeWords[k.LastRun.Outcome] != "" && k.Tells:
		return wentWrong, strings.TrimPrefix(outcomeWords[k.LastRun.Outcome], "was ")
	case late != "":
		return isLate, late
	case k.LastSuccess.IsZero() && k.Next != nil:
		return neverLoaded, "never loaded"
	}
	return needsNobody, ""
}

// lateBy is "late by 3 days", or empty where the source is not late.
func (k knownSource) lateBy(now time.Time) string {
	if k.Newest().IsZero() {
		return ""
	}
	late, is := k.Limit.Late(k.Newest(), k.covers, now)
	switch days := int(late.By / (24 * time.Hour)); {
	case !is:
		return ""
	case days == 0:
		return "late by less than a day"
	default:
		return "late by " + plural(days, "day", "days")
	}
}

// age is how old the newest served file is and how old it may be, such as
// "12 days old; limit 40 days", and the same of the figures where they have a
// limit.
func (k knownSource) age(now time.Time) string {
	newest := k.Newest()
	switch {
	case newest.IsZero() && k.LastSuccess.IsZero():
		return "never loaded"
	case newest.IsZero():
		return "nothing is served"
	}
	return k.ageOf(newest, now)
}

// ageOf says what makes a source late before it says that it is.
func (k knownSource) ageOf(newest, now time.Time) string {
	old := "less than a day old"
	if days := int(now.Sub(newest) / (24 * time.Hour)); days > 0 {
		old = plural(days, "day", "days") + " old"
	}
	switch {
	case k.Limit.Fetched > 0:
		old += "; limit " + limitWords(k.Limit.Fetched)
	case k.Limit.Covers == 0:
		return old + ", no limit set"
	}
	late, is := k.Limit.Late(newest, k.covers, now)
	if is && !late.Figures {
		old += ": " + k.lateBy(now)
	}
	if k.Limit.Covers == 0 {
		return old
	}
	ends := k.covering() + "; limit " + limitWords(k.Limit.Covers)
	if is && late.Figures {
		return ends + ": " + k.lateBy(now) + ". The file is " + old
	}
	return old + ". " + ends
}

func (k knownSource) covering() string {
	if k.covers.IsZero() {
		return "It has no figure"
	}
	return "Figures end on " + day(k.covers)
}

func limitWords(limit time.Duration) string {
	if days := int(limit / (24 * time.Hour)); limit%(24*time.Hour) == 0 {
		return plural(days, "day", "days")
	}
	return span(limit)
}

// next is when the source runs next.
func (k knownSource) next(now time.Time) string {
	if k.Next == nil {
		return "only when asked"
	}
	next := k.Next(now)
	if next.IsZero() {
		return "never: its schedule names no day"
	}
	return moment(next)
}
