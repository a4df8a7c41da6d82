package dashboard

import (
	"context"
	"errors"
	"io"

	"stalkstats/dashboard/report"
)

// workbookFile is the report as a spreadsheet. It is sent when all of it has
// been read.
func (s *site) workbookFile() reportFile {
	return reportFile{extension: "xlsx", kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		write: func(ctx context.Context, w io.Writer, in asked) (int, error) {
			d, err := s.describe(ctx, in)
			if err != nil {
				return 0, err
			}
			rows, err := report.Workbook(w, d, in.figures(ctx, whole), in.areas, in.measures, in.definitions())
			switch {
			case errors.Is(err, report.ErrManyRows):
				err = badRequest("There are more than %s figures, which is all that a sheet has room for. Take the CSV, or ask for fewer.", numberText(report.MostWorkbookRows, 0))
			case errors.Is(err, report.ErrLongText):
				err = badRequest("A note is longer than a cell of a spreadsheet has room for. Take the CSV.")
			}
			return rows, err
		}}
}
