package stats

import (
	"strconv"
	"time"
)

// RecommendationCount is how many recommendations the super-complaint
// response of 27 September 2024 made.
const RecommendationCount = 29

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

// A Progress is what one force said of one recommendation on one date. A
// later one never overwrites it.
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
	Origin         Origin
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
