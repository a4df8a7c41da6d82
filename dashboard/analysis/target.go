package analysis

import (
	"fmt"

	"stalkstats/internal/stats"
)

// Assurance is whether a measure, left as it is, meets its target.
type Assurance string

// The assurances.
const (
	NoAssurance   Assurance = "" // no target, no direction or no limits
	WillMiss      Assurance = "will keep missing it"
	WillMeet      Assurance = "will keep meeting it"
	MayMeetOrMiss Assurance = "may meet it or miss it by chance"
	Moving        Assurance = "moved beyond what chance explains, so that limits do not tell whether it will be met"
)

// Assurance compares a target with the limits of the newest phase. Where up is
// better, a target above the upper limit is missed again and again and one
// below the lower limit met; where down is better, the other way about. On a
// limit and between them it is chance. Where the newest point is special cause
// the limits are those of how it was before, and foretell nothing: it is Moving.
//
// NHS England. Making Data Count: strengthening your decisions. 2019; as coded
// by NHSRplotthedots (assurance type).
func (c ControlChart) Assurance(target stats.Value) Assurance {
	if len(c.Phases) == 0 || !target.Known {
		return NoAssurance
	}
	p := c.Phases[len(c.Phases)-1]
	if !p.HasLimits() {
		return NoAssurance
	}
	tooHigh, tooLow := WillMiss, WillMeet
	switch c.Measure.Direction {
	case stats.UpIsBetter:
	case stats.DownIsBetter:
		tooHigh, tooLow = tooLow, tooHigh
	default:
		return NoAssurance
	}
	if latest, ok := c.Latest(); ok && c.Points[latest].Rule != "" {
		return Moving
	}
	switch p.outside(target.Number) {
	case Above:
		return tooHigh
	case Below:
		return tooLow
	}
	return MayMeetOrMiss
}

// Sentence is the assurance in words, with the measure's name as it stands
// inside a sentence and the target as it is written: “the target is 20%: if
// nothing changes, charge rate will keep missing it”. It is empty where there
// is nothing to say.
func (a Assurance) Sentence(noun, target string) string {
	if a == NoAssurance {
		return ""
	}
	if a == Moving {
		return fmt.Sprintf("the target is %s: %s %s", target, noun, a)
	}
	return fmt.Sprintf("the target is %s: if nothing changes, %s %s", target, noun, a)
}
