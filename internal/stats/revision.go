package stats

import "time"

// Change says what became of a figure when a release replaced another.
type Change string

// The changes.
const (
	NewFigure     Change = "new"     // it was not served before
	ChangedFigure Change = "changed" // it was served with another value or marker
	GoneFigure    Change = "gone"    // it was served and the new release does not hold it
	// StayingFigure is one that a dry run tells of and that nothing becomes of: it
	// is served, and a file that corrects the one which brought it does not hold it.
	StayingFigure Change = "stays"
)

// A Revision is one figure that a run changed, or, where the run did not
// publish, would have changed.
type Revision struct {
	Key
	Run           string
	Change        Change
	Former        Value  // the zero Value where the figure is new
	FormerRelease string // empty where the figure is new
	FormerOrigin  Origin
	Now           Value // the zero Value where the figure is gone
	Origin        Origin
}

// A PublishedRevision is a figure that was served, and that a run changed or
// took away.
type PublishedRevision struct {
	Revision
	PublishedAt   time.Time
	Kind          RunKind // of the run: a load or a withdrawal
	Demonstration bool    // the figure is made up, or was
}

// Difference is the figure now less the figure before; not known unless both are.
func (r PublishedRevision) Difference() Value {
	if !r.Former.Known || !r.Now.Known {
		return Value{}
	}
	return Number(r.Now.Number - r.Former.Number)
}
