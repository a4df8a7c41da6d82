package stats

import "time"

// SliceAll is the slice of a file that a new release replaces whole.
const SliceAll = "all"

// A Release is one loaded edition of one source, from one file with one hash.
type Release struct {
	ID          string // the run that loaded it
	Source      string
	File        string
	From        string    // where the file was fetched from, as configured or given
	SHA256      string    // of the file's bytes, in hex
	RetrievedAt time.Time // when the bytes were first fetched for the source
	PublishedAt time.Time // when its figures were first served; zero until then
}
