// Package sheettest makes spreadsheet files for tests and benchmarks: any
// table as ODS, XLSX or CSV, and a file of the size and shape of the Home
// Office's recorded crime tables.
package sheettest

import (
	"archive/zip"
	"compress/flate"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Sheet is a named table. A cell is a string, an int, a float64 or nil.
type Sheet struct {
	Name string
	Rows iter.Seq[[]any]
}

// Text is a cell as etl/parse/sheet is expected to return it.
func Text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(cell)
}

// WriteCSV writes one sheet as CSV.
func WriteCSV(w io.Writer, s Sheet) error {
	out := csv.NewWriter(w)
	for cells := range s.Rows {
		record := make([]string, len(cells))
		for i, c := range cells {
			record[i] = Text(c)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteXLSX writes sheets as XLSX, through excelize.
func WriteXLSX(w io.Writer, sheets ...Sheet) error {
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", s.Name); err != nil {
				return err
			}
		} else if _, err := f.NewSheet(s.Name); err != nil {
			return err
		}
		number := 0
		for cells := range s.Rows {
			number++
			if err := f.SetSheetRow(s.Name, "A"+strconv.Itoa(number), &cells); err != nil {
				return err
			}
		}
	}
	return f.Write(w)
}

// WriteODS writes sheets as ODS, as LibreOffice does.
func WriteODS(w io.Writer, sheets ...Sheet) error {
	return writeODS(w, func(content io.Writer) error {
		var buf []byte
		for _, s := range sheets {
			buf = appendTableStart(buf[:0], s.Name)
			for cells := range s.Rows {
				buf = append(buf, `<table:table-row table:style-name="ro1">`...)
				for _, c := range cells {
					buf = AppendODSCell(buf, c)
				}
				buf = append(buf, "</table:table-row>"...)
				if _, err := content.Write(buf); err != nil {
					return err
				}
				buf = buf[:0]
			}
			buf = append(buf, odsTableEnd...)
			if _, err := content.Write(buf); err != nil {
				return err
			}
		}
		return nil
	})
}

const (
	odsMimetype = "application/vnd.oasis.opendocument.spreadsheet"
	odsStart    = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"` +
		` xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"` +
		` xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
		` xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"` +
		` xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"` +
		` office:version="1.3"><office:scripts/><office:automatic-styles>` +
		`<style:style style:name="ce1" style:family="table-cell"/></office:automatic-styles><office:body><office:spreadsheet>`
	odsEnd = `</office:spreadsheet></office:body></office:document-content>`
	// The row with which LibreOffice fills the sheet up.
	odsTableEnd = `<table:table-row table:style-name="ro1" table:number-rows-repeated="1048575">` +
		`<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>`
)

// writeODS packs what write gives as the sheets into an ODS file.
func writeODS(w io.Writer, write func(content io.Writer) error) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	mimetype, err := archive.CreateHeader(&zip.FileHeader{Name: "mimetype", Method: zip.Store})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(mimetype, odsMimetype); err != nil {
		return err
	}
	content, err := archive.Create("content.xml")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(content, odsStart); err != nil {
		return err
	}
	if err := write(content); err != nil {
		return err
	}
	if _, err := io.WriteString(content, odsEnd); err != nil {
		return err
	}
	return archive.Close()
}

func appendTableStart(dst []byte, name string) []byte {
	dst = append(dst, `<table:table table:name="`...)
	dst = append(dst, escape.Replace(name)...)
	return append(dst, `" table:style-name="ta1"><table:table-column table:style-name="co1" table:number-columns-repeated="8"/>`...)
}

// AppendODSCell adds one table:table-cell.
func AppendODSCell(dst []byte, cell any) []byte {
	switch v := cell.(type) {
	case nil:
		return append(dst, "<table:table-cell/>"...)
	case string:
		if v == "" {
			return append(dst, "<table:table-cell/>"...)
		}
		dst = append(dst, `<table:table-cell table:style-name="ce1" office:value-type="string" calcext:value-type="string">`...)
		for line := range strings.SplitSeq(v, "\n") {
			dst = append(dst, "<text:p>"...)
			dst = appendParagraph(dst, line)
			dst = append(dst, "</text:p>"...)
		}
		return append(dst, "</table:table-cell>"...)
	}
	dst = append(dst, `<table:table-cell table:style-name="ce2" office:value-type="float" office:value="`...)
	dst = append(dst, Text(cell)...)
	dst = append(dst, `" calcext:value-type="float"><text:p>`...)
	dst = append(dst, Text(cell)...)
	return append(dst, "</text:p></table:table-cell>"...)
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// appendParagraph writes tabs and every space that is not alone as elements.
func appendParagraph(dst []byte, line string) []byte {
	for i, r := range line {
		switch {
		case r == '\t':
			dst = append(dst, "<text:tab/>"...)
		case r == ' ' && (i == 0 || line[i-1] == ' '):
			dst = append(dst, "<text:s/>"...)
		default:
			dst = append(dst, escape.Replace(string(r))...)
		}
	}
	return dst
}
