package report

import (
	"errors"
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"

	"stalkstats/internal/stats"
)

// front writes what stands before the figures.
func (book *workbook) front(d Description, defined []stats.Measure) error {
	if err := book.cover(d); err != nil {
		return err
	}
	notes := [][]string{}
	for _, m := range stats.AllMarkers {
		place := "beside a number"
		if m.Replaces() {
			place = "instead of a number"
		}
		notes = append(notes, []string{string(m), m.Meaning(), place})
	}
	columns := [][]string{}
	for _, c := range ObservationColumns {
		columns = append(columns, []string{c.Name, c.Title, c.Describe, c.Datatype})
	}
	measures := [][]string{}
	for _, m := range defined {
		measures = append(measures, definition(m))
	}
	sources := [][]string{}
	for _, r := range d.Releases {
		sources = append(sources, []string{Text(r.Source), Text(r.ID), Text(r.File), r.SHA256, r.RetrievedAt.UTC().Format(time.RFC3339), r.PublishedAt.UTC().Format(time.RFC3339)})
	}
	return errors.Join(
		book.table("Notes", "Notes: the markers in value_note", []string{"marker", "meaning", "stands"}, notes, 12, 40, 24),
		book.table("Columns", "The columns of the table of figures", []string{"column", "title", "meaning", "type"}, columns, 20, 24, 70, 14),
		book.table("Measures", "What each measure counts", names(DefinitionColumns), measures, 28, 14, 40, 60, 20, 24, 24, 10, 16, 20, 12, 60),
		book.table("Sources", "Where the figures are from", []string{"source", "release", "file", "sha256", "retrieved_at", "published_at"}, sources, 30, 28, 36, 68, 22, 22))
}

// cover tells what the workbook is, one thing to a row.
func (book *workbook) cover(d Description) error {
	rows := []string{d.Title, d.Describe}
	for _, f := range d.Facts() {
		rows = append(rows, f.Name+": "+f.Text)
	}
	rows = append(rows, "This workbook has six sheets: Cover; Notes, the markers; Columns; Measures, their definitions; Sources, the files with their hashes; Figures.")
	for i, text := range rows {
		style := book.wrapped
		if i == 0 {
			style = book.title
		}
		if err := book.put("Cover", i+1, style, []string{Text(text)}); err != nil {
			return err
		}
	}
	return book.file.SetColWidth("Cover", "A", "A", 100)
}

// table writes a sheet with one table of texts.
func (book *workbook) table(sheet, title string, head []string, rows [][]string, widths ...float64) error {
	if err := book.sheet(sheet); err != nil {
		return err
	}
	says := "This sheet has one table."
	if len(rows) == 0 {
		says = "There is nothing to list."
	}
	if err := errors.Join(book.put(sheet, 1, book.title, []string{title}), book.put(sheet, 2, 0, []string{says}), book.put(sheet, headerRow, book.head, head)); err != nil {
		return err
	}
	for i, row := range rows {
		if err := book.put(sheet, headerRow+1+i, book.wrapped, row); err != nil {
			return err
		}
	}
	for i, width := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err == nil {
			err = book.file.SetColWidth(sheet, column, column, width)
		}
		if err != nil {
			return err
		}
	}
	if err := book.file.SetPanes(sheet, &frozen); err != nil || len(rows) == 0 {
		return err
	}
	return book.file.AddTable(sheet, tableOf(sheet, len(head), len(rows)))
}

// put writes a row of texts; an empty one leaves its cell empty.
func (book *workbook) put(sheet string, row, style int, texts []string) error {
	cells := []any{}
	for _, text := range texts {
		if text == "" {
			cells = append(cells, nil)
			continue
		}
		cells = append(cells, text)
	}
	if err := fit(cells); err != nil {
		return err
	}
	first, last := fmt.Sprintf("A%d", row), ""
	last, err := excelize.CoordinatesToCellName(len(texts), row)
	if err != nil {
		return err
	}
	return errors.Join(book.file.SetSheetRow(sheet, first, &cells), book.file.SetCellStyle(sheet, first, last, style))
}
