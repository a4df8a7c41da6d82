package dashboard

import (
	"archive/zip"
	"context"
	"fmt"
	"io"

	"stalkstats/dashboard/report"
)

// zipFile is the report with all that a reader needs beside it.
func (s *site) zipFile() reportFile {
	return reportFile{extension: "zip", kind: "application/zip",
		write: func(ctx context.Context, w io.Writer, in asked) (int, error) {
			d, err := s.describe(ctx, in)
			if err != nil {
				return 0, err
			}
			return in.archive(ctx, w, d)
		}}
}

// archive writes the zip. Where a part fails the list of files at its end is
// never written, without which nothing opens it. The CSV comes first: what goes
// wrong before its first row is told before anything is sent.
func (in asked) archive(ctx context.Context, w io.Writer, d report.Description) (rows int, err error) {
	archive := zip.NewWriter(w)
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"observations.csv", func(w io.Writer) (err error) { rows, err = in.write(ctx, w); return err }},
		{"observations.csv-metadata.json", func(w io.Writer) error {
			text, err := report.Metadata(d, report.ObservationColumns)
			if err == nil {
				_, err = w.Write(text)
			}
			return err
		}},
		{"definitions.csv", func(w io.Writer) error { return report.Definitions(w, in.definitions()) }},
		{"README.txt", func(w io.Writer) error { return report.Readme(w, d) }},
	} {
		// The time is that of the figures: the same figures are the same bytes.
		file, err := archive.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: d.Modified})
		if err == nil {
			err = part.write(file)
		}
		if err != nil {
			return rows, fmt.Errorf("write %s: %w", part.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return rows, fmt.Errorf("end the archive: %w", err)
	}
	return rows, nil
}
