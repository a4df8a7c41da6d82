package stats

import "time"

// A SavedReport is a report or a board pack that somebody chose, saved under a name
// to be made again at its times.
type SavedReport struct {
	ID       string
	SavedAt  time.Time
	Who      string
	Name     string
	Kind     SavedKind
	Filters  string   // the query of the report, as normalised, or of the pack
	InWords  []string // the same, as areas and measures were called then
	Audience string   // internal or published
	Schedule string   // a cron line; empty: it is only saved
	Place    string   // FolderPlace, or email- and a hash of the address; empty where there is no schedule
	Removed  TakenBack
	Last     ReportDelivery // zero: none yet
	// LastTaken is when the newest delivery that was not a failure was due or
	// began, whichever is later; zero: there is none.
	LastTaken time.Time
}

// SavedKind is what was saved.
type SavedKind string

// What can be saved.
const (
	SavedObservations SavedKind = "observations" // figures as a zip
	SavedPack         SavedKind = "pack"         // pages as a mail
)

// FolderPlace is the configured folder, as a place that reports are put.
const FolderPlace = "folder"

// Stands reports whether the report has not been removed.
func (r SavedReport) Stands() bool { return r.Removed.At.IsZero() }

// A ReportDelivery is one time that a saved report was made and put where it
// is wanted, or that this failed.
type ReportDelivery struct {
	Report      string // the saved report's id
	Due         time.Time
	RecordedAt  time.Time
	Began       time.Time
	Place       string
	Outcome     DeliveryOutcome
	File        string
	Rows, Bytes uint64
	SHA256      string
	AsAt        time.Time // of the figures; zero where they were not read
	Problem     string    // one sentence; empty where there is none
}

// DeliveryOutcome is what a delivery came to.
type DeliveryOutcome string

// The outcomes. A mail is recorded as Sending before it is handed to the server:
// where nothing follows nobody knows whether it arrived, and it is not sent again.
const (
	Sending        DeliveryOutcome = "sending"
	Delivered      DeliveryOutcome = "delivered"
	DeliveryFailed DeliveryOutcome = "failed"
)
