package dashboard

import (
	"context"
	"fmt"
	"math"
	"net/http"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// changeTable is the figures that a run changed, or would change.
type changeTable struct {
	Caption string
	Now     string // what the newer figure is: "now", or "in this file" where the run did not publish
	Rows    []changeRow
	CSV     string // empty where there are none
}

type changeRow struct {
	Change, Measure, Area, Period string
	Former, Now                   string // "" where there was none, or is none
	From                          []string
}

// changeTableOf is the first changes as a page shows them.
func changeTableOf(in runInput) changeTable {
	table := changeTable{Now: "now", Caption: "Figures that differ from those served before"}
	if in.run.Outcome != stats.Published {
		table.Now, table.Caption = "in this file", "Figures that would differ from those served at the time"
	}
	for _, v := range in.changes {
		table.Rows = append(table.Rows, changeRowOf(v, table.Now, in.areas, in.measures))
	}
	if len(table.Rows) == 0 {
		return table
	}
	table.CSV = runAddress(in.run.ID) + "/changes.csv"
	if all := in.run.New + in.run.Changed + in.run.Gone; all > uint64(len(table.Rows)) {
		table.Caption += fmt.Sprintf(": the first %s of %s, and the CSV has all", numberText(float64(len(table.Rows)), 0), counted(all))
	}
	return table
}

func changeRowOf(v stats.Revision, now string, areas *stats.Areas, measures *stats.Measures) changeRow {
	row := changeRow{Change: string(v.Change), Measure: v.Measure, Area: v.Area, Period: v.Period.Label()}
	measure, ok := measures.Of(v.Measure, v.Basis)
	if ok {
		row.Measure = measure.Name
	}
	if v.Basis != "" {
		row.Measure += ", " + spaced(v.Basis)
	}
	if v.Breakdown != "" {
		row.Measure += ", " + spaced(v.Breakdown) + ": " + spaced(v.BreakdownValue)
	}
	if area, ok := areas.ByCode(v.Area); ok {
		row.Area = area.Name
	}
	if v.Change != stats.NewFigure {
		row.Former = valueWithMarkers(v.Former)
		row.From = append(row.From, "before: "+rowsOf([]stats.Origin{v.FormerOrigin})[0])
	}
	switch place := rowsOf([]stats.Origin{v.Origin})[0]; v.Change {
	case stats.ChangedFigure:
		row.Now, row.From = valueWithMarkers(v.Now), append(row.From, now+": "+place)
	case stats.NewFigure:
		row.Now, row.From = valueWithMarkers(v.Now), append(row.From, place)
	}
	return row
}

// valueWithMarkers is a value as it was counted, with what stands beside it in
// words. Most are whole numbers.
func valueWithMarkers(v stats.Value) string {
	decimals := 0
	if v.Number != math.Trunc(v.Number) {
		decimals = 2
	}
	text := valueText(v, decimals)
	if v.Known && v.Markers != "" {
		text += " (" + v.Markers.Meanings() + ")"
	}
	return text
}

// changesCSV streams every figure that a run changed.
func (s *site) changesCSV(reader runReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		run, err := runOfFile(r, reader)
		if err != nil {
			return err
		}
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-changes-" + run.ID + ".csv"}
		rows, err := report.Changes(out, reader.Changes(r.Context(), run.ID, 0), areas, measures)
		noteRows(w, rows)
		return s.finish(out, r, err)
	}
}

// rejectedCSV is every rejected row of a run that was kept.
func (s *site) rejectedCSV(reader runReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		run, err := runOfFile(r, reader)
		if err != nil {
			return err
		}
		rejections, err := reader.Rejections(r.Context(), run.ID)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-rejected-" + run.ID + ".csv"}
		rows, err := report.Rejections(out, rejections)
		noteRows(w, rows)
		return s.finish(out, r, err)
	}
}

// runOfFile is the run whose file an address asks for. The id that comes back
// is of a run that is there, and so is safe in a file's name.
func runOfFile(r *http.Request, reader interface {
	Run(ctx context.Context, id string) (stats.Run, error)
}) (stats.Run, error) {
	if _, err := parameters(r); err != nil {
		return stats.Run{}, err
	}
	return findRun(r.Context(), reader, r.PathValue("id"))
}
