package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// sincePage is what has changed for an area since the last board.
type sincePage struct {
	frame
	Since           string // as the form has it
	Areas           []option
	Day             string // the same in words
	Asked           bool   // false: the address names no day yet, and the page only asks for one
	IsForce         bool
	Nothing         string // said where nothing changed beyond chance
	Unloaded        bool   // no figure at all is loaded for the area
	Figures         block[[]newFigures]
	OnPaper         string // that paper has not all new figures, and where they are; empty where it has
	Revised         block[revisedFigures]
	Limits          block[outOfLimits]
	Recommendations block[recommendationNews]
	Sources         block[[]lateNote]
}

type sinceReader interface {
	areasReader
	figuresReader
	recordReader
	stateReader
	revisionsReader
	Breaks(ctx context.Context, asAt time.Time) ([]stats.Break, error)
	Annotations(ctx context.Context, area string, asAt time.Time) ([]stats.Annotation, error)
	Fresh(ctx context.Context, f query.RevisionFilter) ([]query.Fresh, error)
}

// changesSince is the page of what has changed. Each of its blocks reads what
// it needs and can fail alone; what several need is read once.
func (s *site) changesSince(reader sinceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, since, err := s.readSince(r, reader)
		if err != nil {
			return err
		}
		page := sincePage{Areas: areaOptions(areas, area.Code), Asked: !since.IsZero(), IsForce: area.Kind != stats.Country}
		page.Since = s.monthAgo().Format(time.DateOnly)
		page.Title = "What has changed since the last board"
		if page.Asked {
			page.Since, page.Day = since.Format(time.DateOnly), day(since)
			page.Filters = "since " + page.Day
			s.fillSince(&page, r, reader, sinceInput{areas: areas, area: area, since: since, now: s.now(), titles: s.titles})
		}
		page.frame = s.frame(r, areas, area).with(page.frame)
		page.Choice = areaChoice{} // the page's own form has it
		return s.render(w, "changes", page)
	}
}

// readSince reads the address: a day that has begun, and an area.
func (s *site) readSince(r *http.Request, reader areasReader) (areas *stats.Areas, area stats.Area, since time.Time, err error) {
	values, err := parameters(r, "since", "area")
	if err != nil {
		return nil, area, since, err
	}
	if since, err = parseDay("since", values["since"]); err != nil {
		return nil, area, since, badRequest("%s.", capitalised(err.Error()))
	}
	if startOfDay(since).After(s.now()) {
		return nil, area, since, badRequest("Since: %s is not here yet.", day(since))
	}
	if areas, err = reader.Areas(r.Context(), query.Latest); err != nil {
		return nil, area, since, err
	}
	area, err = s.findArea(areas, values["area"])
	return areas, area, since, err
}

// monthAgo is the day that the form offers: a month before today in London.
func (s *site) monthAgo() time.Time {
	today := s.now().In(london())
	month := stats.Day(today.Year(), today.Month()-1, 1)
	last := stats.Day(today.Year(), today.Month(), 0)
	return stats.Day(month.Year(), month.Month(), min(today.Day(), last.Day()))
}

// sinceInput is what the blocks are made from.
type sinceInput struct {
	areas  *stats.Areas
	area   stats.Area
	since  time.Time // a day
	now    time.Time
	titles sourceTitles
}

// filter asks for what was published since the day, of the area or the forces
// that it is made of.
func (in sinceInput) filter() query.RevisionFilter {
	return revisionRequest{since: in.since, area: in.area, areas: in.areas}.filter()
}

// fillSince makes the blocks, and the title out of what they found.
func (s *site) fillSince(page *sincePage, r *http.Request, reader sinceReader, in sinceInput) {
	measures := sync.OnceValues(func() (*stats.Measures, error) { return reader.Measures(r.Context(), query.Latest) })
	fresh := sync.OnceValues(func() ([]query.Fresh, error) { return reader.Fresh(r.Context(), in.filter()) })
	figures := sync.OnceValues(func() (sinceFigures, error) { return readSinceFigures(r.Context(), reader, in, measures, fresh) })

	page.Figures = guarded(s, r, "what is new", func() ([]newFigures, error) {
		read, err := figures()
		page.Unloaded = err == nil && len(read.series) == 0
		if last := daysOf(read.series).span.End; !last.IsZero() {
			page.Standing.Last = last.Format(time.DateOnly)
		}
		return newFiguresOf(in, read), err
	})
	page.OnPaper = onPaper(len(page.Figures.Shows), changesAddress(in.area.Code, in.since))
	page.Revised = guarded(s, r, "what was revised", func() (revisedFigures, error) {
		return readRevised(r.Context(), reader, in, measures)
	})
	page.Limits = guarded(s, r, "what is out of limits", func() (outOfLimits, error) {
		read, err := figures()
		if err != nil {
			return outOfLimits{}, err
		}
		ref := reference{titles: in.titles}
		if ref.breaks, err = reader.Breaks(r.Context(), query.Latest); err != nil {
			return outOfLimits{}, err
		}
		ref.annotations, err = reader.Annotations(r.Context(), in.area.Code, query.Latest)
		return outOfLimitsOf(in, read, ref), err
	})
	if page.IsForce {
		page.Recommendations = guarded(s, r, "the record of the recommendations", func() (recommendationNews, error) {
			rec, err := readRecord(r.Context(), reader, in.area.Code)
			return recommendationNewsOf(in, rec), err
		})
	}
	page.Sources = guarded(s, r, "the state of the sources", func() ([]lateNote, error) {
		read, _ := figures() // a fault of theirs is told where they would stand
		return s.everyLateNote(r, reader, read.headlines(in.area))
	})
	page.tell(in)
}

// everyLateNote is of every source that there is, and of those whose headline figures are
// of long ago.
func (s *site) everyLateNote(r *http.Request, reader stateReader, headlines []stats.Series) ([]lateNote, error) {
	fresh, err := s.freshness(r, reader)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, source := range s.sources {
		names = append(names, source.Name)
	}
	for _, state := range fresh.states {
		names = append(names, state.Source)
	}
	return append(fresh.notes(names, nil), fresh.aged(daysOf(headlines).known)...), nil
}

// tell writes the title from what the blocks found, and says where nothing
// changed. What could not be read is never taken for nothing.
func (page *sincePage) tell(in sinceInput) {
	since := "since " + day(in.since)
	var parts []string
	switch changed := page.Limits.Shows.measures(); {
	case page.Limits.Failed != "":
	case page.Unloaded:
		parts = append(parts, "no figure is loaded")
	case changed > 0:
		parts = append(parts, fmt.Sprintf("%s beyond chance in figures up to %s", plural(changed, "measure changed", "measures changed"), monthOrDay(page.Limits.Shows.Newest)))
	case page.Limits.Shows.judged == 0 && len(page.Limits.Shows.Unjudged)+page.Limits.Shows.older > 0:
		parts = append(parts, "none of the new headline figures can be judged")
	default:
		parts = append(parts, "nothing changed beyond chance")
		page.Nothing = "Nothing changed beyond chance " + since + "."
	}
	if n := len(page.Recommendations.Shows.Overdue); n > 0 {
		parts = append(parts, plural(n, "ask of chief constables", "asks of chief constables")+" fell overdue")
	}
	if n := page.Revised.Shows.count(); n > 0 {
		parts = append(parts, wereFigures(n, "")+" revised")
	}
	if n := len(page.Figures.Shows); n > 0 {
		parts = append(parts, plural(n, "count has", "counts have")+" new figures")
	}
	if page.failed() {
		parts = append(parts, "a part of this page could not be read")
	}
	page.Title = fmt.Sprintf("%s %s: %s", in.area.Name, since, listed(parts))
	for _, f := range page.Figures.Shows {
		page.Demonstration = page.Demonstration || f.Demonstration
	}
	page.Demonstration = page.Demonstration || page.Revised.Shows.Demonstration || page.Limits.Shows.Demonstration || page.Recommendations.Shows.Demonstration
}

func (page *sincePage) failed() bool {
	return page.Figures.Failed+page.Revised.Failed+page.Limits.Failed+page.Recommendations.Failed+page.Sources.Failed != ""
}

// changesAddress is what has changed for an area in the month before a day.
func changesAddress(area string, since time.Time) string {
	return fmt.Sprintf("/changes?since=%s&area=%s", since.Format(time.DateOnly), area)
}
