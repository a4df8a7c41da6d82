package stats

import "time"

// An Alert is one message about a source: that it entered a condition, or
// that it is well again. It is made once and goes out over every channel.
type Alert struct {
	ID        string // source, number and what is told: force_return-3-failed
	Source    string
	Number    uint32 // counts the alerts of the source from 1
	Condition string // the one entered, or the one recovered from
	Recovered bool
	Causes    []Cause // those told since the condition began, the newest last; none where it has none
	RaisedAt  time.Time
	RunID     string // the run that brought it; empty where none did
	Subject   string // one line
	Text      string // plain text, lines ended by \n
}

// A Delivery is how far one alert has come over one channel.
type Delivery struct {
	Alert
	Channel  string    // webhook, or email and a hash of the address
	Attempts uint32    // 0 before the first
	TriedAt  time.Time // zero before the first
	SentAt   time.Time // zero until it was taken
	Problem  string    // why the last attempt failed; empty if none did
}
