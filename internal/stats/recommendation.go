package stats

import (
	"strconv"
	"strings"
	"time"
)

// RecommendationCount is how many recommendations the super-complaint
// response of 27 September 2024 made.
const RecommendationCount = 29

// RecommendationsMade is the day of that response.
var RecommendationsMade = Day(2024, time.September, 27)

// A Recommendation is what is known of one of the 29: one row of the
// register. Number is 0 where an ask is confirmed but its number is not.
type Recommendation struct {
	Number     int
	Ref        string // our letter for an ask without a number: "D", "E1"
	Addressee  string
	Deadline   time.Time // zero where none is known
	Ask        string    // in our own words
	Confidence string
	Source     string
	Origin     Origin
}

// ForForces reports whether a recommendation is addressed to chief
// constables, alone or with others: a force answers for it.
func (r Recommendation) ForForces() bool {
	return strings.Contains(strings.ToLower(r.Addressee), "chief constable")
}

// Overdue reports whether a force's own recommendation is past its deadline
// and still open, by the force's latest status; empty where it said nothing.
// One that the force has not accepted is answered.
func (r Recommendation) Overdue(status Status, now time.Time) bool {
	if !r.ForForces() || r.Deadline.IsZero() || status == Complete || status == NotAccepted {
		return false
	}
	return now.After(r.Deadline.AddDate(0, 0, 1))
}

// DueKnown reports whether anybody can know if a recommendation is overdue, by a
// force's latest status: not where it is open and to whom it is addressed is not
// known, or by when a chief constable must answer it.
func (r Recommendation) DueKnown(status Status) bool {
	switch {
	case status == Complete || status == NotAccepted:
		return true
	case r.ForForces():
		return !r.Deadline.IsZero()
	}
	return r.Addressee != ""
}

// DaysLate is how many days after its deadline a force's own recommendation was
// complete; 0 where it was in time, where there is no deadline, and where the
// force does not answer for it.
func (r Recommendation) DaysLate(completed time.Time) int {
	if !r.ForForces() || r.Deadline.IsZero() || completed.IsZero() || !completed.After(r.Deadline) {
		return 0
	}
	return int(completed.Sub(r.Deadline) / (24 * time.Hour))
}

// CompletedOn is the day as at which a recommendation came to be complete, by
// what one force has said of it, oldest first: that of the first statement
// of complete since it last was anything else. It is zero where it is not
// complete now. What was taken back says nothing.
func CompletedOn(history []Progress) time.Time {
	var since time.Time
	for _, p := range history {
		switch {
		case !p.Stands():
		case p.Status != Complete:
			since = time.Time{}
		case since.IsZero():
			since = p.AsAt
		}
	}
	return since
}

// Status is how far a force says it is with a recommendation.
type Status string

// The statuses a progress return may hold.
const (
	NotStarted  Status = "not started"
	InProgress  Status = "in progress"
	Complete    Status = "complete"
	NotAccepted Status = "not accepted"
)

// Valid reports whether s is one of the four statuses.
func (s Status) Valid() bool {
	return s == NotStarted || s == InProgress || s == Complete || s == NotAccepted
}

// Statuses are all four, in the order in which work goes on.
var Statuses = []Status{NotStarted, InProgress, Complete, NotAccepted}

// A Progress is what one force said of one recommendation on one date. A
// later one never overwrites it. It was loaded from a file, or entered on a
// page.
type Progress struct {
	Area           string // ONS code
	Recommendation string // its number, or its ref where it has no number
	AsAt           time.Time
	Status         Status
	Owner          string
	Update         string
	EvidenceURL    string
	ReviewDate     time.Time // zero where none is given
	Slice          string
	Origin         Origin    // zero where it was entered
	Release        string    // the release that brought it; empty where it was entered
	SaidAt         time.Time // when it was entered, or the same was first served
	Entry          string    // the entry's ID; empty where it was loaded
	Who            string    // who entered it
	TakenBack      TakenBack
}

// TakenBack is who took an entry back, and why. An entry that is taken back
// stays in the history and says nothing any more.
type TakenBack struct {
	At       time.Time // zero while the entry stands
	Who, Why string
}

// Entered reports whether a statement was entered on a page.
func (p Progress) Entered() bool { return p.Entry != "" }

// Stands reports whether a statement has not been taken back.
func (p Progress) Stands() bool { return p.TakenBack.At.IsZero() }

// Says reports whether two statements say the same of the same recommendation
// on the same date.
func (p Progress) Says(q Progress) bool {
	return p.Area == q.Area && p.Recommendation == q.Recommendation && p.AsAt.Equal(q.AsAt) && p.Status == q.Status &&
		p.Owner == q.Owner && p.Update == q.Update && p.EvidenceURL == q.EvidenceURL && p.ReviewDate.Equal(q.ReviewDate)
}

// Name is what a progress return calls it: its number, or its ref.
func (r Recommendation) Name() string {
	if r.Number > 0 {
		return strconv.Itoa(r.Number)
	}
	return r.Ref
}

// RecommendationNamed is a recommendation of which only the name is known.
func RecommendationNamed(name string) Recommendation {
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= RecommendationCount {
		return Recommendation{Number: n}
	}
	return Recommendation{Ref: name}
}
