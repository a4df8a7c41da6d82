package report

import (
	"io"
	"iter"
	"time"

	"stalkstats/internal/stats"
)

// RevisionColumns is the columns of the revision log, in order.
var RevisionColumns = []Column{
	{"published_at", "Published at", "when the run published what it changed, in UTC", "dateTime"},
	{"run", "Run", "the run that changed the figure", "string"},
	{"kind", "Kind", "load, or withdrawal where a former release was brought back", "string"},
	{"change", "Change", "changed: served with another value or marker; gone: no longer served", "string"},
	{"source", "Source", "short name of the source", "string"},
	{"measure", "Measure", "short name of what is counted", "string"},
	{"measure_name", "Measure name", "its name in words", "string"},
	{"area_code", "Area code", "ONS code of the police force area; BTP is British Transport Police", "string"},
	{"area_name", "Area name", "name of the area", "string"},
	{"period", "Period", "the period in words; a police year starts in April", "string"},
	{"period_start", "First day", "first day of the period", "date"},
	{"period_end", "Last day", "last day of the period, included", "date"},
	{"basis", "Basis", "which of a source's several counts of the same thing; empty where there is one", "string"},
	{"breakdown", "Breakdown", "a named dimension; empty for a total", "string"},
	{"breakdown_value", "Breakdown value", "the part of the breakdown; empty for a total", "string"},
	{"former_value", "Former value", "the figure before; empty where a marker stood instead", "decimal"},
	{"former_value_note", "Former markers", "the markers before", "string"},
	{"value", "Value", "the figure from then on; empty where it is gone, or a marker stands instead", "decimal"},
	{"value_note", "Markers", markers(), "string"},
	{"difference", "Difference", "value less former_value; empty where either is", "decimal"},
	{"unit", "Unit", "what the value counts", "string"},
	{"former_release", "Former release", "the release that served the figure before", "string"},
	{"former_file", "Former file", "the file that the former figure was read from", "string"},
	{"former_sheet", "Former sheet", "its sheet; empty for a CSV", "string"},
	{"former_row", "Former row", "its row", "integer"},
	{"file", "File", "the file that the figure was read from; empty where it is gone", "string"},
	{"sheet", "Sheet", "its sheet; empty for a CSV", "string"},
	{"row", "Row", "its row", "integer"},
	{"note", "Note", "demonstration where the figure is made up, or was", "string"},
}

// Revisions writes the header and a row for each revision, and says how many
// rows it wrote. An error of the sequence or of the writer ends it; what was
// written until then is not a whole log.
func Revisions(w io.Writer, revisions iter.Seq2[stats.PublishedRevision, error], areas *stats.Areas, measures *stats.Measures) (rows int, err error) {
	return table(w, RevisionColumns, func(yield func([]string, error) bool) {
		for r, err := range revisions {
			if !yield(revision(r, areas, measures), err) || err != nil {
				return
			}
		}
	})
}

func revision(r stats.PublishedRevision, areas *stats.Areas, measures *stats.Measures) []string {
	measure, _ := measures.Of(r.Measure, r.Basis)
	area, _ := areas.ByCode(r.Area)
	note := ""
	if r.Demonstration {
		note = stats.Demonstration
	}
	return []string{
		r.PublishedAt.UTC().Format(time.RFC3339), Text(r.Run), Text(string(r.Kind)), Text(string(r.Change)), Text(r.Source),
		Text(r.Measure), Text(measure.Name), Text(r.Area), Text(area.Name),
		Text(r.Period.Label()), r.Period.Start.Format(time.DateOnly), r.Period.End.Format(time.DateOnly),
		Text(r.Basis), Text(r.Breakdown), Text(r.BreakdownValue),
		Number(r.Former), Text(string(r.Former.Markers)), Number(r.Now), Text(string(r.Now.Markers)), Number(r.Difference()), Text(measure.Unit),
		Text(r.FormerRelease), Text(r.FormerOrigin.File), Text(r.FormerOrigin.Sheet), row(r.FormerOrigin.Row),
		Text(r.Origin.File), Text(r.Origin.Sheet), row(r.Origin.Row), note,
	}
}
