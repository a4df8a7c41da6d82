package dashboard

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

const longestWords = 300 // characters of a note or a reason

// annotatePage is the form in which a target, a step or a note is typed.
type annotatePage struct {
	frame
	Kind   stats.AnnotationKind
	Says   []string // what it will do
	Action string
	Back   string
	Unit   string
	Value  field
	Day    field
	Words  field
	Who    field
	Faults []field
	Button string
}

type annotateReader interface {
	measureReader
	Annotate(ctx context.Context, a stats.Annotation) error
	TakeBackAnnotation(ctx context.Context, a, by stats.Annotation) error
}

// annotated is what an annotation is put onto: a measure of an area, and for a
// step the series whose limits start anew.
type annotated struct {
	kind    stats.AnnotationKind
	measure stats.Measure
	areas   *stats.Areas
	area    stats.Area
	series  judged           // of a step
	each    stats.PeriodKind // of the target of a count
}

var annotateParameters = []string{"area", "kind", "basis", "source", "series_basis", "by"}

func annotateAddress(kind stats.AnnotationKind, m stats.Measure, area stats.Area, more url.Values) string {
	values := url.Values{"kind": {string(kind)}, "area": {area.Code}}
	if m.Basis != "" {
		values.Set("basis", m.Basis)
	}
	for name := range more {
		values.Set(name, more.Get(name))
	}
	return "/measures/" + url.PathEscape(m.ID) + "/annotate?" + values.Encode()
}

func measureAddress(m stats.Measure, area stats.Area) string {
	return "/measures/" + url.PathEscape(m.ID) + "?area=" + url.QueryEscape(area.Code)
}

// annotateForm shows the empty form.
func (s *site) annotateForm(reader annotateReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		on, err := s.annotatable(r, reader)
		if err != nil {
			return err
		}
		return s.renderAnnotate(w, r, http.StatusOK, on, newAnnotatePage(on, r.URL))
	}
}

// annotate keeps what was typed, or shows the form again with what is wrong.
func (s *site) annotate(reader annotateReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		on, err := s.annotatable(r, reader)
		if err != nil {
			return err
		}
		page := newAnnotatePage(on, r.URL)
		form, err := readFields(w, r, []string{"value", "day", "words", "who"})
		if err != nil {
			return err
		}
		a := page.read(form, on, s.now())
		if len(page.Faults) > 0 {
			return s.renderAnnotate(w, r, http.StatusBadRequest, on, page)
		}
		a.ID, a.MadeAt = s.newID(), s.now()
		if err := s.keepAnnotation(r.Context(), reader, a); err != nil {
			return err
		}
		s.log.InfoContext(r.Context(), "chart annotated", "request", RequestID(r.Context()), "annotation", a.ID, "kind", string(a.Kind))
		http.Redirect(w, r, page.Back+"#annotations", http.StatusSeeOther)
		return nil
	}
}

// keepAnnotation keeps a form that is sent twice once.
func (s *site) keepAnnotation(ctx context.Context, reader annotateReader, a stats.Annotation) error {
	s.entering.Lock()
	defer s.entering.Unlock()
	standing, err := reader.Annotations(query.Anew(ctx), a.Area, query.Latest)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(standing, func(other stats.Annotation) bool {
		other.ID, other.MadeAt = a.ID, a.MadeAt
		return other == a
	}) {
		return nil
	}
	return reader.Annotate(ctx, a)
}

// annotatable reads what the address names.
func (s *site) annotatable(r *http.Request, reader annotateReader) (on annotated, err error) {
	if !s.actions {
		return on, problem{status: http.StatusForbidden, sentence: "Nothing can be put onto these charts: dashboard.actions is off in the configuration."}
	}
	values, err := parameters(r, annotateParameters...)
	if err != nil {
		return on, err
	}
	if on.areas, err = reader.Areas(r.Context(), query.Latest); err != nil {
		return on, err
	}
	if on.area, err = s.findArea(on.areas, values["area"]); err != nil {
		return on, err
	}
	measures, err := reader.Measures(r.Context(), query.Latest)
	if err != nil {
		return on, err
	}
	i := slices.IndexFunc(measures.ByID(r.PathValue("measure")), func(m stats.Measure) bool { return m.Basis == values["basis"] })
	if i < 0 {
		return on, notFound("There is no measure called “%s” on the basis “%s”.", echoed(r.PathValue("measure")), echoed(values["basis"]))
	}
	on.measure, on.kind = measures.ByID(r.PathValue("measure"))[i], stats.AnnotationKind(values["kind"])
	if !slices.Contains(stats.AnnotationKinds, on.kind) {
		return on, badRequest("What is put onto a chart is a target, a step or a note, and not “%s”.", echoed(values["kind"]))
	}
	switch {
	case on.kind == stats.StepAnnotation:
		on.series, err = s.steppable(r, reader, on, measures, values)
	case on.kind == stats.TargetAnnotation && on.measure.PerPeriod():
		on.each = stats.PeriodKind(values["by"])
		if !slices.Contains(targetKinds, on.each) {
			err = notFound("A count has a target for each month, quarter or year: go back to its page and choose a chart there.")
		}
	}
	return on, err
}

// targetKinds are the periods that a count can have a target for.
var targetKinds = []stats.PeriodKind{stats.KindMonth, stats.KindQuarter, stats.KindFinancialYear, stats.KindCalendarYear, stats.KindTwelveMonths}

// steppable is the series whose limits a step would start anew, as it is drawn.
func (s *site) steppable(r *http.Request, reader annotateReader, on annotated, measures *stats.Measures, values map[string]string) (judged, error) {
	ref, all, failed, err := s.measureInput(r, reader, on.measure.ID, on.areas, on.area, measures)
	if err != nil {
		return judged{}, err
	}
	if len(failed) > 0 { // a step is judged by the steps before it
		return judged{}, problem{status: http.StatusInternalServerError, sentence: failed[0]}
	}
	kind := stats.PeriodKind(values["by"])
	i := slices.IndexFunc(all, func(series stats.Series) bool {
		return isTotal(series, on.measure, on.area.Code) && series.Source == values["source"] && series.Basis == values["series_basis"]
	})
	if i < 0 || !slices.Contains(analysis.Kinds(all[i]), kind) {
		return judged{}, notFound("There is no such chart of this measure and area: go back to its page and choose one there.")
	}
	return ref.judge(drawable(all[i], kind), kind), nil
}

func newAnnotatePage(on annotated, address *url.URL) *annotatePage {
	page := &annotatePage{
		Kind: on.kind, Action: address.EscapedPath() + "?" + address.Query().Encode(), Back: measureAddress(on.measure, on.area), Unit: on.measure.Unit,
		Value: field{ID: "value"}, Day: field{ID: "day"}, Words: field{ID: "words", Longest: longestWords}, Who: field{ID: "who", Longest: longestWho},
	}
	name := nounOf(on.measure)
	switch on.kind {
	case stats.TargetAnnotation:
		page.Title, page.Button = fmt.Sprintf("Set a target for %s in %s", name, on.area.Name), "Set the target"
		charts := "every chart of this measure and area"
		if on.each != "" {
			page.Unit += " " + eachPeriod(on.each)
			charts = "every chart of this measure and area by " + chart.Word(on.each)
		}
		page.Says = []string{"The target is drawn on " + charts + ", and the page says whether it will be met or missed if nothing changes. A newer target takes its place; this one stays in the record."}
	case stats.StepAnnotation:
		page.Title, page.Button = fmt.Sprintf("Accept a step in %s in %s", name, on.area.Name), "Accept the step"
		page.Says = []string{
			"From that day on the average and the limits of this chart are worked out anew, so that figures are judged by what is usual now.",
			"Accept a step only where you know why the figures moved and expect them to stay. At least 12 points must stand after the limits last started.",
		}
	default:
		page.Title, page.Button = fmt.Sprintf("Add a note to the charts of %s in %s", name, on.area.Name), "Add the note"
		page.Says = []string{"The note is numbered on every chart of this measure and area, and its text stands below. It changes no figure and no limit."}
	}
	page.Says = append(page.Says, "Everybody who reads these pages sees it, with your name. It can be taken back, and is then kept in the record.")
	return page
}

func (s *site) renderAnnotate(w http.ResponseWriter, r *http.Request, status int, on annotated, page *annotatePage) error {
	if len(page.Faults) > 0 {
		page.Title = "Nothing was kept: " + plural(len(page.Faults), "answer needs", "answers need") + " mending"
	}
	page.frame = s.frame(r, on.areas, on.area).with(page.frame)
	page.Choice = areaChoice{}
	return s.renderStatus(w, status, "annotate", page)
}

// read checks every answer, so that all that must be mended is told at once.
func (page *annotatePage) read(form url.Values, on annotated, now time.Time) stats.Annotation {
	a := stats.Annotation{Kind: on.kind, Measure: on.measure.ID, Basis: on.measure.Basis, Area: on.area.Code}
	if on.kind == stats.TargetAnnotation {
		a.Value, a.PeriodKind = page.Value.readTarget(form, on.measure), on.each
	} else {
		a.Day = page.Day.readDay(form, "Give the day, such as 1 April 2024.")
		if page.Day.Fault == "" && a.Day.After(today(now)) {
			page.Day.Fault = "The day is still to come: give one that has been."
		}
	}
	if on.kind == stats.StepAnnotation {
		a.Source, a.SeriesBasis, a.PeriodKind = on.series.series.Source, on.series.series.Basis, on.series.kind
		if page.Day.Fault == "" {
			if err := analysis.StepAllowed(on.series.chart, a.Day); err != nil {
				page.Day.Fault = capitalised(err.Error()) + "."
			}
		}
	}
	a.Words = page.Words.readWords(form, "text")
	if page.Words.Fault == "" && a.Words == "" {
		page.Words.Fault = "Say why, in a sentence that a reader of the chart understands."
	}
	a.Who = page.Who.readAs(form, "name")
	if page.Who.Fault == "" && a.Who == "" {
		page.Who.Fault = "Give your name: it is kept with what you do."
	}
	for _, f := range []field{page.Value, page.Day, page.Words, page.Who} {
		if f.Fault != "" {
			page.Faults = append(page.Faults, f)
		}
	}
	return a
}

// readTarget reads a number in the measure's unit.
func (f *field) readTarget(form url.Values, m stats.Measure) float64 {
	f.Typed = echoed(strings.TrimSpace(strings.ToValidUTF8(form.Get(f.ID), "�")))
	n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSuffix(f.Typed, "%"), ",", ""), 64)
	switch {
	case f.Typed == "":
		f.Fault = "Give the target as a number."
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0:
		f.Fault = fmt.Sprintf("“%s” is not a target: give a number from 0 up, such as 20.", f.Typed)
	case m.Unit == "percent" && m.Interval == stats.Wilson && n > 100:
		f.Fault = "A share cannot pass 100%: give a smaller target."
	}
	return n
}
