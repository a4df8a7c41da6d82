package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// standing is the line under the title of a page: which days its figures cover, how old
// its sources are, and what of them is not up to date.
type standing struct {
	Covered string // the days from the first figure to the last; empty where the page has none
	Last    string // the last of them as 2024-09-27, for a pack and the foot of paper; empty where the page has none
	Ended   string // how long ago they end; empty where that is lately
	Sources []sourceNote
	Late    []lateNote
}

// lastDay is the last day that the page's figures cover, in words; empty where it has none.
func (s standing) lastDay() string {
	last, _ := time.Parse(time.DateOnly, s.Last) // as it was written here
	return day(last)
}

// sourceNote is a source behind the page, how old its file is, and whether it
// is not up to date.
type sourceNote struct {
	Title, Retrieved string
	Last             string // the last day that the figures of the page cover; empty where none is of the source
	Late             bool
}

// contents is what a page shows, as far as its line under the title tells of it.
type contents struct {
	series  []stats.Series
	beside  []stats.Figure // shown beside the series, such as those of all forces
	others  []string       // sources of what is no series, such as the recommendations
	awaited []string       // sources that the page would show first: told of only where they are late
}

// standing reads how up to date the sources are, and makes of it the line under the
// title. Where that cannot be read the page says so and stands.
func (s *site) standing(r *http.Request, reader stateReader, of func(freshness) contents) standing {
	fresh := s.guardedFreshness(r, reader)
	line := fresh.Shows.standing(of(fresh.Shows))
	if fresh.Failed != "" {
		line.Late = []lateNote{{Before: fresh.Failed + " See ", Source: "the sources and their runs", After: ".", Address: "/data"}}
	}
	return line
}

// guardedFreshness is how up to date the sources are; nothing but their titles where
// that cannot be read.
func (s *site) guardedFreshness(r *http.Request, reader stateReader) block[freshness] {
	fresh := guarded(s, r, whatIsFresh, func() (freshness, error) { return s.freshness(r, reader) })
	if fresh.Failed != "" {
		fresh.Shows = freshness{titles: s.titles, now: s.now()}
	}
	return fresh
}

func (f freshness) standing(of contents) standing {
	days := daysOf(of.series)
	for i := range of.beside {
		days.add(&of.beside[i])
	}
	sources := slices.Concat(days.sources, of.others)
	for _, s := range of.series {
		if s.Measure.DenominatorSource != "" {
			sources = append(sources, s.Measure.DenominatorSource)
		}
	}
	line := standing{Late: f.notes(slices.Concat(sources, of.awaited), days.known)}
	if !days.span.End.IsZero() {
		line.Covered, line.Ended = covered(days.span), longAgo(days.span.End, f.now)
		line.Last = days.span.End.Format(time.DateOnly)
	}
	line.Sources = f.sourceNotes(sources, days, line.Late)
	return line
}

// sourceNotes is the sources with the last day that their figures on the page cover, and
// the date of their newest file: a file that was read today may end two years ago. What
// serves nothing is left out; where the page waits for it, it is late.
func (f freshness) sourceNotes(sources []string, days figureDays, late []lateNote) []sourceNote {
	var notes []sourceNote
	for _, source := range slices.Compact(slices.Sorted(slices.Values(sources))) {
		note := sourceNote{Title: f.titles.of(source), Late: slices.ContainsFunc(late, func(n lateNote) bool { return n.Name == source })}
		if newest := f.state(source).Newest; !newest.IsZero() {
			note.Retrieved = day(newest)
		}
		if last := days.last[source]; !last.IsZero() {
			note.Last = day(last)
		}
		if note.Retrieved+note.Last != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// figureDays is the days of figures: of all of them, and the last of each source.
type figureDays struct {
	span    stats.Period
	last    map[string]time.Time
	known   map[string]time.Time // of the figures that have a number
	sources []string             // of the figures
}

func daysOf(series []stats.Series) figureDays {
	days := figureDays{last: map[string]time.Time{}, known: map[string]time.Time{}}
	for _, s := range series {
		for i := range s.Figures {
			days.add(&s.Figures[i])
		}
	}
	return days
}

func (d *figureDays) add(f *stats.Figure) {
	last, found := d.last[f.Source]
	if !found {
		d.sources = append(d.sources, f.Source)
	}
	if f.Period.End.After(last) {
		d.last[f.Source] = f.Period.End
	}
	if f.Value.Known && f.Period.End.After(d.known[f.Source]) {
		d.known[f.Source] = f.Period.End
	}
	if d.span.Start.IsZero() || f.Period.Start.Before(d.span.Start) {
		d.span.Start = f.Period.Start
	}
	if f.Period.End.After(d.span.End) {
		d.span.End = f.Period.End
	}
}

func covered(span stats.Period) string { return day(span.Start) + " to " + day(span.End) }

// newFor is for how many months figures are taken for new: the Home Office
// publishes a quarter three to four months after its end.
const newFor = 4

// longAgo says how many whole months ago a last day was; nothing where that is
// lately. A file that was read today may end two years ago.
func longAgo(last, now time.Time) string {
	months := monthsSince(last, now)
	if months <= newFor {
		return ""
	}
	return fmt.Sprintf("The newest figure ends %d months ago.", months)
}

// monthsSince is how many whole months ago a day was.
func monthsSince(last, now time.Time) int {
	months := 12*(now.Year()-last.Year()) + int(now.Month()) - int(last.Month())
	if now.Day() < last.Day() {
		months--
	}
	return months
}
