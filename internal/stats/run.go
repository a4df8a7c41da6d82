package stats

import "time"

// Outcome is how a run of a source ended.
type Outcome string

// The outcomes of a run. Running is a run that has not ended.
const (
	Running     Outcome = "running"
	Published   Outcome = "published"   // a new release is served
	Unchanged   Outcome = "unchanged"   // what is served is this file already
	RejectedRun Outcome = "rejected"    // the file breaks the source's contract
	Failed      Outcome = "failed"      // it could not be fetched, read or written
	Interrupted Outcome = "interrupted" // the process ended in the middle
	Skipped     Outcome = "skipped"     // the source was still running
)

// A Run is one attempt to take one source's file to a published release.
// Read = Loaded + Excluded + Rejected, always.
type Run struct {
	ID         string
	Source     string
	Outcome    Outcome
	StartedAt  time.Time
	EndedAt    time.Time // zero while it runs
	ReleaseID  string    // empty unless it published
	File       string
	From       string
	SHA256     string
	Read       uint64 // rows of data in the file
	Loaded     uint64
	Excluded   uint64 // rows that the source's definition leaves out
	Rejected   uint64
	Exclusions []Exclusion
	Problem    string // one sentence, empty where all went well
}

// An Exclusion counts the rows that were left out for one reason.
type Exclusion struct {
	Reason string
	Rows   uint64
}

// A Rejection is a row that could not be loaded, and why.
type Rejection struct {
	Origin
	Fault
}

// A Fault is what is wrong with one row of a file.
type Fault struct {
	Column string // the column's name; empty for the whole row
	Value  string // as it stands in the file
	Reason string // what is wrong and what to do
}

// Freshness is what is known of one source: when it was last loaded, and
// what is served.
type Freshness struct {
	Source      string
	LastRun     Run       // zero where there is none
	LastSuccess time.Time // the end of the last run that was published or unchanged; zero if never
	Served      []Release // the releases that serve at least one slice, newest first
	Slices      uint64    // how many slices are served
	Figures     bool      // whether what is served holds figures, as reference data does not
}
