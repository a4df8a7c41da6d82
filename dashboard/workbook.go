package dashboard

import (
	"errors"
	"net/http"
	"time"

	"stalkstats/dashboard/report"
)

// observationsWorkbook sends the report as a spreadsheet. It is sent when all of
// it has been read.
func (s *site) observationsWorkbook(readers Readers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := reportValues(r.URL.RawQuery)
		if err != nil {
			return err
		}
		in, err := parseRequest(r.Context(), readers, values)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-observations-" + s.now().Format(time.DateOnly) + ".xlsx",
			kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
		_, err = report.Workbook(out, s.describe(in), in.figures(r.Context(), whole), in.areas, in.measures, in.definitions())
		switch {
		case errors.Is(err, report.ErrManyRows):
			err = badRequest("There are more than %s figures, which is all that a sheet has room for. Take the CSV, or ask for fewer.", numberText(report.MostWorkbookRows, 0))
		case errors.Is(err, report.ErrLongText):
			err = badRequest("A note is longer than a cell of a spreadsheet has room for. Take the CSV.")
		}
		return s.finish(out, r, in.explained(err))
	}
}
