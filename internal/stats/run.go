package stats

import "time"

// Outcome is how a run of a source ended.
type Outcome string

// The outcomes of a run. Running is a run that has not ended.
const (
	Running     Outcome = "running"
	Published   Outcome = "published"   // a new release is served
	Unchanged   Outcome = "unchanged"   // what is served is this file already
	Held        Outcome = "held"        // a check before publishing failed; it waits to be accepted
	Checked     Outcome = "checked"     // a dry run: all checks were made and nothing was published
	RejectedRun Outcome = "rejected"    // the file breaks the source's contract
	Failed      Outcome = "failed"      // it could not be fetched, read or written
	Interrupted Outcome = "interrupted" // the process ended in the middle
	Skipped     Outcome = "skipped"     // the source was still running, or there was nothing to run
)

// RunKind is what a run was for.
type RunKind string

// The kinds of run.
const (
	LoadRun    RunKind = "load"
	CheckRun   RunKind = "check"      // a dry run: nothing is published, whatever comes of it
	Withdrawal RunKind = "withdrawal" // the former release is published again, and no file is read
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
	Cause      Cause  // the kind of problem, where it failed, was refused or is held; empty otherwise

	Kind    RunKind
	Pass    string // the ID that the runs which were made together share
	Of      string // the run whose file this one read again, to replay or accept it; for a withdrawal the release withdrawn
	AskedBy string // empty where the schedule did
	// OtherFile is set where somebody had it read another file than the
	// source's own: one named at the command line, or sent on a page.
	OtherFile bool
	Why       string // as whoever asked said
	// New, Changed and Gone count the figures that the file brings, changes and
	// takes away, against what was served; known once its checks were made.
	New, Changed, Gone uint64
	Checks             []Check
	Log                []LogLine
}

// A Check is one look at a whole release before it is published.
type Check struct {
	Name    string // such as "figures lost": the words that pages show
	Outcome CheckOutcome
	Says    string // what was found, in one sentence; empty where it passed
}

// CheckLeftOut is the look at which served figures a correcting file leaves out.
const CheckLeftOut = "left_out"

// A LeftOut is the served figures that a file leaves as they are, though it
// corrects the file that brought them.
type LeftOut struct {
	Older  uint64 // figures that end before the first period of the file begins
	Others uint64
	First  []Key  // a few, the others first
	Begins Period // the first period of the file
}

// LeftOut is what a run found of figures that its file leaves out; empty where
// it leaves none out.
func (r Run) LeftOut() string {
	for _, c := range r.Checks {
		if c.Name == CheckLeftOut {
			return c.Says
		}
	}
	return ""
}

// CheckOutcome is how a check ended.
type CheckOutcome string

// The outcomes of a check.
const (
	CheckPassed   CheckOutcome = "passed"
	CheckFailed   CheckOutcome = "failed"   // it holds the release
	CheckAccepted CheckOutcome = "accepted" // it failed, and somebody let it through
	CheckWarned   CheckOutcome = "warned"   // it holds nothing, and somebody should look
	CheckNoted    CheckOutcome = "noted"    // it holds nothing, nothing looks wrong, and it is good to know
	CheckSkipped  CheckOutcome = "skipped"  // there was nothing to look at; what it says tells why
)

// A LogLine is one line of a run's log.
type LogLine struct {
	At   time.Time
	Says string
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
	LastRun     Run       // the newest that tells how the source stands, else the newest of any kind; zero where there is no run
	Tells       bool      // whether LastRun tells how the source stands (see telling_runs in the data dictionary)
	LastSuccess time.Time // the end of the last load that was published or unchanged; zero if never
	Served      []Release // the releases that serve at least one slice, newest first
	Slices      uint64    // how many slices are served
	Figures     bool      // whether what is served holds figures, as reference data does not
}

// Newest is when the newest file that serves anything was fetched; zero where
// nothing is served. A run that finds the same file again makes it no newer.
func (f Freshness) Newest() time.Time {
	var newest time.Time
	for _, release := range f.Served {
		if release.RetrievedAt.After(newest) {
			newest = release.RetrievedAt
		}
	}
	return newest
}

// LoadedWords is what the rows are called that a run found nothing wrong with:
// "loaded" where that may be, and "in order" where the run came to an end
// without publishing them.
func (o Outcome) LoadedWords() string {
	switch o {
	case Held, RejectedRun, Failed, Interrupted, Checked:
		return "in order"
	}
	return "loaded"
}
