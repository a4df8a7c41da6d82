package analysis

import (
	"fmt"
	"slices"
	"time"
)

// StepAllowed says why a step must not be accepted on a day; nil where it may.
// At least 12 points must stand between it and the restart before it, or the
// first figure; and between it and an accepted step that comes after it.
func StepAllowed(c ControlChart, date time.Time) error {
	place := 0
	for place < len(c.Points) && c.Points[place].Period.Start.Before(date) {
		place++
	}
	if place == len(c.Points) {
		return fmt.Errorf("no %s of this chart begins on or after %s", periodNoun(c.Kind), date.Format("2 January 2006"))
	}
	phase := c.Phases[c.Points[place].Phase]
	if place == phase.First {
		return fmt.Errorf("the limits start anew in %s already", c.Points[place].Period.InWords())
	}
	before, after := phase, phase
	before.Last, after.First = place-1, place
	if err := c.enough(before, "a step"); err != nil {
		return err
	}
	if next := c.Points[place].Phase + 1; next < len(c.Phases) && c.Phases[next].stepped() {
		return c.enough(after, "the next step")
	}
	return nil
}

func (c ControlChart) enough(p Phase, which string) error {
	if n := len(c.known(p)); n < fewestForStep {
		return fmt.Errorf("%s needs %d points before it, and from %s there would be only %d",
			which, fewestForStep, c.Points[p.First].Period.InWords(), n)
	}
	return nil
}

// stepped reports whether a step that somebody accepted starts the phase.
func (p Phase) stepped() bool {
	return slices.ContainsFunc(p.Restarts, func(r Restart) bool { return r.Step })
}
