package stats

// Change says what became of a figure when a release replaced another.
type Change string

// The changes.
const (
	NewFigure     Change = "new"     // it was not served before
	ChangedFigure Change = "changed" // it was served with another value or marker
	GoneFigure    Change = "gone"    // it was served and the new release does not hold it
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
