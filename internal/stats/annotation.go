package stats

import (
	"slices"
	"time"
)

// AnnotationKind is what somebody put onto a chart.
type AnnotationKind string

// The kinds of annotation.
const (
	TargetAnnotation AnnotationKind = "target" // a value to reach
	StepAnnotation   AnnotationKind = "step"   // a day from which on the limits start anew
	NoteAnnotation   AnnotationKind = "note"   // what a reader of a chart must know of a day
)

// AnnotationKinds is every kind.
var AnnotationKinds = []AnnotationKind{TargetAnnotation, StepAnnotation, NoteAnnotation}

// An Annotation is a target, an accepted step or a note that somebody put onto
// the charts of one measure and area. It changes no figure. A later one never
// overwrites it: it stands until it is taken back, and of several targets the
// newest counts.
type Annotation struct {
	ID      string
	MadeAt  time.Time
	Who     string
	Kind    AnnotationKind
	Measure string
	Basis   string // of the measure; empty for a count
	Area    string // ONS code
	// Source, SeriesBasis and PeriodKind are the series whose limits a step
	// starts anew; empty for a target and a note, which are of all of them, but
	// that the target of a count is of one kind of period.
	Source      string
	SeriesBasis string
	PeriodKind  PeriodKind
	Day         time.Time // of a step or a note; zero for a target
	Value       float64   // of a target, in the measure's unit; 0 for others
	Words       string    // why
}

// On reports whether the annotation is of a series drawn in a kind of period.
func (a Annotation) On(s Series, kind PeriodKind) bool {
	if a.Measure != s.Measure.ID || a.Basis != s.Measure.Basis || a.Area != s.Area.Code {
		return false
	}
	if a.Kind == TargetAnnotation && s.Measure.PerPeriod() {
		return a.PeriodKind == kind
	}
	return a.Kind != StepAnnotation || a.Source == s.Source && a.SeriesBasis == s.Basis && a.PeriodKind == kind && s.Breakdown == ""
}

// TargetIn is the newest target among annotations, which are of one measure and
// area; it is not known where there is none.
func TargetIn(annotations []Annotation) Value {
	if target, ok := newestTarget(annotations); ok {
		return Number(target.Value)
	}
	return Value{}
}

// TargetSet is when the target of TargetIn was set; zero where there is none.
func TargetSet(annotations []Annotation) time.Time {
	target, _ := newestTarget(annotations)
	return target.MadeAt
}

func newestTarget(annotations []Annotation) (Annotation, bool) {
	for _, a := range slices.Backward(annotations) {
		if a.Kind == TargetAnnotation {
			return a, true
		}
	}
	return Annotation{}, false
}
