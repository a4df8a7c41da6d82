package report

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"stalkstats/internal/stats"
)

// Why figures cannot be a workbook. The CSV has room for any.
var (
	ErrManyRows = errors.New("a spreadsheet has no room for so many rows")
	ErrLongText = errors.New("a spreadsheet has no room for so long a text in one cell")
)

// MostWorkbookRows is how many figures a workbook can hold: the rows of a sheet
// less those above the figures.
const MostWorkbookRows = excelize.TotalRows - headerRow

// headerRow is the row of a sheet that holds the names of the columns; above it
// are the title, and what a reader must know.
const headerRow = 3

// Workbook writes figures as XLSX, as the Analysis Function's guidance for
// spreadsheets wants it: a cover, notes, one table a sheet that is marked up as
// one, no merged cells and no empty rows. Numbers and dates are typed; a text is
// a text and never a formula. It says how many figures it wrote. Nothing is
// written to w before all figures have been read; until then they wait in a
// file, of which 16 MB at most stand in memory.
func Workbook(w io.Writer, d Description, figures iter.Seq2[stats.Figure, error], areas *stats.Areas, measures *stats.Measures, defined []stats.Measure) (rows int, err error) {
	book, err := newWorkbook(d)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, book.file.Close()) }()
	if err := book.front(d, defined); err != nil {
		return 0, fmt.Errorf("write the notes: %w", err)
	}
	if rows, err = book.figures(figures, areas, measures); err != nil {
		return rows, err
	}
	if err := book.write(w); err != nil {
		return rows, fmt.Errorf("write the workbook: %w", err)
	}
	return rows, nil
}

type workbook struct {
	file                                *excelize.File
	title, wrapped, head, date, instant int // styles
}

func newWorkbook(d Description) (*workbook, error) {
	book := &workbook{file: excelize.NewFile()}
	day, instant := "yyyy-mm-dd", `yyyy-mm-dd"T"hh:mm:ss"Z"`
	for _, style := range []struct { // in this order: the same figures are the same bytes
		id *int
		of excelize.Style
	}{
		{&book.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 15}}},
		{&book.head, excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&book.wrapped, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&book.date, excelize.Style{CustomNumFmt: &day}},
		{&book.instant, excelize.Style{CustomNumFmt: &instant}},
	} {
		var err error
		if *style.id, err = book.file.NewStyle(&style.of); err != nil {
			return nil, fmt.Errorf("begin the workbook: %w", err)
		}
	}
	properties := excelize.DocProperties{Title: d.Title, Creator: "stalkstats", Language: "en-GB", Description: d.Describe}
	if !d.Modified.IsZero() {
		properties.Created, properties.Modified = d.Modified.UTC().Format(time.RFC3339), d.Modified.UTC().Format(time.RFC3339)
	}
	if err := errors.Join(book.file.SetDocProps(&properties), book.file.SetSheetName("Sheet1", "Cover"), book.unmeasured("Cover")); err != nil {
		return nil, fmt.Errorf("begin the workbook: %w", err)
	}
	return book, nil
}

// write writes the parts straight to w. Where one fails the list of them at the
// end of the file is never written, without which nothing opens it.
func (book *workbook) write(w io.Writer) error {
	archive := zip.NewWriter(w)
	book.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return openArchive{archive} })
	if _, err := book.file.WriteToBuffer(); err != nil {
		return err
	}
	return archive.Close()
}

// openArchive is an archive that excelize cannot close: it does so after a
// failure too, and leaves a file that opens and is not whole.
type openArchive struct{ *zip.Writer }

// Close does nothing.
func (openArchive) Close() error { return nil }

// sheet begins a sheet.
func (book *workbook) sheet(name string) error {
	if _, err := book.file.NewSheet(name); err != nil {
		return err
	}
	return book.unmeasured(name)
}

// unmeasured leaves out how large a sheet is: excelize says one cell before it knows,
// and there are readers who go by it.
func (book *workbook) unmeasured(sheet string) error { return book.file.SetSheetDimension(sheet, "") }

// figures writes the sheet of figures.
func (book *workbook) figures(figures iter.Seq2[stats.Figure, error], areas *stats.Areas, measures *stats.Measures) (rows int, err error) {
	if err := book.sheet("Figures"); err != nil {
		return 0, fmt.Errorf("begin the sheet of figures: %w", err)
	}
	out, err := book.file.NewStreamWriter("Figures")
	if err != nil {
		return 0, fmt.Errorf("begin the sheet of figures: %w", err)
	}
	if err := book.headFigures(out); err != nil {
		return 0, fmt.Errorf("begin the sheet of figures: %w", err)
	}
	cells := make([]any, 0, len(ObservationColumns))
	for f, err := range figures {
		if err != nil {
			return rows, err
		}
		if rows == MostWorkbookRows {
			return rows, ErrManyRows
		}
		cells = book.appendCells(cells[:0], f, areas, measures)
		if err := fit(cells); err != nil {
			return rows, err
		}
		if err := out.SetRow(fmt.Sprintf("A%d", headerRow+1+rows), cells); err != nil {
			return rows, fmt.Errorf("write row %d: %w", rows+1, err)
		}
		rows++
	}
	if rows > 0 {
		if err := out.AddTable(tableOf("Figures", len(ObservationColumns), rows)); err != nil {
			return rows, fmt.Errorf("mark up the table of figures: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return rows, fmt.Errorf("end the sheet of figures: %w", err)
	}
	return rows, nil
}

// frozen keeps the names of the columns in sight.
var frozen = excelize.Panes{Freeze: true, YSplit: headerRow, TopLeftCell: fmt.Sprintf("A%d", headerRow+1), ActivePane: "bottomLeft"}

func (book *workbook) headFigures(out *excelize.StreamWriter) error {
	for i, c := range ObservationColumns {
		width := 14.0
		if strings.HasSuffix(c.Name, "name") || c.Name == "note" || c.Name == "retrieved_at" || c.Name == "release" {
			width = 28
		}
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	head := make([]any, 0, len(ObservationColumns))
	for _, c := range ObservationColumns {
		head = append(head, excelize.Cell{StyleID: book.head, Value: c.Name})
	}
	return errors.Join(out.SetPanes(&frozen),
		out.SetRow("A1", []any{excelize.Cell{StyleID: book.title, Value: "Figures"}}),
		out.SetRow("A2", []any{"This sheet has one table. A cell is empty where there is nothing to say; where value is empty, value_note says why. The sheets Columns and Notes tell what they mean."}),
		out.SetRow(fmt.Sprintf("A%d", headerRow), head))
}

// appendCells is a figure in the columns of the CSV, typed. A text is that of the
// CSV: it stays harmless when the sheet is saved as one.
func (book *workbook) appendCells(cells []any, f stats.Figure, areas *stats.Areas, measures *stats.Measures) []any {
	measure, _ := measures.Of(f.Measure, f.Basis)
	area, _ := areas.ByCode(f.Area)
	day := func(t time.Time) any { return excelize.Cell{StyleID: book.date, Value: t} }
	return append(cells,
		cell(f.Measure), cell(measure.Name), cell(f.Area), cell(area.Name), cell(f.Period.Label()), day(f.Period.Start), day(f.Period.End),
		cell(f.Breakdown), cell(f.BreakdownValue),
		number(f.Value), cell(string(f.Value.Markers)), number(f.Numerator), number(f.Denominator), number(f.Lower95), number(f.Upper95),
		cell(measure.Unit), cell(f.Basis), cell(f.Source), cell(strings.Join(f.Releases, "; ")),
		day(stats.Day(f.PublishedAt.Date())), excelize.Cell{StyleID: book.instant, Value: f.RetrievedAt.UTC().Truncate(time.Second)}, cell(f.Note))
}

// cell is a text, or nothing where there is none.
func cell(text string) any {
	if text == "" {
		return nil
	}
	return Text(text)
}

func number(v stats.Value) any {
	if !v.Known {
		return nil
	}
	// A spreadsheet keeps 15 digits, and what is handed on is cut and not rounded.
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v.Number, 'g', 15, 64), 64)
	if err != nil {
		return v.Number
	}
	return rounded
}

// fit refuses a text that would be cut.
func fit(cells []any) error {
	for _, c := range cells {
		if text, ok := c.(string); ok && len(text) > excelize.TotalCellChars && len(utf16.Encode([]rune(text))) > excelize.TotalCellChars {
			return ErrLongText
		}
	}
	return nil
}

func tableOf(name string, columns, rows int) *excelize.Table {
	last, _ := excelize.CoordinatesToCellName(columns, headerRow+rows) // fails for no place on a sheet
	return &excelize.Table{Name: name, Range: fmt.Sprintf("A%d:%s", headerRow, last), StyleName: "TableStyleLight1"}
}
