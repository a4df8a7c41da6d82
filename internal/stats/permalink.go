package stats

import "time"

// A Permalink is an address under which the bytes of one report are kept for
// ever, whatever is loaded or revised later.
type Permalink struct {
	ID       string
	MadeAt   time.Time
	Who, Why string
	Filters  string   // the query of the report, as normalised
	InWords  []string // the same, as areas and measures were called then
	Audience string   // internal or published
	AsAt     time.Time
	// Publication is what was put before the published audience, of which the
	// figures are; empty for the internal one.
	Publication    string
	Rows, Bytes    uint64
	SHA256         string    // of the CSV, in hex
	MetadataSHA256 string    // of its description
	Releases       []Release // behind the figures, without where they were fetched from
	Version        string    // of the program
	Withdrawn      TakenBack // zero while it stands
}

// ForPublished reports whether the link is for the published audience.
func (p Permalink) ForPublished() bool { return p.Audience == "published" }

// Stands reports whether the link has not been withdrawn.
func (p Permalink) Stands() bool { return p.Withdrawn.At.IsZero() }

// PermalinkFile is what is kept under a permanent link.
type PermalinkFile string

// The files.
const (
	PermalinkCSV      PermalinkFile = "csv"
	PermalinkMetadata PermalinkFile = "metadata"
)

// HashOf is the hash that a file of the link was kept with.
func (p Permalink) HashOf(file PermalinkFile) string {
	if file == PermalinkMetadata {
		return p.MetadataSHA256
	}
	return p.SHA256
}
