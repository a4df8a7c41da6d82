package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"stalkstats/dashboard/chart"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// annotationRow is a target, a step or a note as a page tells it.
type annotationRow struct {
	Kind, Says, Words, Who, When string
	Number                       int    // of a note, on the chart
	TakeBack                     string // empty where it cannot be taken back
}

// annotationsOf is those of one measure and basis, oldest first.
func annotationsOf(all []stats.Annotation, m stats.Measure) []stats.Annotation {
	return slices.DeleteFunc(slices.Clone(all), func(a stats.Annotation) bool { return a.Measure != m.ID || a.Basis != m.Basis })
}

// chartSteps is the steps and the notes on a chart. Notes are numbered as the
// page lists them.
func (j judged) chartSteps() []chart.Step {
	var steps []chart.Step
	note := 0
	for _, a := range j.annotations {
		switch a.Kind {
		case stats.NoteAnnotation:
			note++
			steps = append(steps, chart.Step{Date: a.Day, Name: fmt.Sprintf("note %d", note)})
		case stats.StepAnnotation:
			steps = append(steps, chart.Step{Date: a.Day, Name: a.Day.Format("Jan 2006") + ": step", Cuts: true})
		}
	}
	return steps
}

// chartNote is the text of a note, under the chart that has its number on it, or why a step
// was accepted, under the chart that is cut there.
type chartNote struct {
	Name, Words string
}

// chartNotes is the notes and the steps on a chart, as chartSteps names them.
func (j judged) chartNotes() []chartNote {
	var notes []chartNote
	number := 0
	for _, a := range j.annotations {
		switch a.Kind {
		case stats.NoteAnnotation:
			number++
			notes = append(notes, chartNote{fmt.Sprintf("Note %d, %s", number, day(a.Day)), a.Words})
		case stats.StepAnnotation:
			notes = append(notes, chartNote{"Step accepted, " + a.Day.Format("January 2006"), a.Words})
		}
	}
	return notes
}

// annotationRows tells all of a measure's annotations.
func annotationRows(annotations []stats.Annotation, m stats.Measure, area stats.Area, titles sourceTitles, actions bool) []annotationRow {
	var rows []annotationRow
	note := 0
	for i, a := range annotations {
		row := annotationRow{Kind: capitalised(string(a.Kind)), Words: a.Words, Who: a.Who, When: moment(a.MadeAt)}
		switch a.Kind {
		case stats.TargetAnnotation:
			row.Says = targetText(a.Value, m, a.PeriodKind)
			if slices.ContainsFunc(annotations[i+1:], func(b stats.Annotation) bool { return b.Kind == a.Kind && b.PeriodKind == a.PeriodKind }) {
				row.Says += ", until a newer one took its place"
			}
		case stats.StepAnnotation:
			row.Says = fmt.Sprintf("from %s, in the figures by %s of %s", day(a.Day), chart.Word(a.PeriodKind), titles.of(a.Source))
		default:
			note++
			row.Number, row.Says = note, day(a.Day)
		}
		if actions {
			row.TakeBack = takeBackAnnotationAddress(m, area, a.ID)
		}
		rows = append(rows, row)
	}
	return rows
}

// targetText is a target with its unit and no more decimals than it has, and of
// a count the period that it is for: “16 charges a month”.
func targetText(n float64, m stats.Measure, kind stats.PeriodKind) string {
	text := exactText(n) + " " + m.Unit
	if m.Unit == "percent" {
		text = exactText(n) + "%"
	}
	if m.PerPeriod() && kind != "" {
		text += " " + eachPeriod(kind)
	}
	return text
}

// eachPeriod is what a count is for, in words that follow its unit.
func eachPeriod(kind stats.PeriodKind) string {
	if kind == stats.KindTwelveMonths {
		return "in twelve months"
	}
	return "a " + chart.Word(kind)
}

func takeBackAnnotationAddress(m stats.Measure, area stats.Area, id string) string {
	return "/measures/" + url.PathEscape(m.ID) + "/annotations/" + url.PathEscape(id) + "/take-back?area=" + url.QueryEscape(area.Code)
}

// takeBackAnnotationForm asks who takes an annotation back, and why.
func (s *site) takeBackAnnotationForm(reader annotateReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, m, a, err := s.annotationOf(r, reader)
		if err != nil {
			return err
		}
		page := takeBackAnnotationPage(a, m, area, s.titles)
		if page.frame, err = s.frameOfArea(r, areas, area)(page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

func takeBackAnnotationPage(a stats.Annotation, m stats.Measure, area stats.Area, titles sourceTitles) *confirmPage {
	row := annotationRows([]stats.Annotation{a}, m, area, titles, false)[0]
	return newConfirmPage(action{
		Finding: fmt.Sprintf("Take back the %s on %s in %s?", a.Kind, nounOf(m), area.Name),
		Says: []string{
			fmt.Sprintf("It was made by %s on %s: %s. “%s”", row.Who, row.When, row.Says, row.Words),
			"Taken back it stands on no chart any more. It is kept in the record, with your name and your reason.",
		},
		Button: "Take it back", NeedsWhy: true, Back: link{Text: nounOf(m), Address: measureAddress(m, area)},
	}, takeBackAnnotationAddress(m, area, a.ID))
}

// takeBackAnnotation adds that an annotation is taken back.
func (s *site) takeBackAnnotation(reader annotateReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		areas, area, m, a, err := s.annotationOf(r, reader)
		if err != nil {
			return err
		}
		signed, ok, err := s.signed(w, r, takeBackAnnotationPage(a, m, area, s.titles), s.frameOfArea(r, areas, area))
		if !ok {
			return err
		}
		if err := reader.TakeBackAnnotation(r.Context(), a, stats.Annotation{ID: s.newID(), MadeAt: s.now(), Who: signed.Who, Words: signed.Why}); err != nil {
			return err
		}
		s.log.InfoContext(r.Context(), "annotation taken back", "request", RequestID(r.Context()), "annotation", a.ID)
		http.Redirect(w, r, measureAddress(m, area)+"#annotations", http.StatusSeeOther)
		return nil
	}
}

// annotationOf is the standing annotation of an address.
func (s *site) annotationOf(r *http.Request, reader annotateReader) (areas *stats.Areas, area stats.Area, m stats.Measure, a stats.Annotation, err error) {
	if !s.actions {
		return nil, area, m, a, problem{status: http.StatusForbidden, sentence: "Nothing can be taken back on these pages: dashboard.actions is off in the configuration."}
	}
	if areas, area, err = s.areaOf(r, reader); err != nil {
		return areas, area, m, a, err
	}
	standing, err := reader.Annotations(r.Context(), area.Code, query.Latest)
	if err != nil {
		return areas, area, m, a, err
	}
	i := slices.IndexFunc(standing, func(a stats.Annotation) bool { return a.ID == r.PathValue("id") && a.Measure == r.PathValue("measure") })
	if i < 0 {
		return areas, area, m, a, notFound("Nothing with the name “%s” stands on the charts of this measure and area: it may have been taken back already.", echoed(r.PathValue("id")))
	}
	measures, err := reader.Measures(r.Context(), query.Latest)
	if err != nil {
		return areas, area, m, a, err
	}
	for _, known := range measures.ByID(standing[i].Measure) {
		if known.Basis == standing[i].Basis {
			m = known
		}
	}
	if m.ID == "" {
		err = notFound("There is no measure called “%s” any more.", echoed(standing[i].Measure))
	}
	return areas, area, m, standing[i], err
}
