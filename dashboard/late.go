package dashboard

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// lateNote is one sentence about a source that is not up to date; the source's
// title in it is a link. Name is its short name.
type lateNote struct{ Before, Source, After, Address, Name string }

type stateReader interface {
	SourceStates(ctx context.Context) ([]query.SourceState, error)
	coveredReader
}

type coveredReader interface {
	Covered(ctx context.Context, sources []string) (map[string]time.Time, error)
}

// freshness is what is known of how up to date the sources are.
type freshness struct {
	states  []query.SourceState
	covered map[string]time.Time // the last day that the figures of a source cover, where that has a limit
	limits  freshLimits
	titles  sourceTitles
	now     time.Time
}

func (s *site) freshness(r *http.Request, reader stateReader) (freshness, error) {
	return s.freshnessAt(r.Context(), reader)
}

func (s *site) freshnessAt(ctx context.Context, reader stateReader) (freshness, error) {
	f := freshness{limits: s.limits, titles: s.titles, now: s.now()}
	var err error
	if f.states, err = reader.SourceStates(ctx); err != nil {
		return f, err
	}
	f.covered, err = reader.Covered(ctx, s.limits.ofFigures())
	return f, err
}

// freshLimits is how old what a source serves may be, of each that has a limit.
type freshLimits map[string]stats.FreshLimit

func limitsOf(sources []Source) freshLimits {
	limits := freshLimits{}
	for _, source := range sources {
		if source.Limit.Set() {
			limits[source.Name] = source.Limit
		}
	}
	return limits
}

// ofFigures is the sources that have a limit of what their figures cover, in
// order: of the others nobody need ask.
func (l freshLimits) ofFigures() []string {
	var names []string
	for name, limit := range l {
		if limit.Covers > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// outcomeWords says how a run ended that did not do what it was for.
var outcomeWords = map[stats.Outcome]string{
	stats.RejectedRun: "was refused",
	stats.Failed:      "failed",
	stats.Interrupted: "was interrupted",
	stats.Held:        "was held",
}

// notes is a sentence for each of the used sources that is late or whose last load
// did not succeed; where it is both, one sentence says both. Newest is the last day of
// the figures that the page has from each source.
func (f freshness) notes(used []string, newest map[string]time.Time) []lateNote {
	var notes []lateNote
	for _, source := range slices.Compact(slices.Sorted(slices.Values(used))) {
		state := f.state(source)
		lateAlone, late := f.late(state, newest[source])
		failedAlone, failed := f.failed(state)
		switch {
		case late && failed:
			notes = append(notes, lateAlone.andFailed(state))
		case late:
			notes = append(notes, lateAlone)
		case failed:
			notes = append(notes, failedAlone)
		}
	}
	return notes
}

// andFailed adds to what is late that its last load did not succeed, and leads to that.
func (n lateNote) andFailed(state query.SourceState) lateNote {
	n.After = strings.TrimSuffix(n.After, ".") + ", and its last run " + howItEnded(state)
	if !state.ServedSince.IsZero() {
		n.After += "; figures are those served since " + dayOf(state.ServedSince)
	}
	n.After += "."
	n.Address = runAddress(state.LastLoad.ID)
	return n
}

// state is what is known of a source; nothing but its name where it never ran.
func (f freshness) state(source string) query.SourceState {
	i := slices.IndexFunc(f.states, func(s query.SourceState) bool { return s.Source == source })
	if i < 0 {
		return query.SourceState{Source: source}
	}
	return f.states[i]
}

func (f freshness) late(state query.SourceState, newest time.Time) (note lateNote, late bool) {
	lateness, late := f.lateness(state)
	if !late {
		return note, false
	}
	note = lateNote{Name: state.Source, Source: f.titles.heading(state.Source), After: " is " + lateWords(lateness.By) + ".", Address: sourceStateAddress(state.Source)}
	switch {
	case state.Newest.IsZero() && state.LastSuccess.IsZero():
		note.After = " has never been loaded."
	case state.Newest.IsZero():
		note.After = " serves nothing now."
	}
	if newest.IsZero() && lateness.Figures {
		newest = f.covered[state.Source]
	}
	if !newest.IsZero() {
		note.Before, note.Source = "No figure since "+monthOrDay(newest)+": ", f.titles.of(state.Source)
	}
	return note, true
}

// lateness is the one rule of lateness, and that what serves nothing is late
// too where there is a limit, by nobody knows how much.
func (f freshness) lateness(state query.SourceState) (stats.Lateness, bool) {
	limit := f.limits[state.Source]
	if state.Newest.IsZero() {
		return stats.Lateness{}, limit.Set()
	}
	return limit.Late(state.Newest, f.covered[state.Source], f.now)
}

// aged is a sentence for each source whose newest number, by its last day on the page, is of
// more than a year ago. Where the source has a limit of what its figures cover, or is late
// already, that speaks instead: without one figures grow old and nothing is late.
func (f freshness) aged(newest map[string]time.Time) []lateNote {
	var notes []lateNote
	for _, source := range slices.Sorted(maps.Keys(newest)) {
		last := newest[source]
		if _, late := f.lateness(f.state(source)); late || f.limits[source].Covers > 0 || f.now.Before(last.AddDate(1, 0, 1)) {
			continue
		}
		notes = append(notes, lateNote{
			Name: source, Before: fmt.Sprintf("No figure since %s, %d months ago: ask for newer ones of ", monthOrDay(last), monthsSince(last, f.now)),
			Source: f.titles.of(source), After: " before you judge.", Address: sourceStateAddress(source),
		})
	}
	return notes
}

// sourceStateAddress is where the sources and their runs tell of one.
func sourceStateAddress(source string) string { return "/data#source-" + url.PathEscape(source) }

func lateWords(by time.Duration) string {
	if days := int(by / (24 * time.Hour)); days > 0 {
		return plural(days, "day late", "days late")
	}
	return "less than a day late"
}

// monthOrDay is the end of a period: its month where it is the last of it.
func monthOrDay(end time.Time) string {
	if end.AddDate(0, 0, 1).Day() == 1 {
		return end.Format("January 2006")
	}
	return day(end)
}

func (f freshness) failed(state query.SourceState) (note lateNote, failed bool) {
	if _, failed := outcomeWords[state.LastLoad.Outcome]; !failed {
		return note, false
	}
	serves := ": nothing of it is served."
	if !state.ServedSince.IsZero() {
		serves = ": figures are those served since " + dayOf(state.ServedSince) + "."
	}
	return lateNote{
		Name: state.Source, Before: "The last run of ", Source: f.titles.of(state.Source), After: " " + howItEnded(state) + serves, Address: runAddress(state.LastLoad.ID),
	}, true
}

// howItEnded is how the last run ended that did not succeed, and when.
func howItEnded(state query.SourceState) string {
	return fmt.Sprintf("%s on %s", outcomeWords[state.LastLoad.Outcome], dayOf(state.LastLoad.StartedAt))
}

// recommending is the sources of recommendations and of what forces say of them.
func (f freshness) recommending() []string {
	var sources []string
	for _, s := range f.states {
		if s.Recommendations {
			sources = append(sources, s.Source)
		}
	}
	return sources
}

// preferredSources is where the figures of measures are looked for first.
func preferredSources(measures []stats.Measure, area stats.Area) []string {
	var sources []string
	for _, m := range measures {
		if source := preferred(m, area); source != "" {
			sources = append(sources, source)
		}
	}
	return sources
}

// pickedOf is the series of measures that pages show of an area.
func pickedOf(all []stats.Series, measures []stats.Measure, area stats.Area) []stats.Series {
	var picked []stats.Series
	for _, m := range measures {
		if s, ok := pick(all, m, area); ok {
			picked = append(picked, s)
		}
	}
	return picked
}
