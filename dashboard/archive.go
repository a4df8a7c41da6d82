package dashboard

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"stalkstats/dashboard/report"
)

// observationsZip streams the report with all that a reader needs beside it.
func (s *site) observationsZip(readers Readers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := reportValues(r.URL.RawQuery)
		if err != nil {
			return err
		}
		in, err := parseRequest(r.Context(), readers, values)
		if err != nil {
			return err
		}
		out := &download{w: w, name: "stalkstats-observations-" + s.now().Format(time.DateOnly) + ".zip", kind: "application/zip"}
		return s.finish(out, r, in.archive(r.Context(), out, s.describe(in)))
	}
}

// archive writes the zip. Where a part fails the list of files at its end is
// never written, without which nothing opens it. The CSV comes first: what goes
// wrong before its first row is told before anything is sent.
func (in asked) archive(ctx context.Context, w io.Writer, d report.Description) error {
	archive := zip.NewWriter(w)
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"observations.csv", func(w io.Writer) error { _, err := in.write(ctx, w); return err }},
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
			return fmt.Errorf("write %s: %w", part.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("end the archive: %w", err)
	}
	return nil
}
