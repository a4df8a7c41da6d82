package dashboard

import (
	"cmp"
	"context"
	"fmt"
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
	progress []stats.Progress // oldest first
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

// state is where a recommendation stands for one force. The first four are
// what the force said last.
type state struct {
	Name  string // as the style sheet knows it
	Words string
}

var (
	stateComplete    = state{"complete", "complete"}
	stateInProgress  = state{"in-progress", "in progress"}
	stateNotStarted  = state{"not-started", "not started"}
	stateNotAccepted = state{"not-accepted", "not accepted"}
	stateNoReturn    = state{"no-return", "evidence needed: no progress return"}
	stateContext     = state{"context", "for others to answer"}
	stateNotEntered  = state{"not-entered", "not entered"}
)

var allStates = []state{
	stateComplete, stateInProgress, stateNotStarted, stateNotAccepted, stateNoReturn, stateContext, stateNotEntered,
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
	State     state
	Said      *said // the force's latest words, nil where it has said nothing
}

// said is one row of a force's progress return.
type said struct {
	AsAt, Status, Owner, Update, Evidence, Review string
	EvidenceLinked                                bool // the evidence is a web address
	Demonstration                                 bool
	Row                                           string
}

// itemsOf lists 1 to 29 in order, whether entered or not, and after them the
// asks whose number is not known.
func itemsOf(rec record, area stats.Area, now time.Time) []item {
	var items []item
	for number := 1; number <= stats.RecommendationCount; number++ {
		items = append(items, itemOf(entry(rec.register, number), number, rec.progress, area, now))
	}
	var lettered []stats.Recommendation
	for _, r := range rec.register {
		if r.Number == 0 {
			lettered = append(lettered, r)
		}
	}
	slices.SortStableFunc(lettered, func(a, b stats.Recommendation) int { return cmp.Compare(a.Ref, b.Ref) })
	for i := range lettered {
		items = append(items, itemOf(&lettered[i], 0, rec.progress, area, now))
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

func itemOf(r *stats.Recommendation, number int, progress []stats.Progress, area stats.Area, now time.Time) item {
	it := item{Ref: strconv.Itoa(number), Numbered: number > 0, Name: fmt.Sprintf("Recommendation %d", number), State: stateNotEntered}
	if number == 0 {
		it.Ref, it.Name = r.Ref, fmt.Sprintf("Ask %s (number not known)", r.Ref)
	}
	it.Address = "/recommendations/" + url.PathEscape(it.Ref) + "?area=" + url.QueryEscape(area.Code)
	if r != nil {
		it.Entered, it.Ask, it.Addressee, it.Deadline = true, r.Ask, r.Addressee, day(r.Deadline)
		it.ForForces = forForces(r.Addressee)
		it.State = stateContext
		if it.ForForces {
			it.State = stateNoReturn
		}
	}
	history := historyOf(progress, it.Ref)
	if len(history) > 0 {
		last := history[len(history)-1]
		it.Said = sayOf(last)
		it.State = saidStates[last.Status]
	}
	it.Overdue = r != nil && overdue(*r, it.State, now)
	return it
}

// forForces reports whether a recommendation is addressed to chief
// constables, alone or with others.
func forForces(addressee string) bool {
	return strings.Contains(strings.ToLower(addressee), "chief constable")
}

// overdue reports whether a force's own recommendation is past its deadline
// and still open. One that the force has not accepted is answered.
func overdue(r stats.Recommendation, s state, now time.Time) bool {
	if !forForces(r.Addressee) || r.Deadline.IsZero() || s == stateComplete || s == stateNotAccepted {
		return false
	}
	return now.After(r.Deadline.AddDate(0, 0, 1))
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

func sayOf(p stats.Progress) *said {
	return &said{
		AsAt: day(p.AsAt), Status: string(p.Status), Owner: p.Owner,
		Update: withoutLabel(p.Update), Demonstration: stats.IsDemonstration(p.Update),
		Evidence: p.EvidenceURL, EvidenceLinked: isWebAddress(p.EvidenceURL), Review: day(p.ReviewDate),
		Row: rowsOf([]stats.Origin{p.Origin})[0],
	}
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
	Demonstration bool
}

type stateCount struct {
	state
	Count int
}

func stripOf(rec record, area stats.Area, now time.Time) recommendationStrip {
	var strip recommendationStrip
	counts := map[string]int{}
	for _, it := range itemsOf(rec, area, now) {
		if it.Said != nil && it.Said.Demonstration {
			strip.Demonstration = true
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
		if it.Entered {
			strip.Entered++
		}
	}
	for _, s := range allStates {
		strip.Legend = append(strip.Legend, stateCount{s, counts[s.Name]})
	}
	return strip
}
