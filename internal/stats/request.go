package stats

import "time"

// RequestKind is what somebody asks for on a page.
type RequestKind string

// The kinds of request.
const (
	RunRequest      RequestKind = "run"      // run the source, or an uploaded file, now
	ReplayRequest   RequestKind = "replay"   // read the file of a run again
	AcceptRequest   RequestKind = "accept"   // publish a held run though checks failed
	WithdrawRequest RequestKind = "withdraw" // publish the release before this one again
)

// A Request is one thing asked for on a page. The scheduler takes it up.
type Request struct {
	ID      string
	AskedAt time.Time
	Kind    RequestKind
	Source  string
	Run     string // to replay or accept
	Release string // to withdraw
	Upload  string // the uploaded file; empty for the source's own
	File    string // the uploaded file's name
	DryRun  bool   // whether it is only to be checked
	Who     string
	Why     string
}

// RequestState is how far a request has come.
type RequestState string

// The states. A request without an answer waits.
const (
	RequestWaits   RequestState = ""
	RequestTaken   RequestState = "taken"
	RequestDone    RequestState = "done"
	RequestRefused RequestState = "refused"
)

// An Answer is what became of a request.
type Answer struct {
	Request string
	At      time.Time
	State   RequestState
	Runs    []string // the runs that came of it
	Problem string   // why it was refused, in one sentence
}
