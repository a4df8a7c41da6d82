package dashboard

import (
	"fmt"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// sourceTitles is what readers are told instead of the sources' short names.
type sourceTitles map[string]string

// of is a source's title. A source without one, such as one that has left the
// configuration while its figures are still served, goes by its short name.
func (t sourceTitles) of(source string) string {
	if title := t[source]; title != "" {
		return title
	}
	return source
}

// ofSeries is what a series' source is called, with the basis where the source
// counts on several: no figure may be taken for one of another basis.
func (t sourceTitles) ofSeries(s stats.Series) string {
	own := strings.TrimPrefix(strings.TrimPrefix(s.Basis, s.Measure.Basis), ", ")
	if own == "" {
		return t.of(s.Source)
	}
	return t.of(s.Source) + " (" + own + ")"
}

// heading is a source's title where a line begins with it. A short name keeps
// its small letter.
func (t sourceTitles) heading(source string) string {
	if t[source] == "" {
		return source
	}
	return capitalised(t[source])
}

// reference is what figures are explained with: areas, measures, the breaks in
// the series and what their sources are called.
type reference struct {
	areas    *stats.Areas
	measures *stats.Measures
	breaks   []stats.Break
	titles   sourceTitles
	peers    []stats.Figure // of all areas, where a rate is compared
	// annotations is what people put onto the charts of the area.
	annotations []stats.Annotation
	now         time.Time // zero where nothing is told of how old figures are
}

// oldFrom is from how many years on a title says how old its figure is, so that nobody
// takes it for news.
const oldFrom = 2

// howOld is how old figures are that end on a day: "4 years old"; empty where they are not
// old, and where nobody asks.
func howOld(last, now time.Time) string {
	if now.IsZero() || last.IsZero() {
		return ""
	}
	if years := monthsSince(last, now) / 12; years >= oldFrom {
		return fmt.Sprintf("%d years old", years)
	}
	return ""
}

// heading is a finding under whose it is. Old figures are told as such before they are told.
func heading(whose, finding, old string) string {
	if old != "" {
		whose += ", last figures " + old
	}
	return whose + ": " + finding
}
