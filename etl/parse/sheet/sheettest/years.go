package sheettest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// OutcomesOfYear writes the file that OutcomesXLSX made, as one of another year
// such as 2012/13. Only the small parts are written anew: the figures are the
// same, and are not packed again.
func OutcomesOfYear(w io.Writer, made, year string) (err error) {
	from, err := zip.OpenReader(made)
	if err != nil {
		return fmt.Errorf("open the made file: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to := zip.NewWriter(w)
	words := strings.NewReplacer(OutcomesYear, year, strings.ReplaceAll(OutcomesYear, "/", "_"), strings.ReplaceAll(year, "/", "_"))
	for _, part := range from.File {
		if part.Name == "xl/sharedStrings.xml" || part.Name == "xl/workbook.xml" {
			err = rewritten(to, part, words)
		} else {
			err = to.Copy(part)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", part.Name, err)
		}
	}
	return to.Close()
}

func rewritten(to *zip.Writer, part *zip.File, words *strings.Replacer) error {
	in, err := part.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	out, err := to.Create(part.Name)
	if err != nil {
		return err
	}
	_, err = words.WriteString(out, string(text))
	return err
}
