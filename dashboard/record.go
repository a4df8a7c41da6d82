package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// record is what is known of the recommendations: the register, and what one
// force has said of them.
type record struct {
	register []stats.Recommendation
	progress []stats.Progress // oldest first, what was taken back among it
	unread   bool             // what the force said could not be read just now
	withheld bool             // its words, owners and evidence are for inside the force
}

type recordReader interface {
	Register(ctx context.Context, asAt time.Time) ([]stats.Recommendation, error)
	Progress(ctx context.Context, area string, asAt time.Time) ([]stats.Progress, error)
}

func readRecord(ctx context.Context, reader recordReader, area string) (rec record, err error) {
	if rec.register, err = reader.Register(ctx, query.Latest); err != nil {
		return rec, err
	}
	rec.progress, err = reader.Progress(ctx, area, query.Latest)
	return rec, err
}

// recordOf is readRecord for the pages that can say that what the force said
// cannot be read; an empty area is all forces.
func (s *site) recordOf(r *http.Request, reader recordReader, area string) (rec record, err error) {
	if rec.register, err = reader.Register(r.Context(), query.Latest); err != nil {
		return rec, err
	}
	progress := guarded(s, r, "what forces said of the recommendations", func() ([]stats.Progress, error) {
		return reader.Progress(r.Context(), area, query.Latest)
	})
	rec.progress, rec.unread, rec.withheld = progress.Shows, progress.Failed != "", s.withholds()
	return rec, nil
}

// withholds reports whether what forces name as their evidence is not for these readers.
func (s *site) withholds() bool { return s.forSome || !s.isInternal() }

// of is the record of one force out of that of all.
func (rec record) of(area stats.Area) record {
	rec.progress = slices.DeleteFunc(slices.Clone(rec.progress), func(p stats.Progress) bool { return p.Area != area.Code })
	return rec
}

// state is where a recommendation stands for one force. The first four are
// what the force said last. Of one that it has said nothing of evidence is needed only
// where no figure bears on it either; of what it says is complete there may be no more
// than that status. evidence.of tells those apart, and forcesEvidence the second alone.
type state struct {
	Name  string // as the style sheet knows it
	Words string
}

var (
	stateComplete    = state{"complete", "complete"}
	stateBare        = state{"bare", "complete: no evidence given"}
	stateInProgress  = state{"in-progress", "in progress"}
	stateNotStarted  = state{"not-started", "not started"}
	stateNotAccepted = state{"not-accepted", "not accepted"}
	stateNoReturn    = state{"no-return", "no status given: the force has said nothing"}
	stateNeeded      = state{"needed", "evidence needed: neither a status nor a figure"}
	stateContext     = state{"context", "for others to answer"}
	stateNotEntered  = state{"not-entered", "not entered"}
	stateUnread      = state{"unread", "cannot be read just now"}
)

var allStates = []state{
	stateComplete, stateBare, stateInProgress, stateNotStarted, stateNotAccepted, stateNoReturn, stateNeeded, stateContext, stateNotEntered,
}

var saidStates = map[stats.Status]state{
	stats.Complete: stateComplete, stats.InProgress: stateInProgress,
	stats.NotStarted: stateNotStarted, stats.NotAccepted: stateNotAccepted,
}

// item is one recommendation as a page shows it for one force.
type item struct {
	Ref       string // "7", or our letter "E1"
	Numbered  bool
	Name      string // "Recommendation 7", "Ask E1 (number not known)"
	Address   string
	Entered   bool // false where the register does not hold its wording
	ForForces bool
	Addressee string
	Ask       string
	Deadline  string
	Overdue   bool
	DueKnown  bool // false where it cannot be known whether it is overdue
	DaysLate  int  // how long after its deadline it was complete
	State     state
	Said      *said // the force's latest words, nil where it has said nothing
}

// said is one statement of a force, loaded or entered.
type said struct {
	AsAt, Status, Owner, Update, Evidence, Review string
	State                                         state
	EvidenceLinked                                bool // the evidence is a web address
	ReviewPast                                    bool // the day of the next review is over
	Demonstration                                 bool
	Withheld                                      bool // who owns it is not told
	From                                          provenance
	Entry                                         string // its ID, where it was entered
	TakenBack                                     string // by whom, when and why; empty while it stands
}

// itemsOf lists 1 to 29 in order, whether entered or not, and after them the
// asks whose number is not known.
func itemsOf(rec record, area stats.Area, now time.Time) []item {
	var items []item
	for number := 1; number <= stats.RecommendationCount; number++ {
		items = append(items, itemOf(entry(rec.register, number), number, rec, area, now))
	}
	var lettered []stats.Recommendation
	for _, r := range rec.register {
		if r.Number == 0 {
			lettered = append(lettered, r)
		}
	}
	slices.SortStableFunc(lettered, func(a, b stats.Recommendation) int { return cmp.Compare(a.Ref, b.Ref) })
	for i := range lettered {
		items = append(items, itemOf(&lettered[i], 0, rec, area, now))
	}
	return items
}

// entry is the register's row for a number, nil where it has none.
func entry(register []stats.Recommendation, number int) *stats.Recommendation {
	i := slices.IndexFunc(register, func(r stats.Recommendation) bool { return r.Number == number })
	if i < 0 {
		return nil
	}
	return &register[i]
}

func itemOf(r *stats.Recommendation, number int, rec record, area stats.Area, now time.Time) item {
	it := item{Ref: strconv.Itoa(number), Numbered: number > 0, Name: fmt.Sprintf("Recommendation %d", number), State: stateNotEntered}
	if number == 0 {
		it.Ref, it.Name = r.Ref, fmt.Sprintf("Ask %s (number not known)", r.Ref)
	}
	it.Address = recommendationAddress(it.Ref, area)
	if r != nil {
		it.Entered, it.Ask, it.Addressee, it.Deadline = true, r.Ask, r.Addressee, day(r.Deadline)
		it.ForForces = r.ForForces()
		it.State = stateContext
		if it.ForForces {
			it.State = stateNoReturn
		}
	}
	if rec.unread {
		if it.State == stateNoReturn {
			it.State = stateUnread
		}
		return it // and nobody knows whether it is overdue
	}
	var status stats.Status
	history := historyOf(rec.progress, it.Ref)
	if last, ok := latestOf(history); ok {
		it.Said, status = sayOf(last, now), last.Status
		it.Said.Withheld = rec.withheld
		it.State = saidStates[last.Status]
	}
	if r != nil {
		if it.DaysLate = r.DaysLate(stats.CompletedOn(history)); it.DaysLate > 0 {
			it.State.Words += ", " + plural(it.DaysLate, "day", "days") + " after the deadline"
		}
	}
	it.Overdue = r != nil && r.Overdue(status, now)
	it.DueKnown = cmp.Or(r, &stats.Recommendation{}).DueKnown(status)
	return it
}

// namesNone reports whether a force says that it is complete and names no evidence, as far as
// these readers may know.
func (it item) namesNone() bool {
	return it.State.Name == stateComplete.Name && it.Said.Evidence == "" && !it.Said.Withheld
}

// bare is the state of what is said to be complete where no figure bears on it and no evidence
// is named: every page has it from here.
func (it item) bare() state {
	late := strings.TrimPrefix(it.State.Words, stateComplete.Words)
	return state{stateBare.Name, strings.Replace(stateBare.Words, ":", late+":", 1)}
}

func recommendationAddress(ref string, area stats.Area) string {
	return "/recommendations/" + url.PathEscape(ref) + "?area=" + url.QueryEscape(area.Code)
}

func historyOf(progress []stats.Progress, ref string) []stats.Progress {
	var history []stats.Progress
	for _, p := range progress {
		if p.Recommendation == ref {
			history = append(history, p)
		}
	}
	return history
}

// latestOf is the last statement of a history that stands.
func latestOf(history []stats.Progress) (stats.Progress, bool) {
	for _, p := range slices.Backward(history) {
		if p.Stands() {
			return p, true
		}
	}
	return stats.Progress{}, false
}

func sayOf(p stats.Progress, now time.Time) *said {
	s := &said{
		AsAt: day(p.AsAt), Status: string(p.Status), State: saidStates[p.Status], Owner: p.Owner,
		Update: withoutLabel(p.Update), Demonstration: stats.IsDemonstration(p.Update),
		Evidence: p.EvidenceURL, EvidenceLinked: isWebAddress(p.EvidenceURL),
		Review: day(p.ReviewDate), ReviewPast: !p.ReviewDate.IsZero() && p.ReviewDate.Before(today(now)),
		Entry: p.Entry, From: saidFrom(p),
	}
	if !p.Stands() {
		s.TakenBack = fmt.Sprintf("taken back by %s on %s: %s", p.TakenBack.Who, moment(p.TakenBack.At), p.TakenBack.Why)
	}
	return s
}

// saidFrom is where a statement comes from: a row of a file and the load that
// brought it, or somebody at a page.
func saidFrom(p stats.Progress) provenance {
	if p.Entered() {
		by := ""
		if p.Who != "" {
			by = " by " + p.Who
		}
		return provenance{Rows: []string{fmt.Sprintf("entered on the page%s on %s", by, moment(p.SaidAt))}}
	}
	from := provenance{Rows: rowsOf([]stats.Origin{p.Origin})}
	if p.Release != "" {
		from.Loads = []link{{Text: shortID(p.Release), Address: runAddress(p.Release)}}
	}
	return from
}

// isWebAddress keeps a return from putting anything but a web page behind a
// link.
func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// recommendationStrip is the 29 in one row, for a force's page.
type recommendationStrip struct {
	Squares       []item
	Asks          []item
	OtherAsks     []item // those of Asks that are not overdue
	Overdue       []item
	Legend        []stateCount
	Entered       int
	Silent        bool // the force has said nothing of any
	Undated       int  // of the 29, those of which nobody can know whether they are overdue
	Demonstration bool
}

// past counts the asks that are past their deadline.
func (s recommendationStrip) past() string {
	return plural(len(s.Overdue), "ask of chief constables is past its", "asks of chief constables are past their") + " deadline"
}

// mayBeMore says that those known to be overdue are the least there can be; it is
// empty where all is known. An ask without a number may be one of the 29.
func (s recommendationStrip) mayBeMore() string {
	if s.Undated == 0 {
		return ""
	}
	return fmt.Sprintf("There may be more: for %d of the 29 it is not known who must answer, or by when.", s.Undated)
}

type stateCount struct {
	state
	Count int
}

func stripOf(items []item) recommendationStrip {
	strip := recommendationStrip{Silent: true}
	counts := map[string]int{}
	for _, it := range items {
		if it.Said != nil {
			strip.Silent = false
			strip.Demonstration = strip.Demonstration || it.Said.Demonstration
		}
		if it.Overdue {
			strip.Overdue = append(strip.Overdue, it)
		}
		if !it.Numbered {
			strip.Asks = append(strip.Asks, it)
			if !it.Overdue {
				strip.OtherAsks = append(strip.OtherAsks, it)
			}
			continue
		}
		strip.Squares = append(strip.Squares, it)
		counts[it.State.Name]++
		if !it.DueKnown {
			strip.Undated++
		}
		if it.Entered {
			strip.Entered++
		}
	}
	for _, s := range allStates {
		strip.Legend = append(strip.Legend, stateCount{s, counts[s.Name]})
	}
	return strip
}
