package stats

import "time"

// A Download is figures that were sent to somebody, whole or not.
type Download struct {
	ID       string
	BeganAt  time.Time
	User     string // who signed in, or the account that gave the command; empty on a page where nobody signs in
	Channel  Channel
	Report   string // which: observations, figure, changes …
	Filters  string // the query of its address, as normalised
	Audience string // internal or published
	Rows     uint64 // of figures that were written
	Bytes    uint64 // that were sent
	SHA256   string // of those bytes, in hex
	Complete bool   // false: it broke off
	Took     time.Duration
}

// Channel is how figures were asked for.
type Channel string

// The channels.
const (
	PageChannel     Channel = "page"     // the address of a file
	CommandChannel  Channel = "command"  // stalkstats report
	ScheduleChannel Channel = "schedule" // a saved report that was delivered
)
