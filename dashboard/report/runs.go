package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"stalkstats/internal/stats"
)

// RejectionColumns is the columns of the report of a run's rejected rows.
var RejectionColumns = []Column{
	{"file", "File", "the file's name", "string"},
	{"sheet", "Sheet", "the sheet's name; empty for a CSV", "string"},
	{"row", "Row", "as a spreadsheet numbers it; empty for the whole file", "integer"},
	{"column", "Column", "the column at fault; empty for the whole row", "string"},
	{"value", "Value", "what stands there", "string"},
	{"reason", "Reason", "what is wrong and what to do", "string"},
}

// Rejections writes a row for each rejected row of a run.
func Rejections(w io.Writer, rejections []stats.Rejection) (rows int, err error) {
	return table(w, RejectionColumns, func(yield func([]string, error) bool) {
		for _, r := range rejections {
			if !yield([]string{Text(r.File), Text(r.Sheet), row(r.Row), Text(r.Column), Text(r.Value), Text(r.Reason)}, nil) {
				return
			}
		}
	})
}

// ChangeColumns is the columns of the report of what a run changed.
var ChangeColumns = []Column{
	{"change", "Change", "new, changed or gone; of a check only also stays: served, and not in this file", "string"},
	{"measure", "Measure", "short name of what is counted", "string"},
	{"measure_name", "Measure name", "its name in words", "string"},
	{"area_code", "Area code", "ONS code of the police force area", "string"},
	{"area_name", "Area name", "name of the area", "string"},
	{"period", "Period", "the period in words; a police year starts in April", "string"},
	{"period_start", "First day", "first day of the period", "date"},
	{"period_end", "Last day", "last day of the period, included", "date"},
	{"breakdown", "Breakdown", "a named dimension; empty for a total", "string"},
	{"breakdown_value", "Breakdown value", "the part of the breakdown; empty for a total", "string"},
	{"basis", "Basis", "which of a source's counts", "string"},
	{"former_value", "Former value", "the figure before; empty where it is new, or where a marker stood", "decimal"},
	{"former_value_note", "Former markers", markers(), "string"},
	{"value", "Value", "the figure now; empty where it is gone, or where a marker stands", "decimal"},
	{"value_note", "Markers", markers(), "string"},
	{"former_release", "Former release", "the loaded edition that served it before; empty where it is new", "string"},
	{"former_file", "Former file", "the file it was read from", "string"},
	{"former_sheet", "Former sheet", "its sheet", "string"},
	{"former_row", "Former row", "its row", "integer"},
	{"file", "File", "the file it is read from now", "string"},
	{"sheet", "Sheet", "its sheet", "string"},
	{"row", "Row", "its row", "integer"},
	{"source", "Source", "short name of the source", "string"},
	{"run", "Run", "the run that changed it, or would have", "string"},
}

// Changes writes a row for each figure that a run changed, and says how many
// rows it wrote. An error of the sequence or of the writer ends it; what was
// written until then is not a whole report.
func Changes(w io.Writer, changes iter.Seq2[stats.Revision, error], areas *stats.Areas, measures *stats.Measures) (rows int, err error) {
	return table(w, ChangeColumns, func(yield func([]string, error) bool) {
		for v, err := range changes {
			if !yield(change(v, areas, measures), err) || err != nil {
				return
			}
		}
	})
}

func change(v stats.Revision, areas *stats.Areas, measures *stats.Measures) []string {
	measure, _ := measures.Of(v.Measure, v.Basis)
	area, _ := areas.ByCode(v.Area)
	return []string{
		string(v.Change), Text(v.Measure), Text(measure.Name), Text(v.Area), Text(area.Name),
		Text(v.Period.Label()), v.Period.Start.Format(time.DateOnly), v.Period.End.Format(time.DateOnly),
		Text(v.Breakdown), Text(v.BreakdownValue), Text(v.Basis),
		Number(v.Former), Text(string(v.Former.Markers)), Number(v.Now), Text(string(v.Now.Markers)),
		Text(v.FormerRelease), Text(v.FormerOrigin.File), Text(v.FormerOrigin.Sheet), row(v.FormerOrigin.Row),
		Text(v.Origin.File), Text(v.Origin.Sheet), row(v.Origin.Row), Text(v.Source), Text(v.Run),
	}
}

// table writes a header and a row for each record.
func table(w io.Writer, columns []Column, records iter.Seq2[[]string, error]) (rows int, err error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(names(columns)); err != nil {
		return 0, fmt.Errorf("write the header: %w", err)
	}
	for record, err := range records {
		if err != nil {
			return rows, err
		}
		if err := out.Write(record); err != nil {
			return rows, fmt.Errorf("write row %d: %w", rows+1, err)
		}
		rows++
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return rows, fmt.Errorf("write the report: %w", err)
	}
	return rows, nil
}

// row is empty for what has no row.
func row(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
