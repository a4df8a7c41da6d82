package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
)

func TestFilesThatAreNoTable(t *testing.T) {
	utf16 := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 22) + "\x09\x00" + strings.Repeat("\x00", 480)
	ods := document(cell("<text:p>x</text:p>"))
	good := packODS(t, ods)
	manifest := `<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>`
	damaged := bytes.Clone(good)
	damaged[bytes.Index(good, []byte("content.xml"))+60] ^= 0x55
	checksum := bytes.Clone(good)
	checksum[bytes.LastIndex(good, []byte("PK\x01\x02"))+16] ^= 0x55 // the check sum of the last part in the list
	locked := bytes.Clone(good)
	locked[bytes.LastIndex(good, []byte("PK\x01\x02"))+8] |= 1
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "f: the file is empty; fetch the file again from where it came"},
		{"web page", []byte("\ufeff\n <!DOCTYPE HTML><html>"), "f: this is a web page, not a table; the address may have changed"},
		{"web page of XML", []byte("<?xml version='1.0'?><html/>"), "this is a web page, not a table"},
		{"XML", []byte("<?xml version='1.0'?><Workbook/>"), "this is a bare XML document"},
		{"PDF", []byte("%PDF-1.7"), "this is a PDF document"},
		{"gzip", []byte("\x1f\x8b\x08"), "this is a gzip archive"},
		{"old Excel", []byte(ole + utf16("Workbook")), "this is an old Excel file (.xls, before 2007)"},
		{"short OLE", []byte("\xd0\xcf\x11\xe0"), "this is an old Excel file"},
		{"Excel with a password", []byte(ole + utf16("EncryptedPackage")), "the file is protected by a password; save it without the password"},
		{"ODS with a password", pack(t, part{"mimetype", odsMime}, part{"content.xml", "?"}, part{"META-INF/manifest.xml", manifest}), "protected by a password"},
		{"zip with a password", locked, "protected by a password"},
		{"cut off", good[:len(good)/2], "the file is cut short or damaged: its list of contents, which stands at the end, is missing"},
		{"damaged in the middle", damaged, "the file is damaged: the part content.xml cannot be unpacked"},
		{"wrong check sum", checksum, "the check sum of the part content.xml is wrong"},
		{"Word", pack(t, part{"word/document.xml", ""}), "this is a Word document"},
		{"text document", pack(t, part{"mimetype", "application/vnd.oasis.opendocument.text"}, part{"content.xml", ""}), "an OpenDocument file but not a spreadsheet"},
		{"other zip", pack(t, part{"../../etc/passwd", "x"}, part{"prc.csv", "a,b"}), "no spreadsheet is in it"},
		{"no content", pack(t, part{"mimetype", odsMime}), "the part content.xml is missing"},
		{"content twice", pack(t, part{"mimetype", odsMime}, part{"content.xml", ods}, part{"./content.xml", ""}, part{`\CONTENT.xml`, ods}), "the part content.xml is in the file twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(tt.file, "f", sheet.Limits{})
			var e *sheet.Error
			if !errors.As(err, &e) || !strings.Contains(e.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestNamesThatOtherProgramsWrite(t *testing.T) {
	file := pack(t, part{"content.xml", document(cell("<text:p>x</text:p>"))}, part{"../x", ""}, part{"", ""})
	if got, err := readAll(file, "f", sheet.Limits{}); err != nil || len(got) != 1 {
		t.Errorf("an ODS without a mimetype: %v, %v", got, err)
	}
}

// bomb packs a document in which megabytes of the same byte stand.
func bomb(tb testing.TB, megabytes int) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("content.xml")
	if err != nil {
		tb.Fatal(err)
	}
	start, end, _ := strings.Cut(document("|"), "|")
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	_, err = io.WriteString(f, start)
	for range megabytes {
		if err == nil {
			_, err = f.Write(blanks)
		}
	}
	if err == nil {
		_, err = io.WriteString(f, end)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestLimits(t *testing.T) {
	rows := document(`<table:table-row table:number-rows-repeated="1048576"><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>`)
	tests := []struct {
		name   string
		file   []byte
		limits sheet.Limits
		want   string
	}{
		{"ratio", bomb(t, 64), sheet.Limits{}, "the part content.xml unpacks to more than 600 times its size"},
		{"size", bomb(t, 8), sheet.Limits{MaxInflated: 1 << 20}, "the file unpacks to more than 1048576 bytes"},
		{"rows", packODS(t, rows), sheet.Limits{MaxRows: 1000}, "sheet S, row 1001: the file has more than 1000 rows"},
		{"shared strings", packXLSX(t, "", sst(strings.Repeat("<si><t>abcdefgh</t></si>", 1000))), sheet.Limits{MaxStrings: 5000}, "the texts of the workbook take more than 5000 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(tt.file, "f", tt.limits)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestCloseInTheMiddle would hang, or leave the goroutine, if Close did not
// end the unpacking.
func TestCloseInTheMiddle(t *testing.T) {
	var file bytes.Buffer
	if _, err := sheettest.HomeOfficeODS(&file, 30<<20); err != nil {
		t.Fatal(err)
	}
	const rounds = 20
	before := runtime.NumGoroutine()
	for range rounds {
		book, err := sheet.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "f", sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if !book.Next() || !book.Row() {
			t.Fatal(book.Err())
		}
		if err := errors.Join(book.Close(), book.Close()); err != nil {
			t.Fatal(err)
		}
		if book.Row() || book.Next() || len(book.Cells()) > 0 {
			t.Fatal("a closed workbook still has rows")
		}
	}
	// A goroutine that is left is left in every round; one more or less may be
	// the runtime's own.
	if after := runtime.NumGoroutine(); after >= before+rounds {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestColumnName(t *testing.T) {
	for column, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 702: "ZZ", 703: "AAA", 16384: "XFD", 0: ""} {
		if got := sheet.ColumnName(column); got != want {
			t.Errorf("ColumnName(%d) = %q, want %q", column, got, want)
		}
	}
}
