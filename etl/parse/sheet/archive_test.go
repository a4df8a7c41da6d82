package sheet_test

import (
	"archive/zip"
	"bytes"
	"testing"
)

const (
	odfNames = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ` +
		`xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" ` +
		`xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"`
	odsMime = "application/vnd.oasis.opendocument.spreadsheet"
	ssml    = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	rels    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// part is one file of an archive.
type part struct{ name, text string }

// pack makes a zip archive of the parts, in their order.
func pack(tb testing.TB, parts ...part) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range parts {
		method := zip.Deflate
		if p.name == "mimetype" {
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: method})
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := f.Write([]byte(p.text)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func packODS(tb testing.TB, content string) []byte {
	tb.Helper()
	return pack(tb, part{"mimetype", odsMime}, part{"content.xml", content})
}

// document puts rows into a document with one sheet.
func document(rows string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><office:document-content ` + odfNames +
		`><office:body><office:spreadsheet><table:table table:name="S">` + rows +
		`</table:table></office:spreadsheet></office:body></office:document-content>`
}

func cell(inside string) string {
	return `<table:table-row><table:table-cell office:value-type="string">` + inside + `</table:table-cell></table:table-row>`
}

// packXLSX makes a workbook of one sheet S with these rows; more parts replace
// the ones of the same name.
func packXLSX(tb testing.TB, rows string, more ...part) []byte {
	tb.Helper()
	parts := []part{
		{"xl/workbook.xml", `<workbook xmlns="` + ssml + `" xmlns:r="` + rels + `"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			relationTag("rId1", "worksheet", "worksheets/sheet1.xml") + relationTag("rId2", "sharedStrings", "/xl/sharedStrings.xml") +
			relationTag("rId3", "styles", "styles.xml") + relationTag("rId4", "chartsheet", "chartsheets/sheet1.xml") + `</Relationships>`},
		{"xl/worksheets/sheet1.xml", `<worksheet xmlns="` + ssml + `"><cols><col min="1" max="3"/></cols><sheetData>` + rows +
			`</sheetData><mergeCells count="1"/></worksheet>`},
	}
	for _, m := range more {
		replaced := false
		for i := range parts {
			if parts[i].name == m.name {
				parts[i], replaced = m, true
			}
		}
		if !replaced {
			parts = append(parts, m)
		}
	}
	return pack(tb, parts...)
}

func relationTag(id, kind, target string) string {
	return `<Relationship Id="` + id + `" Type="` + rels + `/` + kind + `" Target="` + target + `"/>`
}
